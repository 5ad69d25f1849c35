"""Continue prompts with a causal model; JSON lines out.

  kortf generate --model=runs/gpt/model --prompt='세종대왕은' --top_p=0.9
  kortf generate --model=runs/gpt/model --input=prompts.txt --output=texts.jsonl --temperature=0

A temperature of 0 is greedy decoding. The same seed gives the same texts. Each line has `prompt`,
`text` (prompt and continuation), `continuation`, `tokens` and `finished`.
"""

import contextlib
import json
import sys

from absl import flags

from kortf import files
from kortf.cli.export import define_dtype
from kortf.cli.terminal.waiting import Counter, waiting
from kortf.errors import InputError

# Command that usually follows, with values of flags.
NEXT = "kortf serve --model=NAME={model}"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf generate`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory of a causal model, such as gpt", **of)
    flags.DEFINE_multi_string("prompt", [], "text to continue; may be given several times", **of)
    flags.DEFINE_string("input", None, "file of prompts, one a line", **of)
    flags.DEFINE_string("output", None, "file for the texts; standard output if not given", **of)
    flags.DEFINE_integer("max_tokens", 64, "maximum number of new tokens", lower_bound=1, **of)
    flags.DEFINE_float(
        "temperature", 1.0, "divisor of the logits; 0 is greedy", lower_bound=0.0, **of
    )
    flags.DEFINE_integer(
        "top_k", 0, "sample from the K most probable tokens; 0: all", lower_bound=0, **of
    )
    flags.DEFINE_float(
        "top_p", 1.0, "sample from the most probable tokens that hold this share", lower_bound=0.0,
        upper_bound=1.0, **of,
    )  # fmt: skip
    flags.DEFINE_integer("samples", 1, "texts for each prompt", lower_bound=1, **of)
    flags.DEFINE_integer("seed", 0, "seed of the samples", lower_bound=0, **of)
    flags.DEFINE_integer("batch_size", 16, "texts that are generated together", lower_bound=1, **of)
    define_dtype(flag_values)
    flags.mark_flag_as_required("model", flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Continue all prompts."""
    prompts = list(flag_values.prompt)
    if flag_values.input:
        prompts += _read(flag_values.input)
    if not prompts:
        raise InputError("--prompt", "nothing to continue", "give --prompt=TEXT or --input=FILE")
    if flag_values.top_p <= 0:
        raise InputError("--top_p=0", "leaves no token to draw", "give a share such as 0.9")

    from kortf.export.heads.generator import Generator

    with waiting(f"loading {flag_values.model}"):
        generator = Generator(flag_values.model, flag_values.dtype)
    path, counter = flag_values.output, Counter("texts")
    rows = [prompt for prompt in prompts for _ in range(flag_values.samples)]
    with files.write_beside(path) if path else contextlib.nullcontext(sys.stdout) as output:
        for begin in range(0, len(rows), flag_values.batch_size):
            batch = rows[begin : begin + flag_values.batch_size]
            for answer in generator(batch, flag_values.max_tokens, **_sampling(flag_values, begin)):
                output.write(json.dumps(answer, ensure_ascii=False) + "\n")
            output.flush()
            counter.add(len(batch))
    counter.close()


def _sampling(flag_values: flags.FlagValues, first_row: int) -> dict:
    names = ("temperature", "top_k", "top_p", "seed")
    return {name: getattr(flag_values, name) for name in names} | {"first_row": first_row}


def _read(path: str) -> list[str]:
    from kortf.data.corpus.compression import open_bytes
    from kortf.lines import windows

    if not files.exists(path):
        raise InputError(path, "no such file", "check the path")
    with open_bytes(path) as file:
        blocks = iter(lambda: file.read(1 << 20), b"")
        return [line for lines in windows(blocks, path) for line in lines]
