"""Masking of whole batches: every unit and style holds its rate and keeps to words and packs."""

import types

import numpy as np
import pytest
import tensorflow as tf

from kortf.objectives import spans
from kortf.objectives.masking import LAWS, Masking
from tests.harness.objectives.draws import row_seeds
from tests.reference import spans as slow

SIZE = 400
VOCABULARY = types.SimpleNamespace(
    size=SIZE,
    mask_id=4,
    unk_id=1,
    special_ids=[0, 1, 2, 3, 4],
    starts_word=np.array([True] * 5 + [i % 2 == 0 for i in range(SIZE - 5)]),
)
KINDS = [
    {"unit": "token"},
    {"unit": "word"},
    {"unit": "ngram"},
    {"unit": "span"},
    {"unit": "span", "style": "compatible"},
]


def packed(rows: int, length: int, seed: int = 0) -> np.ndarray:
    """Ids of rows of two packs, the second with an unknown word, then some padding."""
    ids = np.random.default_rng(seed).integers(5, SIZE, (rows, length)).astype(np.int32)
    middle = length // 2
    ids[:, 0], ids[:, middle], ids[:, middle + 1], ids[:, -4], ids[:, -3:] = 2, 3, 2, 3, 0
    ids[:, -6] = 1
    return ids


def corrupt(masking: Masking, ids: np.ndarray, seed: int = 5) -> dict[str, np.ndarray]:
    clean = {"token_ids": tf.constant(ids), "draw_seed": row_seeds(len(ids), seed)}
    features = masking.corrupt(clean, VOCABULARY)
    return {name: value.numpy() for name, value in features.items()}


def hidden_spans(features: dict, row: int) -> list[tuple[int, int]]:
    """The spans of a row, in order."""
    used = features["mask_weights"][row] > 0
    bounds = np.stack([features["span_starts"][row], features["span_ends"][row]], 1)[used]
    return [tuple(each) for each in np.unique(bounds, axis=0)]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_rate_holds(kind):
    masking, length = Masking(rate=0.15, **kind), 128
    ids = packed(3000, length)
    features = corrupt(masking, ids)
    used = features["mask_weights"].sum(axis=1)
    asked = 0.15 * (ids >= 5).sum(axis=1)
    error = used.std() / np.sqrt(len(ids)) + 0.01  # tokens: their number is rounded by chance alone
    assert abs(used.mean() - asked.mean()) < 3 * error
    assert abs(used.mean() / asked.mean() - 1) < 0.02
    assert (features["mask_candidates"] == (ids >= 5).sum(axis=1)).all()
    assert features["mask_weights"].shape == (3000, masking.max_masked(length))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_features_fit_each_other(kind):
    ids = packed(40, 64)
    features = corrupt(Masking(rate=0.2, **kind), ids)
    for row in range(len(ids)):
        used = features["mask_weights"][row] > 0
        places = features["mask_positions"][row][used]
        assert (features["mask_ids"][row][used] == ids[row, places]).all()
        assert (ids[row, places] >= 5).all() and len(set(places)) == len(places)
        changed = np.flatnonzero(features["token_ids"][row] != ids[row])
        assert set(changed) <= set(places)
        bounds = slow.runs(list(places))
        found = zip(features["span_starts"][row], features["span_ends"][row], strict=True)
        assert list(found)[: len(places)] == [bounds[place] for place in places]


@pytest.mark.parametrize("kind", KINDS[1:], ids=str)
def test_whole_words_are_hidden_and_boundaries_are_not(kind):
    ids = packed(200, 96)
    features = corrupt(Masking(rate=0.15, **kind), ids)
    number = 0
    for row in range(len(ids)):
        words = slow.words_of(list(ids[row] >= 5), list(VOCABULARY.starts_word[ids[row]]))
        places = set(features["mask_positions"][row][features["mask_weights"][row] > 0])
        for start, end in hidden_spans(features, row):
            assert (ids[row, start : end + 1] >= 5).all()  # crosses neither pack nor special
            words_inside = slow.length_in_words(start, end, words)
            if kind["unit"] != "word":
                assert words_inside <= len(LAWS[kind["unit"], kind.get("style", "faithful")])
            assert start - 1 not in places and end + 1 not in places
            number += 1
    assert number > 200


@pytest.mark.parametrize("kind", KINDS[2:], ids=str)
def test_lengths_follow_their_law(kind):
    """Chi-squared over the spans that no border cut."""
    law = LAWS[kind["unit"], kind.get("style", "faithful")]
    ids = np.random.default_rng(2).integers(5, SIZE, (500, 512)).astype(np.int32)
    ids[:, 0], ids[:, -1] = 2, 3
    features = corrupt(Masking(rate=0.15, **kind), ids)
    counts = np.zeros(len(law) + 1)
    for row in range(len(ids)):
        words = slow.words_of(list(ids[row] >= 5), list(VOCABULARY.starts_word[ids[row]]))
        for start, end in hidden_spans(features, row):
            if start > 1 and end < 510:
                counts[slow.length_in_words(start, end, words)] += 1
    expected = law * counts.sum()
    chi_squared = ((counts[1:] - expected) ** 2 / expected).sum()
    assert counts.sum() > 4000
    assert chi_squared < {3: 13.8, 10: 27.9}[len(law)]  # 1 in 1,000 by chance


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_place_has_the_same_chance(kind):
    rows, length = 6000, 40
    ids = np.random.default_rng(3).integers(5, SIZE, (rows, length)).astype(np.int32)
    ids[:, 0], ids[:, -1] = 2, 3
    features = corrupt(Masking(rate=0.15, **kind), ids)
    chosen = features["mask_positions"][features["mask_weights"] > 0]
    share = np.bincount(chosen, minlength=length)[1:-1] / rows
    assert np.abs(share - 0.15).max() < 4.5 * np.sqrt(0.15 * 0.85 / rows)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_seed_fixes_the_masks(kind):
    masking, ids = Masking(**kind), packed(8, 64)
    first, again = corrupt(masking, ids), corrupt(masking, ids)
    other = corrupt(masking, ids, 7)
    assert all((first[name] == again[name]).all() for name in first)
    assert (first["mask_positions"] != other["mask_positions"]).any()


def kinds_of_spans(features: dict, ids: np.ndarray) -> list[set[str]]:
    """What was done to the places of each span: mask, same, or other."""
    found = []
    for row in range(len(ids)):
        for start, end in hidden_spans(features, row):
            new, old = (x[row, start : end + 1] for x in (features["token_ids"], ids))
            kinds = np.where(new == 4, "mask", np.where(new == old, "same", "other"))
            found.append(set(kinds.tolist()))
    return found


def test_faithful_spans_are_replaced_as_one():
    ids = packed(800, 128)
    features = corrupt(Masking(unit="span"), ids)
    found = kinds_of_spans(features, ids)
    # A random piece may be the old one.
    assert all(len(kinds) == 1 or kinds == {"same", "other"} for kinds in found)
    for kind, share in (("mask", 0.8), ("other", 0.1)):
        hit = np.mean([kind in kinds for kinds in found])
        assert abs(hit - share) < 3.5 * np.sqrt(share * (1 - share) / len(found))
    assert (features["token_ids"][(features["token_ids"] < 5) & (ids >= 5)] == 4).all()


def test_compatible_spans_are_replaced_piece_by_piece():
    ids = packed(800, 128)
    masking = Masking(unit="span", style="compatible", mask_share=0.1, random_share=0.8)
    features = corrupt(masking, ids)
    assert {"mask", "other"} in kinds_of_spans(features, ids)
    drawn = features["token_ids"][(features["token_ids"] != ids)]
    assert set(drawn[drawn < 5]) == {0, 2, 3, 4}  # the paper's program never draws these


def test_an_empty_batch_row_is_left_alone():
    ids = np.array([[2, 3, 0, 0, 0, 0, 0, 0]], np.int32)
    for kind in KINDS:
        features = corrupt(Masking(**kind), ids)
        assert (features["token_ids"] == ids).all() and features["mask_weights"].sum() == 0


def test_max_masked_example():
    assert Masking(rate=0.15, unit="word").max_masked(128) == 26
    assert Masking(rate=0.15, unit="span").max_masked(8) == 8


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"style": "compatible"}, "set unit='span'"),
        ({"rate": 0.0}, "between 0 and 1"),
        ({"rate": 0.6, "unit": "span"}, "choose 0.5 or less"),
        ({"mask_share": 0.9, "random_share": 0.2}, "at most 1"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Masking(**settings)


def test_laws_are_those_of_the_papers():
    assert len(LAWS["ngram", "faithful"]) == 3
    np.testing.assert_array_equal(LAWS["span", "faithful"], spans.geometric(0.2, 10))
    np.testing.assert_array_equal(LAWS["span", "compatible"], spans.harmonic(10))
