"""Small models whose every weight shows in what they compute, for the tests of this folder."""

import keras
import numpy as np

from kortf import models
from kortf.layers.heads.classifier import Classifier
from kortf.layers.heads.heads import CausalLMHead, MaskedLMHead, ReplacedTokenHead
from kortf.layers.heads.span_boundary_head import SpanBoundaryHead
from kortf.layers.heads.span_classifier import SpanClassifier
from kortf.layers.heads.token_classifier import TokenClassifier
from kortf.objectives.next_sentence import NextSentence

SIZES = {
    "vocabulary_size": 13,
    "num_layers": 4,
    "num_heads": 4,
    "hidden_dim": 16,
    "intermediate_dim": 20,
    "max_length": 7,
    "init_scale": 0.3,  # fifteen times the usual: every part of the model shows in the result
}
BATCH = {
    "token_ids": np.array([[2, 5, 6, 7, 3], [2, 7, 3, 0, 0]], np.int32),
    "segment_ids": np.array([[0, 0, 1, 1, 1], [0, 1, 1, 0, 0]], np.int32),
    "padding_mask": np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], np.int32),
}
KEPT = BATCH["padding_mask"].astype(bool)


def build(name: str, **changes):
    """An encoder with weights at random, norms and biases too."""
    keras.utils.set_random_seed(1)
    return scatter(models.build(name, **(SIZES | changes)))


def scatter(layer):
    """Moves every variable of a layer away from where it started."""
    rng = np.random.default_rng(len(layer.weights))
    for variable in layer.weights:
        variable.assign(variable.numpy() + rng.normal(scale=0.2, size=variable.shape))
    return layer


def pair(encoder):
    objective = NextSentence()
    objective.build(encoder)
    return objective.heads[0]


def classifier(encoder, **settings) -> Classifier:
    head = Classifier(3, **settings)
    head.build(encoder.hidden_dim)
    return head


def hidden_classifier(encoder) -> Classifier:
    return classifier(encoder, hidden="gelu")


def tanh_classifier(encoder) -> Classifier:
    return classifier(encoder, hidden="tanh")


def token_classifier(encoder, crf: bool = True) -> TokenClassifier:
    head = TokenClassifier(("O", "B-PS", "I-PS"), crf)
    head.build(encoder.hidden_dim)
    return head


def plain_token_classifier(encoder) -> TokenClassifier:
    return token_classifier(encoder, crf=False)


def span_classifier(encoder) -> SpanClassifier:
    head = SpanClassifier(max_trim=2)
    head.build(encoder.hidden_dim)
    return head


MAKERS = {
    "masked_lm": MaskedLMHead.over,
    "next_sentence": pair,
    "sentence_order": pair,
    "replaced_token": ReplacedTokenHead.over,
    "causal_lm": CausalLMHead.over,
    "span_boundary": SpanBoundaryHead.over,
    "classifier": classifier,
    "hidden_classifier": hidden_classifier,
    "tanh_classifier": tanh_classifier,
    "token_classifier": token_classifier,
    "plain_token_classifier": plain_token_classifier,
    "span_classifier": span_classifier,
}


def heads_of(encoder, *names: str) -> dict:
    """Heads of an encoder, with weights at random."""
    return {name: scatter(MAKERS[name](encoder)) for name in names}


def assert_same_weights(ours, theirs):
    """Every variable of two layers of the same kind is the same."""
    assert len(ours.weights) == len(theirs.weights)
    for a, b in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)
