"""What torch saves is read, in all of its formats."""

import numpy as np
import pytest

import kortf
from kortf.errors import InputError
from kortf.pretrained.directory.directory import load_heads
from kortf.pretrained.formats.torch_file import TorchFile
from tests.harness.pretrained.random_models import MAKERS, assert_same_weights
from tests.harness.pretrained.torch_models import make
from tests.oracle.pretrained.read_test import SIZES

pytestmark = pytest.mark.oracle


@pytest.mark.parametrize("new", [True, False], ids=["zip", "old"])
def test_model(tmp_path, new):
    import torch

    model = make(tmp_path, "Bert", "ForPreTraining", **SIZES)
    whole = kortf.from_pretrained(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    path = tmp_path / "pytorch_model.bin"
    # With the vocabulary twice, once as the head's, as the format keeps it.
    torch.save(model.state_dict(), path, _use_new_zipfile_serialization=new)
    again = kortf.from_pretrained(tmp_path)
    assert_same_weights(again, whole)
    heads = {name: MAKERS[name](again) for name in ("masked_lm", "next_sentence")}
    assert load_heads(heads, tmp_path) == []
    data = path.read_bytes()
    for size in (0, 1, 100, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        with pytest.raises(InputError, match="pytorch_model.bin: not a whole file"):
            kortf.from_pretrained(tmp_path)


@pytest.mark.parametrize("new", [True, False], ids=["zip", "old"])
def test_kinds_of_tensors(tmp_path, new):
    import torch

    x = torch.arange(24.0).reshape(4, 6)
    values = {
        "plain": x,
        "turned": x.t(),
        "part": x[1:3, 2:5],
        "half": x.half(),
        "brain": x.bfloat16(),
        "double": x.double(),
        "parameter": torch.nn.Parameter(x + 1),
        "scalar": torch.tensor(2.5),
        "none": torch.zeros(0, 3),
        "shared": x,
    }
    torch.save(values, tmp_path / "pytorch_model.bin", _use_new_zipfile_serialization=new)
    file = TorchFile(str(tmp_path))
    assert file.names == set(values)
    for name, value in values.items():
        assert file.shape(name) == tuple(value.shape)
        np.testing.assert_array_equal(file.read(name), value.detach().float().numpy())
    np.testing.assert_array_equal(file.read("plain", 1, 3), x[:, 2:4].numpy())
    torch.save({"a": torch.arange(3)}, tmp_path / "pytorch_model.bin")
    with pytest.raises(InputError, match="tensor a: holds int64"):
        TorchFile(str(tmp_path)).read("a")


def test_shards(tmp_path):
    model = make(tmp_path / "one", "Bert", "Model", **SIZES)
    model.save_pretrained(tmp_path / "many", max_shard_size="2KB")
    assert (tmp_path / "many" / "model.safetensors.index.json").exists()
    assert_same_weights(
        kortf.from_pretrained(tmp_path / "many"), kortf.from_pretrained(tmp_path / "one")
    )


def test_shards_of_torch(tmp_path):
    import json

    import torch

    model = make(tmp_path, "Bert", "Model", **SIZES)
    whole = kortf.from_pretrained(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    where = {}
    for i in range(2):
        part = {k: v for j, (k, v) in enumerate(model.state_dict().items()) if j % 2 == i}
        file = f"pytorch_model-0000{i + 1}-of-00002.bin"
        torch.save(part, tmp_path / file)
        where |= dict.fromkeys(part, file)
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": where}))
    assert_same_weights(kortf.from_pretrained(tmp_path), whole)
