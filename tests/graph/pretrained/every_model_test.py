"""The contract of model directories: every encoder, with every option, comes back as it was."""

import json
import shutil

import numpy as np
import pytest

import kortf
from kortf import discovery, models
from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.pretrained.directory.directory import (
    load_encoder,
    load_heads,
    read_config,
    save_pretrained,
)
from kortf.pretrained.formats.tensors import FILE, HEADS_FILE, TensorFile
from tests.harness.pretrained.random_models import (
    BATCH,
    MAKERS,
    assert_same_weights,
    build,
    heads_of,
    scatter,
)

NAMES = discovery.names("kortf.models", Encoder)
OPTIONS = [
    {},
    {"embedding_dim": 6},
    {"num_groups": 1},
    {"num_groups": 1, "embedding_dim": 16},
    {"positions": "rotary"},
    {"positions": "rotary", "norm": "pre", "feed_forward": "glu"},
    {"positions": "rotary", "feed_forward": "glu", "num_groups": 1, "embedding_dim": 6},
    {"norm": "pre"},
    {"norm": "post"},
    {"norm": "pre", "embedding_dim": 6, "num_groups": 2},
    {"feed_forward": "glu", "norm": "post", "num_groups": 2},
    {"pooler": True},
    {"pooler": False},
    {"num_segments": 0},
    {"num_segments": 3},
    {"output_init_scale": 0.01, "position_init": "sinusoidal", "remat": True},
    {"activation": "relu", "dropout": 0.2, "attention_dropout": 0.3, "norm_epsilon": 0.01},
]
BIDIRECTIONAL = ("masked_lm", "next_sentence", "replaced_token", "span_boundary", "classifier")

HUGGING_FACE = {
    "streams": "concatenated", "attention_bias": False, "num_segments": 0, "pooler": False,
}  # fmt: skip
OWN_OPTIONS = {
    "reformer": [
        {"bucket_size": 2, "full_attention_length": 0, "num_hashes": 3},
        {"bucket_size": 2, "full_attention_length": 0, "num_local_heads": 2, "look_ahead": False},
        {"positions": "learned", "attention_chunks": 2, "feed_forward_chunks": 2},
        {"axial_rows": 3, "axial_columns": 4},
        {"streams": "concatenated", "pooler": True},
        {"attention_bias": False},
        HUGGING_FACE,
        HUGGING_FACE | {"positions": "learned", "look_ahead": False, "num_hashes": 3},
        HUGGING_FACE | {"bucket_size": 2, "full_attention_length": 0},
    ],
}
OWN_OPTIONS["causal_reformer"] = OWN_OPTIONS["reformer"]


def described(options: dict) -> str:
    return ",".join(f"{key}={value}" for key, value in options.items())


def takes(name: str, options: dict) -> bool:
    """Whether an encoder has such options."""
    known = discovery.arguments_of(discovery.find("kortf.models", name, Encoder))
    post = options.get("norm") == "post" and "reformer" in name
    return set(options) <= set(known) and not post


def cases(options: list[dict], own: dict[str, list[dict]] | None = None) -> list:
    """Return (encoder, options) of all encoders that have such options.

    Every test run has each option once: BERT's with all, and each encoder without and with its own.
    """
    return [
        pytest.param(
            name,
            option,
            id=f"{name}-{described(option)}",
            marks=[pytest.mark.exhaustive]
            if (name != "bert" and option and option in options) or name == "causal_reformer"
            else [],
        )
        for name in NAMES
        for option in options + (own or {}).get(name, [])
        if takes(name, option)
    ]


@pytest.mark.parametrize("name, options", cases(OPTIONS, OWN_OPTIONS))
def test_every_weight_comes_back(tmp_path, name, options):
    """Names and shapes on disk are a bijection of the variables, for every option."""
    encoder = build(name, num_layers=2, **options)
    save_pretrained(tmp_path, encoder)
    again = kortf.from_pretrained(tmp_path)
    assert same_settings(again.settings, encoder.settings)
    assert_same_weights(again, encoder)


@pytest.mark.parametrize("name", NAMES)
def test_an_encoder_computes_the_same_again(tmp_path, name):
    encoder = build(name, num_layers=2)
    save_pretrained(tmp_path, encoder)
    other = models.build(name, **encoder.settings)
    load_encoder(other, tmp_path)
    before, after = encoder(BATCH), other(BATCH)
    for key, values in before.items():
        np.testing.assert_array_equal(values, after[key])


def same_settings(ours: dict, theirs: dict) -> bool:
    """A group for each layer is no grouping."""
    ours, theirs = dict(ours), dict(theirs)
    for settings in (ours, theirs):
        settings["num_groups"] = settings.get("num_groups") or settings["num_layers"]
    return ours == theirs


@pytest.mark.parametrize(
    "name, options", cases([{}, {"positions": "rotary"}, {"embedding_dim": 6}])
)
def test_heads_come_back(tmp_path, name, options):
    encoder = build(name, num_layers=1, **options)
    heads = heads_of(encoder, *(("causal_lm", "classifier") if encoder.causal else BIDIRECTIONAL))
    save_pretrained(tmp_path, encoder, heads=heads)
    again = kortf.from_pretrained(tmp_path)
    fresh = {key: MAKERS[key](again) for key in heads}
    assert load_heads(fresh, tmp_path) == []
    for key, head in heads.items():
        assert_same_weights(fresh[key], head)


PRE = {"norm": "pre", "embedding_dim": 6}
GENERATORS = [name for name in NAMES if name not in ("gpt", "causal_reformer")]


@pytest.mark.parametrize(
    "name, options, size",
    [
        *((name, {}, 0.5) for name in GENERATORS),
        *(
            pytest.param(name, PRE, 1, marks=[] if name == "electra" else [pytest.mark.exhaustive])
            for name in GENERATORS
            if takes(name, PRE)
        ),
    ],
)
def test_generator_comes_back(tmp_path, name, options, size):
    encoder = build(name, num_layers=2, **options)
    generator = scatter(encoder.generator(size))
    heads = heads_of(generator, "masked_lm")
    save_pretrained(tmp_path, generator, heads=heads)
    again = kortf.from_pretrained(tmp_path)
    np.testing.assert_array_equal(again(BATCH)["sequence"], generator(BATCH)["sequence"])
    fresh = {"masked_lm": MAKERS["masked_lm"](again)}
    assert load_heads(fresh, tmp_path) == []
    assert_same_weights(fresh["masked_lm"], heads["masked_lm"])
    twin = models.build(name, **encoder.settings).generator(size)
    load_encoder(twin, tmp_path)  # as a run that goes on from both directories does
    np.testing.assert_array_equal(twin(BATCH)["sequence"], generator(BATCH)["sequence"])


def test_pooler_that_nothing_has_trained_is_left_out(tmp_path):
    encoder = build("bert")
    save_pretrained(tmp_path, encoder, heads=heads_of(encoder, "masked_lm"))
    assert not [name for name in TensorFile(tmp_path).names if "pooler" in name]
    again = kortf.from_pretrained(tmp_path)
    assert again.settings == encoder.settings and again.pooler is not None
    np.testing.assert_array_equal(again(BATCH)["sequence"], encoder(BATCH)["sequence"])


def test_heads_that_hugging_face_does_not_know_stand_apart(tmp_path):
    encoder = build("bert")
    save_pretrained(tmp_path, encoder, heads=heads_of(encoder, "masked_lm", "span_boundary"))
    apart = TensorFile(tmp_path, HEADS_FILE).names
    assert {name.split(".")[0] for name in apart} == {"span_boundary"}
    assert "span_boundary.boundary_dense.kernel" in apart
    assert not [name for name in TensorFile(tmp_path, FILE).names if "span_boundary" in name]
    # A head that is no longer there does not stay behind.
    save_pretrained(tmp_path, encoder, heads=heads_of(encoder, "masked_lm"))
    assert load_heads(heads_of(encoder, "span_boundary"), tmp_path) == ["span_boundary"]
    assert not (tmp_path / HEADS_FILE).exists()


def test_head_without_weights_is_never_missing(tmp_path):
    encoder = build("gpt")
    save_pretrained(tmp_path, encoder)
    assert load_heads(heads_of(encoder, "causal_lm"), tmp_path) == []
    factorised = build("gpt", embedding_dim=6)
    save_pretrained(tmp_path / "factorised", factorised)
    missing = load_heads(heads_of(factorised, "causal_lm"), tmp_path / "factorised")
    assert missing == ["causal_lm"]


def test_classifier_stands_where_older_directories_have_it(tmp_path):
    from safetensors.numpy import load_file, save_file

    encoder = build("bert")
    save_pretrained(tmp_path, encoder)
    head = MAKERS["classifier"](encoder, pooling="mean")
    old = {
        "kortf_classifier.weight": head.dense.kernel.numpy().T.copy(),
        "kortf_classifier.bias": head.dense.bias.numpy(),
    }
    save_file(load_file(tmp_path / FILE) | old, tmp_path / FILE)
    other = scatter(MAKERS["classifier"](encoder, pooling="mean"))
    assert load_heads({"classifier": other}, tmp_path) == []
    assert_same_weights(other, head)
    assert load_heads(heads_of(encoder, "classifier"), tmp_path) == ["classifier"]


@pytest.mark.parametrize(
    ("written", "asked", "changes", "words"),
    [
        ("albert", "bert", {}, "the weights are of 'albert' where the model is 'bert'; "
         "set config.model.name='albert'"),
        ("bert", "gpt", {}, "the weights are of 'bert' where the model is 'gpt'; "
         "set config.model.name='bert'"),
        ("gpt", "electra", {}, "norm is 'pre' where the model has 'post'"),
        ("albert", "bert", {"embedding_dim": 128}, "num_groups is 1 where the model has None"),
        ("albert", "albert", {"num_groups": 2}, "num_groups is 1 where the model has 2"),
        ("albert", "albert", {"embedding_dim": 9}, "embedding_dim is 128 where the model has 9"),
        ("electra", "electra", {"embedding_dim": 9}, "embedding_dim is 16 where the model has 9"),
        ("gpt", "gpt", {"positions": "rotary"}, "positions is 'learned' where the model has"),
        ("gpt", "gpt", {"hidden_dim": 8}, "hidden_dim is 16 where the model has 8"),
        ("gpt", "gpt", {"num_layers": 5}, "num_layers is 4 where the model has 5"),
        ("gpt", "gpt", {"activation": "relu"}, "activation is 'gelu_tanh' where the model has"),
        ("bert", "bert", {"num_segments": 0}, "num_segments is 2 where the model has 0"),
        ("bert", "reformer", {}, "the weights are of 'bert' where the model is 'reformer'"),
        ("reformer", "bert", {"norm": "pre"}, "the weights are of 'reformer' where the model is"),
        ("reformer", "reformer", {"streams": "concatenated", "pooler": False},
         "streams is 'mean' where the model has 'concatenated'"),
    ],
)  # fmt: skip
def test_other_models_are_refused_with_what_mends_it(tmp_path, written, asked, changes, words):
    save_pretrained(tmp_path, build(written))
    with pytest.raises(InputError) as caught:
        load_encoder(build(asked, **changes), tmp_path)
    assert words in str(caught.value)


def test_modules_that_compute_the_same_take_each_other_s_weights(tmp_path):
    discriminator = build("electra")
    save_pretrained(tmp_path / "electra", discriminator)
    bert = build("bert")
    load_encoder(bert, tmp_path / "electra")
    np.testing.assert_array_equal(bert(BATCH)["sequence"], discriminator(BATCH)["sequence"])
    save_pretrained(tmp_path / "bert", bert)
    electra = models.build("electra", **discriminator.settings)
    load_encoder(electra, tmp_path / "bert")
    assert_same_weights(electra, discriminator)


@pytest.mark.parametrize(
    ("causal", "model", "changes"),
    [
        ("gpt", "bert", {"norm": "pre", "num_segments": 0, "activation": "gelu_tanh"}),
        ("causal_reformer", "reformer", {"num_segments": 0, "pooler": False}),
    ],
)
def test_a_bidirectional_model_starts_from_a_causal_one(tmp_path, said, causal, model, changes):
    start = build(causal)
    save_pretrained(tmp_path, start)
    encoder = build(model, **changes | {"norm_epsilon": start.settings["norm_epsilon"]})
    load_encoder(encoder, tmp_path)
    assert any("from here on it sees both sides" in line for line in said)
    alone = {name: value[:, :1] for name, value in BATCH.items()}  # where that is the same
    np.testing.assert_allclose(
        encoder(alone)["sequence"], start(alone)["sequence"], atol=1e-6, rtol=1e-5
    )


@pytest.fixture(scope="module")
def rotary_dir(tmp_path_factory):
    """Directory of a model that only kortf can describe."""
    directory = tmp_path_factory.mktemp("rotary")
    save_pretrained(directory, build("bert", positions="rotary"))
    return directory


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": None}, "kortf.model: is missing"),
        ({"model": "nothing"}, "encoder 'nothing': there is no such encoder"),
        ({"settings": []}, "kortf.settings: is missing"),
        ({"settings": {"num_layers": 2}}, "setting vocabulary_size: is missing"),
        ({"num_layers": "2"}, "setting num_layers: cannot be '2'"),
        ({"num_layers": -1}, "setting num_layers: cannot be -1"),
        ({"hidden_dim": 16.5}, "setting hidden_dim: cannot be 16.5"),
        ({"pooler": 1}, "setting pooler: cannot be 1"),
        ({"windows": 3}, "setting windows: bert has no such setting"),
        ({"norm": "none"}, "norm='none': choose 'post' or 'pre'"),
        ({"num_heads": 5}, "num_heads=5 does not divide hidden_dim=16"),
        ({"num_groups": 3}, "num_groups=3 does not divide num_layers=4"),
    ],
)
def test_settings_that_cannot_be_are_refused(rotary_dir, tmp_path, changes, words):
    shutil.copytree(rotary_dir, tmp_path, dirs_exist_ok=True)
    config = read_config(tmp_path)
    assert config["model_type"] == "kortf" and "architectures" not in config
    if {"model", "settings"} & set(changes):
        config["kortf"] |= changes
    else:
        config["kortf"]["settings"] |= changes
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError) as caught:
        kortf.from_pretrained(tmp_path)
    assert words in str(caught.value) and str(tmp_path / "config.json") in str(caught.value)
