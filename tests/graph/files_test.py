"""Remote files, through TensorFlow's file systems."""

import os

import pytest

from kortf import files
from kortf.errors import InputError


def test_an_address_without_a_file_system_is_one_line():
    for address in ("https://example.invalid/a.txt", "s3://bucket/a.txt"):
        with pytest.raises(InputError) as caught:
            files.expand([address])
        assert caught.value.parts[0] == address
        with pytest.raises(InputError):
            files.exists(address)


def test_remote_globs_and_directories():
    for name in ("a.txt", "c/b.txt"):
        files.makedirs(f"ram://corpus/{os.path.dirname(name)}")
        with files.write_beside(f"ram://corpus/{name}") as file:
            file.write("가")
    assert files.expand(["ram://corpus/*.txt"]) == ["ram://corpus/a.txt"]
    assert files.expand(["ram://corpus/c"]) == ["ram://corpus/c/b.txt"]
