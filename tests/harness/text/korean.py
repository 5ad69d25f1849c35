"""Strings to try tokenizers on: ordinary ones, nasty ones, and any number of random ones."""

import random
import unicodedata

CORPUS = [
    "세종대왕은 조선의 제4대 임금이다. 세종대왕이 훈민정음을 만들었다.",
    "훈민정음은 1446년에 반포되었다. 한글은 소리글자이다.",
    "영화가 정말 재미있었어요 ㅋㅋㅋ 다시 보고 싶다 ㅠㅠ",
    "Apple과 Google은 미국의 회사이다. The Beatles, café, Straße, İstanbul.",
    "大韓民國(대한민국)의 首都는 서울이다.",
    "서울에서 부산까지 기차로 간다. 기차는 빠르다!",
    "각하께서 말씀하셨다. 배우들의 연기가 훌륭하고 결말도 감동적이다 😀👍",
]

NASTY = [
    "",
    " ",
    "\u200b",
    "세종대왕이",
    unicodedata.normalize("NFD", "세종대왕은 훈민정음을 만들었다"),
    "세종\u200b대왕\u200e이 \ufeff훈민\u00ad정음",
    "\t탭과\n줄바꿈\r\n그리고\u3000전각\u00a0공백 ",
    "ㅋㅋㅋ ㅠㅠ ᄏᄏ",
    "ᄒᆞᆫ글 나랏말ᄊᆞ미",
    "大韓民國의 首都, 豈更(호환) \U0002f800",
    "İSTANBUL ΑΣ ΣΑΣ ǅ Ⅷ ＡＢＣ",
    "👨\u200d👩\u200d👧 ❤️ 🇰🇷 1️⃣",
    "e\u0301 a\u0323\u0302 \u0301시작 한\u0301글",
    "ก็ กำ نَص עִבְרִית",
    "a" * 100 + " " + "b" * 101 + " " + "가" * 100 + " " + "나" * 101,
    "https://example.com/" + "x" * 120 + "?q=" + "y" * 99,
    "😀" * 100 + " " + "😀" * 101,
    "\x00\x01널\x7f \x85문자\u2028줄",
    "\ue000사용자\U000f0000정의\U0010fffd",
    "\u166d\U000111c9\u061d가\u2e52나 \u09fd\U0002b820",
    "ᲉⱯꟀ𐕰",
    "[MASK] [UNK] ##이 [unused1] ▁밑줄",
    "문장.(괄호)“따옴표”…·‧「」『』〈〉《》【】",
    "1,000원 ₩1000 3.14% 20°C ①②③ ㎡ ㈜회사",
]


def random_documents(count: int, seed: int = 0) -> list[list[str]]:
    """Draws documents of one sentence, of the words of the corpus."""
    draw = random.Random(seed)
    words = " ".join(CORPUS).split() + ["ㅋ" * draw.randint(1, 12) for _ in range(5)]
    return [[" ".join(draw.choices(words, k=draw.randint(3, 15)))] for _ in range(count)]


def random_strings(count: int, seed: int = 0) -> list[str]:
    """Draws strings in which ordinary and nasty characters stand side by side."""
    draw = random.Random(seed)
    ordinary = "".join(CORPUS)
    nasty = "".join(NASTY) + unicodedata.normalize("NFD", ordinary)
    strings = []
    for _ in range(count):
        source = ordinary if draw.random() < 0.3 else ordinary + nasty * draw.randint(1, 3)
        strings.append("".join(draw.choices(source, k=draw.randint(0, 40))))
    return strings
