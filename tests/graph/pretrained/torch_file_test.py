"""Pickles that are no tables of tensors are refused, and nothing in them is executed."""

import collections
import io
import os
import pickle
import zipfile

import pytest

import kortf
from kortf.errors import InputError
from kortf.pretrained.directory.directory import save_pretrained
from kortf.pretrained.formats import torch_pickle
from kortf.pretrained.formats.torch_file import TorchFile
from kortf.pretrained.formats.torch_pickle import Unreadable
from tests.harness.pretrained.random_models import build


class Call:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def load(data: bytes):
    return torch_pickle.load(io.BytesIO(data))


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value",
    [
        {"a": 1, "b": [1, (2, 3), "나", None, True], "c": 2**70, "d": -1.5},
        {},
        ("x", (), [], (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
    ],
)
def test_plain_values(value, protocol):
    if protocol == 0:
        with pytest.raises(Unreadable):
            load(pickle.dumps(value, protocol))
    else:
        assert load(pickle.dumps(value, protocol)) == value


def test_ordered_dict():
    assert load(pickle.dumps(collections.OrderedDict(a=1, b=2), 2)) == {"a": 1, "b": 2}


@pytest.mark.parametrize("protocol", range(6))
def test_calls_are_refused_and_not_made(tmp_path, protocol):
    target = tmp_path / "made"
    for value in (
        Call(os.system, f"touch {target}"),
        Call(open, str(target), "w"),
        Call(eval, "1"),
    ):
        with pytest.raises(Unreadable, match="names|holds"):
            load(pickle.dumps({"a": value}, protocol))
    assert not target.exists()


@pytest.mark.parametrize("value", [os.path.join, io.BytesIO(), {1, 2}, b"x", object(), range(3)])
def test_other_things_are_refused(value):
    with pytest.raises(Unreadable):
        load(pickle.dumps(value, 4))


@pytest.mark.parametrize(
    "data",
    [b"", b".", b"\x80\x02", b"\x80\x02N", b"\x80\x02}q\x00(u", b"h\x05.", b"R.", b"0.", b"NN.",
     b"ccollections\nOrderedDict\n", b"]NNs.", b"\x80\x02Nb.", b"}" + b"(" * 5 + b".",
     b"X\xff\xff\xff\x7fa.", b"\x8a\xff1.", b"(NtQ.", b"\x80\x02})Ns.",
     b"ctorch\nload\n.", b"ctorch._utils\n_rebuild_tensor_v2\n)R."],
)  # fmt: skip
def test_broken_pickles_are_refused(data):
    with pytest.raises(Unreadable):
        load(data)


def test_nested_keys_do_not_hang():
    deep = ()
    for _ in range(200):
        deep = (deep, deep)
    with pytest.raises(Unreadable):
        load(pickle.dumps({"a": 1}, 2)[:-1] + b"\x80\x02" + pickle.dumps(deep, 2)[2:-1] + b"Ns.")


def test_budgets_bound_what_a_pickle_may_use():
    deep = b"\x80\x02" + b"(" * 100_000 + b"t" * 100_000 + b"."
    assert load(deep) is not None  # nesting alone does no harm
    pairs = b"(" + b"X\x01\0\0\0aN\x86" * 1000 + b"lq\x00"
    made = b"h\x01h\x00\x85R"  # a table of 1,000 items
    with pytest.raises(Unreadable, match="items"):
        load(b"\x80\x02" + pairs + b"ccollections\nOrderedDict\nq\x01" + made * 2000 + b".")
    with pytest.raises(Unreadable, match="no text"):  # a name of nested tuples
        load(b"\x80\x04)" + b"q\x00h\x00\x86" * 60 + b"h\x00\x93.")


def write(path, table: bytes, **entries: bytes):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", table)
        for name, data in entries.items():
            archive.writestr(f"archive/data/{name[1:]}", data)


def table(key=b"0", kind=b"Float", numbers=6, offset=0, shape=(2, 3), strides=(3, 1)) -> bytes:
    """The pickle of a table with one tensor, as torch writes it."""

    def packed(sizes):
        return b"(" + b"".join(b"M" + size.to_bytes(2, "little") for size in sizes) + b"t"

    text = b"X" + len(key).to_bytes(4, "little") + key
    storage = b"(X\x07\0\0\0storagectorch\n" + kind + b"Storage\n" + text
    storage += b"X\x03\0\0\0cpuM" + numbers.to_bytes(2, "little") + b"tQ"
    tensor = b"(" + storage + b"M" + offset.to_bytes(2, "little") + packed(shape) + packed(strides)
    return b"\x80\x02}X\x01\0\0\0actorch._utils\n_rebuild_tensor_v2\n" + tensor + b"\x89}tRs."


def test_a_tensor_by_hand(tmp_path):
    import numpy as np

    numbers = np.arange(6, dtype="<f4")
    write(tmp_path / "pytorch_model.bin", table(), _0=numbers.tobytes())
    file = TorchFile(str(tmp_path))
    assert file.names == {"a"} and file.shape("a") == (2, 3)
    np.testing.assert_array_equal(file.read("a"), [[0, 1, 2], [3, 4, 5]])
    write(tmp_path / "pytorch_model.bin", table(offset=1, shape=(2, 2), strides=(1, 3)),
          _0=numbers.tobytes())  # fmt: skip
    np.testing.assert_array_equal(TorchFile(str(tmp_path)).read("a"), [[1, 4], [2, 5]])


@pytest.mark.parametrize(
    "changes",
    [
        {"numbers": 7},
        {"numbers": 5},
        {"offset": 1},
        {"shape": (2, 4)},
        {"shape": (60000, 3), "strides": (0, 1)},
        {"strides": (4, 1)},
        {"strides": (3,)},
        {"key": b"1"},
        {"key": b"../0"},
        {"kind": b"Untyped"},
        {"kind": b"Double"},
    ],
)
def test_tables_that_lie_are_refused(tmp_path, changes):
    write(tmp_path / "pytorch_model.bin", table(**changes), _0=bytes(24))
    with pytest.raises(InputError, match="pytorch_model.bin: not a whole file of torch's tensors"):
        TorchFile(str(tmp_path))


def test_compressed_storages_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "pytorch_model.bin", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", table())
        archive.writestr("archive/data/0", bytes(24))
    with pytest.raises(InputError, match="no archive of torch"):
        TorchFile(str(tmp_path))


@pytest.mark.parametrize("value", [{"a": 1}, [1], {"a": Call(os.system, "true")}, {1: 2}])
def test_files_with_anything_else_are_refused(tmp_path, value):
    save_pretrained(tmp_path, build("bert"))
    (tmp_path / "model.safetensors").unlink()
    write(tmp_path / "pytorch_model.bin", pickle.dumps(value, 2))
    with pytest.raises(InputError, match="pytorch_model.bin: not a whole file of torch's tensors"):
        kortf.from_pretrained(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(pickle.dumps(value, 2))
    with pytest.raises(InputError, match="pytorch_model.bin: not a whole file of torch's tensors"):
        kortf.from_pretrained(tmp_path)
