"""Summary of a benchmark's data before training: counts, lengths, losses, overlap, cost."""

import re
import time
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from kortf.tasks.task import Task
from kortf.text.tokenizer.unknown import UnknownCounter
from kortf.train.examples import EncodedExamples
from kortf.train.inputs.splits import overlaps

_NUMBER, _ZEROS = re.compile(r"[+-]?\d+\.0+"), re.compile(r"\.0+\Z")
LARGE_ERROR = 0.02  # standard error of a share of the dev part above which it says little
MOST_LABELS = 12  # labels that are listed; the others are only counted
_UTILIZATION = 0.3  # share of the speed of a matrix product that training reaches, roughly


def summarize_data(
    task: Task,
    splits: Mapping[str, Sequence[dict]],
    encoded: Mapping[str, EncodedExamples],
    unknown: UnknownCounter,
) -> dict:
    """Collect the facts that the summary shows and `eval.json` keeps.

    Args:
        task: Task with its settings learned.
        splits: Examples of each part.
        encoded: The same examples as rows.
        unknown: Counter of unknown pieces over all parts.

    Returns:
        `parts` (for each part `examples`, `labels`, `tokens`, `truncated`, `lost`), `overlap`,
        `near_identical_labels` and `unknown`; entries that count nothing are left out.
    """
    parts = {}
    for part, rows in encoded.items():
        if part == "dev" and splits.get("dev") is splits.get("test"):
            continue
        truncated = int((rows.rows.truncated.numpy() > 0).sum())
        lost = {name: number for name, number in rows.lost.items() if number}
        parts[part] = {
            "examples": len(splits[part]),
            "labels": task.label_counts(splits[part]),
            "tokens": {
                "median": int(np.median(rows.lengths)),
                "longest": int(rows.lengths.max()),
                "rows": len(rows),
            },
        }
        parts[part] |= {"truncated": truncated} if truncated else {}
        parts[part] |= {"lost": lost} if lost else {}
    fields = {part: task.fields_of(rows) for part, rows in splits.items() if rows}
    compared = {part: splits[part] for part in fields}
    labels = [name for part in parts.values() for name in part["labels"]]
    found = {
        "parts": parts,
        "overlap": overlaps(compared, fields),
        "near_identical_labels": near_identical(labels),
        "unknown": unknown.report() if unknown.unknown else {},
    }
    return {name: value for name, value in found.items() if value}


def summary_lines(task: Task, summary: Mapping, max_length: int) -> list[str]:
    """Render a summary for the terminal, one fact a line.

    Args:
        task: Task, for its remarks on the files.
        summary: Result of `summarize_data`.
        max_length: Length of the longest row in tokens.
    """
    lines = []
    for part, facts in summary["parts"].items():
        tokens = facts["tokens"]
        line = f"{part}: {facts['examples']:,} examples"
        line += f", {tokens['median']:,} tokens in the median and {tokens['longest']:,} at most"
        lines.append(line)
        if facts["labels"]:
            lines.append(f"  labels: {_listed(facts['labels'])}")
        if facts.get("truncated"):
            share = facts["truncated"] / facts["examples"]
            line = f"  truncated to {max_length:,} tokens: {facts['truncated']:,} ({share:.1%})"
            lines.append(f"{line}; raise config.max_length to read them whole")
        gold = sum(facts["labels"].values()) or facts["examples"]
        lines += [
            f"  {name}: {number:,} of {gold:,} ({number / gold:.1%})"
            for name, number in facts.get("lost", {}).items()
        ]
    notes = task.notes()
    lines += [f"{name}: {form}" for name, form in notes.get("forms", {}).items()]
    for name, repairs in notes.get("repairs", {}).items():
        lines += [f"{name}: {kind}: {number}" for kind, number in repairs.items()]
    for name, number in notes.get("dropped", {}).items():
        lines.append(f"{name}: {number:,} rows without a usable text dropped")
    for name, bad in notes.get("bad_rows", {}).items():
        lines.append(f"{name}: {bad['count']:,} bad rows skipped; the first: {bad['first'][0]}")
    dev = summary["parts"].get("dev", {}).get("examples")
    if dev and standard_error(0.5, dev) > LARGE_ERROR:
        lines.append(
            f"WARNING: {dev:,} dev examples are too few to choose a step reliably: the standard "
            f"error of a share is up to {100 * standard_error(0.5, dev):.1f} points; raise "
            "config.dev_share, or compare folds (--folds=5)"
        )
    for one, other in summary.get("near_identical_labels", []):
        lines.append(f"WARNING: the labels '{one}' and '{other}' are nearly identical")
    for parts, number in summary.get("overlap", {}).items():
        later, _, earlier = parts.partition(" in ")
        total = summary["parts"].get(later, {}).get("examples", 0)
        share = f" ({number / total:.1%})" if total else ""
        lines.append(
            f"WARNING: {number:,}{share} {later} examples have a text of the {earlier} part"
        )
    return lines


def cost_line(weights: int, batch_rows: int, tokens: int, epochs: int) -> str:
    """Estimate roughly the time and memory of a fine-tuning on this machine.

    Time is 6 floating-point operations for each weight and token (Kaplan et al. 2020) at a third
    of the speed of a matrix product here. Memory is weights, gradients and two moments in float32;
    activations come on top.

    Args:
        weights: Number of trainable weights.
        batch_rows: Rows of a batch.
        tokens: Tokens of an epoch, padding included.
        epochs: Number of epochs.
    """
    seconds = 6.0 * weights * tokens * epochs / (_UTILIZATION * _operations_per_second())
    units = ((5400, 3600, "hours"), (90, 60, "minutes"), (0, 1, "seconds"))
    size, name = next((size, name) for least, size, name in units if seconds >= least)
    amount = f"{seconds / size:.1f} {name}"
    memory = 16.0 * weights / 2**30
    return (
        f"estimate for this machine: about {amount} of training, {memory:.3f} GiB of weights and "
        f"optimizer state plus activations of {batch_rows:,} rows a batch"
    )


def standard_error(share: float, examples: int) -> float:
    """Return the standard error of a share of examples, such as accuracy.

    Example:
        >>> standard_error(0.8, 400)
        0.02
    """
    share = min(max(share, 0.0), 1.0)
    return float(np.sqrt(share * (1.0 - share) / examples))


def near_identical(labels: Sequence[str]) -> list[tuple[str, str]]:
    """Return pairs of labels that differ only in case, white space, width, composition or `.0`.

    Example:
        >>> near_identical(["긍정 ", "부정", "긍정", "POS", "pos"])
        [('긍정 ', '긍정'), ('POS', 'pos')]
    """
    first: dict[str, str] = {}
    found = []
    for label in dict.fromkeys(labels):
        key = "".join(unicodedata.normalize("NFKC", label).casefold().split())
        key = _ZEROS.sub("", key) if _NUMBER.fullmatch(key) else key
        if key in first:
            found.append((first[key], label))
        first.setdefault(key, label)
    return found


def _listed(labels: Mapping[str, int]) -> str:
    order = sorted(labels.items(), key=lambda item: -item[1])
    text = ", ".join(f"{name} {number:,}" for name, number in order[:MOST_LABELS])
    return text + (f" and {len(order) - MOST_LABELS:,} more" if len(order) > MOST_LABELS else "")


def _operations_per_second(size: int = 1024) -> float:
    """Measure the speed of a float32 matrix product."""
    matrix = tf.random.normal([size, size])
    product = tf.matmul(matrix, matrix)  # loads the kernel
    float(product[0, 0])
    began = time.perf_counter()
    for _ in range(4):
        product = tf.matmul(matrix, product / tf.reduce_max(tf.abs(product)))
    float(product[0, 0])
    return 4 * 2.0 * size**3 / max(time.perf_counter() - began, 1e-6)
