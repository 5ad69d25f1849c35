"""The encoder of exported graphs computes what the general one does."""

import numpy as np
import pytest
import tensorflow as tf

from kortf import models
from kortf.export.encoders import served_encoder
from kortf.export.encoders.served_encoder import ServedEncoder
from kortf.export.encoders.transformer_weights import supports
from kortf.export.options import FEATURES
from kortf.models.bert import Bert
from tests.graph.export.encoders.conftest import SIZES


@pytest.mark.parametrize("constant_bytes", [1 << 20, 0], ids=["constants", "variables"])
def test_it_computes_what_the_general_encoder_does(encoder, batch, constant_bytes):
    assert supports(encoder)
    given = {key: tf.constant(value) for key, value in batch.items()}
    expected, found = encoder(given), ServedEncoder(encoder, constant_bytes=constant_bytes)(given)
    kept = batch["padding_mask"].astype(bool)
    for key in ("sequence", "pooled"):
        mask = kept if key == "sequence" else slice(None)
        ours, theirs = found[key].numpy()[mask], expected[key].numpy()[mask]
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_a_short_row_is_computed_by_other_operations(encoder, batch, monkeypatch):
    row = {key: tf.constant(value[:1]) for key, value in batch.items()}
    function = tf.function(ServedEncoder(encoder))
    found, expected = function(row), encoder(row)
    monkeypatch.setattr(served_encoder, "SHORT_SCORES", 0)
    long = tf.function(ServedEncoder(encoder))(row)
    for key in ("sequence", "pooled"):
        np.testing.assert_allclose(found[key], expected[key], atol=2e-5)
        np.testing.assert_allclose(found[key], long[key], atol=2e-5)


def test_a_short_row_with_padding_keeps_its_mask(encoder, batch):
    row = {key: tf.constant(value[1:]) for key, value in batch.items()}
    found, expected = tf.function(ServedEncoder(encoder))(row), encoder(row)
    np.testing.assert_allclose(found["sequence"][:, :3], expected["sequence"][:, :3], atol=2e-5)
    np.testing.assert_allclose(found["pooled"], expected["pooled"], atol=2e-5)


def test_other_computations_are_not_taken_for_it():
    assert not supports(models.build("gpt", **SIZES))
    assert not supports(models.build("bert", **SIZES, positions="rotary"))

    class Other(Bert):
        def _summary(self, x, padding_mask):
            return x[:, -1]

    other = Other(**SIZES)
    other.build()
    assert not supports(other)


def test_large_weights_are_variables_of_the_saved_model(tmp_path):
    """A constant is copied by each graph that reaches it, a variable by none."""
    encoder = models.build("bert", **SIZES)
    for constant_bytes, expected in ((1 << 20, 1), (0, 18)):
        served = ServedEncoder(encoder, constant_bytes=constant_bytes)
        spec = [tf.TensorSpec([None, None], tf.int32)] * 3
        function = tf.function(
            lambda *ids, s=served: s(dict(zip(FEATURES, ids, strict=True))), spec
        )
        # The table of tokens, and the kernels of four layers and of the pooler.
        assert len(function.get_concrete_function().graph.variables) == expected
