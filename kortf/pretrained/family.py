"""The contract of a model family: its names of sizes and tensors."""

import abc
import dataclasses

from kortf import discovery, models
from kortf.errors import InputError
from kortf.models.encoder import Encoder

FAMILIES = "kortf.pretrained.families"
LAST_RESORT = "kortf"  # the family that any encoder fits


@dataclasses.dataclass(frozen=True)
class Tensor:
    """A variable of ours and the tensor that holds it.

    Attributes:
        ours: Path of attributes from the layer to the variable, such as
            `layers.layers.0.attention.query_bias`.
        theirs: The tensor's name.
        transpose: Whether it is stored `[out, in]` where ours is `[in, out]`.
        optional: Whether a directory without it can be read: the variable stays as it was made.
        part: Which of the equal parts of the tensor the variable is: along the last axis of ours,
            which is the first of theirs where it is transposed.
        parts: Number of parts. Tables name them all, in order.
        scale: Factor from our values to theirs.
        axis: Index of an axis of size 1 that only theirs has; None for none.
    """

    ours: str
    theirs: str
    transpose: bool = False
    optional: bool = False
    part: int = 0
    parts: int = 1
    scale: float = 1.0
    axis: int | None = None

    def number(self, i: int) -> "Tensor":
        """Return the same with `{i}` in both names replaced."""
        ours, theirs = self.ours.format(i=i), self.theirs.format(i=i)
        return dataclasses.replace(self, ours=ours, theirs=theirs)


def linear(ours: str, theirs: str, optional: bool = False) -> tuple[Tensor, Tensor]:
    """Kernel and bias of a dense product; `ours` ends in what stands before `kernel` and `bias`."""
    return (
        Tensor(f"{ours}kernel", f"{theirs}.weight", transpose=True, optional=optional),
        Tensor(f"{ours}bias", f"{theirs}.bias", optional=optional),
    )


def norm(ours: str, theirs: str) -> tuple[Tensor, Tensor]:
    """Scale and offset of a layer normalisation."""
    return Tensor(f"{ours}.gamma", f"{theirs}.weight"), Tensor(f"{ours}.beta", f"{theirs}.bias")


@dataclasses.dataclass(frozen=True)
class Layout:
    """Parts of a model in `model.safetensors`; other heads go to a second file.

    Attributes:
        architecture: Hugging Face's class for it; empty where there is none.
        heads: Names of the heads that this class has.
        pooler: Whether it reads the pooler.
    """

    architecture: str = ""
    heads: tuple[str, ...] = ()
    pooler: bool = True


class Family(abc.ABC):
    """Mapping between one `model_type` of a `config.json` and encoders.

    The module's name is the `model_type`, with `_` for `-`.

    Attributes:
        model_type: Value in `config.json`.
        prefix: Prefix of the encoder's tensor names in a model with a head.
        copies: Tensors that some files have twice, and which tensor they repeat.
        classifier: Settings of a classifier that Hugging Face's class has where the user asks for
            none: `hidden` of the head, and `pooler` of the encoder under it.
    """

    model_type: str
    prefix: str = ""
    copies: dict[str, str] = {}
    classifier: dict = {}

    @abc.abstractmethod
    def fits(self, encoder: Encoder) -> bool:
        """Return whether this family computes just what an encoder does."""

    @abc.abstractmethod
    def read(self, config: dict, place: str) -> tuple[str, dict]:
        """Return the encoder that a `config.json` describes.

        Args:
            config: Its content.
            place: Its path, for messages.

        Returns:
            The module in `kortf.models`, and all settings of its encoder.

        Raises:
            InputError: A size is missing or of a wrong kind, or something is asked for that kortf
                does not compute.
        """

    @abc.abstractmethod
    def config(self, encoder: Encoder, vocabulary=None) -> dict:
        """Return the part of `config.json` that describes an encoder and its vocabulary.

        What stands there under `kortf` is read by kortf alone.
        """

    @abc.abstractmethod
    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        """Return all tensors of an encoder, without the prefix."""

    @abc.abstractmethod
    def head_tensors(self, name: str, head, settings: dict) -> tuple[Tensor, ...] | None:
        """Return the tensors of a head, with their full names.

        Args:
            name: Name of the head.
            head: The layer.
            settings: Settings of the encoder.

        Returns:
            None where no class of Hugging Face has such a head.
        """

    def pooling(self, config: dict, place: str) -> str:
        """Return the pooling of a published classifier, as `Classifier` takes it.

        Raises:
            InputError: kortf does not compute it.
        """
        del config, place
        return "cls"

    def head_config(self, heads: dict) -> dict:
        """Return the entries of `config.json` that describe the heads of the main file."""
        del heads
        return {}

    def is_head(self, name: str, config: dict) -> bool:
        """Return whether a directory with this config has this head, not another of equal names.

        Sequence and token classification have one name for theirs.
        """
        del name, config
        return True

    def expects(self, name: str, config: dict) -> bool:
        """Return whether a directory of this config should hold an optional tensor."""
        del name, config
        return True

    def is_weight(self, name: str) -> bool:
        """Return whether a tensor that nothing reads is reported."""
        del name
        return True

    def special_ids(self, config: dict) -> dict:
        """Return the ids of special tokens that a `config.json` gives."""
        del config
        return {}

    def check_padding(self, config: dict, vocabulary, place: str) -> None:
        """Settle a `pad_token_id` that is not the vocabulary's.

        Args:
            config: Content of a `config.json`.
            vocabulary: Vocabulary of the same directory.
            place: Path of the config, for messages.

        Raises:
            InputError: The model computes something else with the vocabulary's padding.
        """
        del config, vocabulary, place

    @abc.abstractmethod
    def layout(self, settings: dict, heads: dict) -> Layout:
        """Return the layout of Hugging Face's class for an encoder with these heads."""


def of_config(config: dict, place: str) -> Family:
    """Return the family of a `config.json`; only its module is imported.

    Modules outside of the package are found by `kortf.family` in the config, which kortf writes, or
    by the environment variable `KORTF_PLUGINS`.

    Raises:
        InputError: There is no `model_type`, or no family for it.
    """
    model_type = config.get("model_type")
    known = f"kortf reads {', '.join(sorted(_model_types()))}"
    if model_type is None:
        raise InputError(f"{place}, model_type", "is missing", known)
    own = config.get("kortf")
    named = own.get("family") if isinstance(own, dict) else None
    for module in [*discovery.plugins(), *([named] if isinstance(named, str) else [])]:
        found = discovery.class_of(discovery.load(FAMILIES, module, "family"), Family)
        if found is not None and found.model_type == model_type:
            return found()
    if not isinstance(model_type, str) or model_type not in _model_types():
        raise InputError(f"{place}, model_type", f"{repr(model_type)[:80]} is not supported", known)
    return discovery.find(FAMILIES, _model_types()[model_type], Family)()


def of_encoder(encoder: Encoder) -> Family:
    """Return the family that an encoder is written as: the first of its `families` that fits."""
    for name in dict.fromkeys((*encoder.families, LAST_RESORT)):
        family = discovery.find(FAMILIES, name, Family)()
        if family.fits(encoder):
            return family
    raise ValueError(f"no family fits {name_of(encoder)}")


def module_of(family: Family) -> str:
    """Return the name by which a family is found: its module, dotted outside of the package."""
    return discovery.name_of(type(family), FAMILIES)


def is_outside(family: Family) -> bool:
    """Return whether a family is a plug-in outside of the package."""
    return module_of(family) not in discovery.names(FAMILIES)


def name_of(encoder: Encoder) -> str:
    """Return the name by which `kortf.models.build` makes an encoder of this class."""
    return discovery.name_of(type(encoder), models.__name__)


def plain(settings: dict) -> dict:
    """Return the settings, with None for as many groups as layers."""
    if settings.get("num_groups") != settings.get("num_layers"):
        return settings
    return settings | {"num_groups": None}


def _model_types() -> dict[str, str]:
    """Return the module of each `model_type` in the package, spelled with `-` or with `_`."""
    names = discovery.names(FAMILIES)
    return {name.replace("_", "-"): name for name in names} | {name: name for name in names}
