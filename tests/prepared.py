"""The sample, a vocabulary and records of it: what most tests begin with.

python -m tests.prepared DIR makes them all; where KORTF_PREPARED names that directory the tests
take them from there. So they run where only the training path is installed.
"""

import os
import pathlib
import sys

from kortf.cli.main import run_verb

PAIRINGS = ("none", "next_sentence", "sentence_order")


def run(verb: str, *argv: str) -> None:
    """Runs `kortf VERB` in this process and expects it to succeed."""
    status = run_verb(verb, argv)
    assert status == 0, f"kortf {verb} {' '.join(argv)} ended with status {status}"


def prepared(name: str) -> pathlib.Path | None:
    """Where it was made beforehand; None where the tests make their own."""
    directory = os.environ.get("KORTF_PREPARED")
    return pathlib.Path(directory, name) if directory else None


def make_sample(directory) -> None:
    """kowiki/, nsmc/, korquad/, klue/."""
    run("sample", f"--output={directory}")


def make_vocabulary(sample, directory) -> None:
    """A WordPiece vocabulary of 600 pieces."""
    text = f"{sample}/kowiki/*.txt,{sample}/nsmc/reviews.txt"
    run("vocab", f"--input={text}", f"--output={directory}", "--size=600", "--lowercase")


def make_records(sample, vocabulary, directory, pairing: str) -> None:
    """Records of 32 tokens; unpaired ones hold the reviews as well."""
    text = f"{sample}/kowiki/*.txt"
    text += f",{sample}/nsmc/reviews.txt" if pairing == "none" else ""
    run(
        "records", f"--input={text}", f"--vocab={vocabulary}", f"--output={directory}",
        f"--pairing={pairing}", "--seq_length=32", "--shards=2", "--workers=1",
    )  # fmt: skip


def main(directory: str) -> None:
    """Makes all of them."""
    sample, vocabulary = f"{directory}/sample", f"{directory}/vocabulary"
    make_sample(sample)
    make_vocabulary(sample, vocabulary)
    for pairing in PAIRINGS:
        make_records(sample, vocabulary, f"{directory}/{pairing}", pairing)


if __name__ == "__main__":
    main(*sys.argv[1:])
