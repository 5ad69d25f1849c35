"""Masks of personal data: every usual spelling, and what only looks like one."""

import pytest

from kortf.clean.rules.personal.email import Email
from kortf.clean.rules.personal.phone import Phone
from kortf.clean.rules.personal.resident_number import ResidentNumber

AROUND = [("전화는 ", "로"), ("", ""), ("Tel.", ""), ("...", " 로"), ("H.P.", ","), ("-", " ")]


@pytest.mark.parametrize(
    "text",
    [
        # Separators of every kind.
        "010-1234-5678", "01012345678", "010 1234 5678", "010.1234.5678", "010 – 1234 – 5678",
        "010−1234−5678", "010ㅡ1234ㅡ5678", "010_1234_5678", "010/1234/5678", "010*1234*5678",
        "010,1234,5678", "010:1234:5678", "010·1234·5678", "010ㆍ1234ㆍ5678", "010~1234~5678",
        "010--1234--5678", "010)1234-5678", "(010)1234-5678", "(010) 1234-5678", "010 12345678",
        "010-12345678", "0101234-5678", "011-234-5678",
        # Gaps of every width.
        "010\t1234\t5678", "010\u30001234\u30005678", "010  1234  5678", "010 - 1234 - 5678",
        "010\u3000-\u30001234\u3000-\u30005678", "010          1234 5678",
        # Other spellings of digits, and digits that are masked already.
        "０１０－１２３４－５６７８", "０１０１２３４５６７８", "공일공-1234-5678",
        "공일공 1234 5678", "o1o-1234-5678", "O1O 1234 5678", "010-****-5678", "010-1234-****",
        "010-12**-56**",
        "010-xxxx-5678", "010-○○○○-5678", "010-****-****",
        # Landlines, internet and personal numbers.
        "02-345-6789", "02)345-6789", "(02)345-6789", "(02) 345-6789", "031-345-6789",
        "02 - 345 - 6789", "02.345.6789", "064-123-4567", "070-1234-5678", "0505-123-4567",
        # The country's number.
        "+82-10-1234-5678", "+82 2 345 6789", "82-10-1234-5678", "+82 (0)10 1234 5678",
        "+821012345678", "821012345678", "+82 10-1234-5678", "(+82)10-1234-5678",
        "(+82) 010-1234-5678", "+82)10-1234-5678", "0082-10-1234-5678", "＋82-10-1234-5678",
        "+82·10·1234·5678", "+82(0)10-1234-5678",
        # Other signs between the digits, and digits in Hangul.
        "010|1234|5678", "010ㅣ1234ㅣ5678", "010→1234→5678", "010…1234…5678", "010'1234'5678",
        "010#1234#5678", "010(1234)5678", "010[1234]5678", "010📞1234📞5678", "010∕1234⁄5678",
        "010、1234、5678", "010^1234^5678", "010+1234+5678", "02|345|6789",
        "공일공 일이삼사 오육칠팔", "공일공-일이삼사-오육칠팔", "공일공일이삼사오육칠팔",
        "영일영 1234 오륙칠팔", "공1공 1234 5678",
    ],
)  # fmt: skip
def test_telephone_numbers(text):
    for before, after in AROUND:
        assert Phone("#").apply(before + text + after) == f"{before}#{after}"


@pytest.mark.parametrize(
    "text",
    [
        "1588-1234", "080-123-4567", "2019-04-01", "0.1234-5678", "110-010-1234-5678", "0212345678",
        "010-1234", "1,010-1234-5678", "010-1234-56789", "100000000", "978-89-01-23456-7",
        "2010 1234 5678", "2009. 3. 14.", "1,234,567원", "3:2", "10-8", "v1.0.10.1234",
        "0.01012345678", "2023.01.0123.4567", "12:30:45", "978-89-010-1234-5", "1.010.1234.5678",
        "ISBN 89-010-1234-5", "02-2019", "031.45", "2024-01-01 12:34:56", "16,000~18,000원",
    ],
)  # fmt: skip
def test_numbers_of_other_kinds_stay(text):
    assert Phone("#").apply(f"번호 {text}.") == f"번호 {text}."


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("010-1111-2222,010-3333-4444", "#,#"),
        ("010-1111-2222/010-3333-4444", "#/#"),
        ("01011112222,01033334444.01012341234", "#,#.#"),
        ("010-1111-2222-010-3333-4444", "#-#"),
        ("02-123-4567~8,010-1111-2222", "#~8,#"),
        ("1.010-1234-5678", "1.#"),
        ("담당자(02-345-6789)에게", "담당자(#)에게"),
    ],
)
def test_telephone_numbers_in_lists_and_brackets(text, masked):
    assert Phone("#").apply(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "a@b.kr", "kim.cs+1@mail.example.co.kr", "kim[at]example.com", "kim＠example.com",
        "ｋｉｍ＠ｅｘａｍｐｌｅ．ｃｏｍ", "kim골뱅이naver.com", "kim 골뱅이 naver.com",
        "kim(골뱅이)naver.com", "kim @ naver.com", "k**@naver.com", "kim (at) naver.com",
        "kim﹫naver.com", "kimⓐnaver.com", "kim[at]naver[dot]com", "kim (At) naver (dot) com",
        "kim@naver(점)com", "kim골뱅이네이버닷컴", "kim@네이버.com", "kim@회사.한국",
        "kim@naver,com", "kim@naver. com", "kim @ mail . naver . com",
    ],
)  # fmt: skip
def test_addresses(text):
    assert Email("#").apply(f"메일:{text}입니다") == "메일:#입니다"


@pytest.mark.parametrize(
    "text",
    [
        "@누구", "a@b", "사과 3개@500원", "트위터 @example.", "a @ b.kr", "골뱅이 무침",
        "골뱅이naver.com", "lunch @ cafe", "골뱅이 네이버", "a,b@c,d", "맛집 @ 서울.좋다",
    ],
)  # fmt: skip
def test_no_addresses(text):
    assert Email("#").apply(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "800229-1234567", "900101-2******", "050101 - 3234567", "850505-5234567", "990909–9123456",
        "900101--1234567", "900101~1234567", "900101ㅡ1234567", "900101\t-\t1234567",
        "９００１０１－１２３４５６７",
        # Tails that are masked, or that another rule has cut.
        "900101-1*****", "900101-1***", "900101-*******", "900101-1234***", "900101-1xxxxxx",
        "900101-1○○○○○○", "900101-1●●●●●●", "9001011******", "900101 1******",
        # Without a hyphen the check digit has to be right: worked out by hand.
        "9001011234568", "900101  1234568", "900101\u30001234568", "900101|1234568",
        "900101→1234568", "900101,1234568", "900101ㅣ1234568", "900101(1234568",
    ],
)  # fmt: skip
def test_resident_numbers(text):
    for before, after in [("번호(", ")"), ("", "입니다"), (".", ","), ("-", " ")]:
        assert ResidentNumber("#").apply(before + text + after) == f"{before}#{after}"


def test_a_word_before_a_resident_number_stands_for_its_hyphen():
    assert ResidentNumber("#").apply("주민번호 900101 1234567") == "주민번호 #"
    assert ResidentNumber("#").apply("주민번호 9001011234567") == "주민번호 #"
    assert ResidentNumber("#").apply("상품 9001011234567") == "상품 9001011234567"


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
        "200101 3450000",  # a day and an amount
        "900101.1234567",
    ],
)
def test_numbers_that_are_built_otherwise_stay(text):
    assert ResidentNumber("#").apply(f"번호 {text}.") == f"번호 {text}."
