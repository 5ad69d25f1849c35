"""Contracts of every rule, and of rules together: idempotent, pure, linear, documented."""

import functools
import pathlib
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kortf.clean.characters import MARK
from kortf.clean.cleaner import Cleaner
from kortf.clean.quality.training import train_quality
from kortf.clean.reporting.tally import Tally
from kortf.clean.rule import DocumentRule, Filter, TextRule
from kortf.clean.rule_set import make_rules, rule_classes, rule_names
from kortf.clean.settings import declared, from_config
from tests.harness.growth import is_quadratic
from tests.pure.clean.quality_test import BAD, GOOD

ROOT = next(p for p in pathlib.Path(__file__).parents if (p / "setup.py").exists())
CLASSES = rule_classes()
ids = {"ids": lambda cls: cls.__module__.rsplit(".", 1)[-1]}
DEFAULTS = {setting.key: setting.default for setting in declared()}


@functools.cache
def quality_model():
    """A model of which the example of the quality rule speaks."""
    path = f"{tempfile.mkdtemp()}/quality.npz"
    train_quality(GOOD, BAD, 0)[0].save(path)
    return path


def made(cls):
    """The rules of a class under the settings of its example."""
    chosen = {
        key: quality_model() if value == "MODEL" else value
        for key, value in cls.example.settings.items()
    }
    rules = cls.make(DEFAULTS | chosen, wiki=False)
    assert rules, "the example turns its rule on"
    return rules


def apply(rule, document):
    if isinstance(rule, Filter):
        return "" if rule.drops([document])[0] else document
    return rule.apply(document)


@pytest.mark.parametrize("cls", CLASSES, **ids)
def test_every_rule_has_a_worked_example(cls):
    outcomes = [apply(rule, cls.example.before) for rule in made(cls)]
    assert cls.example.after in outcomes
    assert cls.example.before != cls.example.after


@pytest.mark.parametrize("cls", CLASSES, **ids)
def test_every_rule_declares_itself(cls):
    assert cls.place > 0 and cls.settings
    assert issubclass(cls, TextRule) + issubclass(cls, DocumentRule) + issubclass(cls, Filter) == 1
    for setting in cls.settings:
        assert setting.doc and not setting.doc.endswith(".")
        assert setting.allowed is None or setting.allowed.fits(setting.default)


def test_keys_are_declared_once_and_places_are_unique():
    keys = [setting.key for setting in declared()]
    assert len(keys) == len(set(keys))
    assert len({cls.place for cls in CLASSES}) == len(CLASSES)


def test_the_table_in_the_documentation_is_what_the_rules_declare():
    text = (ROOT / "docs" / "clean.md").read_text(encoding="utf-8")
    rows = [f"| `{s.key}` | {s.doc} | {usual(s.default)} |" for s in declared()]
    table = "\n".join(["| key | rule | usual |", "|---|---|---|", *rows])
    assert table in text, f"paste into docs/clean.md:\n{table}"


def usual(value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return "the note of the Blue House's moderators" if value else "none"
    return f"`{value}`" if value != "" else "none"


# Pieces of which patterns are built, so that random texts come near to them.
PIECES = [
    *"가ㅋㅠㄱ0129.,-~()[]「」@*x :;\t\u3000\u00a0\u200b\u3164\u1100\u1161\u11a8!?…'\"/&<>%#&",
    "010", "1234", "5678", "+82", "02", "900101", "1234567", "a@b.kr", ".com", "naver", "골뱅이",
    "[전화번호]", "같이 보기.", "그는 갔다.", "漢字", "😀", "０１０", "\n", "\n", "ㅋㅋㅋㅋㅋㅋ",
    "****", "    ", "-----", "하고", "&amp;", "&lt;b&gt;", "<b>", "http://", "www.", "주민 ",
    "ㅋㅎㅋㅎㅋㅎ", "😀😍❤️", "대박 대박 대박 대박", "4111-1111-1111-1111", "계좌 110-123-456789",
    "여권 M12345678",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map("".join)
LINES = st.one_of(TEXTS, st.text(max_size=40)).filter(lambda text: MARK not in text)


def document(text: str) -> str:
    return "\n".join(line for raw in text.split("\n") if (line := raw.strip()))


@pytest.mark.parametrize("cls", CLASSES, **ids)
@settings(max_examples=50, deadline=None)
@given(texts=st.lists(LINES, min_size=1, max_size=3))
def test_every_rule_is_pure(cls, texts):
    for rule in made(cls):
        if isinstance(rule, TextRule):
            lines = [line for text in texts for line in text.split("\n")]
            assert rule.apply("\n".join(lines)) == "\n".join(map(rule.apply, lines))
            assert rule.apply(MARK.join(lines)) == MARK.join(map(rule.apply, lines))
        elif isinstance(rule, Filter):
            documents = [document(text) or "-" for text in texts]
            assert rule.drops(documents) == [rule.drops([each])[0] for each in documents]
            assert rule.drops([]) == []
        else:
            assert rule.apply(document(texts[0])) == rule.apply(document(texts[0]))


SETTINGS = st.fixed_dictionaries(
    {
        "control": st.booleans(),
        "compose": st.booleans(),
        "white_space": st.booleans(),
        "remove": st.sampled_from(["", "hanja", "emoji", "hanja,emoji"]),
        "repeats": st.sampled_from([0, 1, 2, 5]),
        "sentences": st.sampled_from(["none", "rules"]),
        "short_lines": st.sampled_from([0, 3]),
        "web": st.fixed_dictionaries(
            {
                "html": st.booleans(),
                "urls": st.booleans(),
                "width": st.booleans(),
                "laughter": st.sampled_from([0, 1, 4]),
                "emoji": st.sampled_from([0, 1, 3]),
                "phrases": st.sampled_from([0, 1, 3]),
            }
        ),
        "private": st.fixed_dictionaries(
            {
                key: st.sampled_from(["", f"[{key[:2]}]"])
                for key in ("phone", "email", "resident_number", "card", "account", "passport")
            }
        ),
        "boilerplate": st.fixed_dictionaries(
            {
                "patterns": st.sampled_from([[], ["01"], ["[가나]+다?", r"\(\)"]]),
                "empty_brackets": st.booleans(),
                "headings": st.sampled_from(["never", "always"]),
            }
        ),
    }
)


@settings(max_examples=400, deadline=None)
@given(values=SETTINGS, text=LINES)
def test_cleaning_the_output_again_changes_nothing(values, text):
    chosen = from_config({"hangul_share": 0.0} | values).values
    given_text = document(text)
    if given_text:
        once = clean(chosen, [given_text])
        assert clean(chosen, once) == once


def clean(chosen, documents):
    return Cleaner(make_rules(chosen), Tally(rule_names(chosen))).clean(documents)[0]


ADVERSARIAL = [
    ".", ". ", "...!", ",", ", ", "(", "()", "((", "(,", ")", "[", "a", "a.", "a@", "a@a.", "0",
    "0 ", "010 ", "010-", "010-1234-", "010 1", "9001", "900101", "900101-", "900101 1", "*", "x",
    "ㅋ", "ㅋㅎ", "가나 ", "&", "&amp", "<", "<a ", "<!--", "http://", "www.", "😀", '"', "'", "「",
    "가.) ", "한국어 문장이다. ", "1 ", "1-", "1234-", "M1", "@", "골뱅이 ", "  ", "\t", "주민 9",
]  # fmt: skip
SIZE = 100_000


@pytest.mark.parametrize("cls", CLASSES, **ids)
def test_every_rule_takes_linear_time(cls):
    slow = {}
    for rule in made(cls):
        for unit in ADVERSARIAL:
            text = (unit * (SIZE // len(unit) + 1))[:SIZE]
            least = 4 * len(text) * 3e-6  # at 3 µs a character nothing is quadratic yet
            if is_quadratic(functools.partial(applied, rule), text, text * 4, least):
                slow[unit] = rule.name
    assert slow == {}


def applied(rule, text):
    return rule.drops([text]) if isinstance(rule, Filter) else rule.apply(text)
