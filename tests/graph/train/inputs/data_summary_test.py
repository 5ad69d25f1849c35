"""The summary of the data: what is truncated, lost, shared, nearly equal or unknown."""

import pytest

from kortf import tasks
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.text.tokenizer.unknown import UnknownCounter
from kortf.train.examples import EncodedExamples
from kortf.train.inputs.data_summary import cost_line, near_identical, summarize_data, summary_lines


@pytest.fixture
def summarize(vocabulary_dir):
    tokenizer = load_tokenizer(str(vocabulary_dir))

    def run(task, max_length, **splits):
        unknown = UnknownCounter(tokenizer.vocabulary)
        encoded = {}
        for part, rows in splits.items():
            encoded[part] = EncodedExamples(task, tokenizer, rows, max_length)
            encoded[part].count_unknown(unknown)
        summary = summarize_data(task, splits, encoded, unknown)
        return summary, summary_lines(task, summary, max_length)

    return run


def test_counts_of_each_part(summarize):
    task = tasks.build("text_classification", classes=["긍정", "긍정 ", "부정"])
    rows = [{"text": "세종대왕 " * n, "label": label} for n, label in ((1, "긍정"), (90, "부정"))]
    summary, lines = summarize(task, 16, train=rows, dev=rows[:1], test=rows[1:])
    train = summary["parts"]["train"]
    assert train["examples"] == 2 and train["truncated"] == 1
    assert train["labels"]["부정"] == 1 and train["tokens"]["longest"] == 16
    assert "truncated" not in summary["parts"]["dev"]
    assert summary["overlap"] == {"dev in train": 1, "test in train": 1}
    text = "\n".join(lines)
    for expected in ("train: 2 examples", "truncated to 16 tokens: 1", "WARNING: 1 (100.0%) test"):
        assert expected in text


def test_pairs_count_both_texts(summarize):
    task = tasks.build("text_pair", classes="예,아니요")
    rows = [{"text": "서울 " * 30, "text_pair": "부산", "label": "예"}]
    summary, _ = summarize(task, 12, train=rows)
    assert summary["parts"]["train"]["truncated"] == 1


def test_unknown_pieces_are_reported(summarize):
    task = tasks.build("text_classification", classes="a,b")
    summary, _ = summarize(task, 16, train=[{"text": "𓀀 세종대왕", "label": "a"}])
    assert summary["unknown"]["unknown"] >= 1 and "𓀀" in summary["unknown"]["examples"][0]


def test_the_test_part_as_dev_part_is_named_once(summarize):
    task = tasks.build("text_classification", classes="a,b")
    rows = [{"text": "가", "label": "a"}]
    summary, _ = summarize(task, 16, train=[{"text": "나", "label": "b"}], test=rows, dev=rows)
    assert list(summary["parts"]) == ["train", "test"] and "overlap" not in summary


def test_labels_that_look_alike():
    assert near_identical(["긍정 ", "부정", "긍정"]) == [("긍정 ", "긍정")]
    assert near_identical(["Ａ", "a", "b"]) == [("Ａ", "a")]
    assert near_identical(["1", "1.0", "10", "2.50"]) == [("1", "1.0")]
    assert near_identical(["한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"]) != []


def test_the_estimate_grows_with_the_work(monkeypatch):
    from kortf.train.inputs import data_summary

    monkeypatch.setattr(data_summary, "_operations_per_second", lambda: 1e9)
    assert "about 20.0 seconds" in cost_line(10**6, 32, 1000, 1)
    assert "about 33.3 minutes" in cost_line(10**6, 32, 100_000, 1)
    assert "about 5.6 hours" in cost_line(10**6, 32, 10**6, 1)
