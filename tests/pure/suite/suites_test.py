"""`--suite`: names of suites and benchmarks."""

import pytest

from kortf.cli.flags.config_files import packaged
from kortf.errors import InputError
from kortf.suite.suites import SUITES, parse_suite

KNOWN = ["nsmc", "korsts", "paws"]


def test_a_suite_stands_for_its_benchmarks_in_order():
    assert parse_suite("kobest", KNOWN) == list(SUITES["kobest"])
    assert parse_suite("nsmc+korsts", KNOWN) == ["nsmc", "korsts"]
    assert parse_suite("paws:base,nsmc", KNOWN) == ["paws:base", "nsmc"]
    assert parse_suite("kobest:base", KNOWN) == [f"{name}:base" for name in SUITES["kobest"]]


@pytest.mark.parametrize("text", ["nsmd", "nsmc+nsmc", "nsmc+nsmc:base", "klue+klue", ""])
def test_an_unknown_or_repeated_name_is_refused(text):
    with pytest.raises(InputError) as caught:
        parse_suite(text, KNOWN)
    assert caught.value.parts[0] == f"--suite={text}"


def test_every_benchmark_of_a_suite_has_a_config():
    configs = {key.partition("/")[2] for key in packaged()}
    assert {name for members in SUITES.values() for name in members} <= configs
