"""Settings of a cleaning: what cannot be is named with its key."""

import importlib.util
import pathlib

import pytest

from kortf.clean.recipe import cleaning
from kortf.clean.rule_set import make_rules
from kortf.clean.rules.characters.remove import Remove
from kortf.clean.settings import declared, from_config
from kortf.errors import InputError

CONFIGS = pathlib.Path(__file__).parents[3] / "configs" / "clean"


def test_the_defaults_are_those_of_the_config():
    assert from_config(cleaning().to_dict()) == from_config({})
    assert from_config({}).values == {setting.key: setting.default for setting in declared()}


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.py")), ids=lambda path: path.stem)
def test_every_config_is_one(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    settings = from_config(module.get_config().to_dict())
    assert settings["duplicates.documents"]
    assert module.get_config("smoke") == module.get_config()


def test_kinds_of_characters_come_in_any_order():
    made = make_rules(from_config({"remove": "emoji, hanja"}).values).of_text
    assert [rule.name for rule in made if rule.place == Remove.place] == ["hanja", "emoji"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"repeat": 3}, "config.repeat: there is no such setting; did you mean 'repeats'"),
        ({"near": {"treshold": 0.8}}, "config.near.treshold: .* did you mean 'near.threshold'"),
        ({"repeats": "3"}, "config.repeats: is '3', not of type int"),
        ({"compose": 1}, "config.compose: is 1, not of type bool"),
        ({"near": 0.8}, "config.near: is 0.8, not a section"),
        (
            {"boilerplate": {"patterns": "가"}},
            "config.boilerplate.patterns: is '가', not of type tuple",
        ),
        ({"repeats": -1}, "--config.repeats=-1: must be at least 0"),
        ({"length": {"max_words": -1}}, "--config.length.max_words=-1: must be at least 0"),
        (
            {"length": {"min_chars": 9, "max_chars": 8}},
            "--config.length.max_chars=8: must be 0 or at least length.min_chars=9",
        ),
        ({"hangul_share": 1.5}, "--config.hangul_share=1.5: must be 0 to 1"),
        ({"near": {"threshold": 1.5}}, "--config.near.threshold=1.5: must be 0 or 0.1 to 1"),
        ({"near": {"permutations": 8}}, "--config.near.permutations=8: must be 16 to 1024"),
        ({"near": {"shingle": 0}}, "--config.near.shingle=0: must be 1 to 64"),
        ({"near": {"unit": "line"}}, "--config.near.unit=line: must be one of char, word"),
        ({"sentences": "kss"}, "--config.sentences=kss: must be one of none, rules, kiwi"),
        ({"remove": "kanji"}, "--config.remove: 'kanji' is no kind of character"),
        ({"boilerplate": {"headings": "no"}}, "--config.boilerplate.headings=no: must be one of"),
        ({"boilerplate": {"patterns": ["("]}}, r"boilerplate.patterns\[0\]: '\(' is no regular"),
        ({"private": {"phone": "가\n나"}}, "--config.private.phone=가 나: must be a single line"),
    ],
)
def test_settings_that_cannot_be(values, words):
    with pytest.raises(InputError, match=words):
        from_config(values)


def test_a_rule_may_live_outside_of_the_package(tmp_path, monkeypatch):
    (tmp_path / "my_rule.py").write_text(
        "from kortf.clean.rule import Example, Setting, TextRule\n"
        "class Shout(TextRule):\n"
        "    name, place = 'shout', 175\n"
        "    settings = (Setting('shout', '!', 'mark of a shout'),)\n"
        "    example = Example({}, '가.', '가!')\n"
        "    def __init__(self, mark): self.mark = mark\n"
        "    def apply(self, text): return text.replace('.', self.mark)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    values = cleaning(rules=("my_rule",), shout="?").to_dict()
    rules = make_rules(from_config(values).values)
    names = [rule.name for rule in rules.of_text]
    assert names.index("repeats") < names.index("shout") < names.index("white_space")
    assert rules.of_text[names.index("shout")].apply("가.") == "가?"


@pytest.mark.parametrize("module", ["kortf.nowhere", "kortf.clean.rule"])
def test_a_module_without_a_rule_is_named(module):
    with pytest.raises(InputError) as caught:
        from_config({"rules": [module]})
    assert caught.value.parts[0] == f"--config.rules={module}"


def test_a_placeholder_that_a_rule_would_change_is_refused():
    with pytest.raises(InputError) as caught:
        from_config({"private": {"phone": "()"}})
    assert caught.value.parts[0] == "--config.private.phone=()"
