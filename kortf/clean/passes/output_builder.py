"""The third pass: write the text of a part without duplicates."""

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from kortf import files
from kortf.clean.categories import directory_name
from kortf.clean.passes.comparison import Sizes
from kortf.clean.passes.drops import Drops
from kortf.clean.passes.output_file import ENDINGS, write_text
from kortf.clean.passes.parts import Part
from kortf.clean.passes.remaining import Remaining
from kortf.clean.reporting.tally import Tally, measure
from kortf.clean.rule_set import make_rules, rule_names
from kortf.clean.settings import CleanSettings
from kortf.errors import InputError


class OutputBuilder:
    """Writes cleaned text, part by part.

    Args:
        directory: Directory of intermediate files.
        output: Directory for the text.
        settings: Settings of the cleaning.
        sizes: Sizes of the parts.
        drops: Documents and lines to drop, by kind.
        compression: Key of `kortf.clean.passes.output_file.ENDINGS`.
        categorized: Whether each category gets a directory.
        advance: Function that takes bytes and documents of progress.
    """

    def __init__(
        self,
        directory: str,
        output: str,
        settings: CleanSettings,
        sizes: Sizes,
        drops: dict[str, Drops],
        compression: str,
        categorized: bool,
        advance: Callable[[int, int], None],
    ):
        self._directory = directory
        self._output = output
        self._names = rule_names(settings.values)
        self._filters = make_rules(settings.values).filters
        self._sizes = sizes
        self._drops = drops
        self._compression = compression
        self._categorized = categorized
        self._advance = advance
        self._parts = [Part(directory, index) for index in range(len(sizes.documents) - 1)]

    def is_done(self, index: int) -> bool:
        """Return whether the files of part number `index` and their summary are there."""
        return read_summary(self._directory, self._output, index) is not None

    def build(self, index: int) -> None:
        """Write the files of part number `index`, then its summary."""
        tally = Tally(self._names)
        name = f"clean-{index:05d}-of-{len(self._parts):05d}{ENDINGS[self._compression]}"
        counts: dict[str, Counter] = {}
        with contextlib.ExitStack() as stack:
            writers = {}
            for folder, documents in self._documents(index, tally):
                if folder not in writers:
                    path = os.path.join(self._output, folder, name)
                    writers[folder] = stack.enter_context(write_text(path, self._compression))
                    counts[folder] = Counter()
                data = "".join([document + "\n\n" for document in documents]).encode()
                writers[folder].write(data)
                counts[folder] += measure(documents)
        written = []
        for folder in sorted(counts):
            path = os.path.join(self._output, folder, name)
            entry = {"file": os.path.join(folder, name), "bytes": files.size(path)}
            written.append({**entry, "crc32": files.crc32_of(path), "text": counts[folder]})
        write_summary(self._directory, index, {"files": written, "rules": tally.to_json()})

    def _documents(self, index: int, tally: Tally) -> Iterator[tuple[str, list[str]]]:
        """Yield directories of categories and their remaining documents, in batches."""
        part = self._parts[index]
        folders: list[str] = []
        if self._categorized:
            names = [directory_name(name) for name in part.summary()["categories"]]
            folders = [names[number] for number in part.read("categories").tolist()]
        first = 0
        remaining = Remaining(self._parts, self._sizes, self._drops, self._filters, tally)
        for documents, size in remaining.read(index):
            by_folder: dict[str, list[str]] = {}
            for number, document in enumerate(documents, first):
                if document:
                    folder = folders[number] if folders else ""
                    by_folder.setdefault(folder, []).append(document)
            first += len(documents)
            self._advance(size, len(documents))
            yield from by_folder.items()


def _summary_path(directory: str, index: int) -> str:
    return os.path.join(directory, f"output-{index:05d}.json")


def write_summary(directory: str, index: int, summary: dict[str, Any]) -> None:
    """Record that the files of a part are written, and their contents."""
    files.write_json(_summary_path(directory, index), summary)


def read_summary(directory: str, output: str, index: int) -> dict[str, Any] | None:
    """Return the summary of a part, None if there is none or its files do not match it."""
    try:
        summary = files.read_json(_summary_path(directory, index))
    except InputError:
        return None
    for entry in summary["files"]:
        path = os.path.join(output, entry["file"])
        if not files.exists(path) or files.size(path) != entry["bytes"]:
            return None
    return summary
