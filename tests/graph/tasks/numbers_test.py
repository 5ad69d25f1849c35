"""Numbers of own files: what counts as one, and their range."""

import math

import pytest

from kortf import tasks
from kortf.errors import InputError
from kortf.tasks.kinds.regression import number_of


@pytest.mark.parametrize(
    "written, value",
    [
        ("3.5", 3.5),
        (" -1 ", -1.0),
        ("1e-3", 1e-3),
        (".5", 0.5),
        ("3.", 3.0),
        (2, 2.0),
        (0.25, 0.25),
    ],
)
def test_numbers(written, value):
    assert number_of(written) == value


@pytest.mark.parametrize(
    "written",
    ["3,5", "1_0", "", "nan", "inf", "1e", "٣", "３", "0x1", "5점", True, None, [1], "9" * 500],
)
def test_what_is_no_number(written):
    assert math.isnan(number_of(written))


@pytest.mark.parametrize("low, high", [(1.0, 1.0), (2.0, 1.0)])
@pytest.mark.parametrize("task", ["regression", "embedding"])
def test_an_empty_range_is_refused(task, low, high):
    with pytest.raises(InputError) as caught:
        tasks.build(task, low=low, high=high)
    assert caught.value.parts[0] == f"config.task.low={low}"


@pytest.mark.parametrize("key", ["low", "high"])
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_an_open_range_is_refused(key, value):
    with pytest.raises(InputError) as caught:
        tasks.build("regression", **{key: value})
    assert caught.value.parts[0].startswith(f"regression.{key}=")
