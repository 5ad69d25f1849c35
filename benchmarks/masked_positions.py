"""Where in long documents does a masked language model do how well?

    python -m benchmarks.masked_positions --records=DIR --models=WORKDIR/model,…

Not a race: of all records that one document fills from end to end, 15 % of the pieces are masked,
the same for every model, and what each predicts is counted by the position in the record. A model
of shorter rows reads the record in pieces of the length that it knows.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_string("records", None, "Records directory.", required=True)
flags.DEFINE_list("models", None, "Model directories.", required=True)
flags.DEFINE_integer("parts", 8, "Into which the positions are divided.")
flags.DEFINE_integer("documents", 200, "At most so many.")


def batches(directory: str, vocabulary):
    """Masked records, one at a time, that hold nothing but one document."""
    import tensorflow as tf

    from kortf.data.pipeline import evaluation_batches
    from kortf.data.records import read_info
    from kortf.objectives.masking import Masking

    info, masking = read_info(directory), Masking(rate=0.15)
    every = evaluation_batches(
        directory, info, 1, 0, lambda clean: masking.corrupt(clean, vocabulary), -1
    )
    whole = every.filter(lambda batch: tf.reduce_all(batch["pack_ids"] == 1))
    return info.seq_length, whole.take(FLAGS.documents)


def right_answers(directory: str, length: int):
    """A function from a batch to whether each masked piece is found."""
    import tensorflow as tf

    from kortf.layers.heads import gather_positions
    from kortf.pretrained.inference import load_masked_lm

    encoder, head = load_masked_lm(directory)
    window = min(length, encoder.settings["max_length"])
    if length % window:
        raise SystemExit(f"{directory}: rows of {window} do not divide records of {length}")

    @tf.function
    def answer(batch):
        names = ("token_ids", "segment_ids", "padding_mask", "pack_ids")
        rows = {name: tf.reshape(batch[name], [-1, window]) for name in names}
        sequence = tf.reshape(encoder(rows)["sequence"], [1, length, -1])
        x = gather_positions(sequence, batch["mask_positions"])
        return tf.argmax(head(x), -1, tf.int32) == tf.reshape(batch["mask_ids"], [-1])

    return answer


def main(unused) -> None:
    del unused
    from kortf.text.vocabulary import load_vocabulary

    length, whole = batches(FLAGS.records, load_vocabulary(FLAGS.models[0]))
    size = -(-length // FLAGS.parts)
    places = [f"{start}–{min(start + size, length) - 1}" for start in range(0, length, size)]
    columns = ["", *places, "all"]
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for directory in FLAGS.models:
        answer, documents = right_answers(directory, length), 0
        found, right = np.zeros((2, len(places)))
        for batch in whole:
            real = batch["mask_weights"].numpy().ravel() > 0
            parts = batch["mask_positions"].numpy().ravel()[real] // size
            found += np.bincount(parts, minlength=len(places))
            right += np.bincount(parts, answer(batch).numpy()[real], minlength=len(places))
            documents += 1
        shares = [*right / found, right.sum() / found.sum()]
        print(
            f"| {directory} | " + " | ".join(f"{share:.4f}" for share in shares) + " |", flush=True
        )
    print(f"\n{documents} documents, {found.sum():,.0f} masked pieces")


if __name__ == "__main__":
    app.run(main)
