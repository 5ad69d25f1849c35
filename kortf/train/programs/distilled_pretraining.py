"""Training program of a pretraining with a teacher."""

from collections.abc import Sequence
from dataclasses import dataclass

import tensorflow as tf

from kortf.errors import InputError
from kortf.layers import taps
from kortf.layers.distillation import (
    cosine_distance,
    relation_divergence,
    soft_label_loss,
    soft_labels,
)
from kortf.layers.heads.heads import MaskedLMHead, gather_positions
from kortf.models.encoder import Encoder
from kortf.objectives.masking import masked_weight
from kortf.objectives.objective import Objective, Scores
from kortf.pretrained.directory.inference import load_masked_lm
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary
from kortf.train.distillation.inside import offered
from kortf.train.programs.pretraining import Pretraining

LOSSES = ("soft_labels", "cosine", "relations")
_PLACE = "config.distillation"


@dataclass(frozen=True)
class Teacher:
    """A pretrained model that is not trained any more, with its vocabulary head."""

    encoder: Encoder
    head: MaskedLMHead


def load_teacher(directory: str, vocabulary: Vocabulary, seq_length: int, dtype: str) -> Teacher:
    """Read a pretrained model directory as a teacher.

    Args:
        directory: Model directory with a masked LM head.
        vocabulary: Vocabulary of the records.
        seq_length: Length of the records in tokens.
        dtype: Keras dtype policy.

    Raises:
        InputError: It has another vocabulary, too few positions, or no such head.
    """
    place = f"--teacher={directory}"
    if load_vocabulary(directory).fingerprint != vocabulary.fingerprint:
        problem = "its vocabulary is not the one that made the records"
        raise InputError(place, problem, "make records with --vocab of the teacher")
    encoder, head = load_masked_lm(directory, dtype)
    if encoder.settings["max_length"] < seq_length:
        problem = f"it has {encoder.settings['max_length']:,} positions, the records {seq_length:,}"
        raise InputError(place, problem, "make shorter records")
    encoder.trainable = head.trainable = False
    return Teacher(encoder, head)


class DistilledPretraining(Pretraining):
    """An encoder under objectives, with masked LM among them, and a teacher.

    Soft labels at the masked places and the cosine of the last hidden states are DistilBERT's (Sanh
    et al. 2019); relations of queries, keys and values of the last layer are MiniLMv2's (Wang et
    al. 2021). The teacher reads each corrupted batch in the same step, without dropout. An
    evaluation does not ask it.

    Args:
        encoder: Encoder of the student.
        recipe: Built objectives.
        vocabulary: Vocabulary of the records.
        teacher: The teacher.
        options: `config.distillation`.

    Raises:
        InputError: The objectives do not include masked LM, or the models cannot be compared.
    """

    def __init__(
        self,
        encoder: Encoder,
        recipe: Sequence[Objective],
        vocabulary: Vocabulary | None,
        teacher: Teacher,
        options: dict,
    ):
        super().__init__(encoder, recipe, vocabulary)
        self.teacher = teacher
        self.options = options
        self.factors = {name: options[name] for name in LOSSES if options[name]}
        self._head = self.heads().get("masked_lm")
        if self._head is None:
            problem = "a teacher scores the places of masked_lm without enhanced_decoder"
            raise InputError("config.objectives", problem, "add that, or give no --teacher")
        self._check()

    def _check(self) -> None:
        ours, theirs = self.encoder, self.teacher.encoder
        if ours.hidden_dim != theirs.hidden_dim and "cosine" in self.factors:
            problem = f"the sizes differ: {ours.hidden_dim}, the teacher's {theirs.hidden_dim}"
            raise InputError(f"{_PLACE}.cosine", problem, "set it to 0.0, or choose one size")
        sizes = [each.settings["vocabulary_size"] for each in (ours, theirs)]
        if sizes[0] != sizes[1] and "soft_labels" in self.factors:
            problem = f"the student scores {sizes[0]:,} pieces, the teacher {sizes[1]:,}"
            raise InputError(f"{_PLACE}.soft_labels", problem, "set it to 0.0")
        if "relations" not in self.factors:
            return
        found = [offered(each, "attention", "relations") for each in (ours, theirs)]
        layers, layer = len(found[1]), self.options["relation_layer"]
        self._layer = layers - 1 if layer is None else layer
        if self._layer >= layers:
            place = f"{_PLACE}.relation_layer={layer}"
            raise InputError(place, f"the teacher has {layers}", f"choose at most {layers - 1}")
        heads = self.options["relation_heads"]
        for (query, *_), *_ in found:
            size = query.shape[1] * query.shape[3]
            if size % heads:
                problem = f"does not divide the size {size}"
                raise InputError(f"{_PLACE}.relation_heads={heads}", problem, "choose a divisor")

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        tokens = tf.reduce_sum(tf.cast(features["padding_mask"], tf.float32))
        own = {"soft_labels": masked_weight(features), "cosine": tokens, "relations": tokens}
        return super().weights(features) | {name: own[name] for name in self.factors}

    def score(self, features: dict, seed: tf.Tensor | None) -> Scores:
        """Score a batch by all objectives, and in training against the teacher."""
        if seed is None:
            return super().score(features, None)
        with taps.collecting() as ours:
            scores, outputs, features = self._scores(features, seed)
        with taps.collecting() as theirs:
            target = self.teacher.encoder(features, visibility=self.visibility)
        mask = tf.cast(features["padding_mask"], tf.float32)
        for name, factor in self.factors.items():
            if name == "soft_labels":
                values, weights = self._soft_labels(outputs, target, features)
            elif name == "cosine":
                vectors = tf.stop_gradient(target["sequence"])
                values, weights = cosine_distance(outputs["sequence"], vectors), mask
            else:
                values, weights = self._relations(ours, theirs), mask
            total = tf.reduce_sum(values * weights)
            scores.losses[name] = factor * total
            scores.metrics[f"{name}_loss"] = (total, tf.reduce_sum(weights))
        return scores

    def _soft_labels(self, outputs: dict, target: dict, features: dict):
        """Return the divergence at the masked places `[batch * n]`, and their weights."""
        places, temperature = features["mask_positions"], self.options["temperature"]
        logits = self._head(gather_positions(outputs["sequence"], places))
        theirs = self.teacher.head(gather_positions(target["sequence"], places))
        labels = tf.stop_gradient(soft_labels(theirs, temperature))
        return (
            soft_label_loss(logits, labels, temperature),
            tf.reshape(features["mask_weights"], [-1]),  # (batch * n)
        )

    def _relations(self, ours: dict, theirs: dict) -> tf.Tensor:
        """Return the mean divergence of the three relations, `[batch, seq]`."""
        *student, bias = ours["attention"][-1]
        teacher = theirs["attention"][self._layer][:3]
        heads = self.options["relation_heads"]
        parts = [
            relation_divergence(vectors, tf.stop_gradient(target), bias, heads)
            for vectors, target in zip(student, teacher, strict=True)
        ]
        return tf.add_n(parts) / len(parts)
