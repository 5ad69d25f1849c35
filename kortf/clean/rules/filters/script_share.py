"""Drop documents with too many letters of other scripts."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import Example, Filter, Setting, between
from kortf.text.unicode import code_points, tables

_SCRIPTS = {
    "hanja": code_points.IDEOGRAPHS,
    "kana": r"\x{3041}-\x{3096}\x{309d}-\x{309f}\x{30a1}-\x{30fa}\x{30fd}-\x{30ff}\x{31f0}-\x{31ff}"
    r"\x{ff66}-\x{ff9d}",
    "latin": r"A-Za-z\x{aa}\x{ba}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{24f}\x{1e00}-\x{1eff}"
    r"\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}",
    "cyrillic": r"\x{400}-\x{52f}",
}


class ScriptShare(Filter):
    """Drops documents of whose letters a larger share is of a script.

    Args:
        script: `hanja`, `kana`, `latin` or `cyrillic`.
        most: Largest share, 0 to 1.

    Example:
        >>> ScriptShare("kana", 0.2).drops(["ひらがな 한국", "일본어 の 하나"])
        [True, False]
    """

    place = 515
    settings = tuple(
        Setting(f"scripts.{script}", 1.0, f"largest share of {script} in letters", between(0, 1))
        for script in _SCRIPTS
    )
    example = Example({"scripts.kana": 0.2}, "ひらがな 한국", "")

    def __init__(self, script: str, most: float):
        self.name = f"scripts.{script}"
        self._most = most
        self._table = tables.table(_SCRIPTS[script])
        self._letters = tables.category("L")

    @classmethod
    def make(cls, values: Mapping[str, Any], wiki: bool) -> list["ScriptShare"]:
        """See `Rule`."""
        shares = {script: values[f"scripts.{script}"] for script in _SCRIPTS}
        return [cls(script, most) for script, most in shares.items() if most < 1]

    def drops(self, documents: list[str]) -> list[bool]:
        """See `Filter`."""
        if not documents:
            return []
        found, letters = characters.counts(documents, self._table, self._letters)
        return (found > self._most * np.maximum(letters, 1)).tolist()
