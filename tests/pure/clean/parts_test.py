"""How the text is divided, and what lies on disk between the passes."""

import numpy as np
import pytest

from kortf.clean.passes import parts
from kortf.clean.passes.drops import Drops
from kortf.clean.passes.part_builder import PartBuilder
from kortf.clean.settings import from_config
from kortf.data.corpus.text_file import TextFile


@pytest.fixture
def two_files(tmp_path):
    """Files of 3 and 1 MB, of documents of 64 KB."""
    paths = []
    for name, count in (("a", 48), ("b", 16)):
        path = tmp_path / f"{name}.txt"
        documents = (f"{name} {i} ".ljust(100, "x") + "\n" for i in range(count))
        path.write_text("\n".join(document * 655 for document in documents))
        paths.append(TextFile.detect(str(path)))
    return paths


def test_docstring_example(two_files):
    cut = parts.cut(two_files, 2)
    assert [[piece.file for piece in part] for part in cut] == [[0, 0], [0, 1]]


@pytest.mark.parametrize("count", [0, 1, 3, 50])
def test_every_byte_is_in_one_part_and_in_order(two_files, count):
    pieces = [piece for part in parts.cut(two_files, count) for piece in part]
    ends = {}
    for piece in pieces:
        assert piece.start == ends.get(piece.file, 0)
        ends[piece.file] = piece.end
    assert [piece.file for piece in pieces] == sorted(piece.file for piece in pieces)
    assert len(parts.cut(two_files, count)) == {0: 4, 1: 1, 3: 3, 50: 4}[count]


def test_a_document_of_a_part_is_found_again(two_files, tmp_path):
    settings = from_config({"hangul_share": 0.0, "repeats": 0})
    builder = PartBuilder(two_files, settings, str(tmp_path), lambda *done: None)
    builder.build(0, parts.cut(two_files, 1)[0])
    part = parts.Part(str(tmp_path), 0)
    assert part.is_done() and len(part.read("sizes")) == 64
    for number, name in [(0, "a 0 "), (47, "a 47 "), (48, "b 0 "), (63, "b 15 ")]:
        document = part.document(number)
        assert document.startswith(name) and document.count("\n") == 654


@pytest.mark.parametrize("shares", [2, 0])
def test_places_of_all_shares_are_found_by_part(tmp_path, shares):
    drops = Drops(str(tmp_path), "near", [0, 4, 4, 10], shares)
    if shares:
        drops.write(0, np.array([2, 5, 5]), np.array([0, 4, 1]))
        drops.write(1, np.array([5, 9]), np.array([3, 2]))
    else:  # a file a part
        drops.write(0, np.array([2]), np.array([0]))
        drops.write(1, np.zeros(0, np.int64), np.zeros(0, np.int64))
        drops.write(2, np.array([5, 5, 5, 9]), np.array([4, 1, 3, 2]))
    assert all(map(drops.is_done, range(drops.shares)))
    assert [drops.within(part).tolist() for part in range(3)] == [[2], [], [1, 5]]
    assert [drops.twins(part) for part in range(3)] == [{2: 0}, {}, {1: 1, 5: 2}]
