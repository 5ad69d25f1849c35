"""Hugging Face's `electra`: discriminators and generators (Clark et al. 2020)."""

from kortf.models.encoder import Encoder
from kortf.pretrained.families import bert
from kortf.pretrained.family import Tensor, linear, norm
from kortf.pretrained.hugging_face import (
    TOKEN_CLASSES,
    TOKEN_HEADS,
    HeadClass,
    HuggingFaceFamily,
)

PROJECTION = linear("embedding_projection.", "embeddings_project")


class Electra(HuggingFaceFamily):
    """`ElectraModel` and its heads.

    Its classifier has a layer more than the paper's: it is ours with `hidden="gelu"`.
    """

    model_type = "electra"
    model = "electra"
    prefix = "electra."
    class_prefix = "Electra"
    sizes = bert.SIZES | {"embedding_dim": ("embedding_size", int, 128)}
    fixed = bert.FIXED | {"pooler": False}
    refused = bert.REFUSED
    pooler = False
    classifier = {"hidden": "gelu", "pooler": False}
    heads = {
        "replaced_token": (
            *linear("dense.", "discriminator_predictions.dense"),
            *linear("scores.", "discriminator_predictions.dense_prediction"),
        ),
        "masked_lm": (
            *linear("dense.", "generator_predictions.dense"),
            *norm("norm", "generator_predictions.LayerNorm"),
            Tensor("bias", "generator_lm_head.bias"),
        ),
        "classifier": (
            *linear("hidden_dense.", "classifier.dense"),
            *linear("dense.", "classifier.out_proj"),
        ),
        **TOKEN_HEADS,
    }
    copies = {
        "generator_lm_head.weight": "embeddings.word_embeddings.weight",
        "generator_predictions.decoder.weight": "embeddings.word_embeddings.weight",
    }
    classes = (
        *TOKEN_CLASSES,
        HeadClass("ForSequenceClassification", ("classifier",)),
        HeadClass("ForPreTraining", ("replaced_token",)),
        HeadClass("ForMaskedLM", ("masked_lm",)),
        HeadClass("Model"),
    )

    def projects(self, settings: dict) -> bool:
        return settings["embedding_dim"] != settings["hidden_dim"]

    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        tensors = [*bert.EMBEDDINGS, *bert.EMBEDDING_NORM]
        tensors += PROJECTION if encoder.embedding_projection is not None else ()
        for i in range(encoder.settings["num_layers"]):
            tensors += [tensor.number(i) for tensor in bert.SUBLAYERS + bert.NORMS]
        return tensors

    def has_head(self, name: str, head, settings: dict) -> bool:
        # Two of its classes compute this GELU whatever the config says.
        if name == "masked_lm":
            return head.activation == "gelu"
        if name == "classifier":
            return head.hidden == "gelu" and head.pooling == "cls"
        return super().has_head(name, head, settings)
