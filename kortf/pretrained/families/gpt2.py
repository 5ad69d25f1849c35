"""Hugging Face's `gpt2`: the causal, pre-norm transformer of Radford et al. 2019."""

from kortf.models.encoder import Encoder
from kortf.pretrained.family import Tensor, norm
from kortf.pretrained.hugging_face import (
    TOKEN_CLASSES,
    TOKEN_HEADS,
    HeadClass,
    HuggingFaceFamily,
)


def product(ours: str, theirs: str) -> tuple[Tensor, Tensor]:
    """Kernel and bias of a dense product, which GPT-2 stores `[in, out]` as kortf does."""
    return Tensor(f"{ours}kernel", f"{theirs}.weight"), Tensor(f"{ours}bias", f"{theirs}.bias")


EMBEDDINGS = (
    Tensor("token_embedding.embeddings", "wte.weight"),
    Tensor("embedding.positions", "wpe.weight"),
)
LAYER = (
    *norm("layers.layers.{i}.attention_norm", "h.{i}.ln_1"),
    *(
        Tensor(f"layers.layers.{{i}}.attention.{name}_{ours}", f"h.{{i}}.attn.c_attn.{theirs}",
               part=part, parts=3)
        for ours, theirs in (("kernel", "weight"), ("bias", "bias"))
        for part, name in enumerate(("query", "key", "value"))
    ),
    *product("layers.layers.{i}.attention.output_", "h.{i}.attn.c_proj"),
    *norm("layers.layers.{i}.output_norm", "h.{i}.ln_2"),
    *product("layers.layers.{i}.feed_forward.intermediate_", "h.{i}.mlp.c_fc"),
    *product("layers.layers.{i}.feed_forward.output_", "h.{i}.mlp.c_proj"),
)  # fmt: skip
FINAL_NORM = norm("layers.final_norm", "ln_f")


class Gpt2(HuggingFaceFamily):
    """`GPT2Model`, and `GPT2LMHeadModel`, whose head is the token table alone."""

    model_type = "gpt2"
    model = "gpt"
    prefix = "transformer."
    class_prefix = "GPT2"
    causal = True
    sizes = {
        "vocabulary_size": ("vocab_size", int, None),
        "hidden_dim": ("n_embd", int, None),
        "num_layers": ("n_layer", int, None),
        "num_heads": ("n_head", int, None),
        "intermediate_dim": ("n_inner", int, None),
        "max_length": ("n_positions", int, 1024),
        "dropout": ("resid_pdrop", float, 0.1),
        "attention_dropout": ("attn_pdrop", float, 0.1),
        "norm_epsilon": ("layer_norm_epsilon", float, 1e-5),
        "init_scale": ("initializer_range", float, 0.02),
    }
    activation = ("activation_function", "gelu_new")
    fixed = {
        "norm": "pre",
        "positions": "learned",
        "position_offset": 0,
        "feed_forward": "mlp",
        "num_groups": None,
        "num_segments": 0,
        "pooler": False,
    }
    pooler = False
    refused = {
        "scale_attn_weights": (None, True),
        "scale_attn_by_inverse_layer_idx": (None, False),
        "add_cross_attention": (None, False),
    }
    special_tokens = {
        "pad_token_id": "pad_id",
        "bos_token_id": "cls_id",
        "eos_token_id": "sep_id",
    }
    heads = {"causal_lm": (), **TOKEN_HEADS}
    copies = {"lm_head.weight": "wte.weight"}
    classes = (*TOKEN_CLASSES, HeadClass("LMHeadModel", ("causal_lm",)), HeadClass("Model"))

    def read(self, config: dict, place: str) -> tuple[str, dict]:
        width = config.get("n_embd")
        if config.get("n_inner") is None and isinstance(width, int):
            config = config | {"n_inner": 4 * width}
        return super().read(config, place)

    def config(self, encoder: Encoder, vocabulary=None) -> dict:
        return super().config(encoder, vocabulary) | {"embd_pdrop": encoder.settings["dropout"]}

    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        tensors = list(EMBEDDINGS)
        for i in range(encoder.settings["num_layers"]):
            tensors += [tensor.number(i) for tensor in LAYER]
        return [*tensors, *FINAL_NORM]
