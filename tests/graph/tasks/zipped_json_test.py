"""Damaged zip files of benchmarks are refused, whatever zipfile raises."""

import zipfile

import pytest

from kortf.errors import InputError
from kortf.tasks.readers.zipped_json import read_zipped_json


def make(path, name="a.json"):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, '{"data": []}')
    return path.read_bytes()


def test_members_are_read(tmp_path):
    path = tmp_path / "a.zip"
    make(path)
    assert list(read_zipped_json(str(path))) == [(f"{path}, a.json", {"data": []})]


@pytest.mark.parametrize("damage", ["place", "name", "cut", "empty"])
def test_damage_is_an_input_error(tmp_path, damage):
    path = tmp_path / "a.zip"
    data = make(path, "é.json")
    path.write_bytes({
        "place": data[:-6] + b"\xf0\xff\xff\xff" + data[-2:],  # a member before the file
        "name": data.replace("é".encode(), b"\xff\xfe"),
        "cut": data[:-4],
        "empty": b"",
    }[damage])  # fmt: skip
    with pytest.raises(InputError) as error:
        list(read_zipped_json(str(path)))
    assert error.value.parts[0].startswith(str(path))
