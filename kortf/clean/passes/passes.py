"""The passes over a corpus: clean each part, compare all parts, write the rest."""

import math
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from kortf.clean.near_duplicates.signature import Signer
from kortf.clean.passes import output_builder
from kortf.clean.passes.comparer import BYTES_PER_FINGERPRINT, Comparer, Sizes
from kortf.clean.passes.drops import Drops
from kortf.clean.passes.output_builder import OutputBuilder
from kortf.clean.passes.part_builder import PartBuilder
from kortf.clean.passes.parts import Part, cut
from kortf.clean.reporting.tally import Tally
from kortf.clean.rule_set import rule_names
from kortf.clean.settings import CleanSettings
from kortf.data import workers
from kortf.data.corpus.text_file import TextFile
from kortf.data.progress import Progress
from kortf.data.reader import BadRows
from kortf.data.records import plan


@dataclass(frozen=True)
class CleanPlan:
    """Everything that the cleaned text depends on, besides the raw text.

    Args:
        settings: Settings of the cleaning.
        category_field: Field or column whose values name directories; empty for none.
        compress: `none`, `gz` or `zst`.
        shards: Files to write; 0 is one for every 64 MB of raw text, and at least 16.
    """

    settings: CleanSettings
    category_field: str = ""
    compress: str = "none"
    shards: int = 0


class Outcome(NamedTuple):
    """Result of all passes.

    Attributes:
        read: Documents, lines, characters and bytes of the input.
        tally: Counts of the rules.
        written: Files that were written, with counts of their contents.
        bad_rows: Rows that were skipped, and documents that readers leave out.
    """

    read: Counter
    tally: Tally
    written: list[dict[str, Any]]
    bad_rows: BadRows


class Passes:
    """Runs the passes, and skips parts that are finished.

    Args:
        wanted: See `CleanPlan`.
        output: Directory for the text.
        work: Directory of intermediate files.
        worker_count: Number of processes.
        memory_mb: Memory of all processes together for comparing fingerprints.
        say: Function that takes progress lines.
    """

    def __init__(
        self,
        wanted: CleanPlan,
        output: str,
        work: str,
        worker_count: int,
        memory_mb: int,
        say: Callable[[str], None],
    ):
        self._wanted = wanted
        self._output = output
        self._work = work
        self._worker_count = worker_count
        self._memory = memory_mb * 1_000_000
        self._say = say

    def run(self, text_files: list[TextFile]) -> Outcome:
        """Run all passes."""
        parts, bad_rows = self._clean(text_files)
        read, tally = Counter(), Tally(rule_names(self._wanted.settings.values))
        documents, lines = [0], [0]
        for part in parts:
            summary = part.summary()
            read += Counter(summary["in"])
            tally.add(Tally.from_json(summary["rules"]))
            bad_rows.merge(**summary["bad_rows"])
            documents.append(documents[-1] + sum(chunk.documents for chunk in part.chunks()))
            lines.append(lines[-1] + sum(chunk.lines for chunk in part.chunks()))
        sizes = Sizes(documents, lines)
        written = []
        for summary in self._write(sizes, self._compare(sizes)):
            tally.add(Tally.from_json(summary["rules"]))
            written += summary["files"]
        return Outcome(read, tally, written, bad_rows)

    def _clean(self, text_files: list[TextFile]) -> tuple[list[Part], BadRows]:
        """Run the first pass; return its parts and the rows skipped before it."""
        unpacking = Progress("unpacking", 0)
        try:
            spool = os.path.join(self._work, "unpacked")
            text_files = plan.unpack(text_files, spool, unpacking.advance)
        finally:
            unpacking.close()
        bad_rows = plan.skipped_while_unpacking(text_files)
        pieces = cut(text_files, self._wanted.shards)
        parts = [Part(self._work, index) for index in range(len(pieces))]
        missing = [index for index, part in enumerate(parts) if not part.is_done()]
        if len(missing) < len(parts):
            done = len(parts) - len(missing)
            self._say(f"{self._output}: continues, {done} of {len(parts)} parts are clean")
        arguments = {
            "text_files": text_files,
            "settings": self._wanted.settings,
            "directory": self._work,
            "category_field": self._wanted.category_field,
        }
        total = sum(piece.end - piece.start for index in missing for piece in pieces[index])
        jobs = [(index, pieces[index]) for index in missing]
        self._do("cleaning", jobs, PartBuilder, arguments, total)
        return parts, bad_rows

    def _compare(self, sizes: Sizes) -> dict[str, Drops]:
        """Run the second pass. A later kind compares what earlier kinds leave."""
        settings = self._wanted.settings
        bands = Signer(settings.values).bands if settings["near.threshold"] else 0
        kinds = [
            ("documents", settings["duplicates.documents"], sizes.documents[-1], 1),
            ("near", bands, sizes.documents[-1], bands),
            ("pages", settings["boilerplate.pages"], sizes.lines[-1], 1),
            ("lines", settings["duplicates.lines"], sizes.lines[-1], 1),
        ]
        drops: dict[str, Drops] = {}
        for kind, wanted, count, times in kinds:
            if not wanted:
                continue
            memory = count * BYTES_PER_FINGERPRINT[kind] * self._worker_count
            shares = max(1, math.ceil(memory / self._memory)) * times
            drops[kind] = Drops(self._work, kind, shares)
            jobs = [(share, kind) for share in range(shares) if not drops[kind].is_done(share)]
            arguments = {
                "directory": self._work,
                "sizes": sizes,
                "drops": drops,
                "settings": settings,
                "bands": bands,
            }
            self._do(f"comparing {kind}", jobs, Comparer, arguments, len(jobs) * count * 8)
        return drops

    def _write(self, sizes: Sizes, drops: dict[str, Drops]) -> list[dict[str, Any]]:
        """Run the third pass; return the summaries of all parts."""
        count = len(sizes.documents) - 1
        at = (self._work, self._output)
        jobs = [(i,) for i in range(count) if output_builder.read_summary(*at, i) is None]
        arguments = {
            "directory": self._work,
            "output": self._output,
            "settings": self._wanted.settings,
            "sizes": sizes,
            "drops": drops,
            "compression": self._wanted.compress,
            "categorized": bool(self._wanted.category_field),
        }
        total = sum(os.path.getsize(Part(self._work, job[0]).text_path) for job in jobs)
        self._do("writing", jobs, OutputBuilder, arguments, total)
        summaries = (output_builder.read_summary(*at, index) for index in range(count))
        return [summary for summary in summaries if summary is not None]

    def _do(
        self, label: str, jobs: list[tuple], make: Callable, arguments: dict, total: int
    ) -> None:
        progress = Progress(label, total)
        try:
            if self._worker_count == 1 and jobs:
                builder = make(**arguments, advance=progress.advance)
                for job in jobs:
                    builder.build(*job)
            elif jobs:
                workers.run_jobs(jobs, arguments, self._worker_count, progress.advance, make)
        finally:
            progress.close()
