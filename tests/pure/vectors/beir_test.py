"""Retrieval benchmarks in BEIR's form: read, scored, and refused with file and line."""

import json

import numpy as np
import pytest

from kortf.errors import InputError
from kortf.vectors.beir import read_retrieval
from kortf.vectors.retrieval import evaluate_retrieval

CORPUS = [
    {"_id": "d1", "title": "세종", "text": "한글을 만들었다"},
    {"_id": "d2", "text": "영화"},
    {"_id": "d3", "title": "", "text": ""},
]
QUERIES = [{"_id": "q1", "text": "한글"}, {"_id": "q2", "text": "영화"}, {"_id": "q3", "text": "x"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td2\t1\n"


@pytest.fixture
def directory(tmp_path):
    lines(tmp_path / "corpus.jsonl", CORPUS)
    lines(tmp_path / "queries.jsonl", QUERIES)
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(QRELS)
    return tmp_path


def lines(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def embed(texts):
    """Counts of a few characters."""
    return np.array([[text.count(c) for c in "한글영화세종"] for text in texts], np.float32)


def test_benchmark_is_read(directory):
    data = read_retrieval(str(directory))
    assert data.documents == ["d1", "d2", "d3"]
    assert data.queries == {"q1": "한글", "q2": "영화"}
    assert data.relevance == {"q1": {"d1": 2, "d2": 0}, "q2": {"d2": 1}}
    assert (data.unjudged, data.empty) == (1, 1)
    assert list(data.texts()) == ["세종 한글을 만들었다", "영화", ""]


def test_benchmark_is_scored_and_written(directory):
    prompts = {"query": "세종", "document": ""}
    result = evaluate_retrieval(read_retrieval(str(directory)), embed, prompts=prompts)
    written = result.write(str(directory / "out"), "model")
    assert written["scores"]["mrr@10"] == 1.0 and written["scores"]["recall@1"] == 1.0
    assert written["counts"]["queries without judgements"] == 1
    run = (directory / "out" / "run.trec").read_text().splitlines()
    assert run[0].split()[:4] == ["q1", "Q0", "d1", "1"] and len(run) == 6
    assert json.loads((directory / "out" / "retrieval.json").read_text()) == written


@pytest.mark.parametrize(
    ("name", "number", "line"),
    [
        ("corpus.jsonl", 2, '{"_id": "d1", "text": "again"}'),
        ("corpus.jsonl", 2, '{"id": "d2", "text": "x"}'),
        ("corpus.jsonl", 2, '{"_id": 2, "text": "x"}'),
        ("corpus.jsonl", 3, '{"_id": "d3"}'),
        ("corpus.jsonl", 3, '{"_id": "d3", "text": "x", "title": 1}'),
        ("corpus.jsonl", 3, "text"),
        ("queries.jsonl", 2, '{"_id": "q2", "text": " "}'),
        ("queries.jsonl", 2, "[]"),
        ("qrels/test.tsv", 1, "q1\td1\t1"),
        ("qrels/test.tsv", 2, "q9\td1\t1"),
        ("qrels/test.tsv", 2, "q1\td9\t1"),
        ("qrels/test.tsv", 3, "q1\td1\t1"),
        ("qrels/test.tsv", 3, "q1\td2"),
        ("qrels/test.tsv", 4, "q2\td2\t-1"),
        ("qrels/test.tsv", 4, "q2\td2\t0.5"),
    ],
)
def test_line_at_fault_is_named(directory, name, number, line):
    path = directory / name
    content = path.read_text().splitlines()
    content[number - 1] = line
    path.write_text("\n".join(content) + "\n")
    with pytest.raises(InputError) as caught:
        read_retrieval(str(directory))
    assert caught.value.parts[0].startswith(f"{path}, line {number}")


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_missing_file_is_named(directory, name):
    (directory / name).unlink()
    with pytest.raises(InputError) as caught:
        read_retrieval(str(directory))
    assert caught.value.parts[0] == str(directory / name)


def test_judgements_without_a_line_are_refused(directory):
    (directory / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n")
    with pytest.raises(InputError):
        read_retrieval(str(directory))
