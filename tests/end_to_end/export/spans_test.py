"""Models that answer with spans: strings in, places in those strings out, wherever they run."""

import functools
import json

import numpy as np
import pytest
import tensorflow as tf

from kortf import models, tasks
from kortf.cli.main import run_verb
from kortf.export import saved_model
from kortf.export.predictor import Predictor
from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.train.evaluation.scoring import Scorer
from kortf.train.results.finetuning_results import save_finetuned
from tests.harness.export import elsewhere

pytestmark = pytest.mark.usefixtures("quick_graphs")

DECOMPOSED = "\u1112\u1161\u11ab\u1100\u116e\u11a8의 수\u200b도는 서울이다."
TEXTS = ["", "세종대왕이 서울에서 한글을 만들었다.", DECOMPOSED, "부산 " * 300, "ㅋㅋ", " \n\t "]
QUESTIONS = ["누구?", "", "수도는 어디인가? " * 40, "어디?", "왜?", "언제?"]


def save(directory, vocabulary_dir, task, max_length):
    """A model directory with random weights, so large that texts get different answers."""
    vocabulary = load_vocabulary(str(vocabulary_dir))
    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 16, "init_scale": 0.3}
    encoder = models.build("bert", vocabulary_size=vocabulary.size, max_length=max_length, **sizes)
    task.build(16, 0.3, 0.1)
    for weight in task.head.trainable_variables:
        values = np.random.default_rng(1).normal(0, 0.3, weight.shape)
        weight.assign(values.astype(np.float32))
    save_finetuned(
        str(directory), Scorer(encoder, task, Tokenizer(vocabulary), max_length=max_length)
    )
    return str(directory)


@pytest.fixture(scope="module")
def model_dirs(vocabulary_dir, tmp_path_factory):
    """Model directories: entities by characters and by pieces, and answers."""
    parent = tmp_path_factory.mktemp("spans")
    made = {
        "field": tasks.build("klue_ner", crf=True, stride=9),
        "alone": tasks.build("kmou_ner", crf=False, label_at="first"),
        "answers": tasks.build("korquad", stride=7, max_question=6, max_answer=5, max_trim=2),
    }
    return {k: save(parent / k, vocabulary_dir, task, 24) for k, task in made.items()}


def rows_of(name):
    return list(zip(QUESTIONS, TEXTS, strict=True)) if name == "answers" else [(t,) for t in TEXTS]


@pytest.fixture(scope="module")
def exported(model_dirs, tmp_path_factory):
    """Function from a name to the directory of that SavedModel."""
    parent = tmp_path_factory.mktemp("exported_spans")

    @functools.cache
    def export(name):
        saved_model.export(model_dirs[name], str(parent / name))
        return str(parent / name)

    return export


@pytest.fixture(scope="module")
def predictor(model_dirs):
    """Function from a name to the predictor of that model."""
    return functools.cache(lambda name: Predictor(model_dirs[name], batch_size=8))


@pytest.mark.parametrize("name", ["field", "alone", "answers"])
def test_spans_stand_where_they_say(name, predictor):
    found = predictor(name)(rows_of(name))
    key, text, word = (
        ("answers", "context", "answer") if name == "answers" else ("entities", "text", "text")
    )
    assert sum(bool(answer[key]) for answer in found) >= 3
    for answer in found:
        for span in answer[key]:
            assert answer[text][span["start"] : span["end"]] == span[word] != ""
            assert 0 <= span["score"] <= 1
        places = [(span["start"], span["end"]) for span in answer[key]]
        assert len(set(places)) == len(places)
        if name == "answers":
            scores = [span["score"] for span in answer[key]]
            assert scores == sorted(scores, reverse=True) and len(scores) <= 5
        else:
            assert places == sorted(places)
    assert found[0][key] == found[5][key] == []


@pytest.mark.parametrize("name", ["field", "answers"])
def test_a_batch_says_what_its_rows_say_alone(name, predictor):
    together = predictor(name)(rows_of(name))
    for row, answer in zip(rows_of(name), together, strict=True):
        (alone,) = predictor(name)([row])
        key = "answers" if name == "answers" else "entities"
        assert [(s["start"], s["end"]) for s in alone[key]] == [
            (s["start"], s["end"]) for s in answer[key]
        ]


@pytest.mark.exhaustive
def test_runs_elsewhere(model_dirs, exported):
    inputs = {name: {"text": TEXTS} for name in model_dirs}
    inputs["answers"] = {"question": QUESTIONS, "context": TEXTS}
    results = elsewhere.run([(exported(name), inputs[name]) for name in model_dirs])
    for (name, model), both in zip(model_dirs.items(), results, strict=True):
        texts = [tf.constant(column) for column in inputs[name].values()]
        expected = {k: v.numpy() for k, v in saved_model.load_model(model).serve(*texts).items()}
        for values in both:
            assert values.keys() == expected.keys()
            for key, value in values.items():
                if expected[key].dtype == object:
                    assert value == [each.decode() for each in expected[key].ravel()]
                else:
                    np.testing.assert_allclose(value, expected[key].ravel(), atol=1e-5)


@pytest.mark.parametrize("name", ["kmou_ner", "korquad"])
def test_a_long_text_is_read_to_its_end(name, vocabulary_dir, tmp_path):
    text = "가나다 라마바사. " * 2_000  # 20,000 characters, far more than the model reads at once
    model = save(tmp_path / "model", vocabulary_dir, tasks.build(name), 256)
    (found,) = Predictor(model)([(text,) if name == "kmou_ner" else ("누구?", text)])
    if name == "kmou_ner":
        assert found["entities"][-1]["end"] > len(text) - 40
    else:
        assert len(found["answers"]) == 5


def test_from_the_command_line(model_dirs, exported, tmp_path, capsys):
    lines = [
        json.dumps({"question": question, "context": text})
        for question, text in zip(QUESTIONS, TEXTS, strict=True)
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    answers = []
    for model in (model_dirs["answers"], exported("answers")):
        assert run_verb("predict", [f"--model={model}", f"--input={path}"]) == 0
        answers.append([json.loads(line) for line in capsys.readouterr().out.splitlines()])
    assert answers[0] == answers[1] and len(answers[0]) == len(TEXTS)
    path.write_text('{"question": "누구?"}\n', encoding="utf-8")
    assert run_verb("predict", [f"--model={model_dirs['answers']}", f"--input={path}"]) == 2
    assert "rows.jsonl, line 1: not an object with the texts" in capsys.readouterr().err


@pytest.mark.exhaustive
def test_signatures_are_described(model_dirs, tmp_path):
    made = saved_model.export(model_dirs["answers"], str(tmp_path / "answers"))
    assert made["inputs"] == {"question": "string [batch]", "context": "string [batch]"}
    assert made["outputs"] == {
        "answer": "string [batch, 5]",
        "start": "int32 [batch, 5]",
        "end": "int32 [batch, 5]",
        "score": "float32 [batch, 5]",
    }
    made = saved_model.export(model_dirs["field"], str(tmp_path / "field"))
    assert made["outputs"]["label"] == "string [batch, ?]" and made["classes"][0] == "O"
