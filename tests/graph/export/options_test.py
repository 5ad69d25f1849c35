"""Options of an export are honoured or refused, never ignored."""

import numpy as np
import pytest
import tensorflow as tf

from kortf import models, precision
from kortf.errors import InputError
from kortf.export.encoders.encoding import encoder_function
from kortf.export.encoders.transformer_weights import supports
from kortf.export.options import ExportOptions
from kortf.export.saved_model import check_no_options, export

SIZES = {"vocabulary_size": 13, "num_layers": 2, "num_heads": 2, "hidden_dim": 8, "max_length": 9}


@pytest.mark.parametrize(
    "options, place",
    [
        ({"weights": "int8"}, "--weights=int8"),
        ({"max_length": 0}, "--max_length=0"),
    ],
)
def test_options_that_exclude_each_other(options, place):
    with pytest.raises(InputError) as caught:
        ExportOptions(**options)
    assert caught.value.parts[0] == place


def test_bfloat16_needs_an_encoder_with_constant_weights():
    rotary = models.build("bert", **SIZES, positions="rotary")
    assert not supports(rotary)
    with pytest.raises(InputError) as caught:
        encoder_function(rotary, ExportOptions(dtype="bfloat16"))
    assert caught.value.parts[0] == "--dtype=bfloat16"


@pytest.mark.parametrize("units", [True, False])
def test_auto_computes_in_what_this_device_multiplies_fast(monkeypatch, said, units):
    monkeypatch.setattr(precision, "bfloat16_support", lambda: (units, "so the test says"))
    encoder = models.build("bert", **SIZES)
    encode = encoder_function(encoder, ExportOptions(dtype="auto"))
    chosen = "bfloat16" if units else "float32"
    fixed = encoder_function(encoder, ExportOptions(dtype=chosen))
    ids = tf.constant([[1, 2, 3]])
    features = {"token_ids": ids, "segment_ids": 0 * ids, "padding_mask": ids > 0}
    found, expected = encode(features)["sequence"], fixed(features)["sequence"]
    assert np.array_equal(found, expected)
    assert said == [f"dtype {chosen} (so the test says)"]


@pytest.mark.parametrize("options", [{"dtype": "bfloat16"}, {"engine": "openvino"}])
def test_causal_models_refuse_other_computations(options):
    with pytest.raises(InputError) as caught:
        ExportOptions(**options).check_computation("a causal model")
    name, value = next(iter(options.items()))
    assert caught.value.parts[0] == f"--{name}={value}"


def test_a_saved_model_has_its_own_options():
    check_no_options("served", None)
    check_no_options("served", ExportOptions())
    for name, value in (("max_length", 12), ("dtype", "bfloat16"), ("engine", "openvino")):
        with pytest.raises(InputError) as caught:
            check_no_options("served", ExportOptions(**{name: value}))
        assert caught.value.parts[0] == f"served, --{name}={value}"


@pytest.mark.text
@pytest.mark.parametrize("options", [{"top_k": 3}, {"max_tokens": 9}, {"pair": True}])
def test_what_a_classifier_does_not_read_is_refused(finetuned_dir, tmp_path, options):
    with pytest.raises(InputError) as caught:
        export(str(finetuned_dir), str(tmp_path / "served"), ExportOptions(**options))
    name, value = next(iter(options.items()))
    assert caught.value.parts[0] == f"--{name}={value}"
    assert not (tmp_path / "served").exists()
