"""Masks of personal data: what is one, and what only looks like one."""

import pytest

from kortf.clean.rules.email import Email
from kortf.clean.rules.phone import Phone
from kortf.clean.rules.resident_number import ResidentNumber


@pytest.mark.parametrize(
    "text",
    [
        "010-1234-5678", "01012345678", "010 1234 5678", "010.1234.5678", "011-234-5678",
        "010 – 1234 – 5678", "02-345-6789", "02)345-6789", "(02)345-6789", "(02) 345-6789",
        "031-345-6789", "070-1234-5678", "0505-123-4567", "+82-10-1234-5678", "+82 2 345 6789",
        "82-10-1234-5678", "+82 (0)10 1234 5678",
    ],
)  # fmt: skip
def test_telephone_numbers(text):
    assert Phone("#").apply(f"전화는 {text}로") == "전화는 #로"
    assert Phone("#").apply(text) == "#"


@pytest.mark.parametrize(
    "text",
    [
        "1588-1234", "080-123-4567", "2019-04-01", "0.1234-5678", "110-010-1234-5678", "0212345678",
        "010-1234", "1,010-1234-5678", "010-1234-56789", "100000000", "978-89-01-23456-7",
        "2010 1234 5678",
    ],
)  # fmt: skip
def test_numbers_of_other_kinds_stay(text):
    assert Phone("#").apply(f"번호 {text}.") == f"번호 {text}."


def test_a_bracket_around_a_number_stays():
    assert Phone("#").apply("담당자(02-345-6789)에게") == "담당자(#)에게"


@pytest.mark.parametrize("text", ["a@b.kr", "kim.cs+1@mail.example.co.kr", "kim[at]example.com"])
def test_addresses(text):
    assert Email("#").apply(f"메일:{text}입니다") == "메일:#입니다"


@pytest.mark.parametrize("text", ["@누구", "a@b", "사과 3개@500원", "트위터 @example.", "a @ b.kr"])
def test_no_addresses(text):
    assert Email("#").apply(text) == text


def test_a_long_run_of_letters_takes_linear_time():
    text = "a" * 1_000_000
    assert Email("#").apply(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "800229-1234567", "900101-2******", "050101 - 3234567", "850505-5234567", "990909–9123456",
        # Without a hyphen the check digit has to be right: worked out by hand.
        "9001011234568",
    ],
)  # fmt: skip
def test_resident_numbers(text):
    assert ResidentNumber("#").apply(f"번호({text})") == "번호(#)"


@pytest.mark.parametrize(
    "text",
    [
        "810229-1234567",  # no such day
        "801301-1234567",  # no such month
        "000230-3234567",
        "9001011234567",  # the check digit is 8
        "1900101-1234567",
        "900101-12345678",
        "900101-123456",
    ],
)
def test_numbers_that_are_built_otherwise_stay(text):
    assert ResidentNumber("#").apply(f"번호 {text}.") == f"번호 {text}."
