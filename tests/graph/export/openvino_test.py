"""OpenVINO answers as TensorFlow does; skipped where it is not installed."""

import numpy as np
import pytest
import tensorflow as tf

import kortf
from kortf.export.options import ExportOptions

openvino = pytest.importorskip("openvino")

TEXTS = ["정말 재미있는 영화였다.", "", "시간이 아깝다", "지루하다 " * 30]


def test_the_tokens_signature_is_converted(saved_model_dir, finetuned_dir):
    import tensorflow_text  # noqa: F401  its operations are in the graph

    model = tf.saved_model.load(str(saved_model_dir))  # holds the variables of its signatures
    function = model.signatures["tokens"]
    compiled = openvino.Core().compile_model(openvino.convert_model(function), "CPU")
    batch = kortf.load_tokenizer(finetuned_dir).encode(TEXTS, max_length=20)
    batch = {name: tf.cast(value, tf.int32) for name, value in batch.items()}
    expected = function(**batch)["probabilities"].numpy()
    found = compiled({name: value.numpy() for name, value in batch.items()})
    by_name = {name: value for port, value in found.items() for name in port.names}
    np.testing.assert_allclose(by_name["probabilities"], expected, atol=1e-4)


def test_the_engine_answers_alike(finetuned_dir):
    expected = kortf.load(finetuned_dir).predict(TEXTS)
    found = kortf.load(finetuned_dir, options=ExportOptions(engine="openvino")).predict(TEXTS)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours["label"] == theirs["label"]
        assert ours["probabilities"] == pytest.approx(theirs["probabilities"], abs=1e-4)
