"""The contract of a model family: how a model directory spells the sizes and tensors of a model."""

import abc
import dataclasses
from collections.abc import Iterable

from kortf import discovery
from kortf.errors import InputError
from kortf.models.encoder import Encoder

MODULE_OF_FAMILIES = "kortf.pretrained.families"


@dataclasses.dataclass(frozen=True)
class Tensor:
    """A variable of ours and the tensor that holds it.

    Attributes:
        ours: path of attributes from the layer to the variable, such as
            `layers.layers.0.attention.query_bias`.
        theirs: the tensor's name.
        transpose: whether it is stored `[out, in]` where ours is `[in, out]`.
        optional: whether a directory without it can be read: the variable stays as it was made.
        part: which of the equal parts of the tensor, along its last axis, the variable is.
        parts: how many there are. Tables name them all, in order.
        scale: what ours is multiplied by to make theirs.
        axis: where theirs has an axis of size one more, if it has.
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
        """The same with `{i}` in both names replaced."""
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
    """What of a model stands in `model.safetensors`; other heads go to a file of their own.

    Attributes:
        architecture: Hugging Face's class for it; empty where there is none.
        heads: names of the heads that this class has.
        pooler: whether it reads the pooler.
    """

    architecture: str = ""
    heads: tuple[str, ...] = ()
    pooler: bool = True


class Family(abc.ABC):
    """How one `model_type` of a `config.json` and encoders of ours stand for each other.

    The module's name is the `model_type`, with `_` for `-`.

    Attributes:
        model_type: as in `config.json`.
        prefix: what Hugging Face puts before the encoder's names when there is a head as well.
        last_resort: whether it is asked only when no other fits.
        copies: tensors that some files have twice, and which tensor they repeat.
    """

    model_type: str
    prefix: str = ""
    last_resort: bool = False
    copies: dict[str, str] = {}

    @abc.abstractmethod
    def fits(self, encoder: Encoder) -> bool:
        """Whether this family computes just what an encoder does."""

    @abc.abstractmethod
    def read(self, config: dict, place: str) -> tuple[str, dict]:
        """The encoder that a `config.json` describes.

        Args:
            config: its content.
            place: its path, for messages.

        Returns:
            The module in `kortf.models`, and all settings of its encoder.

        Raises:
            InputError: a size is missing or of a wrong kind, or something is asked for that kortf
                does not compute.
        """

    @abc.abstractmethod
    def config(self, encoder: Encoder, vocabulary=None) -> dict:
        """What `config.json` says of an encoder and its vocabulary, if there is one.

        What stands there under `kortf` is read by kortf alone.
        """

    @abc.abstractmethod
    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        """All tensors of an encoder, without the prefix."""

    @abc.abstractmethod
    def head_tensors(self, name: str, head, settings: dict) -> tuple[Tensor, ...] | None:
        """The tensors of a head, with their full names.

        Args:
            name: of the head.
            head: the layer.
            settings: of the encoder.

        Returns:
            None where no class of Hugging Face has such a head.
        """

    def is_head(self, name: str, config: dict) -> bool:
        """Whether tensors with the names of this head's are its own in a directory of this config.

        Sequence and token classification have one name for theirs.
        """
        del name, config
        return True

    def expects(self, name: str, config: dict) -> bool:
        """Return whether a directory of this config should hold an optional tensor."""
        del name, config
        return True

    def is_weight(self, name: str) -> bool:
        """Whether a tensor that nothing has read is worth a word."""
        del name
        return True

    @abc.abstractmethod
    def layout(self, settings: dict, heads: dict) -> Layout:
        """Which class of Hugging Face takes an encoder with these heads."""


def of_config(config: dict, place: str) -> Family:
    """The family of a `config.json`.

    Raises:
        InputError: it names no `model_type`, or one that kortf does not know.
    """
    families = {family.model_type: family for family in _families()}
    model_type = config.get("model_type")
    known = f"kortf reads {', '.join(sorted(families))}"
    if model_type is None:
        raise InputError(f"{place}, model_type", "is missing", known)
    if not isinstance(model_type, str) or model_type not in families:
        raise InputError(f"{place}, model_type", f"'{model_type}' is not supported", known)
    return families[model_type]


def of_encoder(encoder: Encoder) -> Family:
    """The family that an encoder is written as: of its own name if that fits, or any that does."""
    name = name_of(encoder)
    families = sorted(
        _families(), key=lambda family: (family.last_resort, getattr(family, "model", "") != name)
    )
    return next(family for family in families if family.fits(encoder))


def name_of(encoder: Encoder) -> str:
    """The module of an encoder in `kortf.models`."""
    return type(encoder).__module__.rsplit(".", 1)[-1]


def plain(settings: dict) -> dict:
    """The settings, with one way of saying that each layer has weights of its own."""
    if settings.get("num_groups") != settings.get("num_layers"):
        return settings
    return settings | {"num_groups": None}


def _families() -> Iterable[Family]:
    for name in discovery.names(MODULE_OF_FAMILIES, Family):
        yield discovery.find(MODULE_OF_FAMILIES, name, Family)()
