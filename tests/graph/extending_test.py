"""The plug-ins of docs/extending.md work from a folder outside of the package."""

import importlib
import pathlib
import re
import sys

import numpy as np
import pytest
import tensorflow as tf

import kortf
from kortf import models, objectives, tasks
from kortf.errors import InputError
from kortf.pretrained.directory.directory import load_encoder, save_pretrained
from kortf.train.programs.pretraining import Pretraining
from tests.harness.objectives.draws import row_seeds
from tests.harness.pretrained.random_models import BATCH, KEPT, SIZES, scatter

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "extending.md"
FILES = dict(re.findall(r"```python\n# file: (\w+\.py)\n(.*?)```", PAGE.read_text("utf-8"), re.S))


@pytest.fixture(autouse=True)
def plugins(tmp_path, monkeypatch):
    """A folder on the path with the files of the page."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    for name, source in FILES.items():
        (folder / name).write_text(source, encoding="utf-8")
        monkeypatch.delitem(sys.modules, name.removesuffix(".py"), raising=False)
    monkeypatch.syspath_prepend(folder)
    return folder


def small(name: str, **changes):
    return scatter(models.build(name, **SIZES | {"num_layers": 1, "init_scale": 0.1} | changes))


def gradients(program, features) -> dict[str, np.ndarray]:
    variables = program.variables()
    with tf.GradientTape() as tape:
        scores = program.score(program.corrupt(features), tf.constant([1, 2]))
        loss = tf.add_n(list(scores.losses.values()))
    found = tape.gradient(loss, list(variables.values()), unconnected_gradients="zero")
    return {name: tf.convert_to_tensor(g).numpy() for name, g in zip(variables, found, strict=True)}


def features(length: int = 5) -> dict:
    rows = len(BATCH["token_ids"])
    assert length == BATCH["token_ids"].shape[1]
    mask = BATCH["padding_mask"].astype(bool)
    return {
        "token_ids": tf.constant(BATCH["token_ids"]), "padding_mask": tf.constant(mask),
        "segment_ids": tf.zeros((rows, length), tf.int32), "draw_seed": row_seeds(rows),
    }  # fmt: skip


class Vocabulary:
    size, mask_id, unk_id, special_ids = 13, 4, 1, [0, 1, 2, 3, 4]
    starts_word = np.ones(13, bool)


def test_an_encoder_with_another_attention(tmp_path):
    encoder = small("linear_bert", features="relu")
    outputs = encoder(BATCH)["sequence"].numpy()
    padded = BATCH | {"token_ids": np.where(KEPT, BATCH["token_ids"], 9)}
    np.testing.assert_allclose(encoder(padded)["sequence"].numpy()[KEPT], outputs[KEPT], atol=1e-5)
    save_pretrained(tmp_path / "model", encoder)
    again = kortf.from_pretrained(tmp_path / "model")
    np.testing.assert_array_equal(again(BATCH)["sequence"], outputs)
    assert again.settings["features"] == "relu"
    with pytest.raises(InputError, match="features"):
        load_encoder(small("linear_bert"), tmp_path / "model")
    program = Pretraining(encoder, objectives.build_all([{"name": "masked_lm"}]), Vocabulary())
    for objective in program.recipe:
        objective.build(encoder)
    found = gradients(program, features())
    assert np.abs(found["encoder/layers/layer_0/attention/input_kernel"]).max() > 0
    assert all(len(encoder.depths(n.partition("/")[2])) for n in found if n.startswith("encoder/"))


@pytest.mark.parametrize("name", ["bert", "gpt", "linear_bert"])
def test_a_prefix_objective(name):
    config = importlib.import_module("prefix").get_config()
    encoder = small(name)
    recipe = objectives.build_all([dict(each) for each in config.objectives])
    program = Pretraining(encoder, recipe, Vocabulary())
    recipe[0].build(encoder)
    batch = program.corrupt(features())
    prefix, weights = batch["prefix_mask"].numpy(), batch["next_weights"].numpy()
    assert not (prefix[:, 1:] & (weights[:, :-1] > 0)).any()  # no piece of a prefix is predicted
    scores = program.score(batch, None)
    metrics = {name for name in scores.metrics}
    assert metrics == set(recipe[0].metrics)
    assert np.isfinite(scores.losses["causal_lm"])
    assert all(np.isfinite(g).all() for g in gradients(program, features()).values())
    with pytest.raises(ValueError, match="prefix"):
        recipe[0].build(models.build("reformer", **SIZES | {"num_layers": 1}))


def test_a_hugging_face_family(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    config = transformers.CamembertConfig(
        vocab_size=13, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=12, max_position_embeddings=10, pad_token_id=1,
    )  # fmt: skip
    theirs = transformers.CamembertModel(config).eval()
    theirs.save_pretrained(tmp_path / "theirs")
    with pytest.raises(InputError, match="model_type"):
        kortf.from_pretrained(tmp_path / "theirs")
    monkeypatch.setenv("KORTF_PLUGINS", "camembert")
    ours = kortf.from_pretrained(tmp_path / "theirs")
    ids = np.where(KEPT, BATCH["token_ids"], 1)
    with torch.no_grad():
        expected = theirs(torch.tensor(ids).long(), torch.tensor(BATCH["padding_mask"]))[0].numpy()
    batch = BATCH | {"segment_ids": np.zeros_like(ids)}
    np.testing.assert_allclose(ours(batch)["sequence"].numpy()[KEPT], expected[KEPT], atol=1e-5)
    ours.save_pretrained(tmp_path / "ours")
    monkeypatch.delenv("KORTF_PLUGINS")  # what kortf wrote names the family itself
    again = kortf.from_pretrained(tmp_path / "ours")
    np.testing.assert_array_equal(again(BATCH)["sequence"], ours(BATCH)["sequence"])
    assert transformers.AutoConfig.from_pretrained(tmp_path / "ours").model_type == "camembert"


def test_a_benchmark(tmp_path):
    rows = "0\t노래\n2\t지금 몇 시야\n3\t불 꺼 줘\n"
    for name in ("fci_train_val.txt", "fci_test.txt"):
        (tmp_path / name).write_text(rows, encoding="utf-8")
    config = importlib.import_module("intent_config").get_config("smoke")
    task = tasks.build(config.task.name)
    examples = task.read(str(tmp_path / task.train_file))
    assert [(row["text"], row["label"]) for row in examples] == [
        ("노래", 0), ("지금 몇 시야", 2), ("불 꺼 줘", 3)
    ]  # fmt: skip
    (tmp_path / "bad.txt").write_text("9\t노래\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        task.read(str(tmp_path / "bad.txt"))


def test_a_cleaning_rule():
    from kortf.clean.rule_set import make_rules
    from kortf.clean.settings import from_config

    rules = {
        rule.name: rule for rule in make_rules(from_config({"rules": ("hashtags",)}).values)[0]
    }
    example = type(rules["hashtags"]).example
    assert rules["hashtags"].apply(example.before) == example.after
    assert rules["hashtags"].apply(example.after) == example.after
    off = from_config({"rules": ("hashtags",), "hashtags": False})
    assert "hashtags" not in {rule.name for rule in make_rules(off.values)[0]}


def test_a_corpus_reader(tmp_path):
    from kortf.data.corpus.corpus import read_documents

    path = tmp_path / "chat.txt"
    path.write_text("[철수] [오후 3:15] 안녕\n[영희] [오후 3:16] 응\n\n[철수] [오전 9:00] 일어나\n")
    documents = [document.sentences for document in read_documents([str(path)], "chat")]
    assert documents == [["안녕", "응"], ["일어나"]]
    path.write_text("[철수] [오후 3:15] 안녕\n누구지\n")
    with pytest.raises(InputError) as caught:
        list(read_documents([str(path)], "chat"))
    assert caught.value.parts[0] == f"{path}, line 2"
