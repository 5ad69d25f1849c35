"""A vocabulary is read from the `tokenizer.json` alone."""

import json

import pytest

from kortf.errors import InputError
from kortf.text.vocabulary import tokenizer_json
from kortf.text.vocabulary.loading import holds_vocabulary, load_vocabulary
from kortf.text.vocabulary.saving import save_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "나", "##는", "a"]


@pytest.fixture
def directory(tmp_path):
    """A vocabulary directory as transformers 5 leaves it."""
    save_vocabulary(
        Vocabulary("wordpiece", "\n".join(PIECES).encode(), {"do_lower_case": True}), tmp_path
    )
    (tmp_path / "vocab.txt").unlink()
    return tmp_path


def test_vocabulary_comes_from_the_twin(directory):
    vocabulary = load_vocabulary(directory)
    assert holds_vocabulary(directory)
    assert vocabulary.pieces == PIECES and vocabulary.lowercase
    (directory / "tokenizer_config.json").unlink()
    again = load_vocabulary(directory)
    assert again.pieces == PIECES and again.lowercase
    again.save(directory / "again")
    assert (directory / "again" / "vocab.txt").read_text().split() == PIECES


def test_settings_of_the_normaliser():
    step = {"type": "BertNormalizer", "lowercase": True, "strip_accents": False,
            "handle_chinese_chars": True}  # fmt: skip
    expected = {"do_lower_case": True, "strip_accents": False, "tokenize_chinese_chars": True}
    assert tokenizer_json._settings(step) == expected
    assert tokenizer_json._settings({"type": "Sequence", "normalizers": [step]}) == expected
    assert tokenizer_json._settings(None) == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": {"type": "Unigram"}}, "its model is Unigram"),
        ({"model": None}, "its model is missing"),
        ({"model": {"type": "WordPiece", "vocab": {"a": 1}}}, "not those of a list"),
        ({"model": {"type": "WordPiece", "vocab": [["a", 1]]}}, "not those of a list"),
        ({"model": {"type": "WordPiece", "vocab": {"a": "0"}}}, "not those of a list"),
        ({"added_tokens": [{"id": 5, "content": "b"}]}, "id 5: '나' and 'b' have the same"),
        ({"added_tokens": [{"id": 99, "content": "b"}]}, "not those of a list"),
    ],
)
def test_other_twins_are_refused(directory, change, words):
    path = directory / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"added_tokens": []} | change))
    with pytest.raises(InputError, match=words):
        load_vocabulary(directory)


def test_added_tokens_are_pieces(directory):
    path = directory / "tokenizer.json"
    twin = json.loads(path.read_text())
    twin["added_tokens"].append({"id": 8, "content": "[NEW]", "special": True})
    path.write_text(json.dumps(twin))
    assert load_vocabulary(directory).pieces == [*PIECES, "[NEW]"]
