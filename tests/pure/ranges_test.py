"""Ranges of settings: declared in types, checked before anything is built."""

import math
from typing import Annotated

import pytest

from kortf.errors import InputError
from kortf.ranges import (
    Choice,
    Count,
    Expression,
    Fraction,
    Number,
    PositiveShare,
    Range,
    check_arguments,
    ranges_of,
    sorted_labels,
    whole_number,
)


class Base:
    def __init__(self, rate: PositiveShare = 0.5, name: str = ""):
        self.rate = rate


class Child(Base):
    def __init__(self, size: Count, parts: Count | None = None, dropout: Fraction = 0.1, **more):
        super().__init__(**more)


@pytest.mark.parametrize(
    "range_, inside, outside",
    [
        (Range(0, 1, below=True), [0, 0.5, 0.999], [-0.1, 1, 1.0, math.nan, math.inf, "0.5", True]),
        (Range(0, 1, above=True), [0.1, 1], [0, 0.0, 1.1]),
        (Range(1, 10, whole=True), [1, 10], [0, 11, 1.5, 2.0, False, None]),
        (Range(0), [0, 1e300], [-1e-9, -math.inf, math.inf]),
    ],
)
def test_bounds_belong_to_a_range_unless_they_are_excluded(range_, inside, outside):
    assert all(range_.holds(value) for value in inside)
    assert not any(range_.holds(value) for value in outside)


def test_a_class_has_the_ranges_of_its_bases():
    assert set(ranges_of(Child)) == {"size", "parts", "dropout", "rate"}


@pytest.mark.parametrize(
    "arguments, key",
    [
        ({"size": 0}, "size"),
        ({"size": 1, "parts": -1}, "parts"),
        ({"size": 1, "dropout": 1.0}, "dropout"),
        ({"size": 1, "rate": 0.0}, "rate"),
        ({"size": 1.5}, "size"),
    ],
)
def test_a_value_out_of_range_is_named_with_its_range(arguments, key):
    with pytest.raises(InputError, match=f"config.model.{key}=.*: must be"):
        check_arguments(Child, "config.model", arguments)


class Settings:
    def __init__(
        self,
        norm: Annotated[str, Choice(("pre", "post"))] = "pre",
        exclude: Expression | None = None,
        crf: bool = True,
        low: Number = 0.0,
    ):
        pass


@pytest.mark.parametrize(
    "arguments",
    [
        {"norm": "per"},
        {"norm": 1},
        {"exclude": "("},
        {"exclude": 7},
        {"crf": "false"},
        {"crf": 1},
        {"low": math.inf},
        {"low": "0"},
    ],
)
def test_names_expressions_and_truth_values_are_checked_too(arguments):
    (name,) = arguments
    with pytest.raises(InputError) as caught:
        check_arguments(Settings, "config.model", arguments)
    assert caught.value.parts[0].startswith(f"config.model.{name}=")
    right = {"norm": "post", "exclude": "bias|beta", "crf": False, "low": -3}
    check_arguments(Settings, "config.model", right)


def test_whole_numbers_and_labels_of_any_length():
    assert whole_number("042") == 42 and whole_number("9" * 18) == 10**18 - 1
    for text in ("", "-1", "1.5", "9" * 19, "9" * 5000, "٣"):
        assert whole_number(text) is None
    assert sorted_labels(["10", "9", "007", "9" * 5000]) == ["007", "9", "10", "9" * 5000]
    assert sorted_labels(["10", "9", "없음"]) == ["10", "9", "없음"]


def test_none_and_values_in_range_pass():
    check_arguments(Child, "config.model", {"size": 3, "parts": None, "dropout": 0, "rate": 1})
