"""Pretraining with disentangled embedding sharing: variables, saved and read directories."""

import keras
import numpy as np
import tensorflow as tf

import kortf
from kortf import models, objectives
from kortf.train.programs.pretraining import Pretraining

SIZES = {
    "vocabulary_size": 20, "num_layers": 2, "num_heads": 2, "hidden_dim": 8,
    "intermediate_dim": 12, "max_length": 8, "position_buckets": 4, "init_scale": 0.3,
}  # fmt: skip


def make(seed: int) -> Pretraining:
    keras.utils.set_random_seed(seed)
    encoder = models.build("deberta", **SIZES)
    recipe = [objectives.build("replaced_token", generator_size=0.5, sharing="disentangled")]
    recipe[0].build(encoder)
    return Pretraining(encoder, recipe)


def test_the_directory_holds_the_sum_and_reading_parts_it(tmp_path):
    program = make(0)
    (residual,) = program.recipe[0].extras
    assert "token_residual/embeddings" in program.variables()
    residual.embeddings.assign(tf.random.stateless_normal(residual.embeddings.shape, [1, 2]))
    ids = tf.constant([[3, 7, 9, 4]])
    batch = {"token_ids": ids, "padding_mask": tf.ones_like(ids)}
    trained = program.encoder(batch | {"token_residual": residual(ids)})["sequence"]
    directory = str(tmp_path / "model")
    program.save(directory)
    np.testing.assert_allclose(
        kortf.from_pretrained(directory)(batch)["sequence"], trained, atol=1e-5
    )
    again = make(1)
    again.load(directory)
    (other,) = again.recipe[0].extras
    np.testing.assert_allclose(other.embeddings, residual.embeddings, atol=1e-6)
    tables = [p.encoder.token_embedding.embeddings for p in (again, program)]
    np.testing.assert_array_equal(*tables)
