"""Write checkpoints as Google's code for TensorFlow 1 did, from transformers' tensors."""

import json
import re

import numpy as np
import tensorflow as tf

# The tensors of transformers, and the variables that hold them; {i} is the layer.
_LAYER = {
    "attention.self.{x}": "attention/self/{x}",
    "attention.output.dense": "attention/output/dense",
    "attention.output.LayerNorm": "attention/output/LayerNorm",
    "intermediate.dense": "intermediate/dense",
    "output.dense": "output/dense",
    "output.LayerNorm": "output/LayerNorm",
}
_ALBERT_LAYER = {
    "attention.{x}": "attention_1/self/{x}",
    "attention.dense": "attention_1/output/dense",
    "attention.LayerNorm": "LayerNorm",
    "ffn": "ffn_1/intermediate/dense",
    "ffn_output": "ffn_1/intermediate/output/dense",
    "full_layer_layer_norm": "LayerNorm_1",
}


def _modules(kind: str) -> dict[str, str]:
    """Module of transformers to scope of Google's."""
    scope = "electra" if kind == "electra" else "bert"
    found = {f"{kind}.embeddings.LayerNorm": f"{scope}/embeddings/LayerNorm"}
    theirs, ours, table = f"{kind}.encoder.layer.{{i}}.", f"{scope}/encoder/layer_{{i}}/", _LAYER
    if kind == "albert":
        theirs = "albert.encoder.albert_layer_groups.{i}.albert_layers.0."
        ours, table = "bert/encoder/transformer/group_{i}/inner_group_0/", _ALBERT_LAYER
    for i in range(2):
        for a, b in table.items():
            for x in ("query", "key", "value") if "{x}" in a else ("",):
                found[(theirs + a).format(i=i, x=x)] = (ours + b).format(i=i, x=x)
    return found | _OTHERS[kind]


_PROJECTION = "encoder/embedding_hidden_mapping_in"
_OTHERS = {
    "bert": {
        "bert.pooler.dense": "bert/pooler/dense",
        "cls.predictions.transform.dense": "cls/predictions/transform/dense",
        "cls.predictions.transform.LayerNorm": "cls/predictions/transform/LayerNorm",
    },
    "albert": {
        "albert.pooler": "bert/pooler/dense",
        "albert." + _PROJECTION.replace("/", "."): f"bert/{_PROJECTION}",
        "predictions.dense": "cls/predictions/transform/dense",
        "predictions.LayerNorm": "cls/predictions/transform/LayerNorm",
    },
    "electra": {
        "electra.embeddings_project": "electra/embeddings_project",
        "discriminator_predictions.dense": "discriminator_predictions/dense",
        "discriminator_predictions.dense_prediction": "discriminator_predictions/dense_1",
        "generator_predictions.dense": "generator_predictions/dense",
        "generator_predictions.LayerNorm": "generator_predictions/LayerNorm",
    },
}
_WHOLE = {
    "generator_lm_head.bias": "generator_predictions/output_bias",
    "cls.predictions.bias": "cls/predictions/output_bias",
    "cls.seq_relationship.weight": "cls/seq_relationship/output_weights",
    "cls.seq_relationship.bias": "cls/seq_relationship/output_bias",
    "predictions.bias": "cls/predictions/output_bias",
    "sop_classifier.classifier.weight": "cls/seq_relationship/output_weights",
    "sop_classifier.classifier.bias": "cls/seq_relationship/output_bias",
}
_SAME = r"generator_lm_head\.weight|(cls\.)?predictions\.decoder\.(weight|bias)"


def of_torch(model) -> tuple[dict, dict]:
    """Return the tensors of a model of transformers by name, and its config."""
    return {name: value.numpy() for name, value in model.state_dict().items()}, (
        model.config.to_dict()
    )


def write(directory, tensors, config, generator=None, untied=False) -> None:
    """Write weights under transformers' names, and their config, as Google's code did.

    Args:
        directory: Directory of the checkpoint.
        tensors: Name in transformers to array.
        config: `config.json` of transformers.
        generator: Tensors of ELECTRA's generator, which is in the same checkpoint.
        untied: Whether that has embeddings of its own.
    """
    kind = config["model_type"]
    variables = _variables(tensors, kind)
    for name, value in _variables(generator or {}, kind).items():
        own = untied or "electra/embeddings/" not in name
        if own:
            variables[re.sub("^electra/", "generator/", name)] = value
    directory.mkdir(exist_ok=True)
    names = sorted(variables)
    tf.raw_ops.SaveV2(
        prefix=str(directory / "bert_model.ckpt"), tensor_names=names,
        shape_and_slices=[""] * len(names), tensors=[variables[name] for name in names],
    )  # fmt: skip
    config = {
        key: value for key, value in config.items()
        if re.search("size|num_|hidden_act|prob|max_pos|range", key)
        and key not in ("num_labels", "num_return_sequences")
    }  # fmt: skip
    (directory / "bert_config.json").write_text(json.dumps(config))


def _variables(tensors, kind: str) -> dict[str, np.ndarray]:
    modules, variables = _modules(kind), {"global_step": np.int64(7)}
    for name, value in tensors.items():
        if re.fullmatch(_SAME, name):
            continue
        module, _, last = name.rpartition(".")
        if name in _WHOLE:
            name = _WHOLE[name]
        elif "_embeddings.weight" in name:
            name = re.sub("^albert", "bert", module).replace(".", "/")
        else:
            norm = "LayerNorm" in modules[module]
            last = {"weight": "gamma" if norm else "kernel", "bias": "beta" if norm else "bias"}[
                last
            ]
            name = f"{modules[module]}/{last}"
            value = value.T if last == "kernel" else value
        variables[name] = np.ascontiguousarray(value)
        variables[f"{name}/adam_m"] = np.zeros_like(value)
    return variables
