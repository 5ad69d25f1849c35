"""Every regular expression of the package takes linear time on text made to attack it."""

import ast
import pathlib
import re
from re import _constants as codes
from re import _parser

import pytest

from tests.harness.growth import is_quadratic

KORTF = pathlib.Path(__file__).parents[2] / "kortf"
SHORT, LONG = 2_000, 16_000
LEAST_SECONDS = 3e-6 * LONG  # below 3 µs a character nothing is quadratic yet
MOST_ELEMENTS = 25
# Patterns that are matched at one place of a text, or search short text of our own, and where.
AT_ONE_PLACE = {
    "clean/headings.py": "the beginning of a line",
    "clean/rules/lines/boilerplate.py": "the user's own pattern, of a line at most",
    "cli/doctor.py": "the kernel's table of memory",
    "data/records/unfinished.py": "names of files",
    "data/wikitext.py: \\s*:?(?:file|image|media|파일|": "the beginning of a link",
    "download/model.py": "names of files",
    "export/serve/http_app.py": "the path of an address",
    "pretrained/formats/tf1.py": "names of files and tensors",
    "pretrained/hugging_face.py": "names of tensors",
    "pretrained/sentence_transformers/writing.py": "names of folders",
    "publish/hub_card.py": "a model card that kortf wrote",
    "publish/push.py": "names of files",
    "report/charts/chart.py": "an image that kortf drew",
    "report/tables/table.py": "a cell, which holds an excerpt",
    "train/distillation/layer_pairs.py": "a setting",
    "text/sentences.py: \\s+(?:하[고는며면여였]|한다|했|이?라[고": "the end of a sentence",
    "train/inputs/data_summary.py": "a whole label",
    "train/inputs/splits.py": "the path of a file",
}
CHARACTERS = {
    codes.CATEGORY_SPACE: " ", codes.CATEGORY_DIGIT: "7", codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_SPACE: "a", codes.CATEGORY_NOT_DIGIT: "a", codes.CATEGORY_NOT_WORD: "-",
}  # fmt: skip


def patterns() -> dict[str, str | bytes]:
    """Constant patterns by file and beginning: arguments of `re`'s functions, and parts of them."""
    found = {}
    for path in sorted(KORTF.rglob("*.py")):
        names: dict[str, str] = {}
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                text = constant(node.value, names)
                if isinstance(text, str):
                    names[node.targets[0].id] = text
        for node in ast.walk(tree):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_call and getattr(node.func.value, "id", "") == "re" and node.args:
                pattern = constant(node.args[0], names)
                if pattern is not None and node.func.attr != "escape":
                    found[f"{path.relative_to(KORTF)}: {pattern[:30]}"] = pattern
    return found


def constant(node: ast.expr, names: dict[str, str]) -> str | bytes | None:
    """Return the text of a literal, of a sum, or of an f-string of named constants."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [constant(node.left, names), constant(node.right, names)]
        return None if None in parts else parts[0] + parts[1]
    if isinstance(node, ast.FormattedValue):
        return constant(node.value, names)
    if isinstance(node, ast.JoinedStr):
        parts = [constant(value, names) for value in node.values]
        return None if None in parts else "".join(parts)
    return None


def characters(parsed) -> list[str]:
    """One character for each element of a pattern, in order."""
    found = []
    for code, value in parsed:
        if code is codes.LITERAL:
            found.append(chr(value))
        elif code is codes.NOT_LITERAL:
            found.append("a" if value != ord("a") else "b")
        elif code is codes.ANY:
            found.append("x")
        elif code is codes.IN:
            found.append(member(value))
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            found += characters(value[2])
        elif code is codes.SUBPATTERN:
            found += characters(value[3])
        elif code is codes.ATOMIC_GROUP:
            found += characters(value)
        elif code is codes.BRANCH:
            for branch in value[1]:
                found += characters(branch)
        elif code in (codes.ASSERT, codes.ASSERT_NOT):
            found += characters(value[1])
    return found


def member(parts) -> str:
    negated = parts[0][0] is codes.NEGATE
    if negated:
        excluded = {chr(value) for code, value in parts[1:] if code is codes.LITERAL}
        return next(c for c in "a7 가-" if c not in excluded)
    code, value = parts[0]
    return {
        codes.LITERAL: lambda: chr(value),
        codes.RANGE: lambda: chr(value[0]),
        codes.CATEGORY: lambda: CHARACTERS[value],
    }[code]()


def attacks(pattern: str | bytes) -> list[str]:
    """Pieces of text: what a part of the pattern takes, and what leads to it."""
    order = characters(_parser.parse(pattern))[:MOST_ELEMENTS]
    pieces = [("", c) for c in dict.fromkeys(order)]
    pieces += [("", a + b) for a, b in dict.fromkeys(zip(order, order[1:], strict=False))]
    pieces += [("".join(order[:i]), c) for i, c in enumerate(order)]
    return list(dict.fromkeys([*pieces, ("", "".join(order) or "a")]))


def slow(pattern: str | bytes, at_one_place: bool = False) -> str | None:
    """Return a piece whose repetition makes the pattern slow."""
    compiled = re.compile(pattern)

    def search(text):
        if at_one_place:
            return compiled.match(text), compiled.fullmatch(text)
        return sum(1 for _ in compiled.finditer(text))

    for prefix, piece in attacks(pattern):
        short, long = (prefix + piece * (size // len(piece)) for size in (SHORT, LONG))
        if isinstance(pattern, bytes):
            short, long = (text.encode("latin-1", "ignore") for text in (short, long))
        if is_quadratic(search, short, long, LEAST_SECONDS):
            return prefix + piece
    return None


FOUND = patterns()


def test_a_quadratic_pattern_is_found():
    assert slow(r"[ab]+c") and slow(r"\s+x")
    assert not slow(r"(?<![ab])[ab]++c")


def test_the_list_of_anchored_patterns_is_current():
    for known in AT_ONE_PLACE:
        assert any(place.startswith(known) for place in FOUND), known


@pytest.mark.parametrize("place", FOUND)
def test_linear(place):
    at_one_place = any(place.startswith(known) for known in AT_ONE_PLACE)
    assert slow(FOUND[place], at_one_place) is None
