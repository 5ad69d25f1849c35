"""Pairs of related sentences without labels, from Wikipedia and film reviews.

    python -m benchmarks.sentence_pairs --wiki='data/kowiki/*.txt' \\
        --reviews=data/nsmc/reviews.txt --output=wiki-pairs.tsv

Three kinds, as `anchor` and `positive`: a title and the first sentence of its article, two
neighbouring sentences, and two crops of one sentence (Izacard et al., "Contriever", 2022). A crop
has 40 to 70 % of the words, as a span or picked in their order.
"""

import glob
import random
import re
from collections.abc import Iterator

from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_string("wiki", None, "Files of WikiExtractor, as a pattern.", required=True)
flags.DEFINE_string("reviews", None, "File with a review a line.", required=True)
flags.DEFINE_string("output", None, "Table to write.", required=True)

COUNTS = {"title": 8_000, "near": 30_000, "crop": 42_000}
REVIEWS = 20_000  # candidates for crops; Wikipedia has twenty times as many
WORDS = 5  # fewer are not cropped
_END = re.compile(r"(?<=[.!?])\s+")
_TITLE = re.compile(r'title="(.*?)"')

Pair = tuple[str, str, str]


def main(argv: list[str]) -> None:
    del argv
    rng = random.Random(0)
    pairs = [pair for path in sorted(glob.glob(FLAGS.wiki)) for pair in _of_wiki(path)]
    with open(FLAGS.reviews, encoding="utf-8") as lines:
        reviews = [text for line in lines if 20 <= len(text := line.strip()) <= 120]
    pairs += [("crop", review, review) for review in rng.sample(reviews, REVIEWS)]
    rng.shuffle(pairs)
    left = dict(COUNTS)
    with open(FLAGS.output, "w", encoding="utf-8") as table:
        table.write("anchor\tpositive\n")
        for kind, anchor, positive in pairs:
            words = anchor.split()
            if not left[kind] or (kind == "crop" and len(words) < WORDS):
                continue
            if kind == "crop":
                anchor, positive = (" ".join(_crop(words, rng)) for _ in range(2))
            row = [text.replace("\t", " ").replace('"', "") for text in (anchor, positive)]
            if all(text.strip() for text in row):
                left[kind] -= 1
                table.write("\t".join(row) + "\n")
    print(f"{FLAGS.output}: {sum(COUNTS.values()) - sum(left.values()):,} pairs")


def _of_wiki(path: str) -> Iterator[Pair]:
    """Yield the pairs of a file; a crop is still whole."""
    title, first = "", False
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("<doc"):
                found = _TITLE.search(line)
                title, first = found[1] if found else "", True
                continue
            sentences = [s for s in _END.split(line.strip()) if 15 <= len(s) <= 120]
            if title and first and sentences:
                yield "title", title, sentences[0]
                first = False
            for anchor, positive in zip(sentences[::2], sentences[1::2], strict=False):
                yield "near", anchor, positive
            for sentence in sentences[:1]:
                yield "crop", sentence, sentence


def _crop(words: list[str], rng: random.Random) -> list[str]:
    size = max(2, round(len(words) * rng.uniform(0.4, 0.7)))
    if rng.random() < 0.5:
        start = rng.randrange(len(words) - size + 1)
        return words[start : start + size]
    return [words[i] for i in sorted(rng.sample(range(len(words)), size))]


if __name__ == "__main__":
    app.run(main)
