"""Rules for web pages: precision and recall of each on a small labelled set."""

import pytest

from kortf.clean.rule import Filter
from kortf.clean.rule_set import make_rules
from kortf.clean.settings import from_config

# Key of the rule's setting, its value, texts that it must change and texts that it must leave.
LABELLED = {
    "web.html": (
        True,
        ["<b>굵게</b>", "한 줄<br>두 줄", "<a href='x'>링크</a>", "A&amp;B", "&lt;p&gt;",
         "&nbsp;끝", "<!-- 숨김 -->글",
         "<DIV class=\"a\">칸</DIV>", "&#44032;나", "<img src=a.png/>"],
        ["1 < 2 > 0", "<조건>을 본다", "List<String>", "A & B", "R&D; 예산", "<3 사랑해",
         "a< b >c 식", "&없는이름;", "ㅋㅋ >_<", "<<책>>"],
    ),
    "web.urls": (
        True,
        ["https://a.kr 참고", "(http://b.com/c?d=1)", "www.example.com에서", "naver.com/cafe 글",
         "ftp://c.net/x", "HTTPS://A.KR", "링크:http://한국.kr", "https://youtu.be/abc",
         "bit.ly/3abc", "http://1.2.3.4:80/x"],
        ["1.5/2.0", "2024.1.1/월", "a.b.c", "3:2로 이겼다", "and/or", "네이버.컴", "www", "kr/us",
         "버전 1.2.3", "메일 a@b.com"],
    ),
    "web.width": (
        True,
        ["ＡＢＣ", "１２３", "！？", "（괄호）", "ﬁn", "𝐁𝐨𝐥𝐝", "￦1000", "ｶﾀｶﾅ", "～", "＠"],
        ["ㅋㅋㅋ", "ﾡﾢ", "㎏", "①", "한글", "ABC", "漢字", "…", "℃", "½"],
    ),
    "web.laughter": (
        4,
        ["ㅋㅎㅋㅎㅋㅎ", "ㅠㅜㅠㅜㅠ", "하하하하하", "ㅋㅋㅋㅋㅋ 웃겨", "크크크크크크",
         "호호하하호"],
        ["ㅋㅋ", "ㅠㅠ", "하하 웃다", "히히히", "하루하루", "호흡", "ㅎㅎㅎㅎ", "허허벌판"],
    ),
    "web.emoji": (
        2,
        ["😀😀😀", "좋아😀😍🎉", "❤️❤️❤️", "🇰🇷🇰🇷🇰🇷", "👍🏻👍🏽👍🏿"],
        ["😀", "좋아😀😍", "😀 😀 😀", "❤️❤️", "☎️1234", "★★★★★"],
    ),
    "web.phrases": (
        2,
        ["대박 대박 대박 대박", "최고최고최고최고", "구매하기 구매하기 구매하기 ", "-=-=-=-=-=",
         "ㅇㅈㅇㅈㅇㅈㅇㅈ"],
        ["대박 대박", "최고최고", "1212121212", "10 10 10 10", "아주아주 좋은", "하나둘셋하나둘"],
    ),
    "private.card": (
        "#",
        ["4111-1111-1111-1111", "4111 1111 1111 1111", "4111111111111111", "5500-0000-0000-0004",
         "378282246310005", "3782 822463 10005", "4111-****-****-1111", "４１１１-1111-1111-1111"],
        ["4111-1111-1111-1112", "1234-5678-9012-3456", "2024-01-01 2024-01-02", "411111111111111",
         "97889012345678901", "1,234,567,890원", "4111-1111-1111", "0.4111111111111111"],
    ),
    "private.business_number": (
        "#",
        ["123-45-67891", "사업자 220-81-62517", "(120-81-47521)", "124-81-00998에",
         "１２３-45-67891"],
        ["123-45-67890", "2024-01-12345", "123-45-678912", "1123-45-67891", "12-345-67891",
         "220-81-62518"],
    ),
    "private.driver_licence": (
        "#",
        ["11-12-345678-90", "서울 12-345678-90", "경기-12-345678-90", "28-01-000001-11"],
        ["31-12-345678-90", "2024-12-31", "11-12-345678", "10-12-345678-90", "서울 12-345678",
         "11-12-345678-901"],
    ),
    "private.passport": (
        "#",
        ["여권 M12345678", "여권번호: M123A4567", "passport no. S12345678", "여권(m12345678)"],
        ["M12345678", "제품 S12345678", "여권 사진 2장", "여권 M1234567", "여권 XM12345678"],
    ),
    "private.account": (
        "#",
        ["국민은행 123456-01-234567", "계좌번호 110-123-456789", "입금: 1002-123-456789",
         "농협 301-0123-4567-81", "신한 110-123-456789", "계좌 12345678901234"],
        ["주문 123456-01-234567", "은행 점포 120개", "계좌 3개", "국민 5000000000명",
         "은행 자산 1234567890원", "2024-01-01 은행", "우리 1234567890", "계좌 2024-01-01"],
    ),
    "web.lists": (
        0.8,
        ["홈\n로그인\n회원가입\n장바구니\n고객센터", "1. 사과\n2. 배\n3. 감\n4. 귤\n5. 포도",
         "- 가\n- 나\n- 다\n- 라\n- 마", "가 | 나 | 다\n라 | 마 | 바\n사 | 아 | 자\n차 | 카 |\n홈"],
        ["하나다.\n둘이다.\n셋이다.\n넷이다.\n다섯이다.", "홈\n로그인", "봄이 왔다", 
         "시를 쓴다.\n봄\n꽃이 핀다.\n비\n눈이 온다."],
    ),
    "web.spam": (
        3,
        ["카지노 바카라 먹튀 검증", "당일대출 무직자대출 카톡상담 가능", "카 지 노 릴게임 파워볼",
         "출장안마 출장마사지 조건만남 24시"],
        ["카지노에서 영화를 찍었다.", "대출상담을 받고 왔다.", "파워볼과 먹튀를 다룬 기사",
         "봄이 왔다."],
    ),
    "scripts.kana": (
        0.2,
        ["ひらがなです", "カタカナ 한글", "これは日本語の文です 한국"],
        ["한국어 문장이다", "일본어 の 하나를 적는다", "English only", "123"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", LABELLED)
def test_precision_and_recall(key):
    value, positive, negative = LABELLED[key]
    section, name = key.split(".")
    rules = make_rules(from_config({section: {name: value}}).values)
    chosen = next(
        rule
        for kind in rules
        for rule in kind
        if key in [setting.key for setting in type(rule).settings]
    )

    def changed(text):
        if isinstance(chosen, Filter):
            return chosen.drops([text])[0]
        return chosen.apply(text) != text

    hits = [text for text in positive if changed(text)]
    false = [text for text in negative if changed(text)]
    assert len(hits) / len(positive) >= 0.9, [text for text in positive if text not in hits]
    assert len(hits) / max(1, len(hits) + len(false)) >= 0.95, false


def test_names_of_people_stay():
    config = {
        "private": {
            key: "#" for key in ("card", "account", "business_number", "driver_licence", "passport")
        },
        "web": {"html": True, "urls": True, "width": True, "laughter": 4, "phrases": 3},
    }
    text = "홍길동 씨와 김하하 선생님, 남궁민수(35)가 서울 우리은행 앞에서 만났다."
    for rule in make_rules(from_config(config).values).of_text:
        assert rule.apply(text) == text


def test_entities_never_break_lines():
    html = next(r for r in make_rules(from_config({"web": {"html": True}}).values).of_text)
    assert html.apply("가&#10;나&#x2028;다&NewLine;라") == "가 나 다 라"
