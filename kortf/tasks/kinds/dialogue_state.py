"""Dialogue state tracking: the value of every slot after each turn of a dialogue."""

import abc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import tensorflow as tf

from kortf import files
from kortf.errors import InputError
from kortf.layers.divergence import symmetric_divergence
from kortf.metrics.dialogue_state import joint_goal_accuracy, slot_f1
from kortf.tasks.kinds.text_task import TextTask, Truncation
from kortf.text.tokenizer.rows.rows import Rows

NONE = "none"
_BARRED = -1e9  # score of a value that a slot does not have


class DialogueStateTask(TextTask, abc.ABC):
    """A task that chooses a value for each slot, from the values that occur in the train part.

    The head is one dense layer over the pooled turn and its history, with a softmax over the values
    of each slot; `none` is one of them. A value that the train part does not have is never
    predicted. An example is `{"id", "turn", "history", "state": [domain-slot-value, …]}`, with the
    newest utterance of the history first: truncation removes the oldest ones.

    Args:
        values: Slot to its values; by default those of the train part.
        truncation: As in `TextTask`, `second_first` by default: the history is truncated.
        settings: As in `TextTask`.
    """

    text_fields = ("turn", "history")
    kind = "dialogue_state"
    main_metric = "joint_goal_accuracy"
    metrics = ("joint_goal_accuracy", "slot_micro_f1")

    def __init__(
        self,
        values: Mapping[str, Sequence[str]] | None = None,
        truncation: Truncation | None = None,
        **settings,
    ):
        super().__init__(truncation=truncation or "second_first", **settings)
        self.values = {slot: tuple(known) for slot, known in (values or {}).items()}

    @property
    def classes(self) -> tuple[str, ...]:
        """All `domain-slot-value`, slot after slot; the outputs of the head."""
        return tuple(f"{slot}-{value}" for slot, known in self.values.items() for value in known)

    @property
    def outputs(self) -> int:
        return len(self.classes)

    def adapt(self, examples: Sequence[dict]) -> None:
        if self.values:
            return
        found: dict[str, set[str]] = {}
        for example in examples:
            for name in example["state"]:
                slot, value = split_slot(name)
                found.setdefault(slot, set()).add(value)
        if not found:
            problem = "no turn has a state: there is no slot to learn"
            raise InputError("config.task.train_file", problem, "name another file")
        self.values = {slot: (NONE, *sorted(found[slot] - {NONE})) for slot in sorted(found)}

    def targets(self, examples: Sequence[dict]) -> np.ndarray:
        """Return the number of each slot's value, int32 `[rows, slots]`; -1 for an unknown one."""
        slots = {slot: i for i, slot in enumerate(self.values)}
        numbers = {slot: {v: i for i, v in enumerate(known)} for slot, known in self.values.items()}
        targets = np.zeros((len(examples), len(slots)), np.int32)
        for row, example in enumerate(examples):
            for name in example["state"]:
                slot, value = split_slot(name)
                if slot in slots:
                    targets[row, slots[slot]] = numbers[slot].get(value, -1)
        return targets

    def lost(self, examples: Sequence[dict], rows: Rows) -> dict[str, int]:
        del rows
        known = set(self.classes)
        unknown = sum(name not in known for row in examples for name in row["state"])
        twice = sum(
            len({split_slot(name)[0] for name in row["state"]}) < len(row["state"])
            for row in examples
        )
        return {
            "slots with a value that the train part does not have": unknown,
            "turns with two values of a slot": twice,
        }

    def by_slot(self, scores: tf.Tensor) -> tf.Tensor:
        """Return scores `[rows, outputs]` as `[rows, slots, values]`, padded with `_BARRED`."""
        sizes = [len(known) for known in self.values.values()]
        places = np.full((len(sizes), max(sizes)), sum(sizes), np.int32)
        begin = 0
        for slot, size in enumerate(sizes):
            places[slot, :size] = np.arange(begin, begin + size)
            begin += size
        scores = tf.pad(tf.cast(scores, tf.float32), [[0, 0], [0, 1]], constant_values=_BARRED)
        return tf.gather(scores, places, axis=1)

    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        known = tf.cast(labels >= 0, tf.float32)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            tf.maximum(labels, 0), self.by_slot(scores)
        )
        return tf.reduce_sum(losses * known, axis=-1)

    def divergence(self, scores: tf.Tensor, others: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        del labels
        apart = symmetric_divergence(self.by_slot(scores), self.by_slot(others))
        return tf.reduce_sum(apart, axis=-1)

    def states(self, scores: np.ndarray) -> list[list[str]]:
        """Return the predicted state of each row, without the slots whose value is `none`."""
        best = tf.argmax(self.by_slot(tf.constant(scores)), axis=-1).numpy()
        slots = list(self.values.items())
        return [
            [
                f"{slot}-{known[number]}"
                for (slot, known), number in zip(slots, row, strict=True)
                if known[number] != NONE
            ]
            for row in best.tolist()
        ]

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        ours, gold = self.states(found["scores"]), [example["state"] for example in examples]
        return {
            "joint_goal_accuracy": joint_goal_accuracy(ours, gold),
            "slot_micro_f1": slot_f1(ours, gold),
        }

    def label_counts(self, examples: Sequence[dict]) -> dict[str, int]:
        slots = (split_slot(name)[0] for row in examples for name in row["state"])
        return dict(Counter(slots).most_common())

    def rows_of_answers(
        self, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> Iterator[dict]:
        certain = tf.reduce_max(tf.nn.softmax(self.by_slot(tf.constant(found["scores"]))), -1)
        scores = tf.reduce_min(certain, axis=-1).numpy()
        for i, (example, state) in enumerate(
            zip(examples, self.states(found["scores"]), strict=True)
        ):
            texts = {name: example[name] for name in self.text_fields}
            score = round(float(scores[i]), 6)
            yield texts | {"gold": example["state"], "predicted": state, "score": score}

    @property
    def answer_names(self) -> dict[str, Sequence[str]]:
        return {"state": ["" if name.endswith(f"-{NONE}") else name for name in self.classes]}

    def numeric_answers(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        probabilities = tf.nn.softmax(self.by_slot(found["scores"]))
        best = tf.argmax(probabilities, axis=-1, output_type=tf.int32)  # (batch, slots)
        sizes = [len(known) for known in self.values.values()]
        begins = np.cumsum([0, *sizes[:-1]]).astype(np.int32)
        return {
            "state": begins[None, :] + best,
            "scores": tf.reduce_max(probabilities, axis=-1),
        }

    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        path += ".json"
        states = self.states(found["scores"])
        rows = [
            {"guid": example["id"], "state": state}
            for example, state in zip(examples, states, strict=True)
        ]
        files.write_json(path, rows)
        return path

    def answers(self, scores: np.ndarray) -> list[str]:
        return [",".join(state) for state in self.states(scores)]

    def fields(self, example: dict, answer: str) -> Iterable[str]:
        return [example["id"], answer]

    def settings(self) -> dict:
        values = {slot: list(known) for slot, known in self.values.items()}
        return super().settings() | {"values": values}


def split_slot(name: str) -> tuple[str, str]:
    """Split `domain-slot-value`.

    Example:
        >>> split_slot("식당-예약 시간-18:00")
        ('식당-예약 시간', '18:00')
    """
    domain, slot, value = name.split("-", 2)
    return f"{domain}-{slot}", value
