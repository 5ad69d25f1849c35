"""Remove phrases that the publisher has put into the text."""

import contextlib
import functools
import re
import signal
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from kortf.clean.characters import MARK
from kortf.clean.rule import Example, Setting, TextRule
from kortf.errors import InputError

# Note of the Blue House's moderators on a petition that they have changed.
PETITION_NOTE = r"\[본 게시물의 [^\[\]\n]{0,120}수정되었습니다\.?\]"
# Processor time of one pattern for about a megabyte of text, of which a usual one takes 0.02 s.
LIMIT_SECONDS = 20.0


class Boilerplate(TextRule):
    """Removes the matches of regular expressions, line by line.

    Args:
        patterns: Regular expressions in Python's syntax.

    Raises:
        InputError: A pattern is no regular expression, or matches the empty string.

    Example:
        >>> note = "[본 게시물의 일부 내용이 요건에 위배되어 관리자에 의해 수정되었습니다]"
        >>> Boilerplate([PETITION_NOTE]).apply(f"도와주세요. {note}")
        '도와주세요. '
    """

    name = "boilerplate"
    place = 70
    settings = (
        Setting(
            "boilerplate.patterns",
            (PETITION_NOTE,),
            "matches of regular expressions go, line by line",
        ),
    )
    example = Example({}, "도와주세요.[본 게시물의 일부 내용이 수정되었습니다]", "도와주세요.")

    def __init__(self, patterns: tuple[str, ...]):
        self._patterns = []
        for number, pattern in enumerate(patterns):
            place = f"boilerplate.patterns[{number}]"
            try:
                compiled = re.compile(pattern)
            except (re.error, TypeError, OverflowError, RecursionError) as error:
                problem = f"'{pattern}' is no regular expression ({error})"
                raise InputError(place, problem, "correct it in the config") from error
            if compiled.match(""):
                problem = f"'{pattern}' matches the empty string"
                raise InputError(place, problem, "let it match at least one character")
            self._patterns.append(compiled)

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """See `Rule`."""
        cls(values["boilerplate.patterns"])

    def apply(self, text: str) -> str:
        """See `TextRule`.

        Raises:
            InputError: A pattern takes too long.
        """
        for number, pattern in enumerate(self._patterns):
            try:
                with _time_limit(LIMIT_SECONDS):
                    text = _remove(pattern, text)
            except TimeoutError as error:
                place = f"boilerplate.patterns[{number}]"
                problem = f"'{pattern.pattern}' takes more than {LIMIT_SECONDS:g} s a megabyte"
                cure = "write it without a repeat inside a repeat"
                raise InputError(place, problem, cure) from error
        return text


def _remove(pattern: re.Pattern, text: str) -> str:
    if not _sees_ends(pattern.pattern):
        shorter = pattern.sub("", text)
        if _ends(shorter) == _ends(text):
            return shorter
    # It looks at the ends of a line, or would match across lines, perhaps of other documents.
    parts = re.split(f"([\n{MARK}])", text)
    parts[::2] = [pattern.sub("", line) for line in parts[::2]]
    return "".join(parts)


@functools.cache
def _sees_ends(pattern: str) -> bool:
    """Return whether a pattern has anchors or looks around, and so depends on neighbours.

    Example:
        >>> _sees_ends("^광고"), _sees_ends("[^광]고"), _sees_ends("광고(?=!)")
        (True, False, True)
    """
    plain = re.sub(r"\\[^AZ]|\[\^?\]?(?:\\.|[^\]\\])*\]", "", pattern, flags=re.DOTALL)
    return re.search(r"[\^$]|\\[AZ]|\(\?<?[=!]", plain) is not None


def _ends(text: str) -> tuple[int, int]:
    return text.count("\n"), text.count(MARK)


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the block when this process has used so much processor time in it.

    `re` looks for signals while it searches. The limit needs the main thread; elsewhere, and where
    another timer is running, the block runs without one.
    """
    free = threading.current_thread() is threading.main_thread()
    if not free or not hasattr(signal, "setitimer") or signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
        yield
        return

    def stop(number, frame):
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
