"""Masked accuracy by position in long documents.

    python -m benchmarks.masked_positions --input=GLOB --models=WORKDIR/model,… [--length=4096]

Not a race: of the beginning of each document that is long enough, 15 % of the pieces are masked,
the same for every model, and what each predicts is counted by its position. A model of shorter rows
reads the document in pieces of the length that it knows.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_list("input", None, "Files of text that no model has seen.", required=True)
flags.DEFINE_list("models", None, "Model directories.", required=True)
flags.DEFINE_integer("length", 4096, "Pieces of a document, its beginning and end marked.")
flags.DEFINE_integer("parts", 8, "Into which the positions are divided.")
flags.DEFINE_integer("documents", 200, "At most so many.")


def documents(tokenizer) -> np.ndarray:
    """The beginnings of long documents, `[documents, length]`."""
    from kortf import files
    from kortf.data.corpus.corpus import read_documents

    vocabulary, inside, rows = tokenizer.vocabulary, FLAGS.length - 2, []
    for document in read_documents(files.expand(FLAGS.input)):
        # No piece is shorter than a character.
        if sum(map(len, document.sentences)) < inside or len(rows) == FLAGS.documents:
            continue
        ids = tokenizer.tokenize(document.sentences).flat_values.numpy()[:inside]
        if len(ids) == inside:
            rows.append([vocabulary.cls_id, *ids, vocabulary.sep_id])
    if not rows:
        raise SystemExit(f"no document has {FLAGS.length} pieces: choose a smaller --length")
    return np.array(rows, np.int32)


def masked(row: np.ndarray, number: int, vocabulary) -> dict:
    """One document, a share of its pieces masked."""
    import tensorflow as tf

    from kortf.objectives.masking import Masking

    clean = {
        "token_ids": tf.constant(row[None]),
        "segment_ids": tf.zeros([1, len(row)], tf.int32),
        "padding_mask": tf.ones([1, len(row)], tf.int32),
        "draw_seed": tf.constant([[0, number]]),
    }
    return Masking(rate=0.15).corrupt(clean, vocabulary)


def right_answers(directory: str, length: int):
    """A function from a batch to whether each masked piece is found."""
    import tensorflow as tf

    from kortf.layers.heads.heads import gather_positions
    from kortf.pretrained.directory.inference import load_masked_lm

    encoder, head = load_masked_lm(directory)
    window = min(length, encoder.settings["max_length"])
    if length % window:
        raise SystemExit(f"{directory}: rows of {window} do not divide --length={length}")

    @tf.function
    def answer(batch):
        names = ("token_ids", "segment_ids", "padding_mask")
        rows = {name: tf.reshape(batch[name], [-1, window]) for name in names}
        sequence = tf.reshape(encoder(rows)["sequence"], [1, length, -1])
        x = gather_positions(sequence, batch["mask_positions"])
        return tf.argmax(head(x), -1, tf.int32) == tf.reshape(batch["mask_ids"], [-1])

    return answer


def shares(answer, batches: list[dict], length: int, parts: int) -> np.ndarray:
    """Shares of right answers in each part of the positions, and in all of them.

    Args:
        answer: Result of `right_answers`.
        batches: Results of `masked`.
        length: Pieces of a document.
        parts: Parts of the positions.
    """
    size = -(-length // parts)
    found, right = np.zeros((2, -(-length // size)))
    for batch in batches:
        real = batch["mask_weights"].numpy().ravel() > 0
        places = batch["mask_positions"].numpy().ravel()[real] // size
        found += np.bincount(places, minlength=len(found))
        right += np.bincount(places, np.asarray(answer(batch))[real], minlength=len(found))
    return np.append(right / found, right.sum() / found.sum())


def main(unused) -> None:
    del unused
    from kortf.text.tokenizer.tokenizer import load_tokenizer

    tokenizer, length = load_tokenizer(FLAGS.models[0]), FLAGS.length
    rows = documents(tokenizer)
    batches = [masked(row, i, tokenizer.vocabulary) for i, row in enumerate(rows)]
    size = -(-length // FLAGS.parts)
    places = [f"{start}–{min(start + size, length) - 1}" for start in range(0, length, size)]
    columns = ["", *places, "all"]
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for directory in FLAGS.models:
        found = shares(right_answers(directory, length), batches, length, FLAGS.parts)
        cells = " | ".join(f"{share:.4f}" for share in found)
        print(f"| {directory} | {cells} |", flush=True)
    count = sum(int((batch["mask_weights"].numpy() > 0).sum()) for batch in batches)
    print(f"\n{len(rows)} documents, {count:,} masked pieces")


if __name__ == "__main__":
    app.run(main)
