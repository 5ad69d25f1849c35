"""Files as `torch.save` writes them, made without torch."""

import io
import pickle
import struct
import zipfile

import numpy as np

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001


def zip_file(tensors: dict[str, np.ndarray]) -> bytes:
    """Return a file of torch 1.6 or later: a zip with a pickle and a storage a tensor."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", _table(tensors, old=False))
        archive.writestr("archive/byteorder", "little")
        for index, values in enumerate(tensors.values()):
            archive.writestr(f"archive/data/{index}", values.tobytes())
        archive.writestr("archive/version", "3\n")
    return file.getvalue()


def old_file(tensors: dict[str, np.ndarray]) -> bytes:
    """Return a file of torch before 1.6: five pickles, then the storages."""
    system = {"protocol_version": PROTOCOL, "little_endian": True, "type_sizes": {"int": 4}}
    parts = [pickle.dumps(each, 2) for each in (MAGIC, PROTOCOL, system)]
    parts += [_table(tensors, old=True), pickle.dumps([str(i) for i in range(len(tensors))], 2)]
    for values in tensors.values():
        parts += [struct.pack("<q", values.size), values.tobytes()]
    return b"".join(parts)


def _table(tensors: dict[str, np.ndarray], old: bool) -> bytes:
    out = b"\x80\x02}"
    for index, (name, values) in enumerate(tensors.items()):
        out += _text(name)
        out += b"ctorch._utils\n_rebuild_tensor_v2\n("
        storage = _text("storage") + b"ctorch\nFloatStorage\n" + _text(str(index)) + _text("cpu")
        out += b"(" + storage + _number(values.size) + (b"N" if old else b"") + b"tQ"
        out += _number(0) + _number(values.size) + b"\x85" + _number(1) + b"\x85" + b"\x89"
        out += b"ccollections\nOrderedDict\n)RtRs"
    return out + b"."


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def _number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)
