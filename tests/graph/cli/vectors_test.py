"""`kortf embed`, `kortf search` and `kortf evaluate --retrieval` on a small model."""

import json

import numpy as np
import pytest

import kortf
from kortf.cli.main import run_verb
from kortf.vectors.reading import read_vectors

pytestmark = pytest.mark.usefixtures("quick_graphs")
WORDS = "정말 재미있는 영화였다 배우 연기가 훌륭하다 지루하고 길다 음악".split()
TEXTS = [" ".join(WORDS[(i * j) % len(WORDS)] for j in range(1, 2 + i % 9)) for i in range(1030)]


@pytest.fixture(scope="module", autouse=True)
def loaded_once():
    """One predictor for all commands: loading takes longer than what is tested."""
    from kortf.export import predictor

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predictor, "cores", lambda: 2)  # the window depends on them
        patch.setattr(predictor, "Predictor", Once(predictor.Predictor))
        yield


class Once:
    """Makes one object for each directory."""

    def __init__(self, cls):
        self.cls, self.made = cls, {}

    def __call__(self, directory, batch_size=32, options=None):
        del batch_size, options
        if directory not in self.made:
            self.made[directory] = self.cls(directory)
        return self.made[directory]


@pytest.fixture(scope="module")
def model(pretrained_dir):
    return str(pretrained_dir)


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    path = tmp_path_factory.mktemp("texts") / "texts.txt"
    path.write_text("".join(text + "\n" for text in TEXTS))
    return str(path)


@pytest.fixture(scope="module")
def array(tmp_path_factory, model, texts):
    path = tmp_path_factory.mktemp("array") / "v.npy"
    assert run_verb("embed", [f"--model={model}", f"--input={texts}", f"--output={path}"]) == 0
    return str(path)


def test_vectors_are_in_the_order_of_the_texts(model, array):
    found = np.load(array)
    assert found.shape == (len(TEXTS), 16) and found.dtype == np.float32
    some = list(range(0, len(TEXTS), 97))
    expected = kortf.load(model).embed([TEXTS[i] for i in some])
    np.testing.assert_allclose(found[some], expected, atol=1e-5)


@pytest.mark.parametrize("number", [1, 5])
def test_vectors_do_not_depend_on_the_number_of_cores(monkeypatch, number, model, array):
    from kortf.export import predictor

    monkeypatch.setattr(predictor, "cores", lambda: number)
    other = predictor.Predictor.cls(model, 2)
    assert other.window == 32 * number
    np.testing.assert_allclose(other.embed(TEXTS), np.load(array), atol=1e-6)


def test_interrupted_command_continues_with_the_same_bytes(
    tmp_path, monkeypatch, capsys, model, texts, array
):
    from kortf.export import predictor
    from kortf.vectors import writing

    monkeypatch.setattr(writing, "_STATE_EVERY", 0.0)
    cls = predictor.Predictor.cls
    embed, calls = cls.embed, []

    def interrupted(self, given):
        calls.append(len(given))
        if len(calls) == 3:  # the first one asks for the dimension
            raise KeyboardInterrupt
        return embed(self, given)

    flags = [f"--model={model}", f"--input={texts}", f"--output={tmp_path}/v.npy"]
    with monkeypatch.context() as patch:
        patch.setattr(cls, "embed", interrupted)
        assert run_verb("embed", flags) == 130
    assert "run the same command again" in capsys.readouterr().err
    assert not (tmp_path / "v.npy").exists()
    assert run_verb("embed", flags) == 0
    assert "1,024" in capsys.readouterr().err
    with open(array, "rb") as file:
        assert (tmp_path / "v.npy").read_bytes() == file.read()
    assert [path.name for path in tmp_path.iterdir()] == ["v.npy"]


def test_other_formats_hold_the_same_vectors(tmp_path, model, texts, array):
    path = str(tmp_path / "v.parquet")
    assert run_verb("embed", [f"--model={model}", f"--input={texts}", f"--output={path}"]) == 0
    blocks = list(read_vectors(path))
    np.testing.assert_array_equal(np.concatenate([b.vectors for b in blocks]), np.load(array))
    assert [text for block in blocks for text in block.texts] == TEXTS


def test_bad_row_leaves_no_file(tmp_path, capsys, model):
    rows = [json.dumps({"text": text}) for text in TEXTS[:600]] + ['{"text": 1}']
    (tmp_path / "t.jsonl").write_text("\n".join(rows) + "\n")
    flags = [f"--model={model}", f"--input={tmp_path}/t.jsonl", f"--output={tmp_path}/v.npy"]
    assert run_verb("embed", flags) == 2
    assert f"{tmp_path}/t.jsonl, line 601" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["t.jsonl"]


def test_truncated_texts_are_counted(tmp_path, capsys, model):
    (tmp_path / "t.txt").write_text("짧은 글\n" + "정말 재미있는 영화였다 " * 9 + "\n")
    flags = [f"--model={model}", f"--input={tmp_path}/t.txt", f"--output={tmp_path}/v.npy"]
    assert run_verb("embed", flags) == 0
    assert "1 of 2 texts are truncated to 24 tokens" in capsys.readouterr().err


def test_search_finds_the_nearest_texts(capsys, model, texts, array):
    query = TEXTS[5]
    flags = [f"--model={model}", f"--vectors={array}", f"--texts={texts}"]
    assert run_verb("search", [*flags, f"--query={query}", "--query=음악", "--top_k=3"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    vectors = np.load(array)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = vectors @ vectors[5]
    assert (first["query"], second["query"]) == (query, "음악")
    assert [result["text"] for result in first["results"]][0] == query
    found = [result["score"] for result in first["results"]]
    np.testing.assert_allclose(found, np.sort(scores)[::-1][:3], atol=1e-5)
    assert all(TEXTS[r["row"] - 1] == r["text"] for r in first["results"] + second["results"])


def test_search_refuses_what_does_not_belong_together(tmp_path, capsys, model, texts, array):
    flags = [f"--model={model}", f"--vectors={array}"]
    (tmp_path / "few.txt").write_text("한 줄\n")
    (tmp_path / "other.txt").write_text("".join(text + "\n" for text in TEXTS[::-1]))
    for more, place in (
        ([f"--texts={tmp_path}/few.txt", "--query=x"], f"{tmp_path}/few.txt"),
        ([f"--texts={tmp_path}/other.txt", "--query=x"], array),
        ([], "--query"),
        (["--query= "], "query 1"),
        (["--query=x", "--prompt_name=query"], "--prompt_name=query"),
    ):
        assert run_verb("search", [*flags, *more]) == 2
        assert capsys.readouterr().err.startswith(f"kortf search: {place}")


def test_retrieval_is_scored(tmp_path, capsys, model):
    texts = sorted(set(TEXTS))[:30]
    rows = [{"_id": f"d{i}", "text": text} for i, text in enumerate(texts)]
    queries = [{"_id": f"q{i}", "text": text} for i, text in enumerate(texts[:5])]
    for name, values in (("corpus", rows), ("queries", queries)):
        content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in values)
        (tmp_path / f"{name}.jsonl").write_text(content)
    (tmp_path / "qrels").mkdir()
    judged = "".join(f"q{i}\td{i}\t1\n" for i in range(5))
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged)
    flags = [f"--model={model}", f"--retrieval={tmp_path}", f"--output={tmp_path}/out"]
    assert run_verb("evaluate", flags) == 0
    assert "ndcg@10 1.0000" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "retrieval.json").read_text())["scores"]["mrr@10"] == 1
    assert run_verb("evaluate", [*flags, "--task=nsmc"]) == 2
    assert run_verb("evaluate", [flags[0], flags[2]]) == 2
