"""The lengths that rows are padded to, against all choices there are."""

import itertools

import numpy as np
import pytest

from kortf.train.inputs.padding import padded_lengths


def places(lengths, chosen) -> int:
    """That the rows take, each at the next chosen length."""
    return sum(min(c for c in chosen if c >= length) for length in lengths)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_no_other_choice_pads_less(seed, most):
    lengths = np.random.default_rng(seed).poisson(6, 40) + 2
    chosen = padded_lengths(lengths, most)
    assert len(chosen) <= most and list(chosen) == sorted(set(chosen.tolist()))
    longest = lengths.max()
    others = itertools.combinations(sorted(set(lengths.tolist()) - {longest}), most - 1)
    assert places(lengths, chosen) == min(places(lengths, (*rest, longest)) for rest in others)


def test_few_lengths_are_all_taken():
    assert padded_lengths(np.array([7, 3, 7, 12]), 16).tolist() == [3, 7, 12]


def test_one_row():
    assert padded_lengths(np.array([5]), 16).tolist() == [5]
