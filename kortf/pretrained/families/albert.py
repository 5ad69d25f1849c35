"""Hugging Face's `albert`: layers that share their weights (Lan et al. 2020)."""

from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.pretrained.families import bert
from kortf.pretrained.family import Tensor, linear, norm
from kortf.pretrained.hugging_face import (
    TOKEN_CLASSES,
    TOKEN_HEADS,
    HeadClass,
    HuggingFaceFamily,
)

PROJECTION = linear("embedding_projection.", "encoder.embedding_hidden_mapping_in")
# Paths of a layer of ours and of theirs.
OURS, THEIRS = "layers.layers.{i}.", "encoder.albert_layer_groups.{i}.albert_layers.0."
LAYER = (
    *linear(f"{OURS}attention.query_", f"{THEIRS}attention.query"),
    *linear(f"{OURS}attention.key_", f"{THEIRS}attention.key"),
    *linear(f"{OURS}attention.value_", f"{THEIRS}attention.value"),
    *linear(f"{OURS}attention.output_", f"{THEIRS}attention.dense"),
    *norm(f"{OURS}attention_norm", f"{THEIRS}attention.LayerNorm"),
    *linear(f"{OURS}feed_forward.intermediate_", f"{THEIRS}ffn"),
    *linear(f"{OURS}feed_forward.output_", f"{THEIRS}ffn_output"),
    *norm(f"{OURS}output_norm", f"{THEIRS}full_layer_layer_norm"),
)
POOLER = linear("pooler.", "pooler", optional=True)
PAIR = linear("", "sop_classifier.classifier")


class Albert(HuggingFaceFamily):
    """`AlbertModel` and its heads."""

    model_type = "albert"
    model = "albert"
    prefix = "albert."
    class_prefix = "Albert"
    sizes = bert.SIZES | {
        "embedding_dim": ("embedding_size", int, 128),
        "num_groups": ("num_hidden_groups", int, 1),
        "dropout": ("hidden_dropout_prob", float, 0.0),
        "attention_dropout": ("attention_probs_dropout_prob", float, 0.0),
    }
    activation = ("hidden_act", "gelu_new")
    fixed = {name: value for name, value in bert.FIXED.items() if name != "num_groups"}
    refused = bert.REFUSED | {"inner_group_num": (None, 1)}
    special_tokens = {
        "pad_token_id": "pad_id",
        "bos_token_id": "cls_id",
        "eos_token_id": "sep_id",
    }
    heads = {
        "classifier": linear("dense.", "classifier"),
        "masked_lm": (
            *linear("dense.", "predictions.dense"),
            *norm("norm", "predictions.LayerNorm"),
            Tensor("bias", "predictions.bias"),
        ),
        "next_sentence": PAIR,
        "sentence_order": PAIR,
        **TOKEN_HEADS,
    }
    copies = {
        "predictions.decoder.weight": "embeddings.word_embeddings.weight",
        "predictions.decoder.bias": "predictions.bias",
    }
    classes = (
        *TOKEN_CLASSES,
        HeadClass("ForSequenceClassification", ("classifier",)),
        HeadClass("ForPreTraining", ("masked_lm", "sentence_order")),
        HeadClass("ForPreTraining", ("masked_lm", "next_sentence")),
        HeadClass("ForMaskedLM", ("masked_lm",), pooler=False),
        HeadClass("Model"),
    )

    def projects(self, settings: dict) -> bool:
        return True

    def read(self, config: dict, place: str) -> tuple[str, dict]:
        model, settings = super().read(config, place)
        layers, groups = settings["num_layers"], settings["num_groups"]
        if layers % groups:
            raise InputError(
                f"{place}, num_hidden_groups",
                f"{groups} does not divide num_hidden_layers {layers}",
                "kortf computes groups of as many layers each: take another model",
            )
        return model, settings

    def config(self, encoder: Encoder, vocabulary=None) -> dict:
        groups = encoder.settings["num_groups"] or encoder.settings["num_layers"]
        config = super().config(encoder, vocabulary)
        return config | {"num_hidden_groups": groups, "inner_group_num": 1}

    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        tensors = [*bert.EMBEDDINGS, *bert.EMBEDDING_NORM, *PROJECTION]
        settings = encoder.settings
        for i in range(settings["num_groups"] or settings["num_layers"]):
            tensors += [tensor.number(i) for tensor in LAYER]
        return tensors + list(POOLER if settings["pooler"] else ())
