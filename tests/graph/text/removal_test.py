"""Hanja and emoji are removed where a vocabulary says so: in Python, in the graph, in its twin."""

import sys

import pytest
import tensorflow as tf
import tokenizers
from tokenizers import normalizers

from kortf.errors import InputError
from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.text.training.vocab import VocabSettings, train
from kortf.text.unicode import removal
from kortf.text.unicode.removal import Removal
from kortf.text.vocabulary.saving import save_vocabulary
from kortf.text.vocabulary.twin import to_tokenizers
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.harness.text.korean import NASTY, random_documents, random_strings

STRINGS = [*NASTY, *random_strings(1000), "👨\u200d👩\u200d👧漢❤️字가1️⃣", "大", "韓 ᄒ大ᅡᆫ"]


def test_examples_of_the_docstrings():
    both = Removal(["hanja", "emoji"])
    assert both.remove("대한민국(大韓民國) 만세😀") == "대한민국() 만세"
    assert both.report() == {"characters": 14, "hanja": 4, "emoji": 1, "share": 0.35714}
    line = "removed: 4 hanja, 1 emoji, 35.714% of 14 characters"
    assert removal.describe(both.report()) == line


def test_what_is_hanja_and_what_is_an_emoji():
    gone = "漢豈㐀\U00020000\U0002b820\U00030000々⺀" + "😀👍🏽🇰🇷❤️♥☎✔⌚⭐🀄"
    kept = "가ㅋᄒᆞaあー〇①❶★☆♡♪→▶■●※©™·㈜１" + "㊀0#*"
    assert Removal(["hanja", "emoji"]).remove(gone) == ""
    assert Removal(["hanja", "emoji"]).remove(kept) == kept
    assert Removal(["hanja"]).remove("漢😀") == "😀" and Removal(["emoji"]).remove("漢😀") == "漢"
    assert Removal([]).remove("漢😀") == "漢😀"


@pytest.mark.parametrize("kind", list(removal.KINDS))
def test_python_tensorflow_and_tokenizers_remove_the_same_characters(kind):
    points = [c for c in range(1, sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]
    chars = [chr(c) for c in points]
    pattern = removal.pattern([kind])
    graph = tf.strings.regex_full_match(chars, pattern).numpy()
    remove = Removal([kind]).remove
    python = [not remove(char) for char in chars]
    twin = normalizers.Replace(tokenizers.Regex(pattern), "")
    lines = ["".join(chars[start : start + 256]) for start in range(0, len(chars), 256)]
    assert 200 < sum(python) < 200_000
    assert graph.tolist() == python
    assert [twin.normalize_str(line) for line in lines] == list(map(remove, lines))


@pytest.fixture(
    scope="module",
    params=[("wordpiece", ""), ("sentencepiece", "unigram"), ("sentencepiece", "bpe")],
)
def vocabulary(request):
    kind, model = request.param
    size = 500 if kind == "wordpiece" else 150
    settings = VocabSettings(kind, model or "unigram", size=size, remove=("emoji", "hanja"))
    documents = random_documents(300)
    made, report = train(lambda: documents, settings, lambda *_: lambda done: None)
    text = "\n".join(line for lines in documents for line in lines)
    assert report["removed"]["hanja"] == sum(text.count(char) for char in "大韓民國首都") > 0
    assert report["removed"]["emoji"] == text.count("😀") + text.count("👍") > 0
    assert not {"大", "😀", "▁大"} & set(made.pieces)
    return made


def without_removal(vocabulary: Vocabulary) -> Vocabulary:
    settings = {k: v for k, v in vocabulary.settings.items() if k != "remove_characters"}
    return Vocabulary(vocabulary.kind, vocabulary.data, settings)


def test_a_vocabulary_removes_what_it_says(vocabulary, tmp_path):
    assert vocabulary.remove == ("hanja", "emoji")
    tokenizer = Tokenizer(vocabulary)
    ids = tokenizer.tokenize(STRINGS).to_list()
    without = [Removal(vocabulary.remove).remove(string) for string in STRINGS]
    plain = without_removal(vocabulary)
    assert Tokenizer(plain).tokenize(without).to_list() == ids
    assert plain.fingerprint != vocabulary.fingerprint
    save_vocabulary(vocabulary, str(tmp_path))
    again = load_tokenizer(str(tmp_path))
    assert again.vocabulary.fingerprint == vocabulary.fingerprint
    assert again.tokenize(STRINGS).to_list() == ids
    assert again.tokenize(tf.constant([], tf.string)).to_list() == []
    assert again.tokenize([b"\xff\xea\xb0\x80\xe5\xa4\xa7\xed\x95"]).to_list() == (
        again.tokenize(["가"]).to_list()
    )


def test_its_twin_gives_the_same_ids(vocabulary, tmp_path):
    save_vocabulary(vocabulary, str(tmp_path))
    twin = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    plain = to_tokenizers(vocabulary, special_tokens=False)
    strings = [string for string in STRINGS if "[" not in string]  # [MASK] is found in a text
    for string, ids in zip(strings, Tokenizer(vocabulary).tokenize(strings).to_list(), strict=True):
        assert plain.encode(string).ids == ids, repr(string)
        assert twin.encode(string, add_special_tokens=False).ids == ids, repr(string)


def test_offsets_point_into_the_string_as_it_was_given(vocabulary):
    ids, starts, ends = Tokenizer(vocabulary).tokenize_with_offsets(STRINGS)
    removal_of, plain = Removal(vocabulary.remove), Tokenizer(without_removal(vocabulary))
    kept = [[i for i, char in enumerate(s) if removal_of.remove(char)] for s in STRINGS]
    shorter = ["".join(s[i] for i in row) for s, row in zip(STRINGS, kept, strict=True)]
    expected = [part.to_list() for part in plain.tokenize_with_offsets(shorter)]
    assert ids.to_list() == expected[0]
    solid = 0
    rows = zip(kept, starts.to_list(), ends.to_list(), expected[1], expected[2], strict=True)
    for places, row_starts, row_ends, old_starts, old_ends in rows:
        spans = zip(row_starts, row_ends, old_starts, old_ends, strict=True)
        for start, end, old_start, old_end in spans:
            if old_start == old_end:
                assert start == end
                continue
            assert (start, end) == (places[old_start], places[old_end - 1] + 1)
            solid += 1
    assert solid > 3000


def test_offsets_around_what_was_removed():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "abc", "a", "##bc"]
    for pieces_of, expected in ((pieces, [[0, 4]]), (pieces[:5] + pieces[6:], [[0, 1], [2, 4]])):
        settings = {"remove_characters": ["emoji"]}
        tokenizer = Tokenizer(Vocabulary("wordpiece", "\n".join(pieces_of).encode(), settings))
        _, starts, ends = tokenizer.tokenize_with_offsets(["a😀bc", "😀😀", ""])
        spans = zip(starts.to_list()[0], ends.to_list()[0], strict=True)
        assert [list(span) for span in spans] == expected
        assert starts.to_list()[1:] == [[], []]


def test_kinds_that_are_none():
    with pytest.raises(InputError, match="^--remove: 'kanji' is no kind .*choose hanja or emoji"):
        train(lambda: [["가"]], VocabSettings(remove=("kanji",)), lambda *_: lambda done: None)
    pieces = "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]).encode()
    with pytest.raises(InputError, match="^v/tokenizer_config.json, remove_characters: 'x' is no"):
        Vocabulary("wordpiece", pieces, {"remove_characters": ["x"]}, "v")


@pytest.mark.oracle
def test_transformers_removes_the_same(vocabulary, tmp_path):
    transformers = pytest.importorskip("transformers")
    save_vocabulary(vocabulary, str(tmp_path))
    theirs = transformers.AutoTokenizer.from_pretrained(str(tmp_path))
    strings = ["대한민국(大韓民國)의 수도😀는", "漢字", "서울❤️에서"]
    for string, ids in zip(strings, Tokenizer(vocabulary).tokenize(strings).to_list(), strict=True):
        assert theirs(string, add_special_tokens=False)["input_ids"] == ids
