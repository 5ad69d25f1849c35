"""Drop pages that advertise what most corpora do without: gambling, loans, medicine."""

import re

from kortf.clean.rule import Example, Filter, Setting, at_least

_WORDS = (
    "카지노|바카라|토토사이트|스포츠토토|안전놀이터|먹튀|꽁머니|가입코드|추천인코드|릴게임|파워볼|슬롯사이트|"
    "홀덤|첫충전|환전보장|대출상담|당일대출|무직자대출|신용불량|소액결제현금화|출장안마|출장마사지|조건만남|"
    "비아그라|시알리스|발기부전|흥신소|폰섹|성인용품|최저가보장|무료상담|카톡문의|카톡상담|텔레그램문의|"
    "수익보장|고수익알바|주식리딩|리딩방"
)
# A word may be written with spaces or dots inside: "카 지 노".
_SPAM = re.compile("|".join("[ ._]?".join(word) for word in _WORDS.split("|")))


class Spam(Filter):
    """Drops documents with many different advertising words.

    Args:
        least: Different words from which on a document is dropped; at least 1.

    Example:
        >>> Spam(3).drops(["카 지 노 바카라 먹튀 없는 곳", "카지노가 나오는 영화를 보았다."])
        [True, False]
    """

    name = "spam"
    place = 530
    settings = (
        Setting(
            "web.spam",
            0,
            "drop documents with at least this many different advertising words; 0 is off",
            at_least(0),
        ),
    )
    example = Example({"web.spam": 3}, "카 지 노 바카라 먹튀 없는 곳", "")

    def __init__(self, least: int):
        self._least = least

    def drops(self, documents: list[str]) -> list[bool]:
        """See `Filter`."""
        return [len(_words(document)) >= self._least for document in documents]


def _words(document: str) -> set[str]:
    return {re.sub("[ ._]", "", match) for match in _SPAM.findall(document)}
