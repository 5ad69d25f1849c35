"""What every encoder declares, and that it is a well-behaved Keras model."""

import keras
import numpy as np
import pytest

from kortf import discovery, models
from kortf.models.encoder import Encoder
from kortf.models.transformer import TransformerEncoder

NAMES = discovery.names("kortf.models")
OWN_CODE = ("bert", "deberta", "modernbert", "reformer")  # the others are settings of these
SIZES = {
    "vocabulary_size": 13, "num_layers": 2, "num_heads": 2, "hidden_dim": 8, "max_length": 8,
    "init_scale": 0.3,
}  # fmt: skip
IDS = np.array([[2, 5, 6, 7, 3, 0, 0, 0], [2, 7, 8, 9, 10, 11, 12, 3]], np.int32)
BATCH = {"token_ids": IDS, "segment_ids": np.zeros_like(IDS), "padding_mask": IDS > 0}
INPUTS = {
    name: keras.Input([8], dtype=value.dtype.name, name=name) for name, value in BATCH.items()
}


def test_an_undeclared_argument_is_an_error():
    with pytest.raises(TypeError, match="window"):

        class Windowed(TransformerEncoder):
            def __init__(self, vocabulary_size: int, window: int = 3, **options):
                super().__init__(vocabulary_size, **options)


@pytest.mark.parametrize("name", NAMES)
def test_each_argument_is_declared_once_and_each_variable_has_a_depth(name):
    cls = discovery.find("kortf.models", name, Encoder)
    declared = [*cls.shapes, *cls.meaning, *cls.adjustable, *cls.free]
    assert sorted(declared) == sorted(set(discovery.arguments_of(cls)) - {"dtype"})
    encoder = models.build(name, **SIZES)
    for variable in encoder.trainable_variables:
        depths = encoder.depths(variable.path.partition("/")[2])
        assert depths and 0 <= min(depths) <= max(depths) <= encoder.top_depth


@pytest.mark.parametrize("name", NAMES)
def test_config_round_trip(name):
    encoder = models.build(name, **SIZES, dtype="mixed_bfloat16")
    again = type(encoder).from_config(encoder.get_config())
    again.build()
    assert again.get_config() == encoder.get_config()
    shapes = [variable.shape for variable in again.weights]
    assert shapes == [variable.shape for variable in encoder.weights]


@pytest.mark.parametrize("name", NAMES)
def test_bfloat16_computes_nearly_what_float32_does(name):
    full, half = (models.build(name, **SIZES, dtype=d) for d in ("float32", "mixed_bfloat16"))
    for variable, value in zip(half.weights, full.weights, strict=True):
        variable.assign(value)
    expected = np.asarray(full(BATCH)["sequence"])
    found = np.asarray(half(BATCH)["sequence"]).astype(np.float32)
    np.testing.assert_allclose(
        found[BATCH["padding_mask"]], expected[BATCH["padding_mask"]], atol=0.1
    )


@pytest.mark.parametrize(
    "name",
    [
        name if name in OWN_CODE else pytest.param(name, marks=pytest.mark.exhaustive)
        for name in NAMES
    ],
)
def test_keras_file_round_trip(name, tmp_path):
    model = keras.Model(INPUTS, models.build(name, **SIZES)(INPUTS)["sequence"])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(BATCH), model(BATCH))


def test_two_encoders_in_one_keras_model(tmp_path):
    one, two = (models.build("bert", **SIZES) for _ in range(2))
    assert one.name != two.name
    outputs = keras.layers.Add()([one(INPUTS)["pooled"], two(INPUTS)["pooled"]])
    model = keras.Model(INPUTS, outputs)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    expected = one(BATCH)["pooled"] + two(BATCH)["pooled"]
    np.testing.assert_allclose(again(BATCH), expected, atol=1e-6)


@pytest.mark.parametrize("name", ["bert", "gpt"])
def test_a_prefix_is_seen_by_all_and_the_rest_by_what_follows(name):
    encoder = models.build(name, **SIZES)
    prefix = np.zeros_like(IDS, bool)
    prefix[:, :3] = True

    def run(ids):
        batch = BATCH | {"token_ids": ids, "prefix_mask": prefix}
        return encoder(batch, visibility="prefix")["sequence"].numpy()[1]

    before = run(IDS)
    for place in range(8):
        other = IDS.copy()
        other[1, place] = 4
        changed = np.abs(run(other) - before).max(axis=-1) > 1e-6
        first = 0 if place < 3 else place
        assert changed.tolist() == [i >= first for i in range(8)]
