"""The mean of models, against NumPy over the files as the safetensors package reads them."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from kortf import tasks
from kortf.cli.main import run_verb
from kortf.errors import InputError
from kortf.pretrained.averaging import average_models
from kortf.pretrained.directory.inference import load_finetuned

FILES = ("model.safetensors", "kortf_heads.safetensors")


@pytest.fixture
def three(finetuned_dir, tmp_path):
    """A fine-tuned model and two whose weights were drawn elsewhere around them."""
    rng = np.random.default_rng(0)
    for name in "abc":
        shutil.copytree(finetuned_dir, tmp_path / name)
        for file in FILES if name != "a" else ():
            weights = load_file(tmp_path / name / file)
            drawn = {k: w + rng.normal(size=w.shape).astype("f4") for k, w in weights.items()}
            save_file(drawn, tmp_path / name / file, {"format": "pt"})
    return [tmp_path / name for name in "abc"]


def change_config(directory, change):
    path = directory / "config.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


def test_every_weight_is_the_mean_and_the_rest_is_the_first_ones(three, tmp_path, capsys):
    models = ",".join(map(str, three))
    assert run_verb("average", [f"--models={models}", f"--output={tmp_path}/mean"]) == 0
    assert "mean: the mean of 3 models" in capsys.readouterr().out
    for file in FILES:
        found = load_file(tmp_path / "mean" / file)
        given = [load_file(directory / file) for directory in three]
        assert found.keys() == given[0].keys()
        for name, value in found.items():
            assert value.dtype == np.float32
            expected = np.mean([weights[name] for weights in given], axis=0, dtype="f8")
            np.testing.assert_array_equal(value, expected.astype("f4"))
    first, written = three[0], tmp_path / "mean"
    assert {p.name for p in written.iterdir()} == {p.name for p in first.iterdir()}
    for name in ("config.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json"):
        assert (written / name).read_bytes() == (first / name).read_bytes(), name
    card = (written / "README.md").read_text(encoding="utf-8")
    assert f"- `{tmp_path.name}/b`" in card and str(tmp_path) not in card
    model = load_finetuned(written, tasks.build)
    kernel = load_file(written / FILES[1])["classifier_mean.dense.kernel"]
    np.testing.assert_array_equal(model.task.head.dense.kernel, kernel)


def test_what_differs_in_more_than_weights_is_refused(three, pretrained_dir, tmp_path):
    first, other, _ = three

    def refused(words, models=(first, other), output=tmp_path / "mean"):
        with pytest.raises(InputError, match=words):
            average_models(models, str(output))
        assert not (tmp_path / "mean").exists()

    refused("at least 2 models", models=[first])
    refused("is one of the models", output=other)
    refused("is a file, not a directory", output=other / "vocab.txt")
    refused("kortf.task is None where", models=[first, pretrained_dir])
    change_config(other, lambda config: config.update(num_attention_heads=1))
    refused("num_heads is 1 where .* has 2")
    change_config(other, lambda config: config.update(num_attention_heads=2))
    change_config(other, lambda config: config["kortf"]["task_settings"].update(pooling="max"))
    refused("task_settings is .*'max'.* where")
    change_config(other, lambda config: config["kortf"]["task_settings"].update(pooling="mean"))
    pieces = (other / "vocab.txt").read_text(encoding="utf-8").split("\n")
    swapped = [*pieces[:-3], pieces[-2], pieces[-3], pieces[-1]]
    (other / "vocab.txt").write_text("\n".join(swapped), encoding="utf-8")
    refused("its vocabulary is not that of")
    (other / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    weights = load_file(other / FILES[1])
    save_file({k: w[:1] for k, w in weights.items()}, other / FILES[1])
    refused(r"classifier_mean.dense.bias: \(1,\) where")
    save_file({k: w for k, w in weights.items() if "bias" not in k}, other / FILES[1])
    refused("classifier_mean.dense.bias: is missing, where another model has it")
    (other / FILES[1]).unlink()
    refused("no kortf_heads.safetensors in it, where others have one")


def test_other_dropout_is_no_other_model(three, tmp_path):
    average_models(three, str(tmp_path / "same"))
    change_config(three[1], lambda config: config.update(hidden_dropout_prob=0.3))
    average_models(three, str(tmp_path / "other"))
    same, other = (load_file(tmp_path / name / FILES[0]) for name in ("same", "other"))
    assert all(np.array_equal(same[name], other[name]) for name in same)


def test_heads_that_the_mean_does_not_have_go(pretrained_dir, three):
    output = three[0]
    average_models([pretrained_dir, pretrained_dir], str(output))
    assert not (output / FILES[1]).exists()
    found, given = (load_file(directory / FILES[0]) for directory in (output, pretrained_dir))
    assert all(np.array_equal(found[name], given[name]) for name in given)
