"""Hugging Face's `deberta-v2` (He et al. 2021, 2023): DeBERTa-v2 and v3."""

from kortf.errors import InputError
from kortf.models.deberta import Deberta
from kortf.models.encoder import Encoder
from kortf.pretrained.family import Tensor, linear, norm
from kortf.pretrained.hugging_face import (
    TOKEN_CLASSES,
    TOKEN_HEADS,
    HeadClass,
    HuggingFaceFamily,
)

ATTENTION = "layers.layers.{i}.attention"
LAYER = (
    *(
        tensor
        for ours, theirs in (
            ("query", "self.query_proj"), ("key", "self.key_proj"), ("value", "self.value_proj"),
            ("output", "output.dense"),
        )
        for tensor in linear(f"{ATTENTION}.{ours}_", f"encoder.layer.{{i}}.attention.{theirs}")
    ),
    *norm("layers.layers.{i}.attention_norm", "encoder.layer.{i}.attention.output.LayerNorm"),
    *linear("layers.layers.{i}.feed_forward.intermediate_", "encoder.layer.{i}.intermediate.dense"),
    *linear("layers.layers.{i}.feed_forward.output_", "encoder.layer.{i}.output.dense"),
    *norm("layers.layers.{i}.output_norm", "encoder.layer.{i}.output.LayerNorm"),
)  # fmt: skip
OWN_POSITION_PRODUCTS = (
    *linear(f"{ATTENTION}.position_query_", "encoder.layer.{i}.attention.self.pos_query_proj"),
    *linear(f"{ATTENTION}.position_key_", "encoder.layer.{i}.attention.self.pos_key_proj"),
)


class DebertaV2(HuggingFaceFamily):
    """`DebertaV2Model` and its heads; masked LM in the form that its config calls legacy.

    Its classifier has a layer of its own over the first position: it is ours with `hidden="gelu"`.
    """

    model_type = "deberta-v2"
    model = "deberta"
    prefix = "deberta."
    class_prefix = "DebertaV2"
    pooler = False
    classifier = {"hidden": "gelu", "pooler": False}
    sizes = {
        "vocabulary_size": ("vocab_size", int, None),
        "hidden_dim": ("hidden_size", int, None),
        "num_layers": ("num_hidden_layers", int, None),
        "num_heads": ("num_attention_heads", int, None),
        "intermediate_dim": ("intermediate_size", int, None),
        "max_length": ("max_position_embeddings", int, 512),
        "dropout": ("hidden_dropout_prob", float, 0.1),
        "attention_dropout": ("attention_probs_dropout_prob", float, 0.1),
        "norm_epsilon": ("layer_norm_eps", float, 1e-7),
        "init_scale": ("initializer_range", float, 0.02),
    }
    fixed = {}
    refused = {
        "relative_attention": (True,),
        "conv_kernel_size": (None, 0),
        "norm_rel_ebd": (None, "none", "layer_norm"),
        "pooler_hidden_act": (None, "gelu"),
        "attention_head_size": (None,),
    }
    heads = {
        "masked_lm": (
            *linear("dense.", "cls.predictions.transform.dense"),
            *norm("norm", "cls.predictions.transform.LayerNorm"),
            Tensor("bias", "cls.predictions.bias"),
        ),
        "classifier": (*linear("hidden_dense.", "pooler.dense"), *linear("dense.", "classifier")),
        **TOKEN_HEADS,
    }
    copies = {
        "cls.predictions.decoder.weight": "embeddings.word_embeddings.weight",
        "cls.predictions.decoder.bias": "cls.predictions.bias",
    }
    classes = (
        *TOKEN_CLASSES,
        HeadClass("ForSequenceClassification", ("classifier",)),
        HeadClass("ForMaskedLM", ("masked_lm",)),
        HeadClass("Model"),
    )

    def fits(self, encoder: Encoder) -> bool:
        return type(encoder) is Deberta

    def read(self, config: dict, place: str) -> tuple[str, dict]:
        kinds = config.get("pos_att_type")
        kinds = kinds.lower().split("|") if isinstance(kinds, str) else kinds
        if not isinstance(kinds, list) or {str(kind).strip() for kind in kinds} != {"p2c", "c2p"}:
            problem = f"{config.get('pos_att_type')!r} is not supported: kortf computes p2c and c2p"
            raise InputError(f"{place}, pos_att_type", problem, "take another model")
        width = config.get("embedding_size")
        if width not in (None, config.get("hidden_size")):
            problem = f"{width!r} is not supported where hidden_size differs"
            raise InputError(f"{place}, embedding_size", problem, "take another model")
        model, settings = super().read(config, place)
        del settings["embedding_dim"]
        distance = _number(config, "max_relative_positions", -1, place)
        return model, settings | {
            "num_segments": max(0, _number(config, "type_vocab_size", 0, place)),
            "position_buckets": max(0, _number(config, "position_buckets", -1, place)),
            "max_distance": distance if distance > 0 else settings["max_length"],
            "absolute_positions": _flag(config, "position_biased_input", True, place),
            "shared_key": _flag(config, "share_att_key", False, place),
            "position_norm": config.get("norm_rel_ebd") == "layer_norm",
        }

    def config(self, encoder: Encoder, vocabulary=None) -> dict:
        settings = encoder.settings
        own = settings["max_distance"] != settings["max_length"]
        return super().config(encoder, vocabulary) | {
            "relative_attention": True,
            "pos_att_type": ["p2c", "c2p"],
            "type_vocab_size": settings["num_segments"],
            "position_buckets": settings["position_buckets"] or -1,
            "max_relative_positions": settings["max_distance"] if own else -1,
            "position_biased_input": settings["absolute_positions"],
            "share_att_key": settings["shared_key"],
            "norm_rel_ebd": "layer_norm" if settings["position_norm"] else "none",
            "pooler_hidden_size": settings["hidden_dim"],
            "pooler_hidden_act": "gelu",
            "legacy": True,
        }

    def _own(self) -> dict:
        return {"remat": False}

    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        settings = encoder.settings
        tensors = [Tensor("token_embedding.embeddings", "embeddings.word_embeddings.weight")]
        if settings["absolute_positions"]:
            tensors.append(Tensor("embedding.positions", "embeddings.position_embeddings.weight"))
        if settings["num_segments"]:
            tensors.append(Tensor("embedding.segments", "embeddings.token_type_embeddings.weight"))
        tensors += norm("embedding.norm", "embeddings.LayerNorm")
        tensors.append(Tensor("layers.positions", "encoder.rel_embeddings.weight"))
        if settings["position_norm"]:
            tensors += norm("layers.position_norm", "encoder.LayerNorm")
        rows = LAYER if settings["shared_key"] else LAYER + OWN_POSITION_PRODUCTS
        for i in range(settings["num_layers"]):
            tensors += [tensor.number(i) for tensor in rows]
        return tensors

    def has_head(self, name: str, head, settings: dict) -> bool:
        if name == "masked_lm":
            return head.activation == settings["activation"]
        if name == "classifier":
            return head.hidden == "gelu" and head.pooling == "cls"
        return super().has_head(name, head, settings)


def _number(config: dict, key: str, default: int, place: str) -> int:
    value = config.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"{place}, {key}", f"{value!r} is not a whole number", "mend the file")
    return value


def _flag(config: dict, key: str, default: bool, place: str) -> bool:
    value = config.get(key, default)
    if not isinstance(value, bool):
        raise InputError(f"{place}, {key}", f"{value!r} is not true or false", "mend the file")
    return value
