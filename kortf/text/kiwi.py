"""The morphological analyser Kiwi (`pip install 'kortf[kiwi]'`): sentences and morphemes."""

import functools
import os
from collections.abc import Iterable, Iterator

from kortf.errors import InputError


class Kiwi:
    """The analyser, with one thread or several.

    Args:
        place: Setting that needs it, for the error.
        threads: Number of threads; 0 is one a core.

    Raises:
        InputError: Kiwi is not installed.
    """

    def __init__(self, place: str, threads: int = 1):
        self._threads = threads or (os.cpu_count() or 1)
        try:
            self._kiwi = _analyser(self._threads)
        except ImportError as error:
            cure = "pip install 'kortf[kiwi]', or choose another setting"
            raise InputError(place, "kiwipiepy is not installed", cure) from error

    def split(self, line: str) -> list[str]:
        """Return the sentences as the line has them; Kiwi's own strings may differ."""
        found = list(self._kiwi.split_into_sents(line))
        starts = [sentence.start for sentence in found[1:]]
        cuts = zip([0, *starts], [*starts, len(line)], strict=True)
        return [part for start, end in cuts if (part := line[start:end].strip())]

    def morpheme_starts(self, lines: Iterable[str]) -> Iterator[set[int]]:
        """Yield the characters of each line at which a morpheme begins.

        A syllable that two morphemes share, as in `했` of `하` and `었`, is one place.

        Example:
            "나는 공부했다" -> {0, 1, 3, 5, 6}
        """
        tokenize = self._kiwi.tokenize
        for tokens in tokenize(lines) if self._threads > 1 else map(tokenize, lines):
            yield {token.start for token in tokens}


@functools.cache  # its model takes seconds and half a gigabyte
def _analyser(threads: int):
    from kiwipiepy import Kiwi as Analyser

    return Analyser(num_workers=threads)
