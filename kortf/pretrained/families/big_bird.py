"""Hugging Face's `big_bird` (Zaheer et al. 2020), computed with full attention."""

from absl import logging

from kortf.models.encoder import Encoder
from kortf.pretrained.families import bert
from kortf.pretrained.family import Tensor, linear
from kortf.pretrained.hugging_face import HeadClass


class BigBird(bert.Bert):
    """`BigBirdModel` and its heads, read only: what is written is `bert`, which computes it.

    transformers computes `block_sparse` as full attention up to
    `(5 + 2 * num_random_blocks) * block_size` tokens; only longer rows differ. Its classifier has a
    layer of its own over the first position, with the activation of the encoder.
    """

    model_type = "big_bird"
    class_prefix = "BigBird"
    activation = ("hidden_act", "gelu_new")
    refused = bert.REFUSED | {
        "attention_type": (None, "original_full", "block_sparse"),
        "use_bias": (None, True),
        "rescale_embeddings": (None, False),
    }
    heads = {
        **bert.Bert.heads,
        "classifier": (
            *linear("hidden_dense.", "classifier.dense"),
            *linear("dense.", "classifier.out_proj"),
        ),
    }
    classes = tuple(each for each in bert.Bert.classes if each.name != "ForMaskedLM") + (
        HeadClass("ForMaskedLM", ("masked_lm",), pooler=False),
    )

    def fits(self, encoder: Encoder) -> bool:
        return False

    def read(self, config: dict, place: str) -> tuple[str, dict]:
        if config.get("attention_type", "block_sparse") == "block_sparse":
            blocks, size = config.get("num_random_blocks", 3), config.get("block_size", 64)
            if isinstance(blocks, int) and isinstance(size, int):
                logging.warning(
                    "%s: block_sparse is computed as full attention; rows of more than %d tokens "
                    "differ from transformers", place, (5 + 2 * blocks) * size,
                )  # fmt: skip
        model, settings = super().read(config, place)
        if "BigBirdForSequenceClassification" in self.named(config):
            settings["pooler"] = False  # its classifier reads no pooler
        return model, settings

    def has_head(self, name: str, head, settings: dict) -> bool:
        if name == "classifier":
            plain = head.pooling == "cls" and not settings["pooler"]
            return plain and head.hidden == settings["activation"]
        return super().has_head(name, head, settings)

    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        tensors = super().encoder_tensors(encoder)
        pooler = linear("pooler.", "pooler", optional=True)
        return [tensor for tensor in tensors if not tensor.ours.startswith("pooler.")] + (
            list(pooler) if encoder.settings["pooler"] else []
        )
