"""Vocabularies with a domain's terms in their unused slots."""

import pytest
import tokenizers

from kortf.errors import InputError
from kortf.text.extension.extend import ExtensionSettings, extend_vocabulary
from kortf.text.extension.extension import extend, usable_terms
from kortf.text.extension.former_parts import former_parts
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.text.training.vocab import VocabSettings, train
from kortf.text.vocabulary.saving import save_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.harness.text.korean import NASTY, random_documents, random_strings

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
DOMAIN = [["청원인은 국민청원을 청원합니다", "국민청원 CCTV 설치를 청원합니다."]] * 60


def silent(stage, size):
    return lambda done: None


def small(*pieces, **settings) -> Vocabulary:
    settings = {"strip_accents": False} | settings  # Hangul stays whole
    return Vocabulary("wordpiece", "\n".join([*SPECIAL, *pieces]).encode(), settings)


@pytest.fixture(scope="module")
def general() -> Vocabulary:
    documents = random_documents(300) + DOMAIN[:1]
    settings = VocabSettings(size=420, unused=12, lowercase=True, limit_alphabet=180)
    return train(lambda: documents, settings, silent)[0]


def test_examples_of_the_docstrings():
    old = small("[unused0]", "[unused1]", "청", "##원")
    new = extend(old, ["청원"])
    assert new.pieces == [*SPECIAL, "청원", "[unused1]", "청", "##원"]
    assert former_parts(old, new) == {5: [7, 8]}
    old = small("[unused0]", "청", "##원")
    assert former_parts(old, extend(old, ["청원"])) == {5: [6, 7]}
    usable = usable_terms(["청원", "국민청원", "A형 간염", "##적이"], small("청원"))
    assert usable.pieces == ["국민청원", "##적이"]
    assert usable.skipped == {"already a piece": ["청원"], "no single word": ["A형 간염"]}


def test_terms_are_spelled_as_the_text_will_be():
    vocabulary = small("[unused0]", "가", do_lower_case=True, remove_characters=["hanja"])
    terms = ["CCTV", "cctv", "\u1100\u1161\u11a8", "大", "가大", "covid-19", "가" * 101, "[MASK]"]
    usable = usable_terms(terms, vocabulary)
    assert usable.pieces == ["cctv", "각"]
    assert usable.skipped == {
        "given twice": ["cctv"],
        "no single word": ["大", "covid-19", "[MASK]"],
        "already a piece": ["가大"],
        "longer than 100 characters": ["가" * 101],
    }


def test_all_other_ids_stay_and_the_text_gets_shorter(general, tmp_path):
    new, report = extend_vocabulary(general, ExtensionSettings("general"), lambda: DOMAIN, silent)
    slots = general.unused_ids
    assert len(slots) == 12 and report["filled"] == 12 - len(new.unused_ids) > 3
    for i, (before, after) in enumerate(zip(general.pieces, new.pieces, strict=True)):
        assert before == after or i in slots
    before, after = report["held_back"]["before"], report["held_back"]["after"]
    assert after["pieces_per_eojeol"] < 0.8 * before["pieces_per_eojeol"]
    parts = former_parts(general, new)
    assert [entry["id"] for entry in report["added"]] == list(parts)
    for entry in report["added"]:
        joined = "".join(part.removeprefix("##") for part in entry["was_cut_into"])
        assert joined == entry["piece"].removeprefix("##")
        assert [general.pieces[i] for i in parts[entry["id"]]] == entry["was_cut_into"]


def test_ids_are_those_of_tokenizers(general, tmp_path):
    new, _ = extend_vocabulary(general, ExtensionSettings("general"), lambda: DOMAIN, silent)
    save_vocabulary(new, str(tmp_path))
    strings = [s for s in NASTY + random_strings(300) if "[" not in s]
    strings += [line for line in DOMAIN[0]]
    twin = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    ids = load_tokenizer(str(tmp_path)).tokenize(strings).to_list()
    for string, row in zip(strings, ids, strict=True):
        assert twin.encode(string, add_special_tokens=False).ids == row, repr(string)
    assert set(general.unused_ids) & {i for row in ids[-2:] for i in row}


@pytest.mark.oracle
def test_transformers_gives_the_same_ids(general, tmp_path):
    transformers = pytest.importorskip("transformers")
    new, _ = extend_vocabulary(general, ExtensionSettings("general"), lambda: DOMAIN, silent)
    save_vocabulary(new, str(tmp_path))
    theirs = transformers.AutoTokenizer.from_pretrained(str(tmp_path))
    ours = load_tokenizer(str(tmp_path))
    assert len(theirs) == new.size
    for line in DOMAIN[0]:
        ids = theirs(line, add_special_tokens=False)["input_ids"]
        assert ids == ours.tokenize([line]).to_list()[0]


def test_a_list_comes_first_and_in_its_order(general):
    terms = ["테스트", "청원인은", "가", "시험지"]
    settings = ExtensionSettings("general", 6, terms)
    new, report = extend_vocabulary(general, settings, lambda: DOMAIN, silent)
    slots = general.unused_ids
    assert [new.pieces[i] for i in slots[:3]] == ["테스트", "청원인은", "시험지"]
    assert (report["from_list"], report["filled"], report["skipped"]) == (
        3,
        6,
        {"already a piece": 1},
    )
    alone, report = extend_vocabulary(general, settings._replace(size=0), None, silent)
    assert [alone.pieces[i] for i in slots[:4]] == ["테스트", "청원인은", "시험지", "[unused3]"]
    assert report["held_back"]["before"]["eojeol"] == 0 and "saves" not in report["added"][0]


def test_more_terms_than_slots():
    vocabulary = small("[unused0]", "[unused1]", "가")
    settings = ExtensionSettings("v", 0, ["나", "다", "라"])
    new, report = extend_vocabulary(vocabulary, settings, None, silent)
    assert new.pieces[5:] == ["나", "다", "가"] and report["without_slot"] == 1


def test_a_slot_that_is_in_use_stays():
    vocabulary = small("[unused0]", "[unused1]", additional_special_tokens=["[unused0]"])
    assert vocabulary.unused_ids == [6]
    assert extend(vocabulary, ["가"]).pieces[5:] == ["[unused0]", "가"]


@pytest.mark.parametrize(
    ("vocabulary", "settings", "message"),
    [
        (small("가"), ExtensionSettings("v"), "^v: no .unused. slot is left"),
        (small("[unused0]"), ExtensionSettings("v", 2), "^--size_of_extension=2: 1 .unused. slots"),
        (small("[unused0]"), ExtensionSettings("v", -1), "^--size_of_extension=-1: "),
        (
            small("[unused0]", "가"),
            ExtensionSettings("v", 0, ["가"]),
            "^--terms: nothing to do: no new",
        ),
        (small("[unused0]"), ExtensionSettings("v", 0, []), "^--terms: nothing to do: .*empty"),
        (small("[unused0]", "가"), ExtensionSettings("v"), "^v: nothing to do: it cuts no word"),
    ],
)
def test_what_cannot_be_done(vocabulary, settings, message):
    read = None if settings.terms is not None else lambda: [["가", "가"]]
    with pytest.raises(InputError, match=message):
        extend_vocabulary(vocabulary, settings, read, silent)


def test_sentencepiece_cannot_be_extended():
    settings = VocabSettings("sentencepiece", "bpe", size=120, unused=3)
    vocabulary, _ = train(lambda: random_documents(300), settings, silent)
    with pytest.raises(InputError, match="^v: a SentencePiece vocabulary; only WordPiece"):
        extend_vocabulary(vocabulary, ExtensionSettings("v"), lambda: DOMAIN, silent)
