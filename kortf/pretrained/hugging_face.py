"""Base of the families of Hugging Face: tables of keys, tensors and classes."""

import abc
import dataclasses
import re

from absl import logging

from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.models.transformer import TransformerEncoder
from kortf.pretrained.family import Family, Layout, Tensor, linear, name_of, plain

# Hugging Face's names of activations that are one and the same function.
ACTIVATIONS = {
    "gelu": ("gelu", "gelu_python"),
    "gelu_tanh": ("gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_python_tanh"),
    "relu": ("relu",),
}
# Heads over each token. Parts that Hugging Face's classes lack are in kortf_heads.safetensors: the
# transitions of a random field, and the scores for characters cut off an answer.
TOKEN_HEADS = {
    "token_classifier": linear("dense.", "classifier"),
    "span_classifier": linear("ends.", "qa_outputs"),
}
# Heads that read what a pooler makes of the first position.
POOLED_HEADS = ("classifier", "multiple_choice", "next_sentence", "sentence_order")
# Tensors that are no weights, which older versions of torch and transformers have written.
BUFFERS = re.compile(r"(.*\.)?(position_ids|token_type_ids|attn\.bias|attn\.masked_bias)")
# Settings that Hugging Face's config has no word for, and what they are where nothing is said.
OWN_SETTINGS = {"output_init_scale": None, "position_init": "normal", "remat": False}


@dataclasses.dataclass(frozen=True)
class HeadClass:
    """A class of Hugging Face.

    Attributes:
        name: Without the name of the model.
        heads: The heads that it has, all of which must be there.
        pooler: Whether it reads the pooler.
    """

    name: str
    heads: tuple[str, ...] = ()
    pooler: bool = True


# The classes of `TOKEN_HEADS`, which have no pooler.
TOKEN_CLASSES = (
    HeadClass("ForTokenClassification", ("token_classifier",), pooler=False),
    HeadClass("ForQuestionAnswering", ("span_classifier",), pooler=False),
)


class HuggingFaceFamily(Family, abc.ABC):
    """A `model_type` of Hugging Face, by its tables.

    Attributes:
        model: The module in `kortf.models` that it is read as.
        class_prefix: Prefix of Hugging Face's class names.
        causal: Whether a position sees only what stands before it.
        sizes: Our setting to Hugging Face's key, the kind of value, and what a file without it
            means (None: it must be there).
        activation: Key and value that mean the same for the activation.
        fixed: Settings for which Hugging Face has no key, because they cannot be otherwise.
        pooler: Whether the class without a head has a pooler.
        refused: Keys that would change the mathematics, and the values that do not.
        special_tokens: Keys of ids in `config.json`, and the vocabulary's attribute.
        heads: Tensors of the heads, by name.
        classes: The first of these whose heads are all there is the model's.
    """

    model: str
    class_prefix: str
    causal: bool = False
    sizes: dict[str, tuple]
    activation: tuple[str, str] = ("hidden_act", "gelu")
    fixed: dict
    pooler: bool = True
    refused: dict[str, tuple] = {}
    special_tokens: dict[str, str] = {"pad_token_id": "pad_id"}
    heads: dict[str, tuple[Tensor, ...]]
    classes: tuple[HeadClass, ...]

    def fits(self, encoder: Encoder) -> bool:
        settings = encoder.settings
        if not isinstance(encoder, TransformerEncoder) or encoder.causal != self.causal:
            return False
        if not set(self.sizes) <= set(settings):
            return False
        # One without a pooler is written as this family only where its user asked for the family:
        # Hugging Face's class without a head misses it.
        pooled = settings["pooler"] == self.pooler or (
            self.pooler and name_of(encoder) == self.model
        )
        sayable = all(settings[key] for key, (_, kind, _) in self.sizes.items() if kind is int)
        fixed = all(plain(settings)[key] == value for key, value in self.fixed.items())
        projects = encoder.embedding_projection is not None
        return pooled and sayable and fixed and projects == self.projects(settings)

    def projects(self, settings: dict) -> bool:
        """Return whether Hugging Face projects the embedding to the layers, at these sizes."""
        return False

    def read(self, config: dict, place: str) -> tuple[str, dict]:
        for key, usable in self.refused.items():
            if config.get(key) not in usable:
                problem = f"{repr(config[key])[:80]} is not supported"
                raise InputError(f"{place}, {key}", problem, "take another model")
        settings = {name: _value(config, *row, place) for name, row in self.sizes.items()}
        if settings["hidden_dim"] % settings["num_heads"]:
            raise InputError(
                f"{place}, {self.sizes['num_heads'][0]}",
                f"{settings['num_heads']} does not divide {self.sizes['hidden_dim'][0]} "
                f"{settings['hidden_dim']}",
                "the file must have the sizes that the model was trained with",
            )
        ours = config.get("kortf") if isinstance(config.get("kortf"), dict) else {}
        settings.setdefault("embedding_dim", settings["hidden_dim"])
        settings.setdefault("attention_dropout", settings["dropout"])
        return self.model, settings | {
            "activation": _activation(config, *self.activation, place),
            **self.fixed,
            **{name: ours.get(name, usual) for name, usual in self._own().items()},
        }

    def config(self, encoder: Encoder, vocabulary=None) -> dict:
        settings = encoder.settings
        config = {theirs: settings[name] for name, (theirs, _, _) in self.sizes.items()}
        config[self.activation[0]] = ACTIVATIONS[settings["activation"]][0]
        for key, attribute in self.special_tokens.items():
            config[key] = None if vocabulary is None else getattr(vocabulary, attribute)
        if vocabulary is None:
            config["pad_token_id"] = 0
        config["kortf"] = {name: settings[name] for name in self._own()}
        return config

    def _own(self) -> dict:
        return OWN_SETTINGS | ({} if "pooler" in self.fixed else {"pooler": self.pooler})

    def head_tensors(self, name: str, head, settings: dict) -> tuple[Tensor, ...] | None:
        return self.heads.get(name) if self.has_head(name, head, settings) else None

    def has_head(self, name: str, head, settings: dict) -> bool:
        """Return whether Hugging Face computes what a head of this name does."""
        if name in POOLED_HEADS and not settings.get("pooler"):
            return False
        # A class must not load the weights of another pooling, or of one more layer.
        plain = getattr(head, "pooling", "cls") == "cls" and not getattr(head, "hidden", None)
        return name in self.heads and plain

    def is_head(self, name: str, config: dict) -> bool:
        classes = self.named(config)
        named = [each for each in self.classes if self.class_prefix + each.name in classes]
        theirs = {tensor.theirs for tensor in self.heads.get(name, ())}
        others = {head for each in named for head in each.heads}
        return name in others or not any(
            tensor.theirs in theirs for other in others for tensor in self.heads[other]
        )

    def named(self, config: dict) -> list:
        """Return the classes that a `config.json` names."""
        classes = config.get("architectures")
        return classes if isinstance(classes, list) else []

    def expects(self, name: str, config: dict) -> bool:
        named = [e for e in self.classes if self.class_prefix + e.name in self.named(config)]
        return not name.startswith("pooler.") or not named or any(e.pooler for e in named)

    def is_weight(self, name: str) -> bool:
        return name not in self.copies and not BUFFERS.fullmatch(name)

    def special_ids(self, config: dict) -> dict:
        return {key: config[key] for key in self.special_tokens if key in config}

    def check_padding(self, config: dict, vocabulary, place: str) -> None:
        pad_id = config.get("pad_token_id")
        if pad_id is not None and pad_id != vocabulary.pad_id:
            logging.warning(
                "%s, pad_token_id: %s where the vocabulary's padding has the id %s, which is used; "
                "padding is masked, so the outputs are the same",
                place, pad_id, vocabulary.pad_id,
            )  # fmt: skip

    def layout(self, settings: dict, heads: dict) -> Layout:
        known = {name for name, head in heads.items() if self.has_head(name, head, settings)}
        pooled = {
            name for name, head in heads.items() if settings.get("pooler") and _pools(name, head)
        }
        chosen = next(
            each
            for each in self.classes
            # A class without a pooler would lose what a head in a file of its own reads.
            if known.issuperset(each.heads) and (each.pooler or pooled.issubset(each.heads))
        )
        return Layout(self.class_prefix + chosen.name, chosen.heads, chosen.pooler)


def _pools(name: str, head) -> bool:
    """Return whether a head reads what a pooler makes."""
    return name in POOLED_HEADS and getattr(head, "pooling", "cls") == "cls"


def _value(config: dict, key: str, kind: type, default, place: str):
    value = config.get(key, default)
    if value is None:
        raise InputError(f"{place}, {key}", "is missing", "the file must name all sizes")
    usable = isinstance(value, int) or (kind is float and isinstance(value, float))
    usable = usable and not isinstance(value, bool) and 0 <= value < 2**31
    if not usable or (kind is int and value == 0):
        wanted = "a positive whole number" if kind is int else "a number"
        problem = f"{repr(value)[:80]} where {wanted} is expected"
        raise InputError(f"{place}, {key}", problem, "correct the file, or download it again")
    return value


def _activation(config: dict, key: str, default: str, place: str) -> str:
    theirs = config.get(key, default)
    for ours, names in ACTIVATIONS.items():
        if theirs in names:
            return ours
    known = ", ".join(name for names in ACTIVATIONS.values() for name in names)
    raise InputError(
        f"{place}, {key}", f"{repr(theirs)[:80]} is not supported", f"kortf computes {known}"
    )
