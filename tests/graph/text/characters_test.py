"""Texts cut into characters: one piece each, at the place where it was given."""

import unicodedata

import pytest

from kortf.cli.main import run_verb
from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.harness.text import korean


@pytest.fixture(scope="module", params=["wordpiece", "sentencepiece"])
def tokenizer(request, sample, vocabulary_dir, tmp_path_factory):
    if request.param == "wordpiece":
        return load_tokenizer(str(vocabulary_dir))
    directory = tmp_path_factory.mktemp("characters")
    argv = [f"--input={sample}/kowiki/*.txt", f"--output={directory}"]
    assert run_verb("vocab", [*argv, "--type=sentencepiece", "--size=500"]) == 0
    return load_tokenizer(str(directory))


def test_docstring_example():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "세", "##종", "왕", "종"]
    tokenizer = Tokenizer(Vocabulary("wordpiece", "\n".join(pieces).encode()))
    ids, starts, ends = tokenizer.tokenize_characters(["세종 왕"])
    assert [pieces[i] for i in ids.to_list()[0]] == ["세", "##종", "왕"]
    assert starts.to_list() == [[0, 1, 3]] and ends.to_list() == [[1, 2, 4]]


def test_white_space_of_every_kind_has_no_piece(tokenizer):
    spaces = "\u3000\u00a0\u2003\u2028 \t"
    ids, starts, _ = tokenizer.tokenize_characters([spaces, f"가{spaces}나"])
    assert ids.to_list()[0] == [] and len(ids.to_list()[1]) == 2
    assert starts.to_list()[1] == [0, len(spaces) + 1]


def test_each_character_is_the_piece_that_spells_it(tokenizer):
    texts = [*korean.CORPUS, "", " \t", "갔다(서울)에서", "a\u0301\u200bb", *korean.NASTY]
    ids, starts, ends = (each.to_list() for each in tokenizer.tokenize_characters(texts))
    vocabulary = tokenizer.vocabulary
    seen = 0
    for text, row, begins, stops in zip(texts, ids, starts, ends, strict=True):
        assert begins == sorted(begins) and all(a < b for a, b in zip(begins, stops, strict=True))
        assert stops == sorted(stops) and max(stops, default=0) <= len(text)
        if text in korean.NASTY:
            continue  # not all of them are letters that stay what they are
        for i, start, end in zip(row, begins, stops, strict=True):
            character = unicodedata.normalize("NFC", text[start:end])
            if vocabulary.lowercase:
                character = character.lower()
            assert not character.isspace()
            if i != vocabulary.unk_id and len(character) == 1:
                spelled = vocabulary.pieces[i].removeprefix("##").removeprefix("▁")
                assert spelled == character
                seen += 1
                inner = start > 0 and "가" <= text[start - 1] <= "힣" and "가" <= character <= "힣"
                if inner and vocabulary.kind == "wordpiece":
                    inside = vocabulary.id_of(f"##{character}")
                    assert inside in (None, i)
    assert seen > 100
