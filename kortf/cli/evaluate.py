"""Score a fine-tuned model on a file of its benchmark, as fine-tuning did.

  kortf evaluate --model=runs/nsmc/model --task=nsmc --data=data/nsmc/ratings_test.txt \\
      --output=runs/nsmc/again

Writes eval.json (scores, counts), examples.jsonl (each example with gold and prediction) and the
predictions in the benchmark's own format.
"""

import sys

from absl import flags

from kortf.cli._input import define_encoding


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf evaluate`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "Model directory that kortf finetune wrote.", **of)
    flags.DEFINE_string("task", None, "Name of the benchmark, such as nsmc.", **of)
    flags.DEFINE_string("data", None, "File of the benchmark.", **of)
    flags.DEFINE_string("output", None, "Directory for eval.json and predictions.", **of)
    flags.DEFINE_boolean(
        "skip_bad_rows", False, "Skip rows that cannot be read, and name them.", **of
    )
    flags.DEFINE_boolean(
        "allow_unknown", False, "Continue although more than half of the pieces are [UNK].", **of
    )
    define_encoding(flag_values)
    flags.mark_flags_as_required(["model", "task", "data", "output"], flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Score, and print the scores."""
    from kortf.train.evaluation.evaluate import evaluate

    result = evaluate(
        flag_values.model,
        flag_values.task,
        flag_values.data,
        flag_values.output,
        flag_values.skip_bad_rows,
        flag_values.allow_unknown,
        flag_values.encoding,
    )
    scores = ", ".join(f"{name} {value:.4f}" for name, value in result["scores"].items())
    rows = sum(result["counts"].values())
    print(f"{result['task']} {result['split']}: {scores} ({rows:,} rows)")
    for name, bad in result.get("bad_rows", {}).items():
        print(f"{bad['count']:,} bad rows of {name} skipped; the first: {bad['first'][0]}")
    for line in _warnings(result):
        print(line, file=sys.stderr)


def _warnings(result: dict) -> list[str]:
    """Lines on input that was truncated, lost or unknown."""
    lines = []
    for facts in result["summary"]["parts"].values():
        total = facts["examples"]
        if facts.get("truncated"):
            lines.append(f"truncated: {facts['truncated']:,} of {total:,} examples")
        lines += [
            f"{name}: {number:,} of {total:,}" for name, number in facts.get("lost", {}).items()
        ]
    unknown = result["summary"].get("unknown", {})
    if unknown.get("share", 0.0) > 0.01:
        lines.append(
            f"[UNK]: {unknown['share']:.1%} of the pieces, as in {unknown['examples'][0]!r}"
        )
    return lines
