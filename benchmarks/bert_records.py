"""Pretraining records the way of google-research/bert, with today's transformers and tokenizers.

    python -m benchmarks.bert_records --input=… --vocab=DIR --output=DIR [--processes=2]

The rival of benchmarks.records: documents are read (by kortf's reader, so that the text is the
same), encoded in batches by the fast tokenizer, strung together to chunks `[CLS] … [SEP]` of the
full length, and written as `tf.train.Example`s. One process lets the tokenizer use all cores.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import multiprocessing
from collections.abc import Iterator

from absl import app, flags

from kortf import files
from kortf.data.corpus.text_file import TextFile

FLAGS = flags.FLAGS
BATCH_LINES = 1000  # what `datasets.map(batched=True)` takes


def documents(paths: list[str], part: int, parts: int) -> Iterator[list[str]]:
    """Every `parts`-th block of the text, from block `part` on."""
    number = 0
    for path in paths:
        file = TextFile.detect(path)
        with open(path, "rb") as stream:
            for block in file.find_blocks():
                if number % parts == part:
                    stream.seek(block.start)
                    yield from file.read_block(block.start, stream.read(block.end - block.start))
                number += 1


def write(paths: list[str], vocab: str, output: str, length: int, part: int, parts: int) -> None:
    """Writes the records of one part of the text."""
    import tensorflow as tf
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(vocab)
    first, last, room = [tokenizer.cls_token_id], [tokenizer.sep_token_id], length - 2

    def encode(lines: list[str]) -> list[list[int]]:
        return tokenizer(
            lines,
            add_special_tokens=False,
            return_attention_mask=False,
            return_token_type_ids=False,
        )["input_ids"]

    def lines() -> Iterator[list[str]]:
        batch = []
        for document in documents(paths, part, parts):
            batch += document
            if len(batch) >= BATCH_LINES:
                yield batch
                batch = []
        yield batch

    pending: list[int] = []
    with tf.io.TFRecordWriter(os.path.join(output, f"part-{part}.tfrecord")) as writer:
        for batch in lines():
            for ids in encode(batch) if batch else []:
                pending += ids
            while len(pending) >= room:
                chunk, pending = first + pending[:room] + last, pending[room:]
                feature = tf.train.Feature(int64_list=tf.train.Int64List(value=chunk))
                features = tf.train.Features(feature={"input_ids": feature})
                writer.write(tf.train.Example(features=features).SerializeToString())


def main(argv: list[str]) -> None:
    paths = files.expand(FLAGS.input)
    files.makedirs(FLAGS.output)
    arguments = (paths, FLAGS.vocab, FLAGS.output, FLAGS.seq_length)
    if FLAGS.processes == 1:
        write(*arguments, 0, 1)
        return
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    context = multiprocessing.get_context("spawn")
    parts = [
        context.Process(target=write, args=(*arguments, part, FLAGS.processes))
        for part in range(FLAGS.processes)
    ]
    for process in parts:
        process.start()
    for process in parts:
        process.join()
    if any(process.exitcode for process in parts):
        raise SystemExit("a process failed")


if __name__ == "__main__":
    flags.DEFINE_list("input", None, "Raw text, as for kortf records.", required=True)
    flags.DEFINE_string("vocab", None, "WordPiece vocabulary directory.", required=True)
    flags.DEFINE_string("output", None, "Where the records go.", required=True)
    flags.DEFINE_integer("seq_length", 512, "Tokens in a record.")
    flags.DEFINE_integer("processes", 1, "Processes.")
    app.run(main)
