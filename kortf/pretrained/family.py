"""The contract of a model family: how Hugging Face spells the sizes and tensors of an encoder."""

import abc
import dataclasses
from collections.abc import Iterable

from kortf import discovery
from kortf.errors import InputError

MODULE_OF_FAMILIES = "kortf.pretrained"

# Hugging Face's names of activations that are one and the same function.
ACTIVATIONS = {
    "gelu": ("gelu", "gelu_python"),
    "gelu_tanh": ("gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_python_tanh"),
    "relu": ("relu",),
}


@dataclasses.dataclass(frozen=True)
class Tensor:
    """A variable of ours and the tensor that holds it.

    Attributes:
        ours: path of attributes from the layer to the variable, such as
            `layers.layers.0.attention.query_bias`.
        theirs: the tensor's name.
        transpose: whether it is stored `[out, in]` where ours is `[in, out]`.
        optional: whether a directory without it can be read: the variable stays as it was made.
    """

    ours: str
    theirs: str
    transpose: bool = False
    optional: bool = False

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


class Family(abc.ABC):
    """How one `model_type` of Hugging Face and one encoder of ours stand for each other.

    The module's name is the `model_type`, with `_` for `-`.

    Attributes:
        model_type: as in `config.json`.
        model: the module in `kortf.models`.
        prefix: what Hugging Face puts before the encoder's names when there is a head as well.
    """

    model_type: str
    model: str
    prefix: str

    @abc.abstractmethod
    def fits(self, settings: dict) -> bool:
        """Whether this family, of those with this `model`, is the one of an encoder's settings."""

    @abc.abstractmethod
    def settings(self, config: dict, place: str) -> dict:
        """Settings of the encoder from a `config.json`.

        Args:
            config: its content.
            place: its path, for messages.

        Raises:
            InputError: a size is missing or of a wrong kind, or something is asked for that kortf
                does not compute.
        """

    @abc.abstractmethod
    def config(self, settings: dict) -> dict:
        """The sizes for `config.json` from the encoder's settings."""

    @abc.abstractmethod
    def encoder_tensors(self, settings: dict) -> list[Tensor]:
        """All tensors of the encoder, without the prefix."""

    @abc.abstractmethod
    def head_tensors(self, name: str, head) -> tuple[Tensor, ...]:
        """The tensors of the head `name`, with their full names; `head` is the layer."""

    @abc.abstractmethod
    def architecture(self, heads: dict) -> str:
        """Hugging Face's class for an encoder with these heads."""


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


def of_encoder(encoder) -> Family:
    """The family that an encoder is written as."""
    model = type(encoder).__module__.rsplit(".", 1)[-1]
    for family in _families():
        if family.model == model and family.fits(encoder.settings):
            return family
    raise InputError(
        f"model '{model}'", "has no Hugging Face family", f"add one to {MODULE_OF_FAMILIES}"
    )


def _families() -> Iterable[Family]:
    for name in discovery.names(MODULE_OF_FAMILIES, Family):
        yield discovery.find(MODULE_OF_FAMILIES, name, Family)()
