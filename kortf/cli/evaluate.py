"""Score a fine-tuned model on a file of its benchmark, or vectors by retrieval.

  kortf evaluate --model=runs/nsmc/model --task=nsmc --data=data/nsmc/ratings_test.txt \\
      --output=runs/nsmc/again
  kortf evaluate --model=runs/sts/model --retrieval=data/miracl-ko --output=runs/sts/retrieval

--data writes eval.json (scores, counts), examples.jsonl (each example with gold and prediction) and
the predictions in the benchmark's own format. --retrieval names a directory in BEIR's form
(corpus.jsonl, queries.jsonl, qrels/test.tsv) and writes retrieval.json (nDCG@10, MRR@10, recall@k)
and run.trec.
"""

import sys

from absl import flags

from kortf.cli.flags.input import define_task_input
from kortf.errors import InputError

# Command that usually follows, with values of flags.
NEXT = "kortf export --model={model} --output=DIR"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf evaluate`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory that kortf finetune wrote", **of)
    flags.DEFINE_string("task", None, "name of the benchmark, such as nsmc", **of)
    flags.DEFINE_string("data", None, "file of the benchmark", **of)
    flags.DEFINE_string("retrieval", None, "directory of a retrieval benchmark (BEIR)", **of)
    flags.DEFINE_string("split", "test", "name of the judgements of --retrieval", **of)
    flags.DEFINE_string("output", None, "directory for the scores and predictions", **of)
    define_task_input(flag_values)
    flags.mark_flags_as_required(["model", "output"], flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Score, and print the scores."""
    if flag_values.retrieval:
        _evaluate_retrieval(flag_values)
        return
    for name in ("task", "data"):
        if not flag_values[name].value:
            raise InputError(f"--{name}", "is missing", "give --task and --data, or --retrieval")
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


def _evaluate_retrieval(flag_values: flags.FlagValues) -> None:
    for name in ("task", "data"):
        if flag_values[name].value:
            raise InputError(f"--{name}", "given beside --retrieval", "give one of them")
    from kortf.vectors.beir import read_retrieval

    data = read_retrieval(flag_values.retrieval, flag_values.split)

    from kortf.cli.search import similarity_of
    from kortf.cli.terminal.waiting import Counter, waiting
    from kortf.cores import one_core_an_operation
    from kortf.export.predictor import Predictor
    from kortf.vectors.retrieval import evaluate_retrieval
    from kortf.vectors.search import MAX_SIM

    one_core_an_operation()
    with waiting(f"loading {flag_values.model}"):
        predictor = Predictor(flag_values.model)
    counter, prompts = Counter("texts"), {}
    if "default_prompt" not in predictor.description:
        prompts = predictor.description.get("prompts", {})
    if predictor.is_late:
        embed, similarity = predictor.embed_tokens, MAX_SIM
    else:
        embed, similarity = predictor.embed, similarity_of(predictor)
    result = evaluate_retrieval(
        data, embed, similarity, prompts, counter.add, predictor.window
    ).write(flag_values.output, flag_values.model)
    counter.close()
    scores = ", ".join(f"{name} {value:.4f}" for name, value in result["scores"].items())
    counts = ", ".join(f"{number:,} {name}" for name, number in result["counts"].items())
    print(f"{flag_values.retrieval} {data.split}: {scores} ({counts})")


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
