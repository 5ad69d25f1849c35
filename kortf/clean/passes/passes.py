"""The passes over a corpus: clean each part, compare all parts, write the rest."""

import math
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from kortf import files
from kortf.clean.passes import output_builder
from kortf.clean.passes.comparer import Comparer
from kortf.clean.passes.comparison import (
    BYTES_PER_FINGERPRINT,
    Comparison,
    Sizes,
    bands_of,
)
from kortf.clean.passes.drops import Drops
from kortf.clean.passes.grouping import grouping_steps
from kortf.clean.passes.output_builder import OutputBuilder
from kortf.clean.passes.part_builder import PartBuilder
from kortf.clean.passes.parts import Part, cut
from kortf.clean.reporting.tally import Tally
from kortf.clean.rule_set import rule_names
from kortf.clean.settings import CleanSettings
from kortf.data import workers
from kortf.data.beam import BeamRunner
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
        memory_mb: Memory of all processes together for comparing fingerprints; of each worker with
            a runner.
        say: Function that takes progress lines.
        runner: Beam runner of the jobs, instead of worker processes of this machine.
    """

    def __init__(
        self,
        wanted: CleanPlan,
        output: str,
        work: str,
        worker_count: int,
        memory_mb: int,
        say: Callable[[str], None],
        runner: BeamRunner | None = None,
    ):
        self._wanted = wanted
        self._output = output
        self._work = work
        self._worker_count = worker_count
        self._memory = memory_mb * 1_000_000
        self._say = say
        self._runner = runner

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
            if self._runner is not None:
                self._runner.unpack(text_files, spool, self._work)
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
        kinds = {
            "documents": settings["duplicates.documents"],
            "near": settings["near.threshold"],
            "pages": settings["boilerplate.pages"],
            "lines": settings["duplicates.lines"],
        }
        drops: dict[str, Drops] = {}
        for kind in filter(kinds.get, kinds):
            bounds = sizes.of(kind)
            bands = bands_of(kind, settings)
            shares = self._shares(kind, bounds, bands)
            drops[kind] = Drops(self._work, kind, bounds, 0 if self._runner else shares * bands)
            comparison = Comparison(kind, self._work, sizes, drops, settings)
            numbers = range(drops[kind].shares)
            missing = [number for number in numbers if not drops[kind].is_done(number)]
            if self._runner is None:
                arguments = {"comparison": comparison, "directory": self._work}
                jobs = [(share,) for share in missing]
                total = len(jobs) * bounds[-1] * 8
                self._do(f"comparing {kind}", jobs, Comparer, arguments, total)
            elif missing:
                self._runner.run(list(numbers), grouping_steps(comparison, shares), self._work)
                for part in missing:
                    comparison.write_if_missing(part)
        return drops

    def _shares(self, kind: str, bounds: list[int], bands: int) -> int:
        """Return the shares of the fingerprints of a band, of which memory holds one a process."""
        each = bounds[-1] * BYTES_PER_FINGERPRINT[kind]
        if self._runner is None:
            return max(1, math.ceil(each * self._worker_count / self._memory))
        # At least so many that each worker has work.
        return max(1, math.ceil(each / self._memory), math.ceil((len(bounds) - 1) / bands))

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
        total = sum(files.size(Part(self._work, job[0]).text_path) for job in jobs)
        self._do("writing", jobs, OutputBuilder, arguments, total)
        summaries = (output_builder.read_summary(*at, index) for index in range(count))
        return [summary for summary in summaries if summary is not None]

    def _do(
        self, label: str, jobs: list[tuple], make: Callable, arguments: dict, total: int
    ) -> None:
        if self._runner is not None:
            if jobs:
                self._runner.run_jobs(jobs, arguments, make)
            return
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
