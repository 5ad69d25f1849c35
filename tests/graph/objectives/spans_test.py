"""Spans: laws of their length, where they lie, where they begin and end."""

import numpy as np

from kortf.objectives import spans
from tests.harness.objectives.draws import row_seeds
from tests.reference import spans as slow


def test_laws():
    np.testing.assert_allclose(spans.geometric(0.5, 2), [2 / 3, 1 / 3])
    np.testing.assert_allclose(spans.harmonic(3), [6 / 11, 3 / 11, 2 / 11])
    lengths = np.arange(1, 11)
    assert round((spans.geometric(0.2, 10) * lengths).sum(), 1) == 3.8  # as the paper says
    assert round((spans.harmonic(10) * lengths).sum(), 2) == 3.41


def test_tile_example():
    span, inside = spans.tile([[0, 1, 1, 2, 3, 4]], [[3, 3]])
    assert span.numpy().tolist() == [[0, 0, 0, 0, 1, 1]]
    assert inside.numpy().tolist() == [[True, True, True, False, True, True]]


def test_tile_is_its_slow_twin():
    rng = np.random.default_rng(0)
    words = np.cumsum(rng.random((20, 60)) < 0.6, axis=1).astype(np.int32)
    cycles = spans.draw_cycles(spans.geometric(0.2, 10), 60, row_seeds(20)).numpy()
    span, inside = (x.numpy().tolist() for x in spans.tile(words, cycles))
    for row in range(20):
        assert (span[row], inside[row]) == slow.tile(list(words[row]), list(cycles[row]))


def test_draw_cycles_example():
    cycles = spans.draw_cycles([0.0, 1.0], 6, row_seeds(400)).numpy()
    assert cycles.shape == (400, 5) and (cycles[:, 1:] == 3).all()
    assert np.abs(np.bincount(cycles[:, 0], minlength=4)[1:] / 400 - 1 / 3).max() < 0.1


def test_each_word_has_the_same_chance_to_lie_in_a_span():
    rows, words = 40000, 12
    places = np.tile(np.arange(words, dtype=np.int32), (rows, 1))
    for law in (spans.harmonic(3), spans.geometric(0.2, 10)):
        cycles = spans.draw_cycles(law, words, row_seeds(rows))
        _, inside = spans.tile(places, cycles)
        mean = (law * np.arange(1, len(law) + 1)).sum()
        share = mean / (mean + 1)
        error = np.sqrt(share * (1 - share) / rows)
        assert np.abs(inside.numpy().mean(axis=0) - share).max() < 4 * error


def test_span_bounds_example():
    starts, ends = spans.span_bounds([[2, 3, 4, 7, 0]], [[1.0, 1.0, 1.0, 1.0, 0.0]])
    assert starts.numpy().tolist() == [[2, 2, 2, 7, 0]]
    assert ends.numpy().tolist() == [[4, 4, 4, 7, 0]]


def test_an_unused_slot_is_no_neighbour():
    # The unused slot's position 0 follows -1 in no way, and a used 0 before it is another matter.
    starts, ends = spans.span_bounds([[0, 1, 0, 0]], [[1.0, 1.0, 0.0, 0.0]])
    assert starts.numpy().tolist() == [[0, 0, 0, 0]] and ends.numpy().tolist() == [[1, 1, 0, 0]]


def test_span_bounds_is_its_slow_twin():
    rng = np.random.default_rng(1)
    for _ in range(50):
        chosen = np.flatnonzero(rng.random(30) < 0.5)
        slots = len(chosen) + 3
        positions = np.zeros((1, slots), np.int32)
        positions[0, : len(chosen)] = chosen
        weights = (np.arange(slots) < len(chosen)).astype(np.float32)[None]
        starts, ends = (x.numpy()[0] for x in spans.span_bounds(positions, weights))
        expected = slow.runs(list(chosen))
        found = {place: bounds for place, *bounds in zip(chosen, starts, ends, strict=False)}
        assert {place: tuple(bounds) for place, bounds in found.items()} == expected


def test_run_bounds_example():
    first, last = spans.run_bounds([[True, False, True, True, False]])
    assert first.numpy().tolist() == [[0, 0, 2, 3, 3]]
    assert last.numpy().tolist() == [[1, 1, 2, 4, 4]]
