"""Both kinds of model answer alike."""

import functools
import gc

import numpy as np
import pytest
import tensorflow as tf

from kortf.errors import InputError
from kortf.export import saved_model
from kortf.export.encoders import encoding
from kortf.export.predictor import Predictor

TEXTS = ["정말 재미있는 영화였다.", "", "지루하다 " * 50, "시간이 아깝다", "최고"]


@pytest.fixture(scope="module")
def pair_dir(tmp_path_factory):
    """A SavedModel of another origin: two texts, answers of all kinds, nothing said about it."""

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, n) for n in ("text", "text_pair")]
    )
    def serve(text, text_pair):
        lengths = tf.strings.length(text + text_pair, "UTF8_CHAR")
        spans = tf.stack([lengths, lengths], 1)
        return {"same": text == text_pair, "joined": text + text_pair, "spans": spans}

    module = tf.Module()
    module.serve = serve
    directory = str(tmp_path_factory.mktemp("pair"))
    tf.saved_model.save(module, directory, {"serving_default": serve})
    return directory


def test_model_directory_and_saved_model_answer_alike(finetuned_dir, saved_model_dir):
    rows = [[text] for text in TEXTS]
    answers = Predictor(str(finetuned_dir))(rows)
    for batch_size in (1, 2, 32):
        others = Predictor(str(saved_model_dir), batch_size)(rows)
        for ours, theirs in zip(answers, others, strict=True):
            assert ours["label"] == theirs["label"]
            np.testing.assert_allclose(
                list(ours["probabilities"].values()),
                list(theirs["probabilities"].values()),
                atol=2e-6,
            )
    assert [answer["text"] for answer in answers] == TEXTS
    for answer in answers:
        assert list(answer) == ["text", "label", "score", "probabilities"]
        assert answer["score"] == answer["probabilities"][answer["label"]]
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)


@pytest.mark.text
def test_weights_of_large_encoders_are_variables_and_answer_alike(
    finetuned_dir, saved_model_dir, tmp_path, monkeypatch
):
    """Their variables live as long as the functions that read them."""
    without_constants = functools.partial(encoding.ServedEncoder, constant_bytes=0)
    monkeypatch.setattr(encoding, "ServedEncoder", without_constants)
    saved_model.export(str(finetuned_dir), str(tmp_path / "served"))
    gc.collect()
    rows = [[text] for text in TEXTS]
    expected = Predictor(str(saved_model_dir))(rows)
    for directory in (finetuned_dir, tmp_path / "served"):
        for ours, theirs in zip(Predictor(str(directory))(rows), expected, strict=True):
            assert ours["score"] == pytest.approx(theirs["score"], abs=2e-6)
    few, many = (
        tf.train.list_variables(f"{directory}/variables/variables")
        for directory in (saved_model_dir, tmp_path / "served")
    )
    assert len(many) > len(few)


def test_gaps(pretrained_dir):
    rows = [["나는 [MASK] 봤다 [MASK]"], ["나는"], ["[MASK]"]]
    answers = Predictor(str(pretrained_dir))(rows)
    assert [len(answer["masks"]) for answer in answers] == [2, 0, 1]
    for answer in answers:
        for gap in answer["masks"]:
            scores = [each["score"] for each in gap]
            assert len(gap) == 5 and scores == sorted(scores, reverse=True)


def test_two_texts_and_other_answers(pair_dir):
    predictor = Predictor(pair_dir)
    assert predictor.inputs == ("text", "text_pair")
    assert predictor([["나", "나"], ["나는", "간다"]]) == [
        {"text": "나", "text_pair": "나", "joined": "나나", "same": True, "spans": [2, 2]},
        {"text": "나는", "text_pair": "간다", "joined": "나는간다", "same": False, "spans": [4, 4]},
    ]


def test_what_is_no_model_is_named(tmp_path, saved_model_dir):
    with pytest.raises(InputError, match="there is no such model directory"):
        Predictor(str(tmp_path / "absent"))
    with pytest.raises(InputError, match="neither a model directory"):
        Predictor(str(tmp_path))
    for size in (0, 1000):
        data = (saved_model_dir / saved_model.FILE).read_bytes()[:size]
        (tmp_path / saved_model.FILE).write_bytes(data)
        with pytest.raises(InputError, match="not a whole SavedModel|has no signature"):
            Predictor(str(tmp_path))


def test_numbers_in_are_refused(tmp_path):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def serve(x):
        return {"y": x}

    module = tf.Module()
    module.serve = serve
    tf.saved_model.save(module, str(tmp_path), {"serving_default": serve})
    with pytest.raises(InputError, match="does not take strings"):
        Predictor(str(tmp_path))
