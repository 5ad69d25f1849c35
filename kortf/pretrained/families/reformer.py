"""Hugging Face's `reformer`, for encoders that look at every key of a row.

Where rows are hashed no directory can say the same thing: which keys are near hangs on numbers that
torch draws anew in each call. And there, transformers deviates from the paper (Kitaev et al. 2020):

1. The first chunk looks at the last one, of the round before, and the last chunk at the first.
2. A key that is near in several rounds counts as often, where appendix A counts it once.
3. A causal model looks by chunk, whose borders hang on tokens that come later: these show in what
   it makes of the beginning. kortf looks by bucket.

So a directory of `reformer` is written only of an encoder whose `full_attention_length` is not below
its `max_length`, with chunks of that length; one that hashes is written as `kortf`. What transformers
has written is read in both cases: rows up to one chunk give the same numbers, and longer ones are
hashed as kortf does it.

What the class fixes are settings of ours: both streams come out, side by side
(`streams="concatenated"`), the product behind the attention has no bias (`attention_bias=False`),
there are no segments and no pooler, and all layers are of the kind `lsh`; those of the kind `local`
have keys of their own, which no layer of ours has. Its scores are not divided by the square root of
a head's size: the weights of its queries make up for it. Its vocabulary heads are products of their
own, not tied to the token table: ours stand in `kortf_heads.safetensors`.
"""  # noqa: E501

from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.models.reformer import Reformer as ReformerEncoder
from kortf.pretrained.family import Tensor, linear, norm, plain
from kortf.pretrained.hugging_face import TOKEN_HEADS, HeadClass, HuggingFaceFamily

_ATTENTION = "encoder.layers.{i}.attention"
_FEED_FORWARD = "encoder.layers.{i}.feed_forward"
_OURS = "layers.layers.{i}"

LAYER = (
    *norm(f"{_OURS}.attention_norm", f"{_ATTENTION}.layer_norm"),
    Tensor(
        f"{_OURS}.attention.value_kernel", f"{_ATTENTION}.self_attention.value.weight",
        transpose=True,
    ),
    Tensor(
        f"{_OURS}.attention.output_kernel", f"{_ATTENTION}.output.dense.weight", transpose=True
    ),
    *norm(f"{_OURS}.output_norm", f"{_FEED_FORWARD}.layer_norm"),
    *linear(f"{_OURS}.feed_forward.intermediate_", f"{_FEED_FORWARD}.dense.dense"),
    *linear(f"{_OURS}.feed_forward.output_", f"{_FEED_FORWARD}.output.dense"),
)  # fmt: skip
POSITIONS = {
    "axial": (
        Tensor("embedding.axial.rows", "embeddings.position_embeddings.weights.0", axis=1),
        Tensor("embedding.axial.columns", "embeddings.position_embeddings.weights.1", axis=0),
    ),
    "learned": (
        Tensor("embedding.positions", "embeddings.position_embeddings.embedding.weight"),
    ),
}  # fmt: skip
# Settings that Hugging Face's config has other words for, or none.
_OWN = (
    "bucket_size", "num_buckets", "full_attention_length", "look_ahead", "axial_rows",
    "axial_columns", "attention_chunks", "feed_forward_chunks", "output_init_scale",
    "position_init",
)  # fmt: skip


class Reformer(HuggingFaceFamily):
    """`ReformerModel`, bidirectional or causal."""

    model_type = "reformer"
    model = "reformer"
    prefix = "reformer."
    class_prefix = "Reformer"
    sizes = {
        "vocabulary_size": ("vocab_size", int, None),
        "hidden_dim": ("hidden_size", int, None),
        "num_layers": ("num_hidden_layers", int, None),
        "num_heads": ("num_attention_heads", int, None),
        "intermediate_dim": ("feed_forward_size", int, None),
        "max_length": ("max_position_embeddings", int, 4096),
        "num_hashes": ("num_hashes", int, 1),
        "dropout": ("hidden_dropout_prob", float, 0.05),
        "attention_dropout": ("lsh_attention_probs_dropout_prob", float, 0.0),
        "norm_epsilon": ("layer_norm_eps", float, 1e-12),
        "init_scale": ("initializer_range", float, 0.02),
    }
    activation = ("hidden_act", "relu")
    fixed = {
        "norm": "pre",
        "feed_forward": "mlp",
        "num_groups": None,
        "num_segments": 0,
        "num_local_heads": 0,
        "streams": "concatenated",
        "attention_bias": False,
        "pooler": False,
    }
    pooler = False
    refused = {
        "lsh_num_chunks_before": (None, 1),
        "lsh_num_chunks_after": (None, 0, 1),
        "add_cross_attention": (None, False),
    }
    heads = {"span_classifier": TOKEN_HEADS["span_classifier"]}
    classes = (HeadClass("ForQuestionAnswering", ("span_classifier",)), HeadClass("Model"))

    def fits(self, encoder: Encoder) -> bool:
        if not isinstance(encoder, ReformerEncoder):
            return False
        settings = plain(encoder.settings)
        fixed = all(settings[key] == value for key, value in self.fixed.items())
        hashes = encoder.full_attention_length < settings["max_length"]
        known = settings["positions"] in POSITIONS and encoder.embedding_projection is None
        return fixed and known and not hashes

    def read(self, config: dict, place: str) -> tuple[str, dict]:
        kinds = config.get("attn_layers")
        if not isinstance(kinds, list) or not kinds:
            raise InputError(f"{place}, attn_layers", "is missing", "the file must name all layers")
        if set(map(str, kinds)) != {"lsh"}:
            problem = f"{repr(kinds)[:80]} is not supported: kortf has no layers but those of 'lsh'"
            raise InputError(f"{place}, attn_layers", problem, "take another model")
        _, settings = super().read(config | {"num_hidden_layers": len(kinds)}, place)
        _check_heads(config, settings, place)
        settings |= _positions(config, settings["hidden_dim"], place)
        length = config.get("lsh_attn_chunk_length", 64)
        causal = bool(config.get("is_decoder"))
        settings |= {
            "bucket_size": length,
            "full_attention_length": length,
            "look_ahead": not causal and config.get("lsh_num_chunks_after") == 1,
        }
        ours = config.get("kortf") if isinstance(config.get("kortf"), dict) else {}
        settings |= {name: ours[name] for name in _OWN if name in ours}
        return "causal_reformer" if causal else "reformer", settings

    def config(self, encoder: Encoder, vocabulary=None) -> dict:
        settings = encoder.settings
        dim, heads = settings["hidden_dim"], settings["num_heads"]
        config = super().config(encoder, vocabulary) | {
            "attn_layers": ["lsh"] * settings["num_layers"],
            "attention_head_size": dim // heads,
            "is_decoder": encoder.causal,
            "lsh_attn_chunk_length": settings["max_length"],
            "lsh_num_chunks_before": 1,
            "lsh_num_chunks_after": int(settings["look_ahead"] and not encoder.causal),
            "num_buckets": None,
            "axial_pos_embds": settings["positions"] == "axial",
        }
        if settings["positions"] == "axial":
            config["axial_pos_shape"] = list(encoder.embedding.axial.shape)
            config["axial_pos_embds_dim"] = [dim // 2, dim - dim // 2]
        if encoder.causal and vocabulary is not None:
            config |= {"bos_token_id": vocabulary.cls_id, "eos_token_id": vocabulary.sep_id}
        return config

    def _own(self) -> dict:
        return dict.fromkeys(_OWN) | {"position_init": "normal"}

    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        settings = encoder.settings
        scale = (settings["hidden_dim"] // settings["num_heads"]) ** -0.5
        query = Tensor(
            f"{_OURS}.attention.query_key_kernel", f"{_ATTENTION}.self_attention.query_key.weight",
            transpose=True, scale=scale,
        )  # fmt: skip
        tensors = [Tensor("token_embedding.embeddings", "embeddings.word_embeddings.weight")]
        tensors += POSITIONS.get(settings["positions"], ())
        for i in range(settings["num_layers"]):
            tensors += [tensor.number(i) for tensor in (query, *LAYER)]
        return [*tensors, *norm("layers.final_norm", "encoder.layer_norm")]


def _check_heads(config: dict, settings: dict, place: str) -> None:
    size, heads, dim = config.get("attention_head_size", 64), settings["num_heads"], "hidden_size"
    if size != settings["hidden_dim"] / heads:
        problem = f"{heads} heads of {repr(size)[:80]} where {dim} is {settings['hidden_dim']}"
        cure = f"take a model whose heads divide {dim} among them"
        raise InputError(f"{place}, attention_head_size", problem, cure)


def _positions(config: dict, dim: int, place: str) -> dict:
    """Settings of the positions."""
    if not config.get("axial_pos_embds", True):
        return {"positions": "learned", "axial_rows": None, "axial_columns": None}
    shape, sizes = config.get("axial_pos_shape"), config.get("axial_pos_embds_dim")
    if not isinstance(shape, list) or len(shape) != 2:
        problem = f"{repr(shape)[:80]} where two numbers are expected"
        cure = "correct the file, or download it again"
        raise InputError(f"{place}, axial_pos_shape", problem, cure)
    if sizes != [dim // 2, dim - dim // 2]:
        problem = (
            f"{repr(sizes)[:80]} is not supported: kortf has a half of hidden_size for each axis"
        )
        raise InputError(f"{place}, axial_pos_embds_dim", problem, "take another model")
    return {"positions": "axial", "axial_rows": shape[0], "axial_columns": shape[1]}
