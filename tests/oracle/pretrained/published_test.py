"""Directories as the published Korean models have them are read, and compute the same."""

import numpy as np
import pytest

import kortf
from kortf.pretrained.directory.directory import load_heads
from kortf.text.tokenizer.tokenizer import load_tokenizer
from tests.harness.pretrained import published
from tests.harness.pretrained.random_models import MAKERS
from tests.harness.pretrained.torch_models import assert_close, run

pytestmark = pytest.mark.oracle

HEADS = {"ForMaskedLM": "masked_lm", "ForPreTraining": "replaced_token"}


@pytest.mark.parametrize("name", published.MODELS)
def test_outputs(tmp_path, name):
    theirs = published.make(tmp_path / "model", name)
    encoder = kortf.from_pretrained(tmp_path / "model")
    vocabulary = load_tokenizer(tmp_path / "model").vocabulary
    rng = np.random.default_rng(0)
    mask = np.arange(9) < np.array([[9], [5], [2]])
    ids = rng.integers(5, vocabulary.size, (3, 9)) * mask + vocabulary.pad_id * ~mask
    batch = {
        "token_ids": ids.astype(np.int32),
        "segment_ids": (mask & (np.arange(9) > 3)).astype(np.int32),
        "padding_mask": mask.astype(np.int32),
    }
    ours, scores = encoder(batch), run(theirs, batch, output_hidden_states=True)
    assert_close(ours["sequence"], scores.get("last_hidden_state", scores.hidden_states[-1]), mask)
    if "pooler_output" in scores:
        assert_close(ours["pooled"], scores.pooler_output)
    for ending, head in HEADS.items():
        if type(theirs).__name__.endswith(ending):
            head = {head: MAKERS[head](encoder)}
            assert load_heads(head, tmp_path / "model") == []
            (head,) = head.values()
            assert_close(head(ours["sequence"]), scores.logits, mask)


@pytest.mark.parametrize("name", published.MODELS)
def test_ids(tmp_path, name):
    import sentencepiece
    import transformers

    published.make(tmp_path / "model", name)
    tokenizer = load_tokenizer(tmp_path / "model")
    ids = tokenizer.tokenize(published.TEXTS).to_list()
    if name == "skt/kobert-base-v1":
        file = str(tmp_path / "model" / "spiece.model")
        theirs = sentencepiece.SentencePieceProcessor(model_file=file)
        expected = [theirs.encode(text) for text in published.TEXTS]
        special = (0, 1, 2, 3, 4)
    else:
        theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
        expected = [theirs(t, add_special_tokens=False)["input_ids"] for t in published.TEXTS]
        special = tuple(
            getattr(theirs, f"{role}_token_id") for role in ("unk", "pad", "cls", "sep", "mask")
        )
    assert ids == expected
    assert any(len(set(row)) > 4 for row in ids)
    ours = tokenizer.vocabulary
    assert (ours.unk_id, ours.pad_id, ours.cls_id, ours.sep_id, ours.mask_id) == special


@pytest.mark.parametrize("name", published.MODELS)
def test_what_is_saved_again_is_read_by_transformers(tmp_path, name):
    import transformers

    published.make(tmp_path / "model", name)
    encoder = kortf.from_pretrained(tmp_path / "model")
    encoder.save_pretrained(tmp_path / "again")
    model, info = transformers.AutoModel.from_pretrained(
        tmp_path / "again", output_loading_info=True
    )
    assert {key: found for key, found in info.items() if found} == {}
    batch = {
        "token_ids": np.array([[2, 5, 9, 7, 3]], np.int32),
        "segment_ids": np.zeros((1, 5), np.int32),
        "padding_mask": np.ones((1, 5), np.int32),
    }
    assert_close(encoder(batch)["sequence"], run(model.eval(), batch).last_hidden_state)
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "again")
    ours = load_tokenizer(tmp_path / "model").tokenize(published.TEXTS).to_list()
    assert [theirs(t, add_special_tokens=False)["input_ids"] for t in published.TEXTS] == ours
