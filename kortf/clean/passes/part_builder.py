"""The first pass: read a part of the raw text, clean it, compute fingerprints."""

import contextlib
from collections import Counter
from collections.abc import Callable

import numpy as np

from kortf import files
from kortf.clean.categories import check_number, read_categories
from kortf.clean.cleaner import Cleaner
from kortf.clean.near_duplicates.signature import Signer
from kortf.clean.passes.fingerprint import NONE, fingerprints
from kortf.clean.passes.parts import Chunk, Part
from kortf.clean.reporting.tally import Tally, measure
from kortf.clean.rule_set import make_rules, rule_names
from kortf.clean.settings import CleanSettings
from kortf.data.corpus.text_file import TextFile
from kortf.data.reader import BadRows
from kortf.data.records.plan import Piece


class PartBuilder:
    """Builds parts.

    Args:
        text_files: Raw text.
        settings: Settings of the cleaning.
        directory: Directory of intermediate files.
        advance: Function that takes bytes and documents of progress.
        category_field: Field or column with the category of a document; empty for none.
    """

    def __init__(
        self,
        text_files: list[TextFile],
        settings: CleanSettings,
        directory: str,
        advance: Callable[[int, int], None],
        category_field: str = "",
    ):
        self._files = text_files
        self._settings = settings
        self._directory = directory
        self._advance = advance
        self._category_field = category_field
        self._rules = {wiki: make_rules(settings.values, wiki) for wiki in (False, True)}
        self._signer = Signer(settings.values) if settings["near.threshold"] else None
        arrays = {
            "sizes": True,
            "documents": settings["duplicates.documents"],
            "lines": settings["duplicates.lines"],
            "pages": settings["boilerplate.pages"],
            "bands": self._signer,
            "signatures": self._signer,
            "categories": category_field,
        }
        self._arrays = [name for name, wanted in arrays.items() if wanted]

    def is_done(self, index: int) -> bool:
        """Return whether part number `index` is complete."""
        return Part(self._directory, index).is_done()

    def build(self, index: int, pieces: list[Piece]) -> None:
        """Build part number `index`; the summary, written last, marks it as complete."""
        part = Part(self._directory, index)
        tally = Tally(rule_names(self._settings.values))
        cleaners = {wiki: Cleaner(rules, tally) for wiki, rules in self._rules.items()}
        chunks, came = [], Counter()
        names: dict[str, int] = {}
        bad_rows = BadRows(any(file.skip_bad_rows for file in self._files))
        with contextlib.ExitStack() as stack:
            out = stack.enter_context(files.write_beside(part.text_path, "wb"))
            arrays = {
                name: stack.enter_context(files.write_beside(part.array_path(name), "wb"))
                for name in self._arrays
            }
            for piece in pieces:
                file = self._files[piece.file]
                documents, categories = self._read(file, piece, bad_rows)
                came += measure(documents)
                left, places = cleaners[file.reader.wiki].clean(documents)
                lines = "\n".join(left).split("\n") if left else []
                data = "".join([line + "\n" for line in lines]).encode()
                out.write(data)
                chunks.append(Chunk(len(data), len(lines), len(left)))
                for name, array in self._describe(left, lines).items():
                    if name in arrays:
                        arrays[name].write(array.tobytes())
                if categories is not None:
                    numbers = [names.setdefault(categories[i], len(names)) for i in places]
                    check_number(self._category_field, len(names))
                    arrays["categories"].write(np.array(numbers, np.uint32).tobytes())
                self._advance(piece.end - piece.start, len(documents))
        summary = {
            "chunks": chunks,
            "in": came,
            "rules": tally.to_json(),
            "categories": list(names),
            "bad_rows": bad_rows.to_json(),
        }
        part.write_summary(summary)

    def _read(
        self, file: TextFile, piece: Piece, bad_rows: BadRows
    ) -> tuple[list[str], list[str] | None]:
        with files.open_file(file.plain_path) as stream:
            stream.seek(piece.start)
            data = stream.read(piece.end - piece.start)
        documents = list(map("\n".join, file.read_block(piece.start, data, bad_rows)))
        if not self._category_field:
            return documents, None
        categories = read_categories(file, self._category_field, piece.start, data)
        return documents, categories

    def _describe(self, documents: list[str], lines: list[str]) -> dict[str, np.ndarray]:
        sizes = [document.count("\n") + 1 for document in documents]
        described = {"sizes": np.array(sizes, np.uint32)}
        if "documents" in self._arrays:
            described["documents"] = fingerprints(documents)
        if "lines" in self._arrays or "pages" in self._arrays:
            described["pages"] = fingerprints(lines)
            least = self._settings["duplicates.line_min_chars"]
            short = np.array([len(line) < least for line in lines], bool)
            described["lines"] = np.where(short, np.uint64(NONE), described["pages"])
        if self._signer:
            described["signatures"], described["bands"] = self._signer.sign(documents)
        return described
