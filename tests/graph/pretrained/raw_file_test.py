"""Parts of a file come into memory of their own, and what is not there is refused."""

import numpy as np
import pytest

from kortf.pretrained.directory.directory import from_pretrained, load_encoder, save_pretrained
from kortf.pretrained.formats.raw_file import ALIGNMENT, RawFile
from tests.harness.pretrained.random_models import BATCH, assert_same_weights, build


def test_parts_are_read_even_when_the_name_is_gone(tmp_path):
    path = tmp_path / "numbers"
    path.write_bytes(b"x" + np.arange(9, dtype="<f4").tobytes())
    file = RawFile(str(path))
    path.unlink()
    numbers = file.read(1 + 4 * 2, np.dtype("<f4"), 3)
    np.testing.assert_array_equal(numbers, [2, 3, 4])
    assert numbers.flags.writeable and numbers.ctypes.data % ALIGNMENT == 0
    assert file.read(0, np.dtype("u1"), 0).size == 0
    with pytest.raises(ValueError, match="reach beyond its end"):
        file.read(1, np.dtype("<f4"), 10)


def test_weights_that_were_taken_over_are_the_variables_own(tmp_path):
    encoder = build("bert")
    save_pretrained(tmp_path, encoder)
    first, second = from_pretrained(tmp_path), from_pretrained(tmp_path)
    for variable in first.weights:
        variable.assign_add(np.ones(variable.shape, np.float32))
    assert_same_weights(second, encoder)
    load_encoder(first, tmp_path)
    np.testing.assert_array_equal(first(BATCH)["sequence"], encoder(BATCH)["sequence"])


def test_pooler_that_is_missing_starts_at_random(tmp_path):
    encoder = build("bert", init_scale=0.02)
    save_pretrained(tmp_path, encoder)
    from safetensors.numpy import load_file, save_file

    tensors = load_file(tmp_path / "model.safetensors")
    save_file(
        {k: v for k, v in tensors.items() if "pooler" not in k}, tmp_path / "model.safetensors"
    )
    pooler = from_pretrained(tmp_path).pooler
    kernel = pooler.kernel.numpy()
    assert 0.01 < kernel.std() < 0.03 and np.abs(kernel).max() < 0.05
    assert not pooler.bias.numpy().any()
