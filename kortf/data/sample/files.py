"""The files of the sample."""

import os
import random

from kortf import files
from kortf.data.sample.encyclopedia import articles, doc_block, redirect_block
from kortf.data.sample.entities import klue, sentences
from kortf.data.sample.questions import korquad
from kortf.data.sample.reviews import nsmc, reviews

ARTICLES, ARTICLE_FILES, REDIRECT_EVERY = 168, 2, 12
TRAIN_REVIEWS, TEST_REVIEWS, MORE_REVIEWS = 1000, 250, 500
TRAIN_ASKED, DEV_ASKED = 24, 8  # articles
TRAIN_SENTENCES, DEV_SENTENCES = 120, 40


def sample_files(seed: int = 0) -> dict[str, str]:
    """The text of every file of the sample.

    Args:
        seed: Another seed tells of other people and places; the same one gives the same bytes.

    Returns:
        Path below the sample's directory to the file's text.
    """
    return {
        **_encyclopedia(random.Random(f"{seed} encyclopedia")),
        **_reviews(random.Random(f"{seed} reviews")),
        **_questions(random.Random(f"{seed} questions")),
        **_entities(random.Random(f"{seed} entities")),
    }


def write_sample(directory: str, seed: int = 0) -> dict[str, int]:
    """Write the sample; return path below `directory` to size in bytes."""
    sizes = {}
    for path, text in sample_files(seed).items():
        with files.write_beside(os.path.join(directory, path)) as file:
            file.write(text)
        sizes[path] = len(text.encode())
    return sizes


def _encyclopedia(rng: random.Random) -> dict[str, str]:
    blocks = []
    for number, article in enumerate(articles(rng, ARTICLES)):
        blocks.append(doc_block(article, len(blocks) + 1))
        if number % REDIRECT_EVERY == 0:  # real dumps are full of them: readers must pass them by
            blocks.append(redirect_block(f"{article.title} (동음이의)", len(blocks) + 1))
    part = -(-len(blocks) // ARTICLE_FILES)
    return {
        f"kowiki/kowiki_{n:02d}.txt": "".join(blocks[n * part : (n + 1) * part])
        for n in range(ARTICLE_FILES)
    }


def _reviews(rng: random.Random) -> dict[str, str]:
    rows = reviews(rng, TRAIN_REVIEWS + TEST_REVIEWS + MORE_REVIEWS)
    test, train = rows[:TEST_REVIEWS], rows[TEST_REVIEWS : TEST_REVIEWS + TRAIN_REVIEWS]
    return {
        "nsmc/reviews.txt": "".join(f"{text}\n" for text, _ in rows[TEST_REVIEWS:]),
        "nsmc/ratings_train.txt": nsmc(train, first_id=1_000_000),
        "nsmc/ratings_test.txt": nsmc(test, first_id=2_000_000),
    }


def _questions(rng: random.Random) -> dict[str, str]:
    asked = list(articles(rng, TRAIN_ASKED + DEV_ASKED))
    rng.shuffle(asked)  # else a split would hold only some of the domains
    return {
        f"korquad/{version}.json": korquad(part, version)
        for version, part in (
            ("KorQuAD_v1.0_train", asked[:TRAIN_ASKED]),
            ("KorQuAD_v1.0_dev", asked[TRAIN_ASKED:]),
        )
    }


def _entities(rng: random.Random) -> dict[str, str]:
    rows = sentences(rng, TRAIN_SENTENCES + DEV_SENTENCES)
    return {
        "klue/klue-ner-v1.1_train.tsv": klue(rows[:TRAIN_SENTENCES], "train"),
        "klue/klue-ner-v1.1_dev.tsv": klue(rows[TRAIN_SENTENCES:], "dev"),
    }
