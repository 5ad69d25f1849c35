"""The stars of the film reviews that NSMC left out, as files for `text_classification`.

    python -m benchmarks.nsmc_stars --data=data/nsmc --output=data/nsmc_stars

NSMC took 200,000 of the 712,404 reviews that its repository publishes: those of 9 and 10 stars are
positive, those of 1 to 4 negative. The others have stars as well, 5 to 8 among them, and a model
that has learned to tell the ten apart knows much of what NSMC asks. Left out here are all reviews
of its train and its test part, by their ids, and every review whose text is in the test part; of
the many with 8 stars and more, a share is taken. `train.jsonl` and `test.jsonl` have the fields
`text` and `label`.
"""

import collections
import os
import random

from absl import app, flags

from kortf import files
from kortf.errors import InputError
from kortf.tasks.benchmarks.nsmc import Nsmc
from kortf.tasks.readers.table import read_table

FLAGS = flags.FLAGS
flags.DEFINE_string("data", None, "Directory of NSMC, with reviews.jsonl.", required=True)
flags.DEFINE_string("output", None, "Takes train.jsonl and test.jsonl.", required=True)
flags.DEFINE_integer("test_rows", 5_000, "Of test.jsonl.")
flags.DEFINE_integer("seed", 0, "Of what is taken, and of its order.")

SHARES = {8: 0.5, 9: 0.5, 10: 0.13}  # of the reviews with so many stars


def one_line(text: str) -> str:
    return " ".join(text.split())


def taken(directory: str, rng: random.Random) -> list[dict]:
    """The reviews that are taken, `{"text": …, "label": stars}`, in random order."""
    nsmc = Nsmc()
    train, test = (
        nsmc.read(os.path.join(directory, name)) for name in (nsmc.train_file, nsmc.test_file)
    )
    known = {example["id"] for example in train + test}
    texts = {""} | {one_line(example["text"]) for example in test}
    rows = []
    path = os.path.join(directory, "reviews.jsonl")
    for _, review in read_table(path, ("review_id", "rating", "review")):
        if isinstance(review, InputError):
            raise review
        text, stars = one_line(review["review"]), review["rating"]
        if review["review_id"] in known or text in texts:
            continue
        if rng.random() < SHARES.get(stars, 1.0):
            rows.append({"text": text, "label": stars})
    rng.shuffle(rows)
    return rows


def main(argv: list[str]) -> None:
    del argv
    rows = taken(FLAGS.data, random.Random(FLAGS.seed))
    os.makedirs(FLAGS.output, exist_ok=True)
    for name, part in (("test", rows[: FLAGS.test_rows]), ("train", rows[FLAGS.test_rows :])):
        files.write_json_lines(os.path.join(FLAGS.output, f"{name}.jsonl"), part)
        counts = sorted(collections.Counter(row["label"] for row in part).items())
        print(f"{name}: {len(part):,} reviews; " + ", ".join(f"{k} stars {n:,}" for k, n in counts))


if __name__ == "__main__":
    app.run(main)
