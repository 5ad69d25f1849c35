"""Tokens with tags in rows, and the entities that they form over all rows of a text."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kortf.metrics.entity_f1 import entities
from kortf.tasks.readers.tags import OUTSIDE, entities_of_tokens, units_of_tokens
from kortf.text.tokenizer.rows.rows import Rows
from kortf.text.unicode.slices import cut

_PLACES = ("tagged", "owned", "starts", "ends")


def answers_of_tokens(
    decisions: dict[str, tf.Tensor],
    rows: Rows,
    text: tf.Tensor,
    classes: Sequence[str],
    label_numbers: np.ndarray,
) -> dict[str, tf.Tensor]:
    """Combine the tags of tokens into entities of texts, in the graph.

    Args:
        decisions: `tags` int32 and `probabilities` float32 `[rows, seq]`.
        rows: Rows with the features `tagged`, `owned`, `starts` and `ends`.
        text: tf.string `[batch]`.
        classes: Tags by number.
        label_numbers: int `[tags]`, number of the label of each tag, 0 for `O`.

    Returns:
        `label`, `start`, `end`, `text` and `score` of entities `[batch, entities]`, and
        `token_tag`, `token_start` and `token_end` `[batch, tokens]`, padded with -1.
    """
    counted = rows.features["tagged"].flat_values & rows.features["owned"].flat_values
    # A piece of white space alone is no part of an entity.
    counted &= rows.features["ends"].flat_values > rows.features["starts"].flat_values
    lengths = rows.token_ids.row_lengths()
    owner = tf.gather(rows.owners, rows.token_ids.value_rowids())

    def flat(name):
        values = decisions[name]
        return tf.RaggedTensor.from_tensor(values, lengths=lengths).flat_values

    columns = owner, flat("tags"), flat("probabilities")
    columns += rows.features["starts"].flat_values, rows.features["ends"].flat_values
    owner, tags, probability, starts, ends = (tf.boolean_mask(x, counted) for x in columns)
    every = {"token_tag": tags, "token_start": starts, "token_end": ends}
    owner_of_token = owner
    label = tf.constant(label_numbers)
    begins = tf.constant([tag.startswith("B-") for tag in classes])
    first, number = entities_of_tokens(tags, label, begins, owner)
    inside = number >= 0
    number = tf.boolean_mask(number, inside)
    owner, start = tf.boolean_mask(owner, first), tf.boolean_mask(starts, first)
    end = tf.math.segment_max(tf.boolean_mask(ends, inside), number)
    names = tf.constant(["", *dict.fromkeys(tag[2:] for tag in classes if tag[1:])])
    found = {
        "label": tf.gather(names, tf.gather(label, tf.boolean_mask(tags, first))),
        "start": start,
        "end": end,
        "text": cut(text, owner, start, end),
        "score": tf.math.segment_mean(tf.boolean_mask(probability, inside), number),
    }
    texts = tf.shape(text)[0]

    def by_text(values, owner, filler=None):
        ragged = tf.RaggedTensor.from_value_rowids(values, owner, texts, validate=False)
        return ragged.to_tensor(filler)

    found = {name: by_text(values, owner) for name, values in found.items()}
    return found | {name: by_text(x, owner_of_token, -1) for name, x in every.items()}


def tagged_units(examples: Sequence[dict], rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tokens with a tag, bool `[tokens]`; the row and the unit of each of them, int `[tagged]`."""
    tagged = rows.features["tagged"].flat_values.numpy()
    row = rows.token_ids.value_rowids().numpy()[tagged]
    starts = rows.features["starts"].flat_values.numpy()[tagged]
    owners = rows.owners.numpy()[row]
    return tagged, row, units_of_tokens([example["units"] for example in examples], owners, starts)


def without_token(examples: Sequence[dict], rows: Rows) -> int:
    """Return the number of entities of which no unit has a token."""
    _, _, unit = tagged_units(examples, rows)
    entity, count = [], 0
    for example in examples:
        before = OUTSIDE
        for tag in example["tags"]:
            begins = tag != OUTSIDE and (tag[0] == "B" or before[2:] != tag[2:])
            count += begins
            entity.append(count - 1 if tag != OUTSIDE else -1)
            before = tag
    found = np.unique(np.array(entity, np.int64)[unit])
    return count - int((found >= 0).sum())


def misaligned(examples: Sequence[dict], rows: Rows) -> int:
    """Return the number of entities that begin or end inside a token, so no tags hold them.

    Args:
        examples: Examples with `text`, `units` and `tags`.
        rows: Rows with the features `tagged`, `owned`, `starts` and `ends`.
    """
    features = {name: rows.features[name].flat_values.numpy() for name in _PLACES}
    counted = features["tagged"] & features["owned"] & (features["ends"] > features["starts"])
    owners = rows.owners.numpy()[rows.token_ids.value_rowids().numpy()[counted]]
    starts, ends = features["starts"][counted], features["ends"][counted]
    bounds = np.searchsorted(owners, np.arange(len(examples) + 1))
    found = 0
    for number, example in enumerate(examples):
        own = slice(bounds[number], bounds[number + 1])
        text, units = example["text"], example["units"]
        for _, first, stop in entities(example["tags"]):
            border = np.array([units[first][0], units[stop - 1][1]])
            token = np.searchsorted(starts[own], border) - 1  # the last that begins before it
            inside = (token >= 0) & (ends[own][token] > border) if own.start < own.stop else []
            found += any(
                cuts and text[starts[own][i] : place].strip() and text[place : ends[own][i]].strip()
                for cuts, i, place in zip(inside, token, border, strict=False)
            )
    return found


def first_pieces(
    text: tf.Tensor, starts: tf.RaggedTensor, ends: tf.RaggedTensor
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Mark the first piece of each eojeol, and return where the eojeol of each ends."""
    chars = tf.strings.unicode_split(text, "UTF-8", errors="replace").with_row_splits_dtype(
        tf.int32
    )
    space = tf.strings.regex_full_match(chars.flat_values, r"[\s\pZ]")
    rows = starts.value_rowids()
    # The number of white spaces before an eojeol, over all texts, identifies it.
    spaces = tf.concat([tf.cumsum(tf.cast(space, tf.int32)), [0]], axis=0)
    word = tf.gather(spaces, tf.gather(chars.row_starts(), rows) + starts.flat_values)
    before = tf.concat([[-1], word[:-1]], axis=0)
    new_row = tf.concat([[True], rows[1:] != rows[:-1]], axis=0)
    first = (word != before) | new_row
    number = tf.cumsum(tf.cast(first, tf.int32)) - 1
    end = tf.gather(tf.math.segment_max(ends.flat_values, number), number)
    return starts.with_flat_values(first), starts.with_flat_values(end)
