"""Fixtures of the tests that write records."""

import pytest

from kortf.data import workers
from kortf.data.corpus.text_file import TextFile
from kortf.data.records.records_writer import write_records
from kortf.text.vocabulary.vocabulary import Vocabulary

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture(scope="session")
def tiny_vocabulary():
    """A WordPiece vocabulary of digits and a few Korean syllables."""
    pieces = [
        *SPECIAL,
        ".",
        *"0123456789가나다라마문장",
        *(f"##{c}" for c in "0123456789가나다라마문장"),
    ]
    return Vocabulary("wordpiece", "\n".join(pieces).encode())


@pytest.fixture
def in_process(monkeypatch):
    """Makes shards in this process, which spares the start of worker processes."""
    from kortf.data.records.shard_builder import ShardBuilder

    def run_jobs(jobs, builder_arguments, count, advance):
        builder = ShardBuilder(advance=lambda *done: advance(*done), **builder_arguments)
        for job in jobs:
            builder.build(*job)

    monkeypatch.setattr(workers, "run_jobs", run_jobs)
    return run_jobs


@pytest.fixture
def corpus(tmp_path):
    """A file of 300 documents of one to five lines of numbers."""
    path = tmp_path / "corpus.txt"
    lines, number = [], 0
    for document in range(300):
        for _ in range(1 + document % 5):
            lines.append(f"문장 {number} 가나다. 문장 {number + 1} 라마.")
            number += 2
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def write(tiny_vocabulary):
    """`write(paths, directory, settings, **more)` calls `write_records` and keeps what it says."""
    said = []

    def call(paths, directory, settings, **more):
        text_files = [TextFile.detect(str(path)) for path in paths]
        more = {"say": said.append, "workers": 1} | more
        return write_records(text_files, tiny_vocabulary, settings, str(directory), **more)

    call.said = said
    return call
