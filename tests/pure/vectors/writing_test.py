"""Files of vectors: the same bytes after a kill, and read as they were written."""

import json

import numpy as np
import pytest

from kortf.errors import InputError
from kortf.vectors import writing as module
from kortf.vectors.batches import windows
from kortf.vectors.reading import read_vectors
from kortf.vectors.writing import VectorWriter

TEXTS = [f"글 {i}" for i in range(10)]
VECTORS = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
FILES = ["v.npy", "v.parquet", "v.jsonl"]


@pytest.fixture(autouse=True)
def save_often(monkeypatch):
    monkeypatch.setattr(module, "_STATE_EVERY", 0.0)


def write(path, begin=0, end=10, identity=("a",), close=True):
    writer = VectorWriter(str(path), 3, {"of": list(identity)})
    assert writer.rows == begin
    for start in range(begin, end, 2):
        writer.add(TEXTS[start : start + 2], VECTORS[start : start + 2])
    if close:
        writer.close()
    return writer


@pytest.mark.parametrize("name", FILES)
def test_file_is_read_as_it_was_written(tmp_path, name):
    write(tmp_path / name)
    blocks = list(read_vectors(str(tmp_path / name)))
    found = np.concatenate([block.vectors for block in blocks])
    np.testing.assert_allclose(found, VECTORS, atol=1e-6)
    if not name.endswith(".npy"):
        assert [text for block in blocks for text in block.texts] == TEXTS
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", FILES)
def test_killed_file_continues_with_the_same_bytes(tmp_path, name):
    write(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).unlink()
    writer = write(tmp_path / name, end=6, close=False)
    writer._file.write(b"half of a row")  # what a kill leaves behind the last state
    writer._file.close()
    assert not (tmp_path / name).exists()
    write(tmp_path / name, begin=6)
    assert (tmp_path / name).read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_part_of_another_input_begins_again(tmp_path, capsys):
    write(tmp_path / "v.npy", end=6, close=False).stop()
    write(tmp_path / "v.npy", identity=("b",))
    assert "begins again" in capsys.readouterr().err
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), VECTORS)


def test_file_that_another_process_writes_is_refused(tmp_path):
    writer = write(tmp_path / "v.npy", end=6, close=False)
    with pytest.raises(InputError):
        VectorWriter(str(tmp_path / "v.npy"), 3, {})
    writer.stop()


def test_no_rows_are_a_file_without_rows(tmp_path):
    for name in FILES:
        VectorWriter(str(tmp_path / name), 3).close()
    assert np.load(tmp_path / "v.npy").shape == (0, 3)


@pytest.mark.parametrize("name", ["v.csv", "v.npz", "v.xlsx"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(InputError):
        VectorWriter(str(tmp_path / name), 3)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.npy", b"\x93NUMPY\x01\x00"),
        ("v.parquet", b"PAR1"),
        ("v.jsonl", b'{"embedding": [1, 2]}\n{"embedding": [1]}\n'),
        ("v.jsonl", b'{"embedding": [1, "2"]}\n'),
        ("v.jsonl", b"[1, 2]\n"),
        ("v.jsonl", b'{"embedding": [1' + b"0" * 400 + b"]}\n"),
        ("v.jsonl", b"\xff\n"),
        ("v.csv", b"1,2\n"),
    ],
)
def test_broken_files_are_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        list(read_vectors(str(tmp_path / name)))
    assert str(tmp_path / name) in caught.value.parts[0]


def test_arrays_of_other_shapes_are_refused(tmp_path):
    np.save(tmp_path / "v.npy", np.ones(3, np.float32))
    with pytest.raises(InputError):
        list(read_vectors(str(tmp_path / "v.npy")))
    with open(tmp_path / "v.npy", "wb") as file:  # a zip file under the name of an array
        np.savez(file, a=np.ones((2, 2), np.float32))
    with pytest.raises(InputError):
        list(read_vectors(str(tmp_path / "v.npy")))
    np.save(tmp_path / "v.npy", np.array([[{}]]), allow_pickle=True)
    with pytest.raises(InputError):
        list(read_vectors(str(tmp_path / "v.npy")))


def test_json_lines_hold_text_and_embedding(tmp_path):
    write(tmp_path / "v.jsonl")
    row = json.loads((tmp_path / "v.jsonl").read_text().splitlines()[1])
    assert row == {"text": TEXTS[1], "embedding": [round(float(v), 6) for v in VECTORS[1]]}


def test_windows_are_bounded_by_rows_and_characters(monkeypatch):
    monkeypatch.setattr("kortf.vectors.batches.CHARACTERS", 5)
    rows = [(text,) for text in ("ab", "cd", "ef", "ghijklmn", "o", "p", "q")]
    sizes = [len(window) for window in windows(rows, 2)]
    assert sizes == [2, 1, 1, 2, 1] and sum(windows(rows, 2), []) == rows
