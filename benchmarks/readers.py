"""Measure the readers of raw text: MB for each second of processor time, and peak memory.

    python -m benchmarks.readers --input=FILE,FILE [--mb=200] [--formats=lines,modu]

The lines of the input are written once in each format (`--mb` of text; JSON as one document of one
line), and each is read in a process of its own. MB are those of the file as it lies on the disk,
after decompression.
"""

import csv
import io
import itertools
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator

from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_list("input", None, "files of text", required=True)
flags.DEFINE_integer("mb", 200, "size of the text")
flags.DEFINE_list("formats", None, "formats to measure; all if not given")
flags.DEFINE_string("read", None, "internal: read this file")
LINES_A_DOCUMENT = 8


def documents() -> Iterator[list[str]]:
    """Yield documents of a few lines, `--mb` of them together; the input may repeat."""
    left = FLAGS.mb * 1_000_000
    while left > 0:
        for path in FLAGS.input:
            with open(path, encoding="utf-8") as file:
                lines = (line.strip() for line in file)
                lines = (line for line in lines if line and not line.startswith("<"))
                while part := list(itertools.islice(lines, LINES_A_DOCUMENT)):
                    left -= sum(len(line.encode()) + 1 for line in part)
                    yield part
                    if left <= 0:
                        return


def write_lines(path: pathlib.Path) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for part in documents() for line in part)


def write_text(path: pathlib.Path) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.writelines("\n".join(part) + "\n\n" for part in documents())


def write_csv(path: pathlib.Path) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text"])
        rows.writerows((number, "\n".join(part)) for number, part in enumerate(documents()))


def write_jsonl(path: pathlib.Path) -> None:
    with open(path, "w", encoding="utf-8") as file:
        for part in documents():
            file.write(json.dumps({"id": 1, "text": "\n".join(part)}, ensure_ascii=False) + "\n")


def write_json(path: pathlib.Path) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"data": [')
        for number, part in enumerate(documents()):
            row = json.dumps({"id": 1, "text": "\n".join(part)}, ensure_ascii=False)
            file.write(("," if number else "") + row)
        file.write("]}")


def write_modu(path: pathlib.Path) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"id": "NWRW", "metadata": {"title": "신문"}, "document": [')
        for number, part in enumerate(documents()):
            paragraph = [{"id": f"N.{i}", "form": line} for i, line in enumerate(part)]
            row = {"id": f"N.{number}", "metadata": {"topic": "사회"}, "paragraph": paragraph}
            file.write(("," if number else "") + json.dumps(row, ensure_ascii=False))
        file.write("]}")


def write_parquet(path: pathlib.Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("id", pa.int64()), ("text", pa.string())])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        texts = ("\n".join(part) for part in documents())
        while part := list(itertools.islice(texts, 1000)):
            writer.write_table(pa.table([range(len(part)), part], schema=schema))


def write_zip(path: pathlib.Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("text.txt", "w", force_zip64=True) as member:
            file = io.TextIOWrapper(member, encoding="utf-8")
            file.writelines("\n".join(part) + "\n\n" for part in documents())
            file.flush()


FORMATS = {
    "lines": (write_lines, "txt"), "text": (write_text, "txt"), "csv": (write_csv, "csv"),
    "jsonl": (write_jsonl, "jsonl"), "json": (write_json, "json"), "modu": (write_modu, "json"),
    "parquet": (write_parquet, "parquet"), "zip": (write_zip, "zip"),
}  # fmt: skip


def read(path: str) -> None:
    """Read a file; print documents, characters, seconds of processor time and peak memory in MB."""
    from kortf.data.corpus.corpus import read_documents

    for _ in read_documents([__file__], format="lines"):  # imports
        break
    begin, count, size = time.process_time(), 0, 0
    for document in read_documents([path]):
        count, size = count + 1, size + sum(map(len, document.sentences))
    seconds = time.process_time() - begin
    print(count, size, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main(argv) -> None:
    del argv
    if FLAGS.read:
        return read(FLAGS.read)
    print("| format | MB | documents | MB/s a core | peak memory, MB |\n|---|---|---|---|---|")
    for name in FLAGS.formats or FORMATS:
        write, ending = FORMATS[name]
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, f"{name}.{ending}")
            write(path)
            command = [sys.executable, "-m", "benchmarks.readers", "--input=-", f"--read={path}"]
            found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            count, _, seconds, peak = map(float, found.split())
            # Of compressed files, the text that they hold.
            mb = FLAGS.mb if ending in ("parquet", "zip") else path.stat().st_size / 1e6
        print(
            f"| {name} | {mb:,.0f} | {count:,.0f} | {mb / seconds:,.1f} | {peak:,.0f} |", flush=True
        )


if __name__ == "__main__":
    app.run(main)
