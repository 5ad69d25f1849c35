"""Training vocabularies."""

import re
from collections import Counter

import pytest
from sentencepiece import SentencePieceProcessor

from kortf.errors import InputError
from kortf.text.training.vocab import VocabSettings, check, train
from tests.harness.text.korean import CORPUS, random_documents


def silent(stage, size):
    return lambda done: None


def wordpieces(settings, documents=None):
    documents = documents or random_documents(300)
    return train(lambda: documents, settings, silent)


def test_wordpiece_vocabulary():
    vocabulary, report = wordpieces(VocabSettings(size=350, unused=10))
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert vocabulary.pieces[:15] == special + [f"[unused{i}]" for i in range(10)]
    assert vocabulary.size == report["size"] == 350
    assert vocabulary.special_ids == list(range(15))
    assert "##대왕은" in vocabulary.pieces or "세종대왕은" in vocabulary.pieces
    assert not vocabulary.lowercase and any(piece.isupper() for piece in vocabulary.pieces[15:])
    assert report["documents"] == 300 and report["held_back"]["documents"] == 6
    assert report["held_back"]["unknown_rate"] < 0.05
    assert report["trained_share"] == 1 and report["fingerprint"] == vocabulary.fingerprint


def test_every_character_of_a_word_is_known_at_its_start_and_inside():
    vocabulary, _ = wordpieces(VocabSettings(size=1000))
    chars = {char for char in "".join(CORPUS) if "가" <= char <= "힣"}
    assert {*chars, *(f"##{char}" for char in chars)} <= set(vocabulary.pieces)
    assert "大" in vocabulary.pieces and "##大" not in vocabulary.pieces


def test_lowercase_text_has_no_capitals():
    vocabulary, _ = wordpieces(VocabSettings(size=350, lowercase=True))
    assert vocabulary.lowercase
    assert all(piece == piece.lower() for piece in vocabulary.pieces[5:])


def test_the_same_text_gives_the_same_vocabulary():
    first, second = (wordpieces(VocabSettings(size=350))[0] for _ in range(2))
    assert first.data == second.data


def test_nothing_is_trained_on_what_is_held_back():
    documents = [["가나다"] if i % 50 != 49 else ["히힣"] for i in range(100)]
    vocabulary, report = wordpieces(VocabSettings(size=20), documents)
    assert "힣" not in vocabulary.pieces
    assert report["held_back"]["unknown_rate"] == 1


def test_decomposed_text_trains_composed_pieces():
    import unicodedata

    composed = random_documents(60)
    decomposed = [[unicodedata.normalize("NFD", line) for line in lines] for lines in composed]
    one, _ = wordpieces(VocabSettings(size=300), composed)
    other, _ = wordpieces(VocabSettings(size=300), decomposed)
    assert one.data == other.data


@pytest.mark.parametrize("model", ["unigram", "bpe"])
def test_sentencepiece_vocabulary(model):
    settings = VocabSettings("sentencepiece", model, size=150, unused=3, lowercase=True)
    vocabulary, report = wordpieces(settings)
    assert vocabulary.kind == report["type"] == "sentencepiece" and report["model"] == model
    assert vocabulary.special_ids == list(range(8))
    assert vocabulary.settings["do_lower_case"] is True
    assert report["held_back"]["unknown_rate"] < 0.05


@pytest.mark.parametrize(
    "settings, message",
    [
        (VocabSettings("wordpieces"), "^--type=wordpieces: .*choose wordpiece or sentencepiece"),
        (VocabSettings(model="char"), "^--model=char: .*choose unigram or bpe"),
        (VocabSettings(size=7), "^--size=7: too small"),
        (VocabSettings(size=100, unused=95), "^--size=100: too small"),
        (VocabSettings(unused=-1), "^--unused: "),
        (VocabSettings(size=60, limit_alphabet=60), "^--size=60: too small"),
    ],
)
def test_settings_that_cannot_be_met(settings, message):
    with pytest.raises(InputError, match=message):
        wordpieces(settings)


def test_no_text():
    with pytest.raises(InputError, match="^--input: no text in it"):
        wordpieces(VocabSettings(), [["\u200b"], []])


def test_no_piece_crosses_the_border_of_two_morphemes():
    from kortf.text.training.wordpiece_trainer import train_wordpiece

    stems, endings = ("학교", "서울", "바다", "하늘"), ("에서는", "으로도", "까지만")
    words = [stem + ending for stem in stems for ending in endings] * 40
    lines = [" ".join(words[i : i + 6]) + "." for i in range(0, len(words), 6)]
    chars = dict(Counter("".join(lines).replace(" ", "")).most_common())

    def starts(some):
        return [
            {m.start() + add for m in re.finditer(r"[가-힣]+", x) for add in (0, 2)} for x in some
        ]

    def pieces(**settings):
        data = train_wordpiece([lines], chars, size=80, lowercase=False, **settings)
        return data.decode().split("\n")[:-1]

    usual, split = pieces(), pieces(morpheme_starts=starts)
    crossing = [stem + ending[0] for stem in stems for ending in endings]
    assert any(piece.startswith(tuple(crossing)) for piece in usual)
    assert not any(piece.startswith(tuple(crossing)) for piece in split)
    assert {"학교", "##에서는", "##까지만"} <= set(split)
    assert len(split) == len(set(split)) <= 80 and not any("ꙮ" in piece for piece in split)
    assert split == pieces(morpheme_starts=starts)


def test_jamo():
    vocabulary, report = wordpieces(VocabSettings(size=150, jamo=True))
    assert vocabulary.normalization.form == "NFKD" and report["jamo"]
    assert not any("가" <= char <= "힣" for piece in vocabulary.pieces for char in piece)
    assert report["held_back"]["unknown_rate"] < 0.1
    assert report["held_back"]["character_coverage"] > 0.9


def test_bytes_instead_of_unknown_characters():
    settings = VocabSettings("sentencepiece", "bpe", size=450, byte_fallback=True)
    vocabulary, report = wordpieces(settings)
    assert vocabulary.pieces.count("<0xEA>") == 1 and report["byte_fallback"]
    ids = SentencePieceProcessor(model_proto=vocabulary.data).encode("뷁")
    assert vocabulary.unk_id not in ids and len(ids) >= 3


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "sentencepiece", "jamo": True},
        {"kind": "sentencepiece", "pretokenizer": "kiwi"},
        {"byte_fallback": True},
        {"pretokenizer": "mecab"},
        {"pretokenizer": "kiwi", "jamo": True},
    ],
)
def test_settings_that_do_not_fit_together(changes):
    with pytest.raises(InputError, match="^--"):
        check(VocabSettings(**changes))
