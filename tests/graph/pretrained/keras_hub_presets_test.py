"""Presets of keras-hub give equal outputs both ways; what it cannot say is refused."""

import numpy as np
import pytest

import kortf
from kortf.cli.main import run_verb
from kortf.pretrained.directory.directory import save_pretrained
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.graph.pretrained.byte_level_test import TEXTS, write_tokenizer
from tests.harness.pretrained.random_models import BATCH, KEPT, assert_same_weights, build

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "나", "##는", "간다", "."]
CASES = [
    ("bert", {"activation": "gelu_tanh"}),
    pytest.param("albert", {"embedding_dim": 6}, marks=pytest.mark.exhaustive),
    pytest.param("albert", {"embedding_dim": 6, "num_groups": 2}, marks=pytest.mark.exhaustive),
    pytest.param("electra", {"activation": "gelu_tanh"}, marks=pytest.mark.exhaustive),
    ("electra", {"activation": "gelu_tanh", "embedding_dim": 6}),
    pytest.param("roberta", {"pooler": False}, marks=pytest.mark.exhaustive),
    ("roberta", {"position_offset": 2, "pooler": True}),
    ("gpt", {}),
]


def convert(model, output, way="--to=keras_hub") -> int:
    return run_verb("convert", [way, f"--model={model}", f"--output={output}"])


@pytest.mark.parametrize(("name", "changes"), CASES)
def test_both_ways(tmp_path, name, changes, capsys):
    keras_hub = pytest.importorskip("keras_hub", reason="kortf[hub] is not installed")
    encoder = build(name, **changes)
    vocabulary = Vocabulary("wordpiece", "\n".join(PIECES).encode(), {"do_lower_case": False})
    save_pretrained(tmp_path / "model", encoder, None if name == "roberta" else vocabulary)
    assert convert(tmp_path / "model", tmp_path / "preset") == 0
    said = capsys.readouterr().out
    backbone = keras_hub.models.Backbone.from_preset(str(tmp_path / "preset"))
    theirs, ours = backbone({key: BATCH[key] for key in backbone.input}), encoder(BATCH)
    sequence = theirs["sequence_output"] if isinstance(theirs, dict) else theirs
    np.testing.assert_allclose(
        np.asarray(ours["sequence"])[KEPT], np.asarray(sequence)[KEPT], atol=1e-5
    )
    if name in ("bert", "albert"):
        np.testing.assert_allclose(ours["pooled"], theirs["pooled_output"], atol=1e-5)
    assert ("pooled output is always zero" in said) == (name == "electra")
    assert ("pooler is left out" in said) == bool(changes.get("position_offset"))
    assert convert(tmp_path / "preset", tmp_path / "again", "--from=keras_hub") == 0
    again = kortf.from_pretrained(tmp_path / "again")
    if name == "roberta":  # what is added to each token has become a part of the positions
        np.testing.assert_allclose(
            np.asarray(again(BATCH)["sequence"])[KEPT],
            np.asarray(ours["sequence"])[KEPT],
            atol=1e-5,
        )
    else:
        assert_same_weights(again, encoder)
    if name in ("bert", "electra"):
        assert kortf.load_tokenizer(tmp_path / "again").vocabulary.pieces == PIECES
    else:
        assert "no tokenizer" in said


@pytest.mark.parametrize("name", ["gpt", "roberta"])
def test_byte_pairs_go_with_the_model(tmp_path, name):
    keras_hub = pytest.importorskip("keras_hub", reason="kortf[hub] is not installed")
    special = {"gpt": ["<|endoftext|>"], "roberta": ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]}
    size = write_tokenizer(tmp_path / "model", special[name])
    vocabulary = kortf.load_tokenizer(tmp_path / "model").vocabulary
    more = {"position_offset": 2} if name == "roberta" else {}
    save_pretrained(tmp_path / "model", build(name, vocabulary_size=size, **more), vocabulary)
    assert convert(tmp_path / "model", tmp_path / "preset") == 0
    theirs = keras_hub.models.Tokenizer.from_preset(str(tmp_path / "preset"))
    ours = kortf.load_tokenizer(tmp_path / "model").tokenize(TEXTS).to_list()
    assert [np.asarray(theirs(text)).tolist() for text in TEXTS] == ours
    assert convert(tmp_path / "preset", tmp_path / "again", "--from=keras_hub") == 0
    assert kortf.load_tokenizer(tmp_path / "again").vocabulary.fingerprint == vocabulary.fingerprint


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("bert", {}, "BertBackbone has activation 'gelu_tanh', this model 'gelu'"),
        ("albert", {"activation": "relu"}, "AlbertBackbone has activation 'gelu_tanh'"),
        ("bert", {"activation": "gelu_tanh", "norm_epsilon": 1e-5}, "has norm_epsilon 1e-12"),
        ("bert", {"activation": "gelu_tanh", "pooler": False}, "has pooler True, this model False"),
        ("electra", {}, "ElectraBackbone has activation 'gelu_tanh', this model 'gelu'"),
        ("roberta", {"activation": "relu"}, "RobertaBackbone has activation 'gelu'"),
        ("gpt", {"activation": "gelu"}, "GPT2Backbone has activation 'gelu_tanh'"),
        ("reformer", {}, "cannot be said by keras-hub"),
    ],
)
def test_what_keras_hub_cannot_say_is_refused(tmp_path, capsys, name, changes, words):
    save_pretrained(tmp_path / "model", build(name, **changes))
    assert convert(tmp_path / "model", tmp_path / "preset") == 2
    error = capsys.readouterr().err
    assert words in error.splitlines()[-1]
    assert not (tmp_path / "preset").exists()


def test_flags_and_presets_that_are_none(tmp_path, capsys):
    assert run_verb("convert", [f"--model={tmp_path}", f"--output={tmp_path}"]) == 2
    assert "--to, --from: " in capsys.readouterr().err
    (tmp_path / "config.json").write_text('{"class_name": "GemmaBackbone"}')
    assert convert(tmp_path, tmp_path / "out", "--from=keras_hub") == 2
    assert "'GemmaBackbone' is not supported; kortf reads BertBackbone" in capsys.readouterr().err


WORDS = ["좋다", "ㅋㅋ", "ㅠㅠ", "㈜", "한글", "漢", "字", "A", "##b", "é", "，", "😀", "ﬁ", "Ａ"]


@pytest.mark.parametrize("lowercase", [False, True])
def test_tokenizer_gives_equal_ids_or_is_refused(tmp_path, capsys, lowercase):
    keras_hub = pytest.importorskip("keras_hub", reason="kortf[hub] is not installed")
    pieces = "\n".join(PIECES[:5] + WORDS)
    vocabulary = Vocabulary("wordpiece", pieces.encode(), {"do_lower_case": lowercase})
    encoder = build("bert", activation="gelu_tanh", vocabulary_size=vocabulary.size)
    save_pretrained(tmp_path / "model", encoder, vocabulary)
    assert convert(tmp_path / "model", tmp_path / "preset") == 0
    assert ("no tokenizer" in capsys.readouterr().out) == lowercase
    if lowercase:
        assert not (tmp_path / "preset" / "tokenizer.json").exists()
        return
    theirs = keras_hub.models.BertTokenizer.from_preset(str(tmp_path / "preset"))
    text = "좋다 ㅋㅋ ㅠㅠ, ㈜한글 漢字 Ab é，😀 ﬁ Ａ"
    ours = kortf.load_tokenizer(tmp_path / "model").tokenize([text]).to_list()[0]
    assert [int(i) for i in theirs([text])[0]] == ours


def test_lower_casing_preset_gives_no_other_ids(tmp_path, capsys):
    keras_hub = pytest.importorskip("keras_hub", reason="kortf[hub] is not installed")
    backbone = keras_hub.models.BertBackbone(
        vocabulary_size=len(PIECES), num_layers=1, num_heads=2, hidden_dim=8, intermediate_dim=8,
        max_sequence_length=8,
    )  # fmt: skip
    backbone.save_to_preset(tmp_path / "preset")
    keras_hub.models.BertTokenizer(vocabulary=PIECES, lowercase=True).save_to_preset(
        tmp_path / "preset"
    )
    assert convert(tmp_path / "preset", tmp_path / "model", "--from=keras_hub") == 0
    assert "no tokenizer" in capsys.readouterr().out
    assert not (tmp_path / "model" / "vocab.txt").exists()
