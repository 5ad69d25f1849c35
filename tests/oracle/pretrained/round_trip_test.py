"""What kortf has pretrained is fine-tuned a step by torch and read by kortf again."""

import numpy as np
import pytest

import kortf
from kortf.pretrained.directory.directory import load_heads, save_pretrained
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.harness.pretrained.random_models import BATCH, KEPT, MAKERS, build, heads_of
from tests.harness.pretrained.torch_models import assert_close, load, run

pytestmark = pytest.mark.oracle

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "나", "##는", "간다", "."]
# Encoder, changes of its settings, the class that fine-tunes it, its head here.
CASES = [
    ("bert", {}, "SequenceClassification", "classifier"),
    ("bert", {}, "TokenClassification", "plain_token_classifier"),
    ("albert", {}, "SequenceClassification", "classifier"),
    ("electra", {"embedding_dim": 6}, "SequenceClassification", "hidden_classifier"),
    ("roberta", {"pooler": False}, "SequenceClassification", "tanh_classifier"),
]


@pytest.mark.parametrize(("name", "changes", "auto", "maker"), CASES)
def test_a_step_of_torch(tmp_path, name, changes, auto, maker):
    import torch
    import transformers

    encoder = build(name, **changes)
    vocabulary = Vocabulary("wordpiece", "\n".join(PIECES).encode())
    pretraining = "replaced_token" if name == "electra" else "masked_lm"
    save_pretrained(tmp_path / "ours", encoder, vocabulary, heads_of(encoder, pretraining))
    cls = getattr(transformers, f"AutoModelFor{auto}")
    model = cls.from_pretrained(tmp_path / "ours", num_labels=3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    before = model.base_model.embeddings.word_embeddings.weight.detach().clone()
    run_with_gradient(model).square().mean().backward()
    optimizer.step()
    assert not torch.equal(before, model.base_model.embeddings.word_embeddings.weight)
    model.save_pretrained(tmp_path / "theirs")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "ours")
    tokenizer.save_pretrained(tmp_path / "theirs")

    again = kortf.from_pretrained(tmp_path / "theirs")
    head = MAKERS[maker](again)
    kind = "token_classifier" if "token" in maker else "classifier"
    assert load_heads({kind: head}, tmp_path / "theirs") == []
    scores = run(load(f"AutoModelFor{auto}", tmp_path / "theirs")).logits
    outputs = again(BATCH)
    if kind == "token_classifier":
        assert_close(head(outputs["sequence"]), scores, KEPT)
    else:
        assert_close(head(outputs, BATCH["padding_mask"]), scores)
    texts = ["나는 간다.", "나나는"]
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    assert load_tokenizer(tmp_path / "theirs").tokenize(texts).to_list() == ids


def run_with_gradient(model):
    import torch

    ids = torch.tensor(np.asarray(BATCH["token_ids"])).long()
    mask = torch.tensor(np.asarray(BATCH["padding_mask"])).long()
    return model(input_ids=ids, attention_mask=mask).logits
