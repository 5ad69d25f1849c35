"""Losses between values inside of a student and its teacher: hidden states and attention."""

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from kortf.errors import InputError
from kortf.layers import taps
from kortf.layers.distillation import attention_distance, hidden_distance
from kortf.models.encoder import Encoder
from kortf.train.distillation.layer_pairs import layer_pairs

_SEEN = -1.0  # a bias above this does not hide a key


def probe(encoder: Encoder) -> dict[str, list]:
    """Return what an encoder offers to distillation, of a row of four tokens.

    Raises:
        InputError: Its layers are computed a second time, where nothing can be collected.
    """
    if encoder.settings.get("remat"):
        problem = "the values inside of its layers cannot be collected"
        raise InputError("config.model.remat=True", problem, "set it to False to distil them")
    ids = tf.zeros([1, 4], tf.int32)
    with taps.collecting() as found:
        encoder({"token_ids": ids, "segment_ids": ids, "padding_mask": ids + 1})
    return found


def offered(encoder: Encoder, kind: str, key: str) -> list:
    """Return what an encoder offers of a kind.

    Args:
        encoder: Student or teacher.
        kind: Kind of values, as in `kortf.layers.taps`.
        key: Key of the config that needs it, for the error.

    Raises:
        InputError: It offers none.
    """
    found = probe(encoder).get(kind)
    if not found:
        name = type(encoder).__name__
        problem = f"{name} does not report its {kind} values"
        raise InputError(f"config.distillation.{key}", problem, "set it to 0.0")
    return found


class Inside:
    """Distances of hidden states and attention scores, by pairs of layers.

    Args:
        student: Encoder that learns.
        teacher: Frozen encoder.
        weights: Loss name, `hidden` or `attention`, to its weight; those of weight 0 are left out.
        layers: Pairs of layers, as `layer_pairs` takes them.

    Attributes:
        layers: Keras layers that the distances train: where sizes differ, a projection of the
            student's hidden states to the size of the teacher's, shared by all pairs.

    Raises:
        InputError: An encoder reports no such values, or they cannot be compared.
    """

    def __init__(
        self, student: Encoder, teacher: Encoder, weights: Mapping[str, float], layers: str | None
    ):
        self.weights = {name: weight for name, weight in weights.items() if weight}
        self.layers: list[keras.layers.Layer] = []
        self._projection = None
        kinds = {"hidden": "layer", "attention": "attention"}
        for name in self.weights:
            ours, theirs = (offered(each, kinds[name], name) for each in (student, teacher))
            self._pairs = layer_pairs(layers, len(ours), len(theirs))
            if name == "hidden" and ours[0].shape[-1] != theirs[0].shape[-1]:
                self._project(ours[0].shape[-1], theirs[0].shape[-1])
            if name == "attention" and ours[0][0].shape[1] != theirs[0][0].shape[1]:
                heads = f"{ours[0][0].shape[1]} heads, the teacher {theirs[0][0].shape[1]}"
                problem = f"the student has {heads}"
                cure = "set it to 0.0, or choose a student with as many heads"
                raise InputError("config.distillation.attention", problem, cure)

    def losses(
        self, ours: Mapping[str, Sequence], theirs: Mapping[str, Sequence], mask: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Return the mean distance over pairs of layers and real tokens, float32 `[rows]`, by name.

        Args:
            ours: Values collected in the student.
            theirs: Values collected in the teacher.
            mask: `[rows, seq]`, which tokens are real.
        """
        real = tf.cast(mask, tf.float32)
        number = tf.maximum(tf.reduce_sum(real, axis=1), 1.0)
        found = {}
        for name in self.weights:
            distance = getattr(self, f"_{name}")
            distances = [distance(ours, theirs, *pair) for pair in self._pairs]
            mean = tf.add_n(distances) / len(distances)  # (rows, seq)
            found[name] = tf.reduce_sum(mean * real, axis=1) / number
        return found

    def _hidden(self, ours, theirs, i: int, j: int) -> tf.Tensor:
        hidden = tf.cast(ours["layer"][i], tf.float32)
        hidden = hidden if self._projection is None else self._projection(hidden)
        return hidden_distance(hidden, tf.stop_gradient(theirs["layer"][j]))

    def _attention(self, ours, theirs, i: int, j: int) -> tf.Tensor:
        scores, (_, _, _, bias) = [], ours["attention"][i]
        for query, key, *_ in (ours["attention"][i], theirs["attention"][j]):
            scale = query.shape[-1] ** -0.5
            query, key = tf.cast(query, tf.float32), tf.cast(key, tf.float32)
            scores.append(tf.matmul(query, key, transpose_b=True) * scale)
        return attention_distance(scores[0], tf.stop_gradient(scores[1]), bias > _SEEN)

    def _project(self, student: int, teacher: int) -> None:
        self._projection = keras.layers.Dense(teacher, name="distillation", dtype="float32")
        self._projection.build((None, None, student))
        self.layers.append(self._projection)
