"""Hugging Face's `bert`: the post-norm encoder of Devlin et al. 2019."""

from kortf.models.encoder import Encoder
from kortf.pretrained.family import Tensor, linear, norm
from kortf.pretrained.hugging_face import (
    TOKEN_CLASSES,
    TOKEN_HEADS,
    HeadClass,
    HuggingFaceFamily,
)

EMBEDDINGS = (
    Tensor("token_embedding.embeddings", "embeddings.word_embeddings.weight"),
    Tensor("embedding.positions", "embeddings.position_embeddings.weight"),
    Tensor("embedding.segments", "embeddings.token_type_embeddings.weight"),
)
EMBEDDING_NORM = norm("embedding.norm", "embeddings.LayerNorm")
SUBLAYERS = (
    *linear("layers.layers.{i}.attention.query_", "encoder.layer.{i}.attention.self.query"),
    *linear("layers.layers.{i}.attention.key_", "encoder.layer.{i}.attention.self.key"),
    *linear("layers.layers.{i}.attention.value_", "encoder.layer.{i}.attention.self.value"),
    *linear("layers.layers.{i}.attention.output_", "encoder.layer.{i}.attention.output.dense"),
    *linear("layers.layers.{i}.feed_forward.intermediate_", "encoder.layer.{i}.intermediate.dense"),
    *linear("layers.layers.{i}.feed_forward.output_", "encoder.layer.{i}.output.dense"),
)
NORMS = (
    *norm("layers.layers.{i}.attention_norm", "encoder.layer.{i}.attention.output.LayerNorm"),
    *norm("layers.layers.{i}.output_norm", "encoder.layer.{i}.output.LayerNorm"),
)
POOLER = linear("pooler.", "pooler.dense", optional=True)
PAIR = linear("", "cls.seq_relationship")

SIZES = {
    "vocabulary_size": ("vocab_size", int, None),
    "hidden_dim": ("hidden_size", int, None),
    "num_layers": ("num_hidden_layers", int, None),
    "num_heads": ("num_attention_heads", int, None),
    "intermediate_dim": ("intermediate_size", int, None),
    "max_length": ("max_position_embeddings", int, 512),
    "num_segments": ("type_vocab_size", int, 2),
    "dropout": ("hidden_dropout_prob", float, 0.1),
    "attention_dropout": ("attention_probs_dropout_prob", float, 0.1),
    "norm_epsilon": ("layer_norm_eps", float, 1e-12),
    "init_scale": ("initializer_range", float, 0.02),
}
REFUSED = {
    "position_embedding_type": (None, "absolute"),
    "is_decoder": (None, False),
    "add_cross_attention": (None, False),
}
# Settings of post-norm encoders without shared layers.
FIXED = {
    "norm": "post",
    "positions": "learned",
    "position_offset": 0,
    "feed_forward": "mlp",
    "num_groups": None,
}


class Bert(HuggingFaceFamily):
    """`BertModel` and its heads."""

    model_type = "bert"
    model = "bert"
    prefix = "bert."
    class_prefix = "Bert"
    sizes = SIZES
    fixed = FIXED
    refused = REFUSED
    norms = NORMS
    single_norm = EMBEDDING_NORM
    heads = {
        "classifier": linear("dense.", "classifier"),
        "masked_lm": (
            *linear("dense.", "cls.predictions.transform.dense"),
            *norm("norm", "cls.predictions.transform.LayerNorm"),
            Tensor("bias", "cls.predictions.bias"),
        ),
        "multiple_choice": linear("dense.", "classifier"),
        "next_sentence": PAIR,
        "sentence_order": PAIR,
        **TOKEN_HEADS,
    }
    copies = {
        "cls.predictions.decoder.weight": "embeddings.word_embeddings.weight",
        "cls.predictions.decoder.bias": "cls.predictions.bias",
    }
    classes = (
        *TOKEN_CLASSES,
        HeadClass("ForSequenceClassification", ("classifier",)),
        HeadClass("ForMultipleChoice", ("multiple_choice",)),
        HeadClass("ForPreTraining", ("masked_lm", "next_sentence")),
        HeadClass("ForPreTraining", ("masked_lm", "sentence_order")),
        HeadClass("ForMaskedLM", ("masked_lm",), pooler=False),
        HeadClass("ForNextSentencePrediction", ("next_sentence",)),
        HeadClass("ForNextSentencePrediction", ("sentence_order",)),
        HeadClass("Model"),
    )

    def config(self, encoder: Encoder, vocabulary=None) -> dict:
        config = super().config(encoder, vocabulary)
        if self.model_type == "bert":
            config["position_embedding_type"] = "absolute"
        return config

    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        tensors = [*EMBEDDINGS, *self.single_norm]
        for i in range(encoder.settings["num_layers"]):
            tensors += [tensor.number(i) for tensor in SUBLAYERS + self.norms]
        return tensors + list(POOLER if encoder.settings["pooler"] else ())
