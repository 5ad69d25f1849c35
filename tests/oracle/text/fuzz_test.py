"""Ids and offsets in the graph equal those of transformers on fuzzed strings."""

import re
import unicodedata

import pytest

from kortf.text.tokenizer.tokenizer import load_tokenizer
from tests.harness.text import fuzzed
from tests.harness.text.published_classes import CLASSES

pytestmark = pytest.mark.oracle

# kortf composes a text before it cuts it; byte-level BPE only one with jamo or marks.
OWN_FORM = ("byte-level bpe", "byte-level bpe added")
# These tokenizers compose a text themselves.
COMPOSING = ("deberta 5", "deberta 5 uncased")
# Share of strings with other ids: transformers applies the rules of a model grapheme by grapheme,
# sentencepiece (and kortf) by the longest match, which differ on sequences of jamo or marks.
# docs/log.md has the counts.
GRAPHEMES = {"unigram": 0.02, "fairseq": 0.02, "deberta": 0.02, "unigram added": 0.02}
# For a token with `lstrip`, transformers counts an ideograph before it to its place.
GRAPHEMES |= {"wordpiece added": 0.0003}

# The same of equally probable cuts, among which tensorflow_text and sentencepiece choose otherwise.
TIES = {"kobert": 0.005, "kobert port": 0.005}


@pytest.fixture(scope="module", params=fuzzed.KINDS)
def pair(request, tmp_path_factory):
    import transformers

    directory = tmp_path_factory.mktemp("fuzz")
    fuzzed.write(directory, request.param)
    theirs = transformers.AutoTokenizer.from_pretrained(directory)
    return request.param, load_tokenizer(directory), theirs


@pytest.fixture(scope="module", params=CLASSES)
def published(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("published")
    fuzzed.write(directory, request.param)
    return request.param, load_tokenizer(directory), CLASSES[request.param](directory)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without the white space at both ends, as kortf counts it."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def is_plain(text: str) -> bool:
    """Return whether normalization keeps each character of a text, so that it has one place."""
    kept = all(unicodedata.category(c)[0] in "LNPSZ" and len(c.lower()) == 1 for c in text)
    return kept and unicodedata.normalize("NFKC", text) == text


def composed(text: str) -> str:
    """Return a text composed but for its ideographs, as where added tokens cut them from jamo."""
    parts = re.split("([\uf900-\ufaff]+)", text)
    return "".join(p if i % 2 else unicodedata.normalize("NFC", p) for i, p in enumerate(parts))


def differences(kind: str, ours, theirs, strings: list[str]) -> list[str]:
    """Return the strings with other ids, and the plain ones with other offsets."""
    found = ours.tokenize_with_offsets(strings)
    wrong = []
    for text, ids, starts, ends in zip(strings, *(x.to_list() for x in found), strict=True):
        forms = [text] if kind in COMPOSING else [unicodedata.normalize("NFC", text)]
        forms += [composed(text), text] if kind in OWN_FORM else []
        for form in forms:
            expected = theirs(form, add_special_tokens=False, return_offsets_mapping=True)
            if ids == expected["input_ids"]:
                break
        if ids != expected["input_ids"]:
            wrong.append(f"ids of {text!a}")
        elif is_plain(text):
            spans = [trimmed(text, *span) for span in expected["offset_mapping"]]
            places = zip(starts, ends, strict=True)
            # A piece of white space alone has no place of its own.
            if any(a != b and b[0] < b[1] for a, b in zip(spans, places, strict=True)):
                wrong.append(f"offsets of {text!a}")
    return wrong


def check(pair, strings: list[str]) -> None:
    wrong = differences(*pair, strings)
    assert len(wrong) <= len(strings) * GRAPHEMES.get(pair[0], 0), wrong[:20]


def test_a_slice_of_the_fuzz(pair):
    check(pair, fuzzed.strings(300, seed=1))


@pytest.mark.parametrize("kind", [*fuzzed.KINDS, "deberta"])
def test_a_saved_tokenizer_gives_our_ids(tmp_path, kind):
    import transformers

    fuzzed.write(tmp_path, kind)
    ours = load_tokenizer(tmp_path)
    ours.save(tmp_path / "again")
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "again")
    strings = fuzzed.strings(300, seed=3)
    composed = [unicodedata.normalize("NFC", text) for text in strings]
    if kind in OWN_FORM:
        strings = composed
    expected = [theirs(text, add_special_tokens=False)["input_ids"] for text in composed]
    found = ours.tokenize(strings).to_list()
    wrong = [text for text, a, b in zip(strings, found, expected, strict=True) if a != b]
    assert len(wrong) <= len(strings) * GRAPHEMES.get(kind, 0), wrong[:20]


def check_published(published, strings: list[str]) -> None:
    """Assert ids, and spans where the class tells them; text is composed first, as kortf does."""
    kind, ours, theirs = published
    wrong = []
    found = ours.tokenize_with_offsets(strings)
    for text, ids, starts, ends in zip(strings, *(x.to_list() for x in found), strict=True):
        expected, spans = theirs(unicodedata.normalize("NFC", text))
        if ids != expected:
            wrong.append(f"ids of {text!a}: {ids} instead of {expected}")
        elif spans is not None and is_plain(text):
            places = zip(starts, ends, strict=True)
            # A space that stands for several has no place of its own.
            if any(a != b for a, b in zip(spans, places, strict=True) if text[slice(*a)].strip()):
                wrong.append(f"offsets of {text!a}")
    assert len(wrong) <= len(strings) * TIES.get(kind, 0), (len(wrong), wrong[:20])


def test_a_slice_of_the_fuzz_of_published_classes(published):
    check_published(published, fuzzed.strings(300, seed=1))


@pytest.mark.exhaustive
def test_fuzz(pair):
    check(pair, fuzzed.strings(20_000, seed=2))


@pytest.mark.exhaustive
def test_fuzz_of_published_classes(published):
    check_published(published, fuzzed.strings(20_000, seed=2))
