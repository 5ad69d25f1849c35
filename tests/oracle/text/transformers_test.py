"""Hugging Face transformers read our vocabulary directories and give our ids."""

import unicodedata

import pytest

from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.text.training.vocab import VocabSettings, train
from kortf.text.vocabulary.saving import save_vocabulary
from tests.harness.text.korean import NASTY, random_documents, random_strings

pytestmark = pytest.mark.oracle

COMPOSED = [s for s in NASTY + random_strings(300) if "[" not in s]
STRINGS = COMPOSED + [unicodedata.normalize("NFD", string) for string in COMPOSED]


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize(
    "kind, model", [("wordpiece", ""), ("sentencepiece", "unigram"), ("sentencepiece", "bpe")]
)
def test_auto_tokenizer_gives_our_ids(kind, model, lowercase, tmp_path):
    transformers = pytest.importorskip("transformers")
    settings = VocabSettings(kind, model or "unigram", size=150, lowercase=lowercase)
    if kind == "wordpiece":
        settings = settings._replace(size=500)
    documents = random_documents(400)
    vocabulary, _ = train(lambda: documents, settings, lambda *_: lambda size: None)
    save_vocabulary(vocabulary, str(tmp_path))

    theirs = transformers.AutoTokenizer.from_pretrained(str(tmp_path))
    ours = load_tokenizer(str(tmp_path))
    for string, ids in zip(STRINGS, ours.tokenize(STRINGS).to_list(), strict=True):
        assert theirs(string, add_special_tokens=False)["input_ids"] == ids, repr(string)
    pair = theirs("세종", "대왕")
    assert pair["input_ids"][0] == vocabulary.cls_id and pair["input_ids"][-1] == vocabulary.sep_id
    assert pair["token_type_ids"][0] == 0 and pair["token_type_ids"][-1] == 1
    assert theirs("[MASK]", add_special_tokens=False)["input_ids"] == [vocabulary.mask_id]
    assert (theirs.pad_token_id, theirs.unk_token_id) == (vocabulary.pad_id, vocabulary.unk_id)
    assert len(theirs) == vocabulary.size


def test_bert_tokenizer_reads_the_settings(tmp_path):
    transformers = pytest.importorskip("transformers")
    documents = random_documents(400)
    settings = VocabSettings(size=500, lowercase=True)
    vocabulary, _ = train(lambda: documents, settings, lambda *_: lambda size: None)
    save_vocabulary(vocabulary, str(tmp_path))
    (tmp_path / "tokenizer.json").unlink()
    theirs = transformers.BertTokenizer.from_pretrained(str(tmp_path))
    # It does not compose, so that only composed strings are compared.
    strings = [unicodedata.normalize("NFC", string) for string in COMPOSED]
    for string, ids in zip(
        strings, load_tokenizer(str(tmp_path)).tokenize(strings).to_list(), strict=True
    ):
        assert theirs(string, add_special_tokens=False)["input_ids"] == ids, repr(string)
