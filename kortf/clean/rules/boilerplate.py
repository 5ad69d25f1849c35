"""Removes phrases that whoever published the text has put into it."""

import re

from kortf.clean import characters
from kortf.clean.rule import TextRule
from kortf.errors import InputError

# The note under which the Blue House's moderators have changed a petition.
PETITION_NOTE = r"\[본 게시물의 [^\[\]\n]{0,120}수정되었습니다\.?\]"


class Boilerplate(TextRule):
    """Removes what matches regular expressions, line by line.

    Args:
        patterns: in Python's syntax.

    Raises:
        InputError: one of them is no regular expression, or matches the empty string.

    Example:
        >>> note = "[본 게시물의 일부 내용이 요건에 위배되어 관리자에 의해 수정되었습니다]"
        >>> Boilerplate([PETITION_NOTE]).apply(f"도와주세요. {note}")
        '도와주세요. '
    """

    name = "boilerplate"

    def __init__(self, patterns: list[str]):
        self._patterns = []
        for number, pattern in enumerate(patterns):
            place = f"boilerplate.patterns[{number}]"
            try:
                compiled = re.compile(pattern)
            except (re.error, TypeError) as error:
                problem = f"'{pattern}' is no regular expression ({error})"
                raise InputError(place, problem, "mend it in the config") from error
            if compiled.match(""):
                problem = f"'{pattern}' matches where nothing is"
                raise InputError(place, problem, "let it match a character at least")
            self._patterns.append(compiled)

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        for pattern in self._patterns:
            shorter = pattern.sub("", text)
            if _ends(shorter) != _ends(text):
                # It would match across lines, which may be those of other documents.
                parts = re.split(f"([\n{characters.MARK}])", text)
                parts[::2] = [pattern.sub("", line) for line in parts[::2]]
                shorter = "".join(parts)
            text = shorter
        return text


def _ends(text: str) -> tuple[int, int]:
    return text.count("\n"), text.count(characters.MARK)
