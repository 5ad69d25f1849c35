"""Write the files that make a Hugging Face directory one of sentence-transformers."""

import os
import re

from kortf import files
from kortf.pretrained.sentence_transformers import lexical
from kortf.pretrained.sentence_transformers.multi_vector import (
    MASK,
    MAX_SIM,
    MULTI_VECTOR,
    TASKS,
    mask_config,
)
from kortf.pretrained.sentence_transformers.parts import (
    MODEL_FILE,
    MODULES_FILE,
    POOLING_MODES,
    SENTENCE,
    TOKENS,
    TRANSFORMER_FILE,
)
from kortf.pretrained.sentence_transformers.parts_writing import (
    write_dense,
    write_normalize,
    write_word_weights,
)
from kortf.pretrained.sentence_transformers.settings import EmbeddingSettings, TokenSettings

_FOLDER = re.compile(r"\d+_(WordEmbeddings|WordWeights|Pooling|Dense|MultiVectorMask|Normalize)")
_MODULES = "sentence_transformers.base.modules"
_CLASSES = {
    "Transformer": f"{_MODULES}.transformer.Transformer",
    "Dense": f"{_MODULES}.dense.Dense",
    MASK: "sentence_transformers.multi_vector_encoder.modules.multi_vector_mask.MultiVectorMask",
    "Normalize": f"{_MODULES}.normalize.Normalize",
}


def write_embedding_settings(
    directory: str, settings: EmbeddingSettings | TokenSettings, hidden_dim: int
) -> None:
    """Write sentence-transformers' files into a model directory, or replace those that it has.

    Those of a SentenceTransformer are in the form of its versions 2 to 4, which newer versions read
    as well; those of a MultiVectorEncoder in that of version 6.

    Args:
        directory: Model directory, already written.
        settings: Steps behind the encoder.
        hidden_dim: Number of dimensions of a token vector.
    """
    remove_embedding_settings(directory)
    transformer = {"max_seq_length": settings.max_length, "do_lower_case": settings.do_lower_case}
    files.write_json(os.path.join(directory, TRANSFORMER_FILE), transformer)
    if isinstance(settings, TokenSettings):
        _write_token_settings(directory, settings)
        return
    modules = [("Transformer", "")]
    if settings.word_weights is not None:
        write_word_weights(_folder(directory, modules, "WordWeights"), settings.word_weights)
    folder = _folder(directory, modules, "Pooling")
    modes = {key: mode == settings.pooling for key, mode in POOLING_MODES.items()}
    pooling = {"word_embedding_dimension": hidden_dim} | modes
    files.write_json(os.path.join(folder, "config.json"), pooling)
    for layer in settings.dense:
        write_dense(_folder(directory, modules, "Dense"), layer)
    if settings.lexical is not None:
        write_normalize(_folder(directory, modules, "Normalize"), SENTENCE)
        folders = {name: _folder(directory, modules, name) for name in lexical.MODULES}
        dim = settings.dense[-1].kernel.shape[1] if settings.dense else hidden_dim
        lexical.write_lexical(folders, settings.lexical, dim)
    if settings.normalize:
        write_normalize(_folder(directory, modules, "Normalize"), SENTENCE)
    model = _model("SentenceTransformer", settings.prompts, settings.similarity)
    model |= {"default_prompt_name": settings.default_prompt}
    model |= {"truncate_dim": settings.dim} if settings.dim else {}
    files.write_json(os.path.join(directory, MODEL_FILE), model)
    types = [(f"sentence_transformers.models.{name}", folder) for name, folder in modules]
    _write_modules(directory, types)


def _write_token_settings(directory: str, settings: TokenSettings) -> None:
    modules = [("Transformer", "")]
    for layer in settings.dense:
        write_dense(_folder(directory, modules, "Dense"), layer, TOKENS)
    folder = _folder(directory, modules, MASK)
    files.write_json(os.path.join(folder, "config.json"), mask_config(settings.skipped))
    write_normalize(_folder(directory, modules, "Normalize"), TOKENS)
    model = _model(MULTI_VECTOR, dict.fromkeys(TASKS, ""), MAX_SIM)
    files.write_json(os.path.join(directory, MODEL_FILE), model)
    _write_modules(directory, [(_CLASSES[name], folder) for name, folder in modules])


def _model(kind: str, prompts: dict[str, str], similarity: str | None) -> dict:
    """Return the content of `config_sentence_transformers.json`."""
    return {
        "model_type": kind,
        "__version__": {},
        "prompts": prompts,
        "default_prompt_name": None,
        "similarity_fn_name": similarity,
    }


def _write_modules(directory: str, modules: list[tuple[str, str]]) -> None:
    """Write the list of modules, each with its class and its folder."""
    listed = [
        {"idx": i, "name": str(i), "path": path, "type": type_}
        for i, (type_, path) in enumerate(modules)
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
