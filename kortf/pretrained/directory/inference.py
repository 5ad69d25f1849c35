"""Model directories read for use: with the head that they were saved with."""

import contextlib
import dataclasses
import os
from collections.abc import Callable
from typing import Any

from kortf import discovery, files
from kortf.errors import InputError, blaming
from kortf.layers import kernels as kernels
from kortf.layers.heads.heads import CausalLMHead, MaskedLMHead
from kortf.layers.heads.lexical_part import LexicalPart
from kortf.models.encoder import Encoder
from kortf.pretrained import family as families
from kortf.pretrained.directory.config_file import CONFIG_FILE, encoder_settings, read_config
from kortf.pretrained.directory.directory import from_pretrained, load_heads
from kortf.pretrained.directory.published_head import head_class, published_task
from kortf.pretrained.directory.weights import open_weights
from kortf.pretrained.formats import tensors
from kortf.pretrained.sentence_transformers.reading import read_embedding_settings
from kortf.pretrained.sentence_transformers.settings import EmbeddingSettings
from kortf.text.tokenizer.tokenizer import load_tokenizer

DEFAULT_BATCH_SIZE = 64
TASK_HEADS = ("classifier", "multiple_choice", "token_classifier", "span_classifier", "biaffine")
DTYPES = ("float32", "bfloat16", "float16", "mixed_bfloat16", "mixed_float16")


@dataclasses.dataclass
class Finetuned:
    """A model with the head of its task.

    Attributes:
        encoder: The model.
        task: With its head built and loaded.
        max_length: Longest row in tokens.
        batch_size: Rows a batch when fine-tuning scored it.
    """

    encoder: Encoder
    task: Any
    max_length: int
    batch_size: int


def is_finetuned(directory: str) -> bool:
    """Return whether a model directory has the head of a task, kortf's or a published one."""
    return bool(_ours(directory).get("task")) or head_class(read_config(directory)) is not None


def is_published(directory: str) -> bool:
    """Return whether the head of a model directory is one that others have trained."""
    return not _ours(directory).get("task") and head_class(read_config(directory)) is not None


def is_causal(directory: str) -> bool:
    """Return whether the model of a directory is causal, so that it can generate text."""
    name = encoder_settings(read_config(directory), directory)[0]
    return discovery.find("kortf.models", name, Encoder).causal


def has_masked_lm(directory: str) -> bool:
    """Return whether a model directory has a masked LM head, by its class or its tensors."""
    config = read_config(directory)
    classes = config.get("architectures") or ()
    named = isinstance(classes, list) and any(str(name).endswith("MaskedLM") for name in classes)
    if named:
        return True
    tables = getattr(families.of_config(config, directory), "heads", {})
    wanted = {tensor.theirs for tensor in tables.get("masked_lm", ())} | {"masked_lm.bias"}
    held = set(open_weights(directory).names)
    if files.exists(os.path.join(directory, tensors.HEADS_FILE)):
        held |= set(tensors.TensorFile(directory, tensors.HEADS_FILE).names)
    return bool(wanted & held)


def load_finetuned(
    directory: str,
    build_task: Callable[..., Any],
    scoring: bool = False,
    dtype: str = "float32",
    pair: bool = False,
) -> Finetuned:
    """Read a fine-tuned model directory, whoever trained it.

    Args:
        directory: Model directory.
        build_task: `kortf.tasks.build`.
        scoring: Whether to compute in the dtype in which fine-tuning scored it.
        dtype: Dtype or policy otherwise.
        pair: Whether a published classifier takes two texts.

    Raises:
        InputError: It has no head of a task.
    """
    ours = _ours(directory)
    place = os.path.join(directory, CONFIG_FILE)
    if not ours.get("task"):
        found = published_task(read_config(directory), directory, pair)
        if found is None:
            problem = "not a fine-tuned model: it names no task"
            raise InputError(place, problem, "name a directory that kortf finetune wrote")
        ours = ours | {"task": found[0], "task_settings": found[1]}
    settings, how = ours.get("task_settings", {}), ours.get("scoring", {})
    if not isinstance(settings, dict) or not isinstance(how, dict):
        raise InputError(place, "task_settings or scoring is not an object", "write the file again")
    for key, value in (
        ("max_length", ours.get("max_length")),
        ("batch_size", how.get("batch_size")),
    ):
        if value is not None and (not isinstance(value, int) or not 0 < value < 2**31):
            problem = f"{repr(value)[:80]} where a positive whole number is expected"
            raise InputError(f"{place}, {key}", problem, "write the file again")
    dtype = how.get("dtype", "float32") if scoring else dtype
    if scoring and dtype not in DTYPES:
        problem = f"{repr(dtype)[:80]} where one of {', '.join(DTYPES)} is expected"
        raise InputError(f"{place}, dtype", problem, "write the file again")
    encoder = from_pretrained(directory, dtype, TASK_HEADS)
    try:
        with blaming(place):
            task = build_task(ours["task"], **settings)
    except (TypeError, AttributeError, KeyError) as error:
        problem = f"task_settings do not fit the task ({type(error).__name__})"
        raise InputError(place, problem, "write the file again") from error
    task.build(
        encoder.hidden_dim, encoder.settings["init_scale"], encoder.settings["dropout"], dtype
    )
    if load_heads({task.head.name: task.head}, directory):
        cure = "name a directory that kortf finetune or transformers wrote with its head"
        raise InputError(directory, f"the head of {ours['task']} is missing", cure)
    if settings.get("word_weights") or settings.get("lexical_weight"):  # of sentence embeddings
        _take_tables(task, directory)
    limit = encoder.settings["max_length"]
    max_length = min(ours.get("max_length") or limit, limit)
    return Finetuned(encoder, task, max_length, how.get("batch_size", DEFAULT_BATCH_SIZE))


def _take_tables(task, directory: str) -> None:
    """Give an embedding task the tables that the directory's sentence-transformers files have."""
    found = read_embedding_settings(directory) or EmbeddingSettings()
    size = load_tokenizer(directory).vocabulary.size

    def of_ids(table):
        if table is None:
            cure = "copy the directory again, with all its folders"
            raise InputError(directory, "the weights of the words are missing", cure)
        return table.of_ids(size, directory)

    if task.word_weights:
        task.token_weights = of_ids(found.word_weights)
    if task.lexical_weight:
        task.lexical_part = LexicalPart(*of_ids(found.lexical))


def load_masked_lm(directory: str, dtype=None) -> tuple[Encoder, MaskedLMHead]:
    """Read a pretrained model with its vocabulary head.

    Raises:
        InputError: It is no model directory, or has no such head.
    """
    encoder = from_pretrained(directory, dtype, heads=("masked_lm",))
    head = MaskedLMHead.over(encoder)
    if load_heads({"masked_lm": head}, directory):
        problem = "neither a fine-tuned model nor one with a vocabulary head for [MASK]"
        raise InputError(directory, problem, "fine-tune it first: kortf finetune")
    return encoder, head


def load_causal_lm(directory: str, dtype=None) -> tuple[Encoder, CausalLMHead]:
    """Read a causal model with its vocabulary head.

    Raises:
        InputError: It is no model directory, its model is not causal, or it has no such head.
    """
    encoder = from_pretrained(directory, dtype, heads=("causal_lm",))
    if not encoder.causal:
        problem = "not a causal model: it does not write texts"
        cure = "name a model pretrained with causal_lm, such as gpt"
        raise InputError(os.path.join(directory, CONFIG_FILE), problem, cure)
    head = CausalLMHead.over(encoder, dtype)
    if load_heads({"causal_lm": head}, directory):
        problem = "no vocabulary head of ours in it: scores of the pieces cannot be computed"
        raise InputError(directory, problem, "name a model directory that kortf pretrain wrote")
    return encoder, head


def portable() -> contextlib.AbstractContextManager:
    """Trace graphs inside the block that run without XLA, as in TF Serving."""
    return kernels.uncompiled()


def _ours(directory: str) -> dict:
    ours = read_config(directory).get("kortf", {})
    return ours if isinstance(ours, dict) else {}
