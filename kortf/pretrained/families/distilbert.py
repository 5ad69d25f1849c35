"""Hugging Face's `distilbert` (Sanh et al. 2019): BERT without segments and pooler."""

from kortf.models.encoder import Encoder
from kortf.pretrained.families import bert
from kortf.pretrained.family import Tensor, linear, norm
from kortf.pretrained.hugging_face import (
    TOKEN_CLASSES,
    TOKEN_HEADS,
    HeadClass,
    HuggingFaceFamily,
)

LAYER = (
    *linear("layers.layers.{i}.attention.query_", "transformer.layer.{i}.attention.q_lin"),
    *linear("layers.layers.{i}.attention.key_", "transformer.layer.{i}.attention.k_lin"),
    *linear("layers.layers.{i}.attention.value_", "transformer.layer.{i}.attention.v_lin"),
    *linear("layers.layers.{i}.attention.output_", "transformer.layer.{i}.attention.out_lin"),
    *norm("layers.layers.{i}.attention_norm", "transformer.layer.{i}.sa_layer_norm"),
    *linear("layers.layers.{i}.feed_forward.intermediate_", "transformer.layer.{i}.ffn.lin1"),
    *linear("layers.layers.{i}.feed_forward.output_", "transformer.layer.{i}.ffn.lin2"),
    *norm("layers.layers.{i}.output_norm", "transformer.layer.{i}.output_layer_norm"),
)


class DistilBert(HuggingFaceFamily):
    """`DistilBertModel` and its heads.

    Its classifier has a layer of its own over the first position: it is ours with `hidden="relu"`.
    """

    model_type = "distilbert"
    model = "bert"
    prefix = "distilbert."
    class_prefix = "DistilBert"
    pooler = False
    classifier = {"hidden": "relu", "pooler": False}
    sizes = {
        "vocabulary_size": ("vocab_size", int, None),
        "hidden_dim": ("dim", int, 768),
        "num_layers": ("n_layers", int, 6),
        "num_heads": ("n_heads", int, 12),
        "intermediate_dim": ("hidden_dim", int, 3072),
        "max_length": ("max_position_embeddings", int, 512),
        "dropout": ("dropout", float, 0.1),
        "attention_dropout": ("attention_dropout", float, 0.1),
        "init_scale": ("initializer_range", float, 0.02),
    }
    activation = ("activation", "gelu")
    fixed = bert.FIXED | {"num_segments": 0, "pooler": False, "norm_epsilon": 1e-12}
    heads = {
        "masked_lm": (
            *linear("dense.", "vocab_transform"),
            *norm("norm", "vocab_layer_norm"),
            Tensor("bias", "vocab_projector.bias"),
        ),
        "classifier": (*linear("hidden_dense.", "pre_classifier"), *linear("dense.", "classifier")),
        **TOKEN_HEADS,
    }
    copies = {"vocab_projector.weight": "embeddings.word_embeddings.weight"}
    classes = (
        *TOKEN_CLASSES,
        HeadClass("ForSequenceClassification", ("classifier",)),
        HeadClass("ForMaskedLM", ("masked_lm",)),
        HeadClass("Model"),
    )

    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        tensors = [*bert.EMBEDDINGS[:2], *bert.EMBEDDING_NORM]
        for i in range(encoder.settings["num_layers"]):
            tensors += [tensor.number(i) for tensor in LAYER]
        return tensors

    def has_head(self, name: str, head, settings: dict) -> bool:
        if name == "classifier":
            return head.hidden == "relu" and head.pooling == "cls"
        return super().has_head(name, head, settings)
