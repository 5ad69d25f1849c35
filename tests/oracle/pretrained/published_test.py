"""Directories as the published Korean models have them are read, and compute the same."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

import kortf
from kortf.errors import InputError
from kortf.pretrained.directory.directory import load_heads
from kortf.text.tokenizer.tokenizer import load_tokenizer
from tests.harness.pretrained import published
from tests.harness.pretrained.published_models import MODELS, REFUSED
from tests.harness.pretrained.random_models import MAKERS
from tests.harness.pretrained.torch_models import assert_close

pytestmark = pytest.mark.oracle

HEADS = {
    "ElectraForPreTraining": "replaced_token", "BigBirdForPreTraining": "masked_lm",
    "GPT2LMHeadModel": "causal_lm",
}  # fmt: skip
SEGMENTS = ("bert", "albert", "electra", "big_bird")
ROLES = ("unk", "pad", "cls", "sep", "mask")


@pytest.fixture(scope="module")
def published_model(tmp_path_factory):
    """Return a function from a name to the directory, transformers' model and our encoder."""
    made = {}

    def of(name: str):
        if name not in made:
            directory = tmp_path_factory.mktemp("published") / "model"
            theirs = published.make(directory, name)
            made[name] = directory, theirs, kortf.from_pretrained(directory)
        return made[name]

    return of


def make_batch(size: int, pad_id: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    mask = np.arange(9) < np.array([[9], [5], [2]])
    ids = rng.integers(5, size, (3, 9)) * mask + pad_id * ~mask
    return {
        "token_ids": ids.astype(np.int32),
        "segment_ids": (mask & (np.arange(9) > 3)).astype(np.int32),
        "padding_mask": mask.astype(np.int32),
    }


def run(model, batch):
    import torch

    inputs = {"input_ids": "token_ids", "attention_mask": "padding_mask"}
    inputs |= {"token_type_ids": "segment_ids"} if model.config.model_type in SEGMENTS else {}
    with torch.no_grad():
        return model(**{key: torch.tensor(batch[ours]).long() for key, ours in inputs.items()})


@pytest.mark.parametrize("name", MODELS)
def test_outputs(published_model, name):
    directory, theirs, encoder = published_model(name)
    vocabulary = load_tokenizer(directory).vocabulary
    batch = make_batch(vocabulary.size, vocabulary.pad_id)
    mask = batch["padding_mask"] > 0
    ours, base = encoder(batch), run(theirs.base_model, batch)
    assert_close(ours["sequence"], base.last_hidden_state, mask)
    if base.get("pooler_output") is not None:
        assert_close(ours["pooled"], base.pooler_output)
    kind = type(theirs).__name__
    head = HEADS.get(kind, "masked_lm" if kind.endswith("ForMaskedLM") else None)
    if head is not None:
        heads = {head: MAKERS[head](encoder)}
        assert load_heads(heads, directory) == []
        scores = run(theirs, batch)
        expected = scores["logits" if "logits" in scores else "prediction_logits"]
        found = heads[head](np.reshape(ours["sequence"], (-1, encoder.hidden_dim)))
        assert_close(np.reshape(found, expected.shape), expected, mask)


@pytest.mark.parametrize("name", MODELS)
def test_ids(published_model, name):
    directory = published_model(name)[0]
    tokenizer = load_tokenizer(directory)
    expected, special = expected_ids(directory, MODELS[name][2])
    assert tokenizer.tokenize(published.TEXTS).to_list() == expected
    assert any(len(set(row)) > 4 for row in expected)
    ours = tokenizer.vocabulary
    found = (getattr(ours, f"{role}_id") for role in ROLES)
    assert [a if b is not None else None for a, b in zip(found, special, strict=True)] == special


def expected_ids(directory, kind: str) -> tuple[list[list[int]], list[int | None]]:
    """Return the ids of the texts and of the special tokens by the tokenizer's own rules."""
    import sentencepiece
    import transformers

    if kind not in published.OWN_CLASS:
        theirs = transformers.AutoTokenizer.from_pretrained(directory)
        rows = [theirs(t, add_special_tokens=False)["input_ids"] for t in published.TEXTS]
        return rows, [getattr(theirs, f"{role}_token_id") for role in ROLES]
    if kind == "characters":
        pieces = published.wordpieces(kind)
        ids = {piece: i for i, piece in enumerate(pieces)}
        return [[ids.get(c, 1) for c in text] for text in published.TEXTS], [1, 0, 2, 3, 4]
    (file,) = directory.glob("*.model")
    theirs = sentencepiece.SentencePieceProcessor(model_file=str(file))
    if kind == "kobert":
        return [theirs.encode(text) for text in published.TEXTS], [0, 1, 2, 3, 4]
    names = (directory / "vocab.txt").read_text().split("\n")
    ids = {piece: i for i, piece in enumerate(names)}
    rows = [theirs.encode(text, out_type=str) for text in published.TEXTS]
    return [[ids.get(piece, 0) for piece in row] for row in rows], [0, 1, 2, 3, 4]


@pytest.mark.parametrize("name", MODELS)
def test_what_is_saved_again_is_read_by_transformers(published_model, tmp_path, name):
    import transformers

    directory, _, encoder = published_model(name)
    encoder.save_pretrained(tmp_path)
    model, info = transformers.AutoModel.from_pretrained(tmp_path, output_loading_info=True)
    assert {key: found for key, found in info.items() if found} == {}
    batch = make_batch(encoder.settings["vocabulary_size"], model.config.pad_token_id)
    found = encoder(batch)["sequence"]
    assert_close(found, run(model.eval(), batch).last_hidden_state, batch["padding_mask"] > 0)
    ours = load_tokenizer(directory).tokenize(published.TEXTS).to_list()
    assert load_tokenizer(tmp_path).tokenize(published.TEXTS).to_list() == ours
    if MODELS[name][2] != "characters":  # whose class is no part of transformers
        theirs = transformers.AutoTokenizer.from_pretrained(tmp_path)
        assert [theirs(t, add_special_tokens=False)["input_ids"] for t in published.TEXTS] == ours


@pytest.mark.parametrize("name", REFUSED)
def test_what_kortf_does_not_compute_is_refused_by_name(tmp_path, name):
    config, key = REFUSED[name]
    (tmp_path / "config.json").write_text(json.dumps(config))
    save_file({"weight": np.zeros(1, np.float32)}, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match=f"config.json, {key}: "):
        kortf.from_pretrained(tmp_path)
