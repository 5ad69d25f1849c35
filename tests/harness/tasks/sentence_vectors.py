"""Sentence vectors of an untrained encoder, for tests of what is counted in the train part."""

import numpy as np

from kortf import tasks
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.train.evaluation.scoring import Scorer

TEXTS = ["정말 재미있는 영화였다.", "영화 영화 영화", "지루하다", "배우 연기가 훌륭하다!", ""]
PAIRS = [{"text": a, "text_pair": b, "label": 1.0} for a, b in zip(TEXTS, TEXTS[1:], strict=False)]


def scorer_of(encoder, vocabulary_dir, **settings) -> Scorer:
    """Return a scorer of an embedding task with these settings, whose train part are `PAIRS`."""
    tokenizer, task = load_tokenizer(str(vocabulary_dir)), tasks.build("embedding", **settings)
    task.take_tokens(tokenizer, PAIRS)
    task.build(encoder.hidden_dim, 0.3, 0.1)
    return Scorer(encoder, task, tokenizer, 20, batch_size=2)


def shares(tokenizer) -> np.ndarray:
    """Return the share of each piece in the tokens of `PAIRS`, counted text by text."""
    texts = [text for pair in PAIRS for text in (pair["text"], pair["text_pair"])]
    tokens = [i for text in texts for i in tokenizer.encode([text])["token_ids"][0].numpy()[1:-1]]
    return np.bincount(tokens, minlength=tokenizer.vocabulary.size) / len(tokens)
