"""The teacher of a fine-tuning."""

import functools
from dataclasses import dataclass

import ml_collections

from kortf import tasks
from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.pretrained.directory.inference import is_published, load_finetuned
from kortf.tasks.published import as_benchmark
from kortf.tasks.task import Task
from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.train.examples import EncodedExamples
from kortf.train.settings.distillation import FINETUNING, options_of

PREFIX = "teacher_"
_OWN = ("labels", "weights")  # features that both share


@dataclass(frozen=True)
class Teacher:
    """A fine-tuned model that is not trained any more.

    Attributes:
        encoder: The model.
        task: Its task, with the head.
        tokenizer: Its tokenizer where the vocabulary is not the student's; None where it is.
        max_length: Longest row in tokens.
    """

    encoder: Encoder
    task: Task
    tokenizer: Tokenizer | None
    max_length: int

    def features(self, features: dict) -> dict:
        """Return the features of a batch that the teacher reads."""
        if self.tokenizer is None:
            return features
        own = {k.removeprefix(PREFIX): v for k, v in features.items() if k.startswith(PREFIX)}
        return own | {name: features[name] for name in _OWN}

    def beside(self, examples: EncodedExamples, texts: list[dict]) -> EncodedExamples:
        """Return the student's examples, with the teacher's rows of the same texts if they differ.

        Args:
            examples: Rows of the student.
            texts: The examples themselves.
        """
        if self.tokenizer is None:
            return examples
        theirs = EncodedExamples(self.task, self.tokenizer, texts, self.max_length)
        return _Pairs(examples, theirs)


class _Pairs(EncodedExamples):
    """The student's rows, and beside each the teacher's."""

    def __init__(self, student: EncodedExamples, teacher: EncodedExamples):
        vars(self).update(vars(student))
        self._teacher = teacher

    def batch(self, index):
        theirs = self._teacher.batch(index).items()
        own = {f"{PREFIX}{name}": value for name, value in theirs if name not in _OWN}
        return super().batch(index) | own


def load_teacher(
    directory: str,
    task: Task,
    tokenizer: Tokenizer,
    config: ml_collections.ConfigDict,
    max_length: int,
) -> Teacher:
    """Read a fine-tuned model directory as the teacher of a task.

    Args:
        directory: Model directory of kortf or of transformers.
        task: Task of the student, whose classes are known.
        tokenizer: Tokenizer of the student.
        config: Config of the fine-tuning.
        max_length: Length of the student's longest row in tokens.

    Raises:
        InputError: The teacher has another task or other classes, or cannot read the rows.
    """
    build = functools.partial(as_benchmark, task.name) if is_published(directory) else tasks.build
    dtype, place = config.dtype, f"--teacher={directory}"
    loaded = load_finetuned(directory, build, dtype=dtype, pair=len(task.text_fields) == 2)
    _check_task(place, loaded.task, task)
    loaded.encoder.trainable = loaded.task.head.trainable = False
    theirs = load_tokenizer(directory)
    if theirs.vocabulary.fingerprint != tokenizer.vocabulary.fingerprint:
        options = options_of(config, FINETUNING)
        inside = options["hidden"] or options["attention"]
        if task.several_rows or inside:
            what = "hidden states and attention" if inside else f"the rows of {task.name}"
            problem = f"its vocabulary is not the student's, and {what} cannot be compared"
            raise InputError(place, problem, "choose a teacher and a student of one vocabulary")
        return Teacher(loaded.encoder, loaded.task, theirs, loaded.max_length)
    limit = loaded.encoder.settings["max_length"]
    if max_length > limit:
        problem = f"the teacher has {limit:,} positions"
        cure = f"choose at most {limit:,}"
        raise InputError(f"config.max_length={max_length}", problem, cure)
    return Teacher(loaded.encoder, loaded.task, None, loaded.max_length)


def _check_task(place: str, teacher: Task, student: Task) -> None:
    if student.not_distilled:
        raise InputError(place, student.not_distilled, "train without a teacher")
    for name in ("name", "kind", "classes", "label_at", "bounds", "choices"):
        ours, theirs = (getattr(task, name, None) for task in (student, teacher))
        if ours != theirs:
            problem = f"its task has {name} {theirs!r}, that of the student {ours!r}"
            raise InputError(place, problem, "fine-tune the teacher on the same task first")
