"""The tokenizer against `tokenizers` (WordPiece) or `sentencepiece`: equal ids, and how fast.

    python -m benchmarks.tokenizer --input='data/nsmc/*.txt,data/kowiki/*.txt' [--vocab=DIR]

Every line of the input is cut into pieces by both sides and compared. Then both take turns at a
part of it, with all cores: ours in tf.data, theirs in batches of one call (`encode_batch`). Without
--vocab one is trained first.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import functools
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator

import tensorflow as tf
from absl import app, flags

from benchmarks import peak_memory
from benchmarks.paired import table, take_turns
from kortf import files
from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.text.unicode.normalize import normalize
from kortf.text.vocabulary.twin import to_tokenizers
from kortf.text.vocabulary.vocabulary import Vocabulary

FLAGS = flags.FLAGS
flags.DEFINE_list("input", ["data/nsmc/*.txt", "data/kowiki/*.txt"], "Text files, as globs.")
flags.DEFINE_string("vocab", None, "Vocabulary directory.")
flags.DEFINE_integer("megabytes", 40, "Size of the part that is timed; 0 times nothing.")
flags.DEFINE_bool("compare", True, "Whether to compare the ids of all lines.")
flags.DEFINE_integer("rounds", 5, "Counted rounds.")

BATCH = 1024
SHOWN = 5

Encode = Callable[[list[str]], list[list[int]]]


def batches(paths: list[str]) -> Iterator[list[str]]:
    """Lines of all files, unchanged but for the line feed, 1,024 at once."""
    for path in paths:
        with open(path, encoding="utf-8", newline="\n") as file:
            lines = (line.removesuffix("\n") for line in file)
            while batch := list(itertools.islice(lines, BATCH)):
                yield batch


def rivals_of(vocabulary: Vocabulary) -> tuple[dict[str, Callable], Encode]:
    """The other libraries' calls for many lines, by name, and the one that says what is right."""
    twin = to_tokenizers(vocabulary, special_tokens=False)
    rivals = {"tokenizers.encode_batch": twin.encode_batch}
    if vocabulary.kind == "wordpiece":
        return rivals, lambda lines: [encoding.ids for encoding in twin.encode_batch(lines)]
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(model_proto=vocabulary.data)

    def encode(lines):
        return model.encode([normalize(line, vocabulary.lowercase) for line in lines])

    return rivals | {"sentencepiece.encode": encode}, encode


def compare(tokenizer: Tokenizer, encode: Encode, paths: list[str]) -> int:
    """Compares the ids of all lines; prints the first that differ. Returns how many do."""
    tokenize = tf.function(tokenizer.tokenize, [tf.TensorSpec([None], tf.string)])
    lines = different = 0
    for batch in batches(paths):
        ours = tokenize(tf.constant(batch)).to_list()
        for line, one, other in zip(batch, ours, encode(batch), strict=True):
            if one != other:
                different += 1
                if different <= SHOWN:
                    pieces = tokenizer.vocabulary.pieces
                    print(f"{line!r}: {[pieces[i] for i in one]} {[pieces[i] for i in other]}")
        lines += len(batch)
    print(f"{lines:,} lines in {len(paths)} files, {different:,} with other ids", flush=True)
    return different


def time_all(tokenizer: Tokenizer, rivals: dict[str, Callable], paths: list[str]) -> None:
    """Prints MB/s of all sides on the first part of each file."""
    text, size = [], 0
    for path in paths:
        share, enough = 0, FLAGS.megabytes * 1e6 / len(paths)
        for batch in batches([path]):
            text.append(batch)
            share += sum(len(line.encode()) for line in batch)
            if share >= enough:
                break
        size += share
    ragged = tf.ragged.constant(text, dtype=tf.string)
    data = tf.data.Dataset.from_tensor_slices(ragged)
    data = data.map(tokenizer.tokenize, num_parallel_calls=os.cpu_count())

    def ours():
        for _ in data:
            pass

    def theirs(encode):
        for batch in text:
            encode(batch)

    sides = {name: functools.partial(theirs, encode) for name, encode in rivals.items()}
    times = take_turns({"kortf in tf.data": ours} | sides, FLAGS.rounds)
    print(f"\n{size / 1e6:,.1f} MB, {os.cpu_count()} cores, {tokenizer.vocabulary.kind}\n")
    print(table(times, "kortf in tf.data", size / 1e6, "MB/s"), flush=True)


def main(argv: list[str]) -> int:
    del argv
    paths = files.expand(FLAGS.input)
    with tempfile.TemporaryDirectory() as directory:
        if not FLAGS.vocab:
            command = [sys.executable, "-m", "kortf", "vocab", f"--input={','.join(paths)}"]
            peak_memory.run([*command, f"--output={directory}", "--lowercase"])
        tokenizer = load_tokenizer(FLAGS.vocab or directory)
    rivals, encode = rivals_of(tokenizer.vocabulary)
    if FLAGS.megabytes:
        time_all(tokenizer, rivals, paths)
    return int(FLAGS.compare and compare(tokenizer, encode, paths) > 0)


if __name__ == "__main__":
    app.run(main)
