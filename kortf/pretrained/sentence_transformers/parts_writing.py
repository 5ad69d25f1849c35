"""Write parts of a sentence-transformers directory."""

import os

import numpy as np

from kortf import files
from kortf.pretrained.formats import tensors
from kortf.pretrained.sentence_transformers.parts import ACTIVATIONS, SENTENCE, TABLE
from kortf.pretrained.sentence_transformers.settings import Dense, WordWeights

_ACTIVATIONS = {name: cls for cls, name in ACTIVATIONS.items()}


def write_normalize(folder: str, vectors: str) -> None:
    """Write a Normalize module of `SENTENCE` or `TOKENS`."""
    names = {f"module_{side}_name": vectors for side in ("input", "output")}
    files.write_json(os.path.join(folder, "config.json"), names)


def write_dense(
    folder: str, layer: Dense, vectors: str = SENTENCE, output: str | None = None
) -> None:
    """Write a Dense module.

    Args:
        folder: Its folder.
        layer: The layer.
        vectors: Name of the vectors that it reads, `SENTENCE` or `TOKENS`.
        output: Name of those that it writes; None if it replaces those that it reads.
    """
    size_in, size_out = layer.kernel.shape
    config = {
        "in_features": size_in,
        "out_features": size_out,
        "bias": layer.bias is not None,
        "activation_function": _ACTIVATIONS[layer.activation],
    }
    if vectors != SENTENCE or output:
        config |= {"module_input_name": vectors, "module_output_name": output or vectors}
    files.write_json(os.path.join(folder, "config.json"), config)
    held = {"linear.weight": tensors.Announced((size_out, size_in), lambda: layer.kernel.T)}
    if layer.bias is not None:
        held["linear.bias"] = tensors.Announced((size_out,), lambda: layer.bias)
    tensors.write(os.path.join(folder, tensors.FILE), held)


def write_word_weights(folder: str, weights: WordWeights) -> None:
    """Write a WordWeights module."""
    values = weights.values.astype(float).tolist()
    config = {
        "vocab": list(weights.pieces),
        "word_weights": dict(zip(weights.pieces, values, strict=True)),
        "unknown_word_weight": 1.0,
    }
    files.write_json(os.path.join(folder, "config.json"), config)
    write_table(folder, weights.values[:, None])


def write_table(folder: str, table: np.ndarray) -> None:
    """Write the table of a WordWeights or WordEmbeddings module."""
    held = {TABLE: tensors.Announced(table.shape, lambda: table)}
    tensors.write(os.path.join(folder, tensors.FILE), held)
