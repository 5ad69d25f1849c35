"""Inputs of a fine-tuning: the parts of a benchmark, encoded and counted."""

from dataclasses import dataclass

import ml_collections

from kortf import tasks
from kortf.errors import InputError, blaming
from kortf.pretrained.directory.directory import read_config
from kortf.tasks.task import Task
from kortf.text.tokenizer.rows.segments import check_room
from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.text.tokenizer.unknown import UnknownCounter
from kortf.train.evaluation.scoring import Scorer
from kortf.train.examples import EncodedExamples, steps_per_epoch
from kortf.train.inputs.data_summary import summarize_data
from kortf.train.inputs.splits import read_splits
from kortf.train.programs.distilled_finetuning import DistilledFinetuning
from kortf.train.programs.embedding import EmbeddingTraining
from kortf.train.programs.finetuning import Finetuning
from kortf.train.settings.keys import HONEST, KOELECTRA

TaskProgram = Finetuning | EmbeddingTraining
_MEANING = {
    HONEST: "the dev part chose the epoch, the test part was scored once",
    KOELECTRA: "the epoch that scored best on the test part itself, as published tables have it",
}


def protocol_line(protocol: str, splits: dict[str, list[dict]]) -> str:
    """Return the name of a protocol and what it means for these parts."""
    meaning = _MEANING[protocol]
    if not splits["dev"]:
        meaning = "no dev part: the last epoch was taken"
        meaning += ", the test part was scored once" if splits["test"] else ", nothing was scored"
    elif not splits["test"]:
        meaning = "the dev part chose the epoch and was scored; there is no test part"
    return f"{protocol}: {meaning}"


@dataclass(frozen=True)
class Sources:
    """Directories that a fine-tuning reads.

    Args:
        data: Directory of the benchmark's files.
        init_from: Model directory to start from; with `config.reinitialize` only its sizes and its
            vocabulary are used.
        skip_bad_rows: Whether rows that cannot be read are skipped, counted and named in
            `eval.json`; otherwise the first one ends the run.
        allow_unknown: Whether to continue if more than half of the pieces are [UNK].
        dry_run: Whether to stop before training, after the summary of the data.
        encoding: Encoding of the user's own files.
        teacher: Fine-tuned model directory that the student learns from; None for none.
    """

    data: str
    init_from: str
    skip_bad_rows: bool = False
    allow_unknown: bool = False
    dry_run: bool = False
    encoding: str = "utf-8"
    teacher: str | None = None


@dataclass(frozen=True)
class Inputs:
    """Parts of a benchmark, and the tokenizer of the model directory.

    Attributes:
        task: Task that read the parts.
        splits: Examples of `train`, `dev` and `test`.
        hashes: File name to SHA-256.
        sources: Directories they were read from.
        tokenizer: Tokenizer of the model directory.
    """

    task: Task
    splits: dict[str, list[dict]]
    hashes: dict[str, str]
    sources: Sources
    tokenizer: Tokenizer


def open_inputs(config: ml_collections.ConfigDict, sources: Sources) -> Inputs:
    """Read the benchmark that the config names, and the tokenizer of the model directory.

    Raises:
        InputError: If a file is missing or cannot be read, or the config names no task.
    """
    with blaming("config.task"):
        task = tasks.build(**config.task)
    if config.max_length < 1 + 2 * len(task.text_fields):
        problem = "leaves no room for text"
        cure = f"choose at least {1 + 2 * len(task.text_fields)}"
        raise InputError(f"config.max_length={config.max_length}", problem, cure)
    task.set_reading(sources.skip_bad_rows, sources.encoding)
    read_config(sources.init_from)  # before the files, which can take a while
    dev_share = config.dev_share if config.protocol == HONEST else None
    stratify = config.get("stratify", False)
    folds = config.get("folds", 0)
    fold = (config.fold, folds) if folds else None
    splits, hashes = read_splits(task, sources.data, dev_share, config.seed, stratify, fold)
    tokenizer = load_tokenizer(sources.init_from)
    task.take_tokens(tokenizer, splits["train"])
    return Inputs(task, splits, hashes, sources, tokenizer)


@dataclass(frozen=True)
class Parts:
    """Encoded examples of a run, and their scorer.

    Attributes:
        scorer: Scorer of the program that is trained.
        train: Rows to train on.
        dev: Rows that choose the epoch; None if there are none.
        test: Rows that are scored once; None if there are none.
        steps_per_epoch: Number of optimizer steps an epoch.
        summary: Facts on the data, from `summarize_data`.
    """

    scorer: Scorer
    train: EncodedExamples
    dev: EncodedExamples | None
    test: EncodedExamples | None
    steps_per_epoch: int
    summary: dict


def encode_parts(config: ml_collections.ConfigDict, inputs: Inputs, program: TaskProgram) -> Parts:
    """Encode the parts of a benchmark, and count what is truncated, lost and unknown.

    Raises:
        InputError: If more than half of the pieces are [UNK], or rows have no room for text.
    """
    encoder, splits = program.encoder, inputs.splits
    max_length = min(config.max_length, encoder.settings["max_length"])
    with blaming("config.max_length"):
        layout = inputs.tokenizer.vocabulary.pair_layout
        check_room(max_length, len(inputs.task.text_fields), layout)
    scorer = Scorer(encoder, inputs.task, inputs.tokenizer, max_length, config.eval_batch_size)
    unknown = UnknownCounter(inputs.tokenizer.vocabulary)
    encoded: dict[str, EncodedExamples | None] = {"test": None, "dev": None}
    for part in ("train", "test", "dev"):
        if not splits[part]:
            continue
        if part == "dev" and splits["dev"] is splits["test"]:
            encoded["dev"] = encoded["test"]
            continue
        encoded[part] = scorer.encode(splits[part])
        encoded[part].count_unknown(unknown)
    unknown.check(inputs.sources.data, inputs.sources.allow_unknown)
    order = ("train", "dev", "test")
    present = {part: encoded[part] for part in order if encoded[part] is not None}
    summary = summarize_data(inputs.task, splits, present, unknown)
    if isinstance(program, DistilledFinetuning):
        encoded["train"] = program.teacher.beside(encoded["train"], splits["train"])
    steps = steps_per_epoch(len(encoded["train"]), config.batch_size)
    return Parts(scorer, **encoded, steps_per_epoch=steps, summary=summary)
