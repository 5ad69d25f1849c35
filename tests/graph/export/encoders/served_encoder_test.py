"""The encoder of exported graphs computes what the general one does."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models
from kortf.export.encoders.served_encoder import ServedEncoder, supports
from kortf.models.bert import Bert

BATCH = {
    "token_ids": np.array([[2, 5, 6, 7, 3], [2, 7, 3, 0, 0]], np.int32),
    "segment_ids": np.array([[0, 0, 1, 1, 1], [0, 1, 1, 0, 0]], np.int32),
    "padding_mask": np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], np.int32),
}
SIZES = {"vocabulary_size": 13, "num_layers": 4, "num_heads": 4, "hidden_dim": 16,
         "max_length": 9, "init_scale": 0.3}  # fmt: skip


@pytest.mark.parametrize(
    "name, options",
    [
        ("bert", {}),
        ("bert", {"norm": "pre", "feed_forward": "glu", "activation": "relu"}),
        ("bert", {"activation": "gelu_tanh", "pooler": False, "num_segments": 1}),
        ("roberta", {"position_offset": 2, "num_segments": 0}),
        ("electra", {"embedding_dim": 8}),
        ("albert", {"embedding_dim": 8, "num_groups": 2}),
    ],
)
@pytest.mark.parametrize("constant_bytes", [1 << 20, 0], ids=["constants", "variables"])
def test_it_computes_what_the_general_encoder_does(name, options, constant_bytes):
    keras.utils.set_random_seed(1)
    encoder = models.build(name, **SIZES | options)
    rng = np.random.default_rng(0)
    for variable in encoder.weights:
        variable.assign(variable.numpy() + rng.normal(scale=0.2, size=variable.shape))
    assert supports(encoder)
    expected = encoder({key: tf.constant(value) for key, value in BATCH.items()})
    served = ServedEncoder(encoder, constant_bytes=constant_bytes)
    found = served({key: tf.constant(value) for key, value in BATCH.items()})
    kept = BATCH["padding_mask"].astype(bool)
    for key in ("sequence", "pooled"):
        ours, theirs = found[key].numpy(), expected[key].numpy()
        mask = kept if key == "sequence" else slice(None)
        np.testing.assert_allclose(ours[mask], theirs[mask], atol=2e-5)


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
        function = tf.function(lambda *ids, s=served: s(dict(zip(BATCH, ids, strict=True))), spec)
        # The table of tokens, and the kernels of four layers and of the pooler.
        assert len(function.get_concrete_function().graph.variables) == expected
