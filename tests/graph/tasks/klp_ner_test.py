"""KLP 2016: sentences with marks."""

import pytest

from kortf import tasks
from kortf.errors import InputError
from kortf.tasks.benchmarks.klp_ner import read_marks, write_marks
from tests.harness.tasks import published


def test_entities_are_characters_of_the_sentence(tmp_path):
    published.write("klp_ner", tmp_path)
    task = tasks.build("klp_ner")
    rows = task.read(str(tmp_path / "2016klpNER.base_train"))
    assert rows[0]["text"] == "세종대왕이 12일 서울에 갔다."
    tags = dict(zip(rows[0]["text"], rows[0]["tags"], strict=True))
    assert [tags[c] for c in "세왕이1서에"] == ["B-PS", "I-PS", "O", "B-DT", "B-LC", "O"]
    assert set(rows[1]["tags"]) == {"O"}
    lines = "".join(task.block(rows[0], rows[0]["tags"]))
    assert lines == (
        "; 세종대왕이 12일 서울에 갔다.\n$<세종대왕:PS>이 <12일:DT> <서울:LC>에 갔다.\n\n"
    )


def test_marks_and_back():
    for line in ("<a:PS><b:LC>", "가 <나:다:OG> <3 < 4", "", "<가:XX>", "5:30:TI>"):
        text, found = read_marks(line)
        assert write_marks(text, found) == line


@pytest.mark.parametrize(
    "block, line",
    [
        ("; 세종\n세\tO\n", 1),
        ("$세종\n", 1),
        ("; 세종\n; 대왕\n$세종\n", 1),
        ("; 세종\n$<세:PS>\n", 2),
        ("; 세종\n$<세종:XX>\n", 2),
    ],
)
def test_damaged_sentences_are_named(tmp_path, block, line):
    path = tmp_path / "klp"
    path.write_text(block, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        tasks.build("klp_ner").read(str(path))
    assert caught.value.parts[0] == f"{path}, line {line}"
