"""Small tokenizers of every kind, trained on our own text."""

import json
import pathlib

import tokenizers

from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.text.training.sentencepiece_trainer import train_sentencepiece
from kortf.text.training.survey import survey
from kortf.text.training.wordpiece_trainer import train_wordpiece
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.harness.text.korean import CORPUS, random_documents

BYTE_LEVEL_SPECIAL = ["<s>", "</s>", "<pad>", "<unk>", "<mask>"]
BYTE_LEVEL = {
    "as it is": {},
    "prefix space": {"add_prefix_space": True},
    "composes": {"unicode_normalizer": "nfc"},
}


def wordpiece(lowercase: bool) -> Tokenizer:
    """WordPiece of 700 pieces."""
    documents = [[line] for line in CORPUS] * 3
    chars = survey(lambda: documents, lowercase, lambda size: None).chars
    data = train_wordpiece(documents, chars, size=700, lowercase=lowercase)
    return Tokenizer(
        Vocabulary("wordpiece", data, {"do_lower_case": lowercase, "strip_accents": False})
    )


def sentencepiece_model(model: str, size: int = 150, lowercase: bool = True) -> bytes:
    """A SentencePiece model, `unigram` or `bpe`."""
    documents = random_documents(400)
    chars = survey(lambda: documents, lowercase, lambda size: None).chars
    return train_sentencepiece(
        documents, chars, model=model, size=size, lowercase=lowercase, unused=2
    )


def sentencepiece(model: str) -> Tokenizer:
    """SentencePiece of 150 pieces, lower-cased."""
    data = sentencepiece_model(model)
    return Tokenizer(Vocabulary("sentencepiece", data, {"do_lower_case": True}))


def byte_level_directory(path: pathlib.Path, kind: str) -> pathlib.Path:
    """A directory as GPT-2's tokenizers are published; `kind` is a key of `BYTE_LEVEL`."""
    made = tokenizers.ByteLevelBPETokenizer(**BYTE_LEVEL[kind])
    made.train_from_iterator(CORPUS * 3, 420, min_frequency=1, special_tokens=BYTE_LEVEL_SPECIAL)
    path.mkdir(exist_ok=True)
    made._tokenizer.save(str(path / "tokenizer.json"))
    settings = {"bos_token": "<s>", "eos_token": {"content": "</s>"}, "unk_token": "<unk>"}
    (path / "tokenizer_config.json").write_text(json.dumps(settings))
    return path


def byte_level(path: pathlib.Path, kind: str) -> Tokenizer:
    """BPE over bytes, read from a directory that is made for it."""
    return load_tokenizer(byte_level_directory(path, kind))
