"""Features of KorQuAD's questions against transformers' way, in turns in one process.

    python -m benchmarks.question_features --data=data/korquad --vocab=DIR [--rounds=5]

A turn makes, of all questions of a file, rows of 384 pieces with windows of stride 128, with the
token that each answer begins and ends at. transformers' side does it as its question answering
example: a fast tokenizer with overflowing windows and offsets, then a look at each window.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import transformers
from absl import app, flags

from benchmarks.paired import table, take_turns

FLAGS = flags.FLAGS
flags.DEFINE_string("data", "data/korquad", "Directory of the file.")
flags.DEFINE_string("vocab", None, "WordPiece vocabulary directory.", required=True)
flags.DEFINE_string("file", "KorQuAD_v1.0_dev.json", "Name of the file.")
flags.DEFINE_integer("rounds", 5, "Counted rounds.")

LENGTH, STRIDE = 384, 128
CHUNK = 1000  # questions that transformers' side tokenises at once


def make_kortf(task, examples: list[dict], vocab: str):
    """A function that makes all features in kortf."""
    from kortf.text.tokenizer.tokenizer import load_tokenizer
    from kortf.train.examples import EncodedExamples

    tokenizer = load_tokenizer(vocab)
    return lambda: EncodedExamples(task, tokenizer, examples, LENGTH)


def make_transformers(examples: list[dict], vocab: str):
    """A function that makes all features with a fast tokenizer."""
    tokenizer = transformers.BertTokenizerFast.from_pretrained(vocab)

    def features():
        for begin in range(0, len(examples), CHUNK):
            label(tokenizer, examples[begin : begin + CHUNK])

    return features


def label(tokenizer, examples: list[dict]) -> dict:
    """Windows of some questions, padded, with the places of the answers."""
    # transformers counts the overlap of two windows, not the step between them.
    overlap = LENGTH - STRIDE - 3 - 64
    found = tokenizer(
        [example["question"] for example in examples],
        [example["context"] for example in examples],
        truncation="only_second", max_length=LENGTH, stride=overlap,
        return_overflowing_tokens=True, return_offsets_mapping=True, padding="max_length",
    )  # fmt: skip
    starts, ends = [], []
    for row, owner in enumerate(found["overflow_to_sample_mapping"]):
        example, offsets = examples[owner], found["offset_mapping"][row]
        begin = example["start"]
        end = begin + len(example["answers"][0])
        sequence = found.sequence_ids(row)
        first = sequence.index(1)
        last = len(sequence) - 1 - sequence[::-1].index(1)
        if offsets[first][0] > begin or offsets[last][1] < end:
            starts.append(0)
            ends.append(0)
            continue
        while first <= last and offsets[first][0] <= begin:
            first += 1
        while offsets[last][1] >= end:
            last -= 1
        starts.append(first - 1)
        ends.append(last + 1)
    return dict(found) | {"start_positions": starts, "end_positions": ends}


def main(argv) -> None:
    del argv
    from kortf import tasks

    task = tasks.build("korquad", stride=STRIDE)
    examples = task.read(os.path.join(FLAGS.data, FLAGS.file))
    rivals = {
        "kortf": make_kortf(task, examples, FLAGS.vocab),
        "transformers": make_transformers(examples, FLAGS.vocab),
    }
    times = take_turns(rivals, FLAGS.rounds)
    print(f"\nFeatures of {len(examples):,} questions, {LENGTH} pieces, stride {STRIDE}\n")
    print(table(times, "kortf"))


if __name__ == "__main__":
    app.run(main)
