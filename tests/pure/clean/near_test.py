"""Near duplicates: planted ones are found, and what is only alike in places is not."""

import random

import numpy as np
import pytest

from kortf.clean.near_duplicates.near import candidates
from kortf.clean.near_duplicates.signature import Signer, best_bands, shingles
from kortf.clean.settings import CleanSettings, from_config

pytest.importorskip("rensa", reason="pip install 'kortf[clean]'")

WORDS = [a + b + c for a in "가나다라마바사아" for b in "고노도로모보소오" for c in "는을이에"]


def text_of(seed: int, words: int = 120) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def changed(text: str, share: float, seed: int) -> str:
    """The text with this share of its words replaced."""
    rng = random.Random(f"changed {seed}")
    return " ".join(rng.choice(WORDS) if rng.random() < share else w for w in text.split())


def jaccard(one: str, other: str, settings: CleanSettings) -> float:
    unit, size = settings["near.unit"], settings["near.shingle"]
    a, b = (set(shingles(text, unit, size).tolist()) for text in (one, other))
    return len(a & b) / len(a | b)


def test_candidates_are_few_where_many_share_a_key():
    keys, places = np.zeros(1000, np.uint64), np.arange(1000)
    pairs = candidates(keys, places)
    assert len(pairs) < 9 * 1000
    assert set(pairs[:, 0]) == set(range(1, 1000)) and (pairs[:, 0] > pairs[:, 1]).all()
    assert candidates(keys[:0], places[:0]).shape == (0, 2)


def test_white_space_makes_no_shingle():
    one, other = shingles("가나 다라마바", "char", 3), shingles("가 나다라\n마바", "char", 3)
    assert one.tolist() == other.tolist() and len(one) == 4
    assert len(shingles("가나", "char", 3)) == 0


@pytest.mark.parametrize("unit", ["char", "word"])
def test_a_signature_tells_what_two_texts_share(unit):
    settings = from_config({"near": {"threshold": 0.7, "unit": unit, "shingle": 3}})
    pairs = [(text_of(i), changed(text_of(i), i / 40, i)) for i in range(20)]
    signatures, keys = Signer(settings.values).sign([text for pair in pairs for text in pair])
    equal = (signatures[::2] == signatures[1::2]).mean(axis=1)
    true = [jaccard(*pair, settings) for pair in pairs]
    assert np.abs(equal - true).max() < 0.2 and np.abs(equal - true).mean() < 0.05
    assert keys.all() and (keys[0] == keys[1]).all()


def test_short_documents_have_no_keys():
    settings = from_config({"near": {"threshold": 0.8}})
    signatures, keys = Signer(settings.values).sign(["짧다", text_of(1)])
    assert not keys[0].any() and not signatures[0].any() and keys[1].all()


def test_a_signature_does_not_depend_on_what_is_signed_along():
    signer = Signer(from_config({"near": {"threshold": 0.8}}).values)
    texts = [text_of(seed) for seed in range(5)]
    together = signer.sign(texts)
    for place, text in enumerate(texts):
        alone = signer.sign([text])
        assert all((a[0] == t[place]).all() for a, t in zip(alone, together, strict=True))


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.7, 0.8, 0.95])
def test_bands_against_datasketch(threshold):
    lsh = pytest.importorskip("datasketch.lsh")
    assert best_bands(threshold, 128) == lsh._optimal_param(threshold, 128, 0.1, 0.9)
