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


def annotated(*values, data=None, **annotation):
    result = [{"type": "labels", "value": value} for value in values]
    found = {"result": result, **annotation}
    return {"data": data or {"text": "😀 서울에 갔다"}, "annotations": [found]}


@pytest.mark.parametrize(
    "row",
    [
        {"text": "😀 서울에 갔다", "entities": [{"start": 2, "end": 4, "label": "LC"}]},
        {"text": "😀 서울에 갔다", "label": [[2, 4, "LC"]], "id": 1},
        {
            "text": "😀 서울에 갔다",
            "entities": [{"id": 3, "label": "LC", "start_offset": 2, "end_offset": 4}],
            "relations": [],
        },
        annotated({"start": 2, "end": 4, "labels": ["LC"]}),
        annotated({"start": 3, "end": 5, "text": "서울", "labels": ["LC"]}),  # UTF-16 units
        {
            "text": "😀 서울에 갔다",
            "label": [{"start": 2, "end": 4, "text": "서울", "labels": ["LC"]}],
        },
    ],
)
def test_spans_of_labelling_tools(tmp_path, row):
    for name, text in (("a.jsonl", json.dumps(row)), ("a.json", json.dumps([row]))):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (example,) = tasks.build("token_classification").read(str(tmp_path / name))
        assert example["text"] == "😀 서울에 갔다"
        assert example["tags"][:5] == ["O", "O", "B-LC", "I-LC", "O"]


@pytest.mark.parametrize(
    "row",
    [
        {"data": {"text": "가"}, "annotations": []},
        {"data": "가", "annotations": [{"result": []}]},
        annotated() | {"annotations": [{"result": []}, {"result": []}]},
        annotated(was_cancelled=True),
        annotated({"start": 2, "end": 4, "labels": ["LC", "OG"]}),
        annotated({"start": 2, "end": 4, "text": "부산", "labels": ["LC"]}),
        annotated(data={"a": "가", "b": "나"}),
        annotated(result=3),
    ],
)
def test_unusable_rows_of_labelling_tools_are_named(tmp_path, row):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(InputError, match="a.jsonl, line 1"):
        tasks.build("token_classification").read(str(path))


def test_tag_files_of_excel_and_other_encodings(tmp_path):
    path = tmp_path / "words.conll"
    path.write_bytes("그는 O\n서울에 B-LC\n".encode("cp949"))
    task = tasks.build("token_classification")
    task.set_reading(False, "cp949")
    assert task.read(str(path))[0]["tags"] == ["O", "B-LC"]
    with pytest.raises(InputError, match="--encoding"):
        tasks.build("klue_ner").set_reading(False, "cp949")


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


def test_predicted_entities_can_be_read_as_data(tmp_path):
    task = tasks.build("token_classification", entity_labels=["LC", "PS"])
    examples = [{"text": "서울에 간 왕"}, {"text": "없다"}]
    found = {
        "start": np.array([[0, 6], [0, 0]]), "end": np.array([[2, 7], [0, 0]]),
        "label": np.array([[b"LC", b"PS"], [b"", b""]]), "score": np.array([[0.75, 0.5], [0, 0]]),
    }  # fmt: skip
    path = task.write_predictions(str(tmp_path / "predictions"), found, examples)
    first, second = [json.loads(line) for line in open(path, encoding="utf-8")]
    assert first["entities"] == [
        {"start": 0, "end": 2, "label": "LC", "score": 0.75},
        {"start": 6, "end": 7, "label": "PS", "score": 0.5},
    ]
    assert second == {"text": "없다", "entities": []}
    again = task.read(path)
    assert again[0]["tags"] == ["B-LC", "I-LC", "O", "O", "O", "O", "B-PS"]


def test_entities_come_from_the_train_part_or_are_named(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"tokens": ["가", "나"], "tags": ["O", "B-XX"]}\n', encoding="utf-8")
    task = tasks.build("token_classification", entity_labels=["LC", "PS"])
    with pytest.raises(InputError, match="a.jsonl, line 1.*'XX'"):
        task.read(str(path))
    task.adapt([{"tags": ["B-XX"]}])  # labels that were given stay
    assert task.entity_labels == ("LC", "PS")
    with pytest.raises(InputError, match="^config.task.train_file"):
        tasks.build("token_classification").adapt([{"tags": ["O"]}])


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
            "line 1, entity 1: not a span of the text",
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
    with pytest.raises(ValueError, match="label_at=last: "):
        tasks.build("klue_ner", label_at="last")
    with pytest.raises(ValueError, match="stride=0"):
        tasks.build("klue_ner", stride=0)


def test_entities_travel_in_settings_as_json():
    task = tasks.build("token_classification", entity_labels="PS, LC")
    assert json.loads(json.dumps(task.settings())) == task.settings()
    assert tasks.build("token_classification", **task.settings()).classes == task.classes


def words(tmp_path, content, name="words.conll", **settings):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    task = tasks.build("token_classification", **settings)
    return task, task.read(str(path))


def test_conll_as_it_is_published(tmp_path):
    _, rows = words(tmp_path, "-DOCSTART- -X- -X- O\n\n서울\u00a0시 NP B-LC B-LC\n\u3000 NP O O\n")
    assert rows[0]["text"] == "서울\u00a0시 \u3000" and len(rows) == 1
    _, rows = words(tmp_path, "-DOCSTART- -X- O\n서울 X B-LC\n왔다  X  O\n\n")
    assert [row["text"] for row in rows] == ["서울 왔다"]
    # Characters, spaces among them: no further spaces come between.
    _, rows = words(tmp_path, "서\tB-LC\n울\tI-LC\n \tO\n왔\tO\n\n다\tO\n")
    assert [row["text"] for row in rows] == ["서울 왔", "다"]
    _, rows = words(tmp_path, "서울\tB-LC\n \tO\n시\tO\n")
    assert [row["text"] for row in rows] == ["서울   시"]


def test_other_schemes_and_repairs_are_reported(tmp_path, tokenizer):
    task, rows = words(tmp_path, "김 I-PS\n철수 I-PS\n박 B-PS\n왔다 O\n")
    assert rows[0]["tags"] == ["B-PS", "I-PS", "B-PS", "O"]
    assert task.notes()["repairs"] == {"words.conll": {"tagging scheme, converted to IOB2": "IOB1"}}
    task, rows = words(tmp_path, "\u200b B-LC\n\ufeff I-LC\n서울 I-LC\n왔다 O\n")
    assert rows[0]["tags"] == ["O", "O", "B-LC", "O"]
    assert list(task.notes()["repairs"]["words.conll"].values()) == [1]
    task.adapt(rows)
    encoded, found, scores = there_and_back(task, tokenizer, rows, 32)
    assert found == [rows[0]["tags"]] and scores["f1"] == 1.0
    assert set(encoded.lost.values()) == {0}


def test_a_crf_learns_entities_that_a_window_cuts(tokenizer):
    task = tasks.build("token_classification", entity_labels="PS", stride=4)
    row = {"tokens": ["세종대왕"] * 12, "tags": ["B-PS"] + ["I-PS"] * 11}
    encoded = EncodedExamples(task, tokenizer, [task.example(row, "x")], 9)
    labels = encoded.labels.to_tensor(-1)
    assert len(encoded) > 2
    task.build(8, 0.02, 0.0)
    emissions = tf.one_hot(tf.maximum(labels, 0), len(task.classes)) * 50.0
    assert float(tf.reduce_max(task.loss(emissions, labels))) < 1.0


def test_spans_that_overlap_or_hold_nothing_are_refused(tmp_path):
    def line(*entities, **more):
        row = {"text": "서울 시청 왔다 ", "entities": list(entities)} | more
        return json.dumps(row, ensure_ascii=False) + "\n"

    place = {"start": 0, "end": 2, "label": "LC"}
    bad = [
        [place, place | {"start": 1, "end": 5}],
        [place, place | {"label": "OG"}],
        [place | {"label": ""}],
        [place | {"start": 2, "end": 3}],
        [place | {"start": True}],
    ]
    for entities in bad:
        with pytest.raises(InputError, match="rows.jsonl, line 2"):
            words(tmp_path, line(place) + line(*entities), "rows.jsonl")
    _, rows = words(tmp_path, line(place, place), "rows.jsonl")
    doccano = json.dumps({"text": "서울 시청 왔다 ", "label": [[0, 2, "LC"]]}) + "\n"
    assert words(tmp_path, doccano, "doccano.jsonl")[1] == rows


def test_an_entity_inside_a_first_piece_is_counted_as_lost(tmp_path, tokenizer):
    row = {"text": "서울시청", "entities": [{"start": 2, "end": 4, "label": "OG"}]}
    task, rows = words(tmp_path, json.dumps(row), "rows.jsonl", label_at="first")
    task.adapt(rows)
    lost = EncodedExamples(task, tokenizer, rows, 32).lost
    assert lost["entities without a token"] == 1


@pytest.mark.oracle
def test_strict_scoring_sees_the_tags_of_the_model(tokenizer):
    """Predicted I- without B-: seqeval's strict IOB2 finds no entity, scikit-learn other tags."""
    f1_score = pytest.importorskip("seqeval.metrics", reason="pip install seqeval").f1_score
    from seqeval.scheme import IOB2
    from sklearn.metrics import f1_score as character_f1

    task = tasks.build("klue_ner", crf=False)
    gold = ["B-PS", "I-PS", "I-PS", "O", "B-LC", "I-LC", "O", "O"]
    raw = ["I-PS", "I-PS", "I-PS", "O", "I-LC", "I-LC", "O", "O"]
    text = "김철수가서울 로"
    units = [(i, i + 1) for i in range(len(text))]
    example = {"id": "1", "text": text, "units": units, "tags": gold}
    encoded = EncodedExamples(task, tokenizer, [example], 64)
    numbers = [0, *(task.classes.index(raw[i]) for i in range(8) if text[i] != " "), 0]
    decisions = {
        "tags": tf.constant([numbers], tf.int32),
        "probabilities": tf.ones([1, len(numbers)]),
    }
    found = task.collect(decisions, encoded.rows, encoded.texts)
    found = {name: values.numpy() for name, values in found.items()}
    assert task.predicted_tags(found, [example]) == [raw]
    scores = task.score(found, [example])
    expected = f1_score([gold], [raw], mode="strict", scheme=IOB2, average="macro")
    assert scores["macro_f1"] == expected == 0.0
    expected = character_f1(gold, raw, labels=task.classes, average="macro", zero_division=1)
    assert scores["character_macro_f1"] == pytest.approx(expected)
    served = task.decode({name: tf.constant(values) for name, values in found.items()})
    assert set(served) == {"label", "start", "end", "text", "score"}


def test_ends_of_entities_stand_on_visible_characters(tokenizer, tmp_path):
    task = tasks.build("token_classification")
    path = tmp_path / "a.jsonl"
    words = ["\u200b", "서울", "\u00ad", "왔다", "\ufeff"]
    path.write_text(
        published.json_lines(
            {"text": "그는 서울 에", "entities": [{"start": 2, "end": 6, "label": "LC"}]},
            {"tokens": words, "tags": ["B-LC", "I-LC", "I-LC", "O", "B-LC"]},
        ),
        encoding="utf-8",
    )
    examples = task.read(str(path))
    assert examples[0]["tags"] == ["O", "O", "O", "B-LC", "I-LC", "O", "O"]
    assert examples[1]["tags"] == ["O", "B-LC", "O", "O", "O"]
    assert sorted(task.notes()["repairs"]["a.jsonl"].values()) == [1, 2]
    task.adapt(examples)
    _, found, scores = there_and_back(task, tokenizer, examples, 32)
    assert found == [example["tags"] for example in examples] and scores["f1"] == 1.0


def test_single_characters_in_json_are_joined_as_in_lines(tmp_path):
    task = tasks.build("token_classification")
    path = tmp_path / "a.jsonl"
    row = {"tokens": list("서울 시"), "tags": ["B-LC", "I-LC", "O", "O"]}
    start = {"tokens": ["-DOCSTART-"], "tags": ["O"]}
    path.write_text(published.json_lines(start, row), encoding="utf-8")
    (example,) = task.read(str(path))
    assert example["text"] == "서울 시" and example["units"][2] == (2, 3)
    path.write_text(published.json_lines(row | {"tokens": ["서울", "시", "에", "서"]}))
    assert task.read(str(path))[0]["text"] == "서울 시 에 서"


@pytest.mark.parametrize(
    "lines, place",
    [
        ("서울 B-LC\n왔다 o\n", ", line 2"),
        ("서울\tB-LC\n왔다\tB\n", ", line 2"),
        ("서울\tb-lc\n", ", line 1"),
        ("서울\tLC-B\n", ", line 1"),
        ("# text = 서울\n서울\tB-LC\n", ", line 1"),
        ("서울\tB-LC\n왔다\n", ", line 2"),
        ("서울\tB-LC\n\tO\n", ", line 2"),
        ("서울\tB-LC\n왔다\tO\t\n", ", line 2"),
        ("서울\tB-LC\n부산\tS-LC\n대구\tU-LC\n", ""),
    ],
)
def test_a_line_that_is_no_token_and_tag_is_named(lines, place, tmp_path):
    path = tmp_path / "a.conll"
    path.write_text(f"{lines}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        tasks.build("token_classification").read(str(path))
    assert caught.value.parts[0] == f"{path}{place}"


def test_numbers_of_lines_are_no_words(tmp_path):
    task, path = tasks.build("token_classification"), tmp_path / "a.conll"
    path.write_text("1\t서울\tB-LC\n2\t왔다\tO\n\n1\t1\tO\n", encoding="utf-8")
    assert [row["text"] for row in task.read(str(path))] == ["서울 왔다", "1"]
    assert list(task.notes()["repairs"]["a.conll"].values()) == [2]
    path.write_text("1\tNR\tB-QT\n3\tNR\tI-QT\n", encoding="utf-8")
    assert task.read(str(path))[0]["text"] == "1 3"


def test_entities_that_no_tags_hold_are_counted(tokenizer):
    task = tasks.build("token_classification", entity_labels="LC", label_at="first")
    rows = [
        ("서울에서 왔다", [{"start": 0, "end": 2, "label": "LC"}]),  # ends inside an eojeol
        ("서울 에서 왔다", [{"start": 0, "end": 2, "label": "LC"}]),
        ("그서울 에서", [{"start": 1, "end": 3, "label": "LC"}]),  # begins inside one
    ]
    made = [task.example({"text": text, "entities": spans}, "x") for text, spans in rows]
    encoded = EncodedExamples(task, tokenizer, made, 32)
    assert encoded.lost["entities that begin or end inside a token"] == 2
    by_character = tasks.build("token_classification", entity_labels="LC", label_at="character")
    encoded = EncodedExamples(by_character, tokenizer, made, 32)
    assert encoded.lost["entities that begin or end inside a token"] == 0
