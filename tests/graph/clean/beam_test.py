"""Cleaning by Apache Beam: the bytes that worker processes make, errors in one line."""

import pytest

from kortf.errors import InputError
from tests.pure.clean.clean_test import clean, contents  # noqa: F401
from tests.pure.clean.grouping_test import CASES, EACH, compare, corpus  # noqa: F401

pytest.importorskip("apache_beam", reason="the `beam` extra is not installed: make test-beam")

from kortf.data.beam import BeamRunner  # noqa: E402


@CASES
def test_the_same_bytes_as_here(compare, values):  # noqa: F811
    compare(values, BeamRunner("DirectRunner", []))


def test_processes_make_the_same_bytes(compare):  # noqa: F811
    compare(EACH, BeamRunner("DirectRunner", [], workers=2))


def test_a_fault_in_the_text_is_one_line(clean, tmp_path):  # noqa: F811
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "가나다라"}\n{"text": \n')
    with pytest.raises(InputError, match="a.jsonl, line 2: not JSON"):
        clean([path], runner=BeamRunner("DirectRunner", []))
    assert not (tmp_path / "out").exists() or not contents(tmp_path / "out")


def test_remote_text_and_output(clean, corpus, tmp_path):  # noqa: F811
    """TensorFlow's file system in memory is as remote as any: all goes by its addresses."""
    import tensorflow as tf

    pytest.importorskip("rensa", reason="pip install 'kortf[clean]'")
    clean(corpus, EACH, "here")
    away = f"ram://{tmp_path.name}"
    for path in corpus:
        with tf.io.gfile.GFile(f"{away}/{path.name}", "wb") as file:
            file.write(path.read_bytes())
    paths = [f"{away}/{path.name}" for path in corpus]
    report = clean(paths, EACH, f"{away}/out", runner=BeamRunner("DirectRunner", []))
    for entry in report["files"]:
        there = tf.io.gfile.GFile(f"{away}/out/{entry['file']}", "rb").read()
        assert there == (tmp_path / "here" / entry["file"]).read_bytes()
