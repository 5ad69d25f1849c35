"""Write the files that make a Hugging Face directory one of sentence-transformers."""

import os
import re

from kortf import files
from kortf.pretrained.formats import tensors
from kortf.pretrained.sentence_transformers.reading import (
    ACTIVATIONS,
    MODEL_FILE,
    MODULES_FILE,
    POOLING_MODES,
    SENTENCE,
    TRANSFORMER_FILE,
)
from kortf.pretrained.sentence_transformers.settings import Dense, EmbeddingSettings

_FOLDER = re.compile(r"\d+_(Pooling|Dense|Normalize)")
_TORCH = {name: cls for cls, name in ACTIVATIONS.items()}


def write_embedding_settings(directory: str, settings: EmbeddingSettings, hidden_dim: int) -> None:
    """Write sentence-transformers' files into a model directory, or replace those that it has.

    The files are in the form of its versions 2 to 4, which newer versions read as well.

    Args:
        directory: Model directory, already written.
        settings: Steps behind the encoder.
        hidden_dim: Number of dimensions of a token vector.
    """
    remove_embedding_settings(directory)
    modules = [("Transformer", "")]
    folder = _folder(directory, modules, "Pooling")
    modes = {key: mode == settings.pooling for key, mode in POOLING_MODES.items()}
    pooling = {"word_embedding_dimension": hidden_dim} | modes
    files.write_json(os.path.join(folder, "config.json"), pooling)
    for layer in settings.dense:
        _write_dense(_folder(directory, modules, "Dense"), layer)
    if settings.normalize:
        folder = _folder(directory, modules, "Normalize")
        names = {f"module_{side}_name": SENTENCE for side in ("input", "output")}
        files.write_json(os.path.join(folder, "config.json"), names)
    transformer = {"max_seq_length": settings.max_length, "do_lower_case": settings.do_lower_case}
    files.write_json(os.path.join(directory, TRANSFORMER_FILE), transformer)
    model = {
        "model_type": "SentenceTransformer",
        "__version__": {},
        "prompts": settings.prompts,
        "default_prompt_name": settings.default_prompt,
        "similarity_fn_name": settings.similarity,
    }
    model |= {"truncate_dim": settings.dim} if settings.dim else {}
    files.write_json(os.path.join(directory, MODEL_FILE), model)
    listed = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{name}"}
        for i, (name, path) in enumerate(modules)
    ]
    files.write_json(os.path.join(directory, MODULES_FILE), listed)


def remove_embedding_settings(directory: str) -> None:
    """Remove sentence-transformers' files, of a model that has no such settings any more."""
    for name in (MODULES_FILE, MODEL_FILE, TRANSFORMER_FILE):
        files.remove(os.path.join(directory, name))
    for name in files.listdir(directory):
        if _FOLDER.fullmatch(name):
            files.remove(os.path.join(directory, name))


def _folder(directory: str, modules: list[tuple[str, str]], name: str) -> str:
    """Add a module to the list, and make its folder."""
    folder = f"{len(modules)}_{name}"
    modules.append((name, folder))
    path = os.path.join(directory, folder)
    files.makedirs(path)
    return path


def _write_dense(folder: str, layer: Dense) -> None:
    size_in, size_out = layer.kernel.shape
    config = {
        "in_features": size_in,
        "out_features": size_out,
        "bias": layer.bias is not None,
        "activation_function": _TORCH[layer.activation],
    }
    files.write_json(os.path.join(folder, "config.json"), config)
    held = {"linear.weight": tensors.Announced((size_out, size_in), lambda: layer.kernel.T)}
    if layer.bias is not None:
        held["linear.bias"] = tensors.Announced((size_out,), lambda: layer.bias)
    tensors.write(os.path.join(folder, tensors.FILE), held)
