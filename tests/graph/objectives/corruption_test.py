"""Masks: what they cover on average, what they never touch, and that a seed fixes them."""

import numpy as np

from kortf.objectives import corruption
from tests.harness.objectives.draws import row_seeds


def seeds_of(rows):
    return row_seeds(len(rows))


def test_choose_tokens_takes_candidates_only():
    candidates = [[False, True, True, True, True, False]]
    positions, weights = corruption.choose_tokens(candidates, 0.5, 3, seeds_of(candidates))
    chosen = positions.numpy()[weights.numpy() > 0]
    assert len(chosen) == 2 and set(chosen) <= {1, 2, 3, 4}
    assert list(chosen) == sorted(set(chosen))
    assert positions.shape == weights.shape == (1, 3)


def test_choose_tokens_keeps_the_rate_on_average():
    rng = np.random.default_rng(0)
    candidates = rng.random((4000, 256)) < 0.9
    _, weights = corruption.choose_tokens(candidates, 0.15, 39, seeds_of(candidates))
    wanted = 0.15 * candidates.sum(axis=1)
    # Rounding by chance: the variance of a row is that of the fraction's coin.
    fraction = wanted % 1
    error = np.sqrt((fraction * (1 - fraction)).sum())
    assert abs(weights.numpy().sum() - wanted.sum()) < 3 * error


def test_every_candidate_has_the_same_chance():
    candidates = np.ones((20000, 20), dtype=bool)
    positions, weights = corruption.choose_tokens(candidates, 0.2, 4, seeds_of(candidates))
    counts = np.bincount(positions.numpy()[weights.numpy() > 0], minlength=20)
    assert np.abs(counts / 20000 - 0.2).max() < 4 * np.sqrt(0.2 * 0.8 / 20000)


def test_an_empty_row_gives_nothing_and_a_short_one_something():
    candidates = np.array([[False, False, False], [False, True, False]])
    _, weights = corruption.choose_tokens(candidates, 0.1, 2, seeds_of(candidates))
    assert weights.numpy().tolist() == [[0.0, 0.0], [1.0, 0.0]]


def test_choose_words_takes_words_whole():
    candidates = [[False, True, True, True, True, False]] * 200
    starts = [[True, True, True, False, True, True]] * 200
    positions, weights = corruption.choose_words(candidates, starts, 0.5, 4, seeds_of(candidates))
    for row, weight in zip(positions.numpy(), weights.numpy(), strict=True):
        chosen = set(row[weight > 0])
        assert chosen <= {1, 2, 3, 4}
        assert (2 in chosen) == (3 in chosen)


def test_choose_words_keeps_the_rate_on_average():
    rng = np.random.default_rng(1)
    rows, length = 6000, 128
    starts = rng.random((rows, length)) < 0.6
    starts[:, 0] = True
    candidates = np.ones((rows, length), dtype=bool)
    candidates[:, [0, -1]] = False
    _, weights = corruption.choose_words(candidates, starts, 0.15, 40, seeds_of(candidates))
    number = weights.numpy().sum(axis=1)
    wanted = 0.15 * candidates.sum(axis=1)
    error = number.std() / np.sqrt(rows)
    assert abs(number.mean() - wanted.mean()) < 3 * error


def test_choose_words_never_reaches_over_what_is_no_candidate():
    # A piece behind a special token does not belong to the word before that token.
    candidates = [[True, False, True, True]] * 100
    starts = [[True, True, False, False]] * 100
    positions, weights = corruption.choose_words(candidates, starts, 0.4, 3, seeds_of(candidates))
    found = {tuple(p[w > 0]) for p, w in zip(positions.numpy(), weights.numpy(), strict=True)}
    assert found <= {(), (0,), (2, 3), (0, 2, 3)} and len(found) > 1


def test_every_word_has_the_same_chance_whatever_its_size():
    # Words of 1, 2, 3 and 4 pieces: were they taken until the budget is full, long ones would lose.
    starts = np.zeros((20000, 10), dtype=bool)
    starts[:, [0, 1, 3, 6]] = True
    candidates = np.ones_like(starts)
    positions, weights = corruption.choose_words(candidates, starts, 0.3, 10, seeds_of(candidates))
    counts = np.bincount(positions.numpy()[weights.numpy() > 0], minlength=10) / 20000
    assert np.abs(counts - 0.3).max() < 4 * np.sqrt(0.3 * 0.7 / 20000)


def test_choose_spans_example():
    candidates = [[False, True, True, True, True, True, True, False]] * 400
    starts = [[True, True, True, False, True, True, True, True]] * 400
    positions, weights = corruption.choose_spans(
        candidates, starts, [0.0, 1.0], 0.3, 4, seeds_of(candidates)
    )
    found = {tuple(p[w > 0]) for p, w in zip(positions.numpy(), weights.numpy(), strict=True)}
    # The three ways to lay spans of two words, cut to one at a border.
    assert found == {
        (), (1, 2, 3), (5, 6),
        (2, 3, 4), (6,),
        (1,), (4, 5), (1, 4, 5),
    }  # fmt: skip


def test_choose_spans_leaves_out_the_last_words_of_what_does_not_fit():
    candidates = np.ones((200, 8), dtype=bool)
    starts = np.tile([True, False] * 4, (200, 1))
    positions, weights = corruption.choose_spans(
        candidates, starts, [0, 0, 0, 1.0], 0.5, 3, seeds_of(candidates)
    )
    for row, weight in zip(positions.numpy(), weights.numpy(), strict=True):
        assert [int(place) % 2 for place in row[weight > 0]] in ([], [0, 1])


def test_put_example():
    result = corruption.put([[5, 6, 7, 8]], [[1, 3, 0]], [[1.0, 1.0, 0.0]], [[9, 10, 11]])
    assert result.numpy().tolist() == [[5, 9, 7, 10]]


def test_replace_puts_the_mask():
    result = corruption.replace(
        [[5, 6, 7, 8]], [[1, 3, 0]], [[1.0, 1.0, 0.0]], 4, [5, 6, 7, 8], row_seeds(1), 1.0, 0.0
    )
    assert result.numpy().tolist() == [[5, 4, 7, 4]]


def test_replace_keeps_the_shares():
    rows, slots = 5000, 20
    ids = np.full((rows, slots), 9, dtype=np.int32)
    positions = np.tile(np.arange(slots, dtype=np.int32), (rows, 1))
    ordinary = np.arange(10, 1000, dtype=np.int32)
    new = corruption.replace(
        ids, positions, np.ones((rows, slots)), 4, ordinary, row_seeds(rows)
    ).numpy()
    total = rows * slots
    for share, hit in ((0.8, new == 4), (0.1, new >= 10), (0.1, new == 9)):
        assert abs(hit.mean() - share) < 3 * np.sqrt(share * (1 - share) / total)
    drawn = new[new >= 10]
    assert drawn.min() == 10 and drawn.max() == 999


def test_a_seed_fixes_the_masks():
    candidates = np.ones((4, 50), dtype=bool)
    same = [
        corruption.choose_tokens(candidates, 0.2, 10, seeds_of(candidates))[0].numpy()
        for _ in range(2)
    ]
    other = corruption.choose_tokens(candidates, 0.2, 10, row_seeds(4, 9))[0].numpy()
    assert (same[0] == same[1]).all() and (same[0] != other).any()


def test_a_row_draws_the_same_in_any_batch():
    candidates, starts = np.ones((6, 40), bool), np.tile([True, False], (6, 20))
    law, seeds = [0.5, 0.5], row_seeds(6)
    whole = corruption.choose_spans(candidates, starts, law, 0.3, 16, seeds)[0].numpy()
    part = corruption.choose_spans(candidates[4:], starts[4:], law, 0.3, 16, seeds[4:])[0].numpy()
    assert (whole[4:] == part).all()
