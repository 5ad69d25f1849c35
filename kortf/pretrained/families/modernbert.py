"""Hugging Face's `modernbert` (Warner et al. 2024), with the config of transformers 4 and 5."""

from kortf.errors import InputError
from kortf.layers.heads.transform import GELU_NORM
from kortf.models.encoder import Encoder
from kortf.models.modernbert import ModernBert as Model
from kortf.pretrained.family import Tensor
from kortf.pretrained.hugging_face import TOKEN_CLASSES, HeadClass, HuggingFaceFamily


def product(ours: str, theirs: str) -> Tensor:
    """Return the kernel of a product without a bias."""
    return Tensor(ours, f"{theirs}.weight", transpose=True)


LAYER = (
    *(
        Tensor(
            f"layers.layers.{{i}}.attention.{name}_kernel",
            "layers.{i}.attn.Wqkv.weight",
            transpose=True,
            part=part,
            parts=3,
        )
        for part, name in enumerate(("query", "key", "value"))
    ),
    product("layers.layers.{i}.attention.output_kernel", "layers.{i}.attn.Wo"),
    Tensor("layers.layers.{i}.output_norm.gamma", "layers.{i}.mlp_norm.weight"),
    product("layers.layers.{i}.feed_forward.intermediate_kernel", "layers.{i}.mlp.Wi"),
    product("layers.layers.{i}.feed_forward.output_kernel", "layers.{i}.mlp.Wo"),
)
ATTENTION_NORM = Tensor("layers.layers.{i}.attention_norm.gamma", "layers.{i}.attn_norm.weight")
TRANSFORM = (
    product("transform.kernel", "head.dense"),
    Tensor("transform.norm.gamma", "head.norm.weight"),
)
GLOBAL, LOCAL = "full_attention", "sliding_attention"
BASES = {GLOBAL: ("global_base", "global_rope_theta", 160_000.0)}
POOLINGS = ("cls", "mean")  # of its classifier
BASES |= {LOCAL: ("local_base", "local_rope_theta", 10_000.0)}


def _dense(ours: str) -> tuple[Tensor, Tensor]:
    kernel = Tensor(f"{ours}.kernel", "classifier.weight", transpose=True)
    return kernel, Tensor(f"{ours}.bias", "classifier.bias")


class ModernBert(HuggingFaceFamily):
    """`ModernBertModel` and its heads."""

    model_type = "modernbert"
    model = "modernbert"
    prefix = "model."
    class_prefix = "ModernBert"
    pooler = False
    classifier = {"hidden": GELU_NORM, "pooler": False}
    sizes = {
        "vocabulary_size": ("vocab_size", int, 50_368),
        "hidden_dim": ("hidden_size", int, 768),
        "num_layers": ("num_hidden_layers", int, 22),
        "num_heads": ("num_attention_heads", int, 12),
        "intermediate_dim": ("intermediate_size", int, 1152),
        "max_length": ("max_position_embeddings", int, 8192),
        "window": ("local_attention", int, 128),
        "dropout": ("mlp_dropout", float, 0.0),
        "embedding_dropout": ("embedding_dropout", float, 0.0),
        "attention_dropout": ("attention_dropout", float, 0.0),
        "norm_epsilon": ("norm_eps", float, 1e-5),
        "init_scale": ("initializer_range", float, 0.02),
    }
    activation = ("hidden_activation", "gelu")
    fixed = {}
    refused = {
        "attention_bias": (None, False),
        "mlp_bias": (None, False),
        "norm_bias": (None, False),
        "classifier_bias": (None, False),
        "decoder_bias": (None, True),
        "tie_word_embeddings": (None, True),
        "classifier_activation": (None, "gelu"),
        "rope_scaling": (None,),
    }
    special_tokens = {
        "pad_token_id": "pad_id",
        "bos_token_id": "cls_id",
        "eos_token_id": "sep_id",
        "cls_token_id": "cls_id",
        "sep_token_id": "sep_id",
    }
    heads = {
        "masked_lm": (
            product("dense.kernel", "head.dense"),
            Tensor("norm.gamma", "head.norm.weight"),
            Tensor("bias", "decoder.bias"),
        ),
        "classifier": (*TRANSFORM, *_dense("dense")),
        "token_classifier": (*TRANSFORM, *_dense("dense")),
        "span_classifier": (*TRANSFORM, *_dense("ends")),
    }
    copies = {"decoder.weight": "embeddings.tok_embeddings.weight"}
    classes = (
        *TOKEN_CLASSES,
        HeadClass("ForSequenceClassification", ("classifier",)),
        HeadClass("ForMaskedLM", ("masked_lm",)),
        HeadClass("Model"),
    )

    def fits(self, encoder: Encoder) -> bool:
        return type(encoder) is Model

    def read(self, config: dict, place: str) -> tuple[str, dict]:
        model, settings = super().read(config, place)
        del settings["embedding_dim"]
        settings["global_every"] = _global_every(config, settings["num_layers"], place)
        for kind, (ours, former, usual) in BASES.items():
            settings[ours] = _base(config, kind, former, usual, place)
        return model, settings

    def config(self, encoder: Encoder, vocabulary=None) -> dict:
        settings = encoder.settings
        every, layers = settings["global_every"], settings["num_layers"]
        return super().config(encoder, vocabulary) | {
            "layer_types": [LOCAL if i % every else GLOBAL for i in range(layers)],
            "global_attn_every_n_layers": every,
            "rope_parameters": {
                kind: {"rope_type": "default", "rope_theta": settings[ours]}
                for kind, (ours, _, _) in BASES.items()
            },
        }

    def pooling(self, config: dict, place: str) -> str:
        pooling = config.get("classifier_pooling", "cls")
        if pooling not in POOLINGS:
            problem = f"{pooling!r} is not supported"
            raise InputError(f"{place}, classifier_pooling", problem, "take another model")
        return pooling

    def head_config(self, heads: dict) -> dict:
        return {"classifier_pooling": getattr(heads.get("classifier"), "pooling", "cls")}

    def _own(self) -> dict:
        return {"output_init_scale": None, "remat": False}

    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        tensors = [
            Tensor("token_embedding.embeddings", "embeddings.tok_embeddings.weight"),
            Tensor("layers.embedding_norm.gamma", "embeddings.norm.weight"),
        ]
        for i in range(encoder.settings["num_layers"]):
            tensors += [tensor.number(i) for tensor in (*LAYER, *([ATTENTION_NORM] if i else ()))]
        return [*tensors, Tensor("layers.final_norm.gamma", "final_norm.weight")]

    def has_head(self, name: str, head, settings: dict) -> bool:
        if name == "masked_lm":
            return head.activation == "gelu"
        pools = getattr(head, "pooling", "cls") in POOLINGS
        return name in self.heads and pools and getattr(head, "hidden", None) == GELU_NORM


def _global_every(config: dict, layers: int, place: str) -> int:
    """Return `n` where every n-th layer attends globally; refuse any other pattern."""
    every = config.get("global_attn_every_n_layers", 3)
    kinds = config.get("layer_types")
    if kinds is not None:
        later = (
            [i for i in range(1, len(kinds)) if kinds[i] == GLOBAL]
            if isinstance(kinds, list)
            else []
        )
        # Without a second global layer, any n that skips the others is right.
        few = isinstance(every, int) and every >= layers
        every = later[0] if later else (every if few else layers)
    if isinstance(every, bool) or not isinstance(every, int) or every < 1:
        problem = f"{every!r} where a positive whole number is expected"
        raise InputError(f"{place}, global_attn_every_n_layers", problem, "mend the file")
    expected = [LOCAL if i % every else GLOBAL for i in range(layers)]
    if kinds is not None and kinds != expected:
        problem = "kortf computes one global layer in every n, beginning with the first"
        raise InputError(f"{place}, layer_types", problem, "take another model")
    return every


def _base(config: dict, kind: str, former: str, usual: float, place: str) -> float:
    """Return the rotary base of one kind of layers, in the form of transformers 5 or 4."""
    key, base = former, config.get(former, usual)
    parameters = config.get("rope_parameters")
    if parameters is not None:
        own = parameters.get(kind) if isinstance(parameters, dict) else None
        key = f"rope_parameters.{kind}"
        if own is not None and not isinstance(own, dict):
            raise InputError(f"{place}, {key}", f"{own!r} is not an object", "mend the file")
        own = own or {}
        if own.get("rope_type", "default") != "default":
            problem = f"rope_type {own['rope_type']!r} is not supported"
            raise InputError(f"{place}, {key}", problem, "take another model")
        base = own.get("rope_theta", base)
    if isinstance(base, bool) or not isinstance(base, int | float) or not base > 0:
        raise InputError(f"{place}, {key}", f"{base!r} is not a positive number", "mend the file")
    return float(base)
