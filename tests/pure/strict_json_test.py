"""JSON that readers would understand in different ways is refused."""

import pytest

from kortf.errors import InputError
from kortf.strict_json import parse_json


def test_two_values_of_one_name_are_refused_where_that_is_wanted():
    text = '{"a": 1, "b": {"c": 1, "c": 2}}'
    assert parse_json(text, "a.json") == {"a": 1, "b": {"c": 2}}
    with pytest.raises(InputError) as caught:
        parse_json(text, "a.json", unique=True)
    assert caught.value.parts[0] == "a.json" and "'c'" in caught.value.parts[1]
    assert parse_json('[{"a": 1}, {"a": 2}]', "a.json", unique=True) == [{"a": 1}, {"a": 2}]
