"""Entities: files of each form, the way from tags to pieces and back, and what is refused."""

import json

import numpy as np
import pytest
import tensorflow as tf

from kortf import tasks
from kortf.errors import InputError
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.train.examples import EncodedExamples
from tests.harness.tasks import published


@pytest.fixture(scope="module")
def tokenizer(vocabulary_dir):
    return load_tokenizer(str(vocabulary_dir))


def read(name, tmp_path, file=0, **settings):
    task = tasks.build(name, **settings)
    published.write(name, tmp_path)
    return task, task.read(str(tmp_path / list(published.FILES[name])[file]))


def there_and_back(task, tokenizer, examples, max_length):
    """The tags that come out where each token is given its own label."""
    encoded = EncodedExamples(task, tokenizer, examples, max_length)
    labels = tf.maximum(encoded.labels.to_tensor(0), 0)
    decisions = {"tags": labels, "probabilities": tf.ones(tf.shape(labels))}
    found = task.collect(decisions, encoded.rows, encoded.texts)
    found = {name: value.numpy() for name, value in found.items()}
    return encoded, task.predicted_tags(found, examples), task.score(found, examples)


@pytest.mark.parametrize("max_length", [12, 256])
def test_every_sentence_of_the_sample_survives_by_characters(sample, tokenizer, max_length):
    task = tasks.build("klue_ner", stride=None if max_length > 12 else 4)
    examples = task.read(f"{sample}/klue/klue-ner-v1.1_dev.tsv")
    # The same with decomposed syllables and zero-width characters in the text.
    examples += [decomposed(example) for example in examples]
    encoded, found, scores = there_and_back(task, tokenizer, examples, max_length)
    assert (len(encoded) > len(examples)) == (max_length == 12)
    assert [row["tags"] for row in examples] == found
    assert set(scores.values()) == {1.0}


def decomposed(example):
    import unicodedata

    text, units, at = "", [], 0
    for (start, end), number in zip(example["units"], range(10**6), strict=False):
        part = unicodedata.normalize("NFD", example["text"][start:end])
        part = f"{part}\u200b" if number % 3 == 0 and not part.isspace() else part
        units.append((at, at + len(part)))
        text, at = text + part, at + len(part)
    return example | {"text": text, "units": units}


@pytest.mark.parametrize("label_at", ["first", "all"])
@pytest.mark.parametrize("max_length", [9, 128])
def test_entities_of_words_survive(tmp_path, tokenizer, label_at, max_length):
    task, examples = read("kmou_ner", tmp_path, label_at=label_at)
    encoded, found, _ = there_and_back(task, tokenizer, examples, max_length)
    assert [row["tags"] for row in examples] == found
    learned = (encoded.labels.flat_values.numpy() >= 0).sum()
    pieces = sum(len(row) for row in tokenizer.tokenize([e["text"] for e in examples]).to_list())
    words = sum(len(row["tags"]) for row in examples)
    if max_length == 128:
        assert learned == (words if label_at == "first" else pieces)


def test_forms_of_the_files(tmp_path):
    _, rows = read("klue_ner", tmp_path)
    assert rows[0]["text"] == "세종대왕이 서울 # 갔다." and rows[0]["tags"][:2] == ["B-PS", "I-PS"]
    assert rows[0]["id"] == "klue-ner-v1_dev_00000-wikitree" and len(rows) == 2 * published.TIMES
    _, rows = read("kmou_ner", tmp_path)
    assert rows[0]["text"] == "세종 대왕 은 12 일 에 오 았 다 ." and rows[0]["units"][1] == (3, 5)
    _, rows = read("naver_ner", tmp_path)
    assert rows[0]["tags"] == ["B-PER", "B-DAT", "I-DAT", "O"]
    _, rows = read("naver_ner", tmp_path, 1)
    assert rows[0]["text"] == "세종대왕은 12일에 왔다" and rows[1]["tags"] == ["O", "O"]
    task, rows = read("token_classification", tmp_path)
    assert rows[0]["tags"] == ["O", "O", "O", "B-LC", "I-LC", "O", "O", "O", "O"]
    task.adapt(rows)
    assert task.classes == ("O", "B-LC", "I-LC") and task.settings()["entity_labels"] == ["LC"]
    path = tmp_path / "words.conll"
    path.write_text("그는 NP O\n서울에 NP B-LC\n\n좋다 O\n", encoding="utf-8")
    rows = task.read(str(path))
    assert rows[0] == {"text": "그는 서울에", "units": [(0, 2), (3, 6)], "tags": ["O", "B-LC"]}


@pytest.mark.parametrize("name, file", [("klue_ner", 0), ("naver_ner", 0), ("naver_ner", 1)])
def test_predictions_are_in_the_form_of_the_files(tmp_path, name, file):
    task, examples = read(name, tmp_path, file)
    found = {
        "start": np.array([[0]] * len(examples)),
        "end": np.array([[1]] * len(examples)),
        "label": np.array([[task.entity_labels[0].encode()]] * len(examples)),
    }
    path = task.write_predictions(str(tmp_path / "predictions"), found, examples)
    again = task.read(path)
    assert [row["text"] for row in again] == [row["text"] for row in examples]
    expected = [[f"B-{task.entity_labels[0]}"] + ["O"] * (len(e["tags"]) - 1) for e in examples]
    assert [row["tags"] for row in again] == expected


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("klue_ner", "가\tB-XX\n", "line 1: tag 'B-XX' of unit 1 is unknown; write O, or B-"),
        ("klue_ner", "가 O\n", "line 1: not a character, a tab and a tag"),
        ("klue_ner", "## nothing\n", "none of its 1 rows can be used"),
        ("klue_ner", "", "the file is empty"),
        ("naver_ner", "1\t가\tPER_B\n2\t나\n", "line 2: 2 fields where 3 are expected"),
        ("naver_ner", "가 나\tO\n", "line 1: 2 words with 1 tags"),
        ("token_classification", '{"text": "가"}\n', "neither 'text' and 'entities' nor 'tokens'"),
        ("token_classification", '{"tokens": ["가"], "tags": []}\n', "1 tokens with 0 tags"),
        ("token_classification", '{"text": "가", "entities": [', "line 1, character 28: not JSON"),
        (
            "token_classification",
            '{"text": "가", "entities": [{"start": 0, "end": 2, "label": "PS"}]}\n',
            "line 1: entity 1 is not a span of the text",
        ),
    ],
)
def test_bad_rows_are_named(tmp_path, name, content, message):
    path = tmp_path / ("rows.jsonl" if name == "token_classification" else "rows.tsv")
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        tasks.build(name).read(str(path))
    assert message in str(caught.value) and str(path) in str(caught.value)


def test_words_and_tags_that_do_not_fit(tmp_path):
    (tmp_path / "a.words.txt").write_text("가 나\n다\n", encoding="utf-8")
    (tmp_path / "a.tags.txt").write_text("O\nO\n", encoding="utf-8")
    task = tasks.build("kmou_ner")
    with pytest.raises(InputError, match="a.words.txt, line 1: 2 words with 1 tags"):
        task.read(str(tmp_path / "a.words.txt"))
    task.skip_bad_rows = True
    assert len(task.read(str(tmp_path / "a.words.txt"))) == 1
    assert task.notes()["bad_rows"]["a.words.txt"]["count"] == 1
    (tmp_path / "a.tags.txt").write_text("O O\n", encoding="utf-8")
    with pytest.raises(InputError, match="a.tags.txt: 1 lines where .* has 2"):
        task.read(str(tmp_path / "a.words.txt"))


def test_settings_that_cannot_be():
    with pytest.raises(ValueError, match="label_at='last': choose one of first, all, character"):
        tasks.build("klue_ner", label_at="last")
    with pytest.raises(ValueError, match="stride=0"):
        tasks.build("klue_ner", stride=0)


def test_entities_travel_in_settings_as_json():
    task = tasks.build("token_classification", entity_labels="PS, LC")
    assert json.loads(json.dumps(task.settings())) == task.settings()
    assert tasks.build("token_classification", **task.settings()).classes == task.classes
