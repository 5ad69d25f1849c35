"""Pairs of texts get the special tokens of the published tokenizers."""

import pytest

from kortf.text.tokenizer.byte_level.byte_pairs import BYTE_CHARACTERS
from kortf.text.tokenizer.tokenizer import load_tokenizer

pytestmark = pytest.mark.oracle
transformers = pytest.importorskip("transformers")

WORDS = ["세", "종", "대", "왕", "a", "b"]
BERT_PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *(f"##{w}" for w in WORDS)]
SCORES = [("▁", -4.0), *((f"▁{word}", -2.0) for word in WORDS), *((word, -3.0) for word in WORDS)]
ALBERT = [(piece, 0.0) for piece in ("<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]")]
XLM = [(piece, 0.0) for piece in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")]
BYTES = {p: i for i, p in enumerate(["<s>", "<pad>", "</s>", "<unk>", *BYTE_CHARACTERS, "<mask>"])}
FIRST = ["세종 대왕", "", "세종", "a b a b 세종 대왕"]
SECOND = ["대왕", "세종 a", "", "b a 세종 대왕 a"]

MAKERS = {
    "bert": lambda t: t.BertTokenizer(vocab=dict(zip(BERT_PIECES, range(99), strict=False))),
    "electra": lambda t: t.ElectraTokenizer(vocab=dict(zip(BERT_PIECES, range(99), strict=False))),
    "distilbert": lambda t: t.DistilBertTokenizer(
        vocab=dict(zip(BERT_PIECES, range(99), strict=False))
    ),
    "albert": lambda t: t.AlbertTokenizer(vocab=[*ALBERT, *SCORES]),
    "xlm_roberta": lambda t: t.XLMRobertaTokenizer(vocab=[*XLM, *SCORES]),
    "camembert": lambda t: t.CamembertTokenizer(vocab=[*XLM, *SCORES]),
    "roberta": lambda t: t.RobertaTokenizer(vocab=BYTES, merges=[]),
}


@pytest.mark.parametrize("name", MAKERS)
def test_pairs_of_published_tokenizers(name, tmp_path):
    MAKERS[name](transformers).save_pretrained(str(tmp_path))
    theirs = transformers.AutoTokenizer.from_pretrained(str(tmp_path))
    ours = load_tokenizer(tmp_path)
    ours.save(str(tmp_path / "again"))
    again = transformers.AutoTokenizer.from_pretrained(str(tmp_path / "again"))
    for length in (7, 32):
        found = ours.encode(FIRST, SECOND, max_length=length)
        for each in (theirs, again):
            expected = each(
                FIRST, SECOND, padding=True, truncation=True, max_length=length,
                return_token_type_ids=True,
            )  # fmt: skip
            assert found["token_ids"].numpy().tolist() == expected["input_ids"]
            assert found["segment_ids"].numpy().tolist() == expected["token_type_ids"]
    single = theirs(FIRST, padding=True)["input_ids"]
    assert ours.encode(FIRST, max_length=32)["token_ids"].numpy().tolist() == single
    assert load_tokenizer(tmp_path / "again").vocabulary.pair_layout == ours.vocabulary.pair_layout


def test_klue_roberta_has_the_pairs_of_bert(tmp_path):
    """klue/roberta is a RoBERTa with the tokenizer of BERT."""
    (tmp_path / "vocab.txt").write_text("\n".join(BERT_PIECES))
    (tmp_path / "config.json").write_text('{"model_type": "roberta"}')
    (tmp_path / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "BertTokenizer", "do_lower_case": false}'
    )
    theirs = transformers.BertTokenizer.from_pretrained(str(tmp_path))
    found = load_tokenizer(tmp_path).encode(FIRST, SECOND, max_length=32)
    assert found["token_ids"].numpy().tolist() == theirs(FIRST, SECOND, padding=True)["input_ids"]


def test_lines_of_vocab_txt_that_end_in_white_space(tmp_path):
    """transformers removes it; a tokenizer of these lines cuts texts into the same ids."""
    ends = [" ", "\t", "\u00a0", "\u3000 ", "\u2028", "\x0b", "\r", "\x1c", "\u200b", ""]
    plain = [f"{word}{end}" for word, end in zip("가나다라마바사아자차", ends, strict=True)]
    lines = [*BERT_PIECES[:5], *plain, "##가 ", "##나"]
    (tmp_path / "vocab.txt").write_bytes("\n".join(lines).encode())
    (tmp_path / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "BertTokenizer", "do_lower_case": false}'
    )
    theirs = transformers.AutoTokenizer.from_pretrained(str(tmp_path))
    ours = load_tokenizer(tmp_path)
    assert ours.vocabulary.pieces == sorted(theirs.get_vocab(), key=theirs.get_vocab().get)
    texts = [*"가나다라마바사아자차", "가가나", "자가 차나"]
    expected = [theirs(text, add_special_tokens=False)["input_ids"] for text in texts]
    assert ours.tokenize(texts).to_list() == expected
