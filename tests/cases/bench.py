"""What the checks of cases share: verbs with their output, one vocabulary, tiny models."""

import contextlib
import io
import json
import logging
import pathlib
import shutil
from collections.abc import Callable
from typing import NamedTuple

from kortf.cli.main import run_verb
from kortf.errors import InputError
from tests import prepared

CHECKS: dict[str, Callable] = {}  # "group/number" to its check
LENGTH = 128
# A part of the sample: the checks look at files and refusals, not at scores.
FEW = (
    "--config.task.train_file=ratings_train.txt[:64]",
    "--config.task.test_file=ratings_test.txt[:32]",
    "--config.max_length=32",
)


class Failed(Exception):
    """A case does not give what its README expects."""


class Ran(NamedTuple):
    """A verb that ended: exit status and everything it printed and logged."""

    status: int
    output: str


def check(name: str):
    """Register the check of the case `group/number`: `check(bench) -> what was seen`."""

    def register(function):
        CHECKS[name] = function
        return function

    return register


def want(condition, seen) -> None:
    """Fail the case with what was seen unless `condition` holds."""
    if not condition:
        raise Failed(str(seen))


def equal_or_refused(compute: Callable, expected):
    """Return what was seen; fail if `compute()` neither equals `expected` nor is refused."""
    try:
        found = compute()
    except InputError as error:
        return f"refused: {error}"
    want(found == expected, f"{found} where {expected} is right")
    return found


def pieces(directory, text: str) -> list[str]:
    """Return the pieces of a text by the vocabulary of a directory."""
    tokenizer = load(directory)
    return [tokenizer.vocabulary.pieces[i] for i in tokenizer.tokenize([text]).to_list()[0]]


def ids(directory, text: str) -> list[int]:
    """Return the ids of a text by the vocabulary of a directory."""
    return load(directory).tokenize([text]).to_list()[0]


def load(directory):
    """Return the tokenizer of a directory."""
    import kortf

    return kortf.load_tokenizer(str(directory))


def run(verb: str, *argv: str) -> Ran:
    """Run a verb in this process."""
    stream, logger = io.StringIO(), logging.getLogger("absl")
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    try:
        with contextlib.redirect_stderr(stream), contextlib.redirect_stdout(stream):
            status = run_verb(verb, list(map(str, argv)))
    finally:
        logger.removeHandler(handler)
    return Ran(status, stream.getvalue())


def refused(verb: str, *argv: str, says: str = "") -> str:
    """Return the line of a verb that ends with status 2 and one line that contains `says`."""
    ran = run(verb, *argv)
    lines = [line for line in ran.output.splitlines() if line.startswith(f"kortf {verb}: ")]
    want(ran.status == 2 and lines, f"status {ran.status}: {ran.output[-300:]}")
    want(says in lines[-1], f"'{says}' is not in: {lines[-1]}")
    return f"refused: {lines[-1]}"


class Bench:
    """The folder of a case and an empty folder to work in.

    Attributes:
        case: Folder with the inputs.
        work: Folder of this case alone.
    """

    def __init__(self, case: pathlib.Path, work: pathlib.Path):
        self.case, self.work = case, work

    def cleaned(self) -> str:
        """Return `in.txt` as the default recipe cleans it; cleaning it again changes nothing."""
        outputs = []
        source = self.case / "in.txt"
        for name in ("once", "twice"):
            ran = run("clean", f"--input={source}", f"--output={self.work / name}", "--shards=1")
            want(ran.status == 0, ran.output)
            (source,) = (self.work / name).glob("clean-*.txt")
            outputs.append(source.read_text("utf-8"))
        want(outputs[0] == outputs[1], f"the second cleaning changes {outputs}")
        return outputs[0]

    def vocab(self, source, *more: str) -> Ran:
        """Run `kortf vocab` over an input."""
        return run("vocab", f"--input={source}", f"--output={self.work}/o", "--size=50", *more)

    def documents(self, name: str) -> list[list[str]]:
        """Return the documents of an input of the case."""
        from kortf.data.corpus import read_documents

        return [document.sentences for document in read_documents([str(self.case / name)])]

    def model(self, kind: str = "bert", head: str = "masked_lm", name: str = "model", **sizes):
        """Write a model directory with random weights and return it."""
        from kortf import models, objectives
        from kortf.pretrained.directory.directory import save_pretrained
        from kortf.text.vocabulary.loading import load_vocabulary

        vocabulary = load_vocabulary(str(prepared.vocabulary()))
        sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 32, "max_length": LENGTH} | sizes
        encoder = models.build(
            kind, vocabulary_size=vocabulary.size, dropout=0.0, init_scale=0.1, **sizes
        )
        objective = objectives.build(head)
        objective.build(encoder)
        save_pretrained(str(self.work / name), encoder, vocabulary, {head: objective.heads[0]})
        return self.work / name

    def finetune(self, task: str, data, *more: str, run_name: str = "w", model=None) -> Ran:
        """Fine-tune a tiny model in `work/run_name` by the smoke config of a task."""
        if model is None:
            model = self.work / "model"
            if not model.exists():
                self.model()
        more = (*(FEW if task == "nsmc" else ()), *more)
        return run(
            "finetune", f"--config=configs/finetune/{task}.py:smoke", f"--data={data}",
            f"--init_from={model}", f"--workdir={self.work / run_name}", "--allow_unknown", *more,
        )  # fmt: skip

    def refuses(self, task: str, data, *more: str, says: str = "", model=None) -> str:
        """Return the line with which a fine-tuning is refused."""
        ran = self.finetune(task, data, *more, run_name="refused", model=model)
        shutil.rmtree(self.work / "refused", ignore_errors=True)
        lines = [line for line in ran.output.splitlines() if line.startswith("kortf finetune: ")]
        want(ran.status == 2 and lines and says in lines[-1], f"{ran.status}: {ran.output[-300:]}")
        return f"refused: {lines[-1]}"

    def written(self, path: str) -> dict:
        """Return a JSON file below `work`."""
        return json.loads((self.work / path).read_text("utf-8"))
