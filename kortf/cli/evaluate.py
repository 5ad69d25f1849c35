"""Score a fine-tuned model on a file of its benchmark, as fine-tuning did.

  kortf evaluate --model=runs/nsmc/model --task=nsmc --data=data/nsmc/ratings_test.txt \\
      --output=runs/nsmc/again

Writes eval.json (scores, counts) and the predictions in the benchmark's own format.
"""

from absl import flags


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Defines the flags of `kortf evaluate`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory that kortf finetune wrote", **of)
    flags.DEFINE_string("task", None, "name of the benchmark, such as nsmc", **of)
    flags.DEFINE_string("data", None, "one of the benchmark's files", **of)
    flags.DEFINE_string("output", None, "directory for eval.json and predictions", **of)
    flags.DEFINE_boolean(
        "skip_bad_rows", False, "pass over rows that cannot be read, and name them", **of
    )
    flags.mark_flags_as_required(["model", "task", "data", "output"], flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Scores and prints the scores."""
    from kortf.train.evaluation.evaluate import evaluate

    result = evaluate(
        flag_values.model,
        flag_values.task,
        flag_values.data,
        flag_values.output,
        flag_values.skip_bad_rows,
    )
    scores = ", ".join(f"{name} {value:.4f}" for name, value in result["scores"].items())
    rows = sum(result["counts"].values())
    print(f"{result['task']} {result['split']}: {scores} ({rows:,} rows)")
    for name, bad in result.get("bad_rows", {}).items():
        print(f"{bad['count']:,} bad rows of {name} passed over; the first: {bad['first'][0]}")
