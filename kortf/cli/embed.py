"""Write one vector for each text, by a model directory or a SavedModel.

  kortf embed --model=runs/sts/model --input=sentences.txt --output=vectors.npy
  echo '정말 재미있는 영화였다' | kortf embed --model=klue/bert --input=-

The ending of --output names the format: .npy is a NumPy array, float32 [texts, dim]; .parquet has
the columns text and embedding; otherwise each line is an object with text and embedding. The vector
is the mean of the token vectors, or what the directory's sentence-transformers files say. A killed
command continues when it is started again, and the file has the same bytes.
"""

import itertools
import os
import sys

from absl import flags

from kortf import files
from kortf.cli.export import define_options, options_of
from kortf.cli.predict import (
    CHECKED,
    STANDARD_INPUT,
    check_input,
    check_unknown,
    define_input,
    read_rows,
)
from kortf.cli.terminal.waiting import Counter, waiting
from kortf.errors import InputError

# Command that usually follows, with values of flags.
NEXT = "kortf search --model={model} --vectors={output} --texts=FILE --query=TEXT"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf embed`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory or SavedModel", **of)
    define_input(flag_values)
    flags.DEFINE_list("text_fields", [], "column or JSON field of the text", **of)
    define_prompt(flag_values)
    flags.DEFINE_boolean("allow_unknown", False, "embed texts that are mostly [UNK] too", **of)
    define_options(flag_values)
    flags.mark_flags_as_required(["model", "input"], flag_values)


def define_prompt(flag_values: flags.FlagValues) -> None:
    """Define the flag that chooses a prompt of the model."""
    flags.DEFINE_string(
        "prompt_name",
        None,
        "name of a prompt of config_sentence_transformers.json that is put before each text",
        flag_values=flag_values,
    )


def main(flag_values: flags.FlagValues) -> None:
    """Embed all texts."""
    check_input(flag_values.input)
    path, options = flag_values.output, options_of(flag_values)
    if path:
        from kortf.vectors.formats import format_of

        format_of(path)  # refuses an ending before anything is loaded
        if os.path.isdir(path):
            raise InputError(path, "is a directory", "name a file")

    from kortf.cores import one_core_an_operation
    from kortf.export.predictor import Predictor
    from kortf.vectors.batches import windows
    from kortf.vectors.formats import JsonLines
    from kortf.vectors.writing import VectorWriter

    standard_input = flag_values.input == STANDARD_INPUT  # answered as it arrives
    if not standard_input:
        one_core_an_operation()
    with waiting(f"loading {flag_values.model}"):
        predictor = Predictor(flag_values.model, flag_values.batch_size, options)
        dim = predictor.embed([]).shape[1]
    prompt = prompt_of(predictor, flag_values.prompt_name)
    place, blocks = read_rows(flag_values, ("text",))
    blocks = _checked(predictor, blocks, place, flag_values.allow_unknown)
    if standard_input:
        parts = itertools.chain.from_iterable(map(windows, blocks))
    else:
        parts = windows(itertools.chain.from_iterable(blocks), predictor.window)
    counter, truncated = Counter("texts"), Truncated(predictor)
    writer = VectorWriter(path, dim, _identity(flag_values, predictor.window)) if path else None
    done = writer.rows if writer else 0
    if done:
        print(f"{path}: continues behind {done:,} texts", file=sys.stderr)
    try:
        for window in parts:
            texts = [prompt + text for (text,) in window]
            truncated.add(texts)
            if done:  # windows are written whole
                done -= len(window)
                continue
            vectors, plain = predictor.embed(texts), [text for (text,) in window]
            if writer:
                writer.add(plain, vectors)
            else:
                sys.stdout.write(JsonLines(dim).pack(plain, vectors).decode())
                sys.stdout.flush()
            counter.add(len(window))
    except BaseException as error:
        if writer:  # another input would begin again
            (writer.discard if isinstance(error, InputError) else writer.stop)()
        raise
    if writer:
        writer.close()
    counter.close()
    truncated.report(place)


def prompt_of(predictor, name: str | None) -> str:
    """Return the prompt of a model that a flag names.

    Raises:
        InputError: The model has no such prompt, or puts another one before each text.
    """
    if name is None:
        return ""
    prompts = predictor.description.get("prompts", {})
    if name not in prompts:
        known = ", ".join(prompts) or "no prompts"
        raise InputError(f"--prompt_name={name}", f"the model has {known}", "name one of these")
    if predictor.description.get("default_prompt"):
        problem = "the model puts its default prompt before each text"
        raise InputError(f"--prompt_name={name}", problem, "leave the flag out")
    return prompts[name]


class Truncated:
    """Counts the texts that are longer than the model reads."""

    def __init__(self, predictor):
        self.count, self.total, self._predictor = 0, 0, predictor

    def add(self, texts: list[str]) -> None:
        """Count some texts."""
        self.count += self._predictor.count_truncated(texts)
        self.total += len(texts)

    def report(self, place: str) -> None:
        """Print the number on stderr if it is not 0."""
        if self.count:
            length = self._predictor.description["max_length"]
            line = (
                f"{place}: {self.count:,} of {self.total:,} texts are truncated to {length} tokens"
            )
            print(line, file=sys.stderr)


def _checked(predictor, blocks, place: str, allow: bool):
    """Return the blocks of rows; the first rows are searched for unknown pieces."""
    first = True
    for rows in blocks:
        if first:
            check_unknown(predictor, rows[:CHECKED], place, allow)
            first = False
        yield rows


def _identity(flag_values: flags.FlagValues, window: int) -> dict | None:
    """Return what the vectors depend on, to the last bit.

    None for standard input, which is read once.
    """
    if flag_values.input == STANDARD_INPUT or files.is_remote(flag_values.input):
        return None
    from kortf.precision import resolve_dtype
    from kortf.vectors.identity import identity_of_directory, identity_of_file

    names = ("text_fields", "encoding", "prompt_name", "batch_size", "max_length", "dtype", "pair")
    values = {name: flag_values[name].value for name in names}
    values["dtype"] = resolve_dtype(flag_values.dtype)[0]  # auto differs between devices
    return values | {
        "window": window,
        "model": identity_of_directory(flag_values.model),
        "input": identity_of_file(flag_values.input),
    }
