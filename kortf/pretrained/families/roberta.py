"""Hugging Face's `roberta`: BERT without segments, whose positions begin behind that of padding.

The class counts positions from the id of padding on, over all that is not padding. The rows of the
table before the first position are kept as they are, so that what was read is written again.
"""

from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.pretrained.families import bert
from kortf.pretrained.family import Tensor, linear, norm
from kortf.pretrained.hugging_face import TOKEN_CLASSES, TOKEN_HEADS, HeadClass


class Roberta(bert.Bert):
    """`RobertaModel` and its heads.

    Its classifier reads the first position itself, through a layer of its own: it is ours with
    `hidden="tanh"` over an encoder without a pooler.
    """

    model_type = "roberta"
    model = "roberta"
    prefix = "roberta."
    class_prefix = "Roberta"
    classifier = {"hidden": "tanh", "pooler": False}
    fixed = {key: value for key, value in bert.FIXED.items() if key != "position_offset"}
    special_tokens = {
        "pad_token_id": "pad_id",
        "bos_token_id": "cls_id",
        "eos_token_id": "sep_id",
    }
    heads = {
        "masked_lm": (
            *linear("dense.", "lm_head.dense"),
            *norm("norm", "lm_head.layer_norm"),
            Tensor("bias", "lm_head.bias"),
        ),
        "classifier": (
            *linear("hidden_dense.", "classifier.dense"),
            *linear("dense.", "classifier.out_proj"),
        ),
        **TOKEN_HEADS,
    }
    copies = {
        "lm_head.decoder.weight": "embeddings.word_embeddings.weight",
        "lm_head.decoder.bias": "lm_head.bias",
    }
    classes = (
        *TOKEN_CLASSES,
        HeadClass("ForSequenceClassification", ("classifier",), pooler=False),
        HeadClass("ForMaskedLM", ("masked_lm",), pooler=False),
        HeadClass("Model"),
    )

    def fits(self, encoder: Encoder) -> bool:
        return super().fits(encoder) and encoder.settings["position_offset"] > 0

    def read(self, config: dict, place: str) -> tuple[str, dict]:
        model, settings = super().read(config, place)
        padding = config.get("pad_token_id", 1)
        usable = isinstance(padding, int) and 0 <= padding < settings["max_length"] - 1
        if isinstance(padding, bool) or not usable:
            problem = f"{repr(padding)[:80]} where the number before the first position is expected"
            raise InputError(f"{place}, pad_token_id", problem, "correct the file")
        settings |= {
            "position_offset": padding + 1,
            "max_length": settings["max_length"] - padding - 1,
        }
        if "kortf" not in config and "RobertaForSequenceClassification" in self.named(config):
            settings["pooler"] = False  # what stands there reads no pooler
        return model, settings

    def config(self, encoder: Encoder, vocabulary=None) -> dict:
        offset = encoder.settings["position_offset"]
        if vocabulary is not None and vocabulary.pad_id != offset - 1:
            raise InputError(
                "config.model.position_offset",
                f"{offset} where the vocabulary's padding has the id {vocabulary.pad_id}",
                f"set config.model.position_offset={vocabulary.pad_id + 1}",
            )
        return super().config(encoder, vocabulary) | {
            "pad_token_id": offset - 1,
            "max_position_embeddings": encoder.settings["max_length"] + offset,
        }

    def check_padding(self, config: dict, vocabulary, place: str) -> None:
        pad_id = config.get("pad_token_id", 1)
        if pad_id != vocabulary.pad_id:
            problem = f"{pad_id} where the vocabulary's padding has the id {vocabulary.pad_id}"
            cure = "positions begin behind that id: take the vocabulary of the model"
            raise InputError(f"{place}, pad_token_id", problem, cure)

    def has_head(self, name: str, head, settings: dict) -> bool:
        # Two of its classes compute these activations whatever the config says.
        if name == "masked_lm":
            return head.activation == "gelu"
        if name == "classifier":
            return head.hidden == "tanh" and head.pooling == "cls" and not settings["pooler"]
        return super().has_head(name, head, settings)
