"""Hugging Face's `bert`: the post-norm encoder of Devlin et al. 2019."""

from kortf.errors import InputError
from kortf.pretrained.family import ACTIVATIONS, Family, Tensor, linear, norm

EMBEDDINGS = (
    Tensor("token_embedding.embeddings", "embeddings.word_embeddings.weight"),
    Tensor("embedding.positions", "embeddings.position_embeddings.weight"),
    Tensor("embedding.segments", "embeddings.token_type_embeddings.weight"),
)
SUBLAYERS = (
    *linear("layers.layers.{i}.attention.query_", "encoder.layer.{i}.attention.self.query"),
    *linear("layers.layers.{i}.attention.key_", "encoder.layer.{i}.attention.self.key"),
    *linear("layers.layers.{i}.attention.value_", "encoder.layer.{i}.attention.self.value"),
    *linear("layers.layers.{i}.attention.output_", "encoder.layer.{i}.attention.output.dense"),
    *linear("layers.layers.{i}.feed_forward.intermediate_", "encoder.layer.{i}.intermediate.dense"),
    *linear("layers.layers.{i}.feed_forward.output_", "encoder.layer.{i}.output.dense"),
)
POOLER = linear("pooler.", "pooler.dense", optional=True)

MASKED_LM = (
    *linear("dense.", "cls.predictions.transform.dense"),
    *norm("norm", "cls.predictions.transform.LayerNorm"),
    Tensor("bias", "cls.predictions.bias"),
)
PAIR = linear("", "cls.seq_relationship")
CLASSIFIER = linear("dense.", "classifier")
# Hugging Face's class classifies what its pooler makes of [CLS]. What another pooling has learned
# must not load there as if it fitted: under this name, transformers says that the head is missing.
OTHER_CLASSIFIER = linear("dense.", "kortf_classifier")

# Our setting: Hugging Face's key, the kind of value, and what a file without it means.
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
# What would change the mathematics, and the values that do not.
REFUSED = {
    "position_embedding_type": (None, "absolute"),
    "is_decoder": (None, False),
    "add_cross_attention": (None, False),
}


# Settings that Hugging Face's config has no word for, and what they are where nothing is said.
OWN_SETTINGS = {"output_init_scale": None, "position_init": "normal", "pooler": True}


class Bert(Family):
    """`BertModel` and its heads."""

    model_type = "bert"
    model = "bert"
    prefix = "bert."
    class_prefix = "Bert"
    norm_kind = "post"
    norms = (
        *norm("layers.layers.{i}.attention_norm", "encoder.layer.{i}.attention.output.LayerNorm"),
        *norm("layers.layers.{i}.output_norm", "encoder.layer.{i}.output.LayerNorm"),
    )
    single_norm = norm("embedding.norm", "embeddings.LayerNorm")

    def fits(self, settings: dict) -> bool:
        return settings["norm"] == self.norm_kind

    def settings(self, config: dict, place: str) -> dict:
        for key, usable in REFUSED.items():
            if config.get(key) not in usable:
                problem = f"{config[key]!r} is not supported"
                raise InputError(f"{place}, {key}", problem, "take another model")
        settings = {name: _value(config, *row, place) for name, row in SIZES.items()}
        if settings["hidden_dim"] % settings["num_heads"]:
            raise InputError(
                f"{place}, num_attention_heads",
                f"{settings['num_heads']} does not divide hidden_size {settings['hidden_dim']}",
                "the file must have the sizes that the model was trained with",
            )
        ours = config.get("kortf") if isinstance(config.get("kortf"), dict) else {}
        return settings | {
            "activation": _activation(config.get("hidden_act", "gelu"), place),
            "norm": self.norm_kind,
            **{name: ours.get(name, usual) for name, usual in OWN_SETTINGS.items()},
        }

    def config(self, settings: dict) -> dict:
        config = {theirs: settings[name] for name, (theirs, _, _) in SIZES.items()}
        config["hidden_act"] = ACTIVATIONS[settings["activation"]][0]
        if self.model_type == "bert":
            config["position_embedding_type"] = "absolute"
        config["kortf"] = {name: settings[name] for name in OWN_SETTINGS if name in settings}
        return config

    def encoder_tensors(self, settings: dict) -> list[Tensor]:
        tensors = [*EMBEDDINGS, *self.single_norm]
        for i in range(settings["num_layers"]):
            tensors += [tensor.number(i) for tensor in SUBLAYERS + self.norms]
        return tensors + list(POOLER if settings["pooler"] else ())

    def head_tensors(self, name: str, head) -> tuple[Tensor, ...]:
        if name == "masked_lm":
            return MASKED_LM
        if name in ("next_sentence", "sentence_order"):
            return PAIR
        if name == "classifier":
            return CLASSIFIER if head.pooling == "cls" else OTHER_CLASSIFIER
        raise ValueError(f"{self.model_type} has no head '{name}'")

    def architecture(self, heads: dict) -> str:
        if "classifier" in heads and heads["classifier"].pooling == "cls":
            return f"{self.class_prefix}ForSequenceClassification"
        if "next_sentence" in heads or "sentence_order" in heads:
            alone = "masked_lm" not in heads
            return f"{self.class_prefix}For{'NextSentencePrediction' if alone else 'PreTraining'}"
        return f"{self.class_prefix}{'ForMaskedLM' if 'masked_lm' in heads else 'Model'}"


def _value(config: dict, key: str, kind: type, default, place: str):
    value = config.get(key, default)
    if value is None:
        raise InputError(f"{place}, {key}", "is missing", "the file must name all sizes")
    usable = isinstance(value, int) or (kind is float and isinstance(value, float))
    if isinstance(value, bool) or not usable or value < 0 or (kind is int and value == 0):
        problem = f"{value!r} where a {'positive whole ' if kind is int else ''}number is expected"
        raise InputError(f"{place}, {key}", problem, "mend the file, or download it again")
    return value


def _activation(theirs, place: str) -> str:
    for ours, names in ACTIVATIONS.items():
        if theirs in names:
            return ours
    known = ", ".join(name for names in ACTIVATIONS.values() for name in names)
    problem = f"{theirs!r} is not supported"
    raise InputError(f"{place}, hidden_act", problem, f"kortf computes {known}")
