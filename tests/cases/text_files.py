"""Cases of text files and of what verbs write."""

import json
import pathlib
import shutil

from tests import prepared
from tests.cases.bench import Bench, Failed, check, equal_or_refused, refused, run, want


@check("text/05")
def streams_lost(bench: Bench):
    padded = bench.documents("padded.txt.xz")
    want(len(padded) == 2, f"padded: {len(padded)} documents")
    seen = []
    for name in ("damaged.txt.xz", "damaged.txt.bz2"):
        seen.append(equal_or_refused(lambda n=name: bench.documents(n), None))
    return ["padded: 2 documents", *seen]


@check("text/06")
def tar(bench: Bench):
    try:
        documents = bench.documents("corpus.tar.gz")
    except Exception as error:
        return equal_or_refused(lambda e=error: _raise(e), None)
    want("\0" not in str(documents) and "000644" not in str(documents), documents)
    return documents


def _raise(error: Exception):
    raise error


@check("text/07")
def wiki_title(bench: Bench):
    documents = bench.documents("wiki.txt")
    want(documents == [["본문이다."], ["본문이다."]], documents)
    return documents


@check("text/17")
def brackets_in_names(bench: Bench):
    (source,) = bench.case.glob("*.txt")
    ran = bench.vocab(source)
    want(ran.status == 0, ran.output)
    folder = bench.work / "[원천] 말뭉치"
    folder.mkdir()
    shutil.copy(source, folder / "a.txt")
    ran = run("vocab", f"--input={folder}/*.txt", f"--output={bench.work}/p", "--size=50")
    want(ran.status == 0, ran.output)
    return "the file is taken, and a glob below a directory with brackets"


@check("text/18")
def cures(bench: Bench):
    seen = []
    says = {"utf16.txt": "iconv -f UTF-16", "stray.txt": "", "cesu8.txt": "", "corpus.zip": ""}
    for name, words in says.items():
        ran = bench.vocab(bench.case / name)
        if name == "corpus.zip" and ran.status == 0:
            seen.append("zip: read")
            continue
        want(ran.status == 2 and words in ran.output, f"{name}: {ran.output[-300:]}")
        want("CP949" not in ran.output, f"{name}: {ran.output[-300:]}")
        seen.append(f"{name}: {ran.output.strip().splitlines()[-1].split(': ', 2)[-1][:90]}")
    return seen


@check("text/19")
def pzstd(bench: Bench):
    documents = bench.documents("corpus.txt.zst")
    want(documents, "nothing was read")
    return documents


@check("text/21")
def tracebacks(bench: Bench):
    output = f"--output={bench.work}/o"
    vocab = f"--vocab={prepared.vocabulary()}"
    return [
        refused("records", f"--input={bench.case}/big.jsonl", vocab, output),
        refused("vocab", "--input=https://example.invalid/a.txt", output),
        refused("vocab", "--input=s3://example-invalid/a.txt", output),
    ]


@check("text/22")
def vocab_over_a_model(bench: Bench):
    model = bench.model()
    before = (model / "vocab.txt").read_bytes()
    text = f"{prepared.sample_dir()}/nsmc/reviews.txt"
    line = refused("vocab", f"--input={text}", f"--output={model}", "--size=300")
    want((model / "vocab.txt").read_bytes() == before, "vocab.txt was replaced")
    return line


@check("text/23")
def half_a_vocabulary(bench: Bench):
    """A disk that is full at each of the files in turn, and an input that breaks off."""
    import builtins
    import errno
    import os

    text = f"{prepared.sample_dir()}/nsmc/reviews.txt"
    real, seen = builtins.open, []
    for limit in (0, 1):
        written = []

        def full(path, mode="r", *more, written=written, limit=limit, **options):
            if isinstance(path, (str, os.PathLike)) and set("wxa") & set(mode):
                if str(bench.work) in os.fspath(path):
                    written.append(path)
                    if len(written) > limit:
                        raise OSError(errno.ENOSPC, "No space left on device", os.fspath(path))
            return real(path, mode, *more, **options)

        output = bench.work / f"o{limit}"
        builtins.open = full
        try:
            ran = run("vocab", f"--input={text}", f"--output={output}", "--size=300")
        finally:
            builtins.open = real
        left = sorted(p.name for p in output.rglob("*")) if output.exists() else None
        if ran.status == 0:
            raise Failed(f"the full disk was not met: {left}")
        want(not left, f"left behind: {left}")
        seen.append(f"file {limit + 1}: {ran.output.strip()[-60:]}")
    damaged = pathlib.Path(bench.work, "damaged.txt")
    damaged.write_bytes("안녕하세요\n".encode() * 9 + b"\xff\xfe\xfd\n")
    ran = run("vocab", f"--input={damaged}", f"--output={bench.work}/p", "--size=300")
    want(ran.status == 2, ran.output)
    if (bench.work / "p").exists():
        raise Failed("an error while reading leaves the directory")
    return json.dumps(seen, ensure_ascii=False)
