"""Articles on people: scholars, artists, athletes, rulers."""

import random

from kortf.data.sample import names
from kortf.data.sample.domain import Domain, Words, facts, table

# field / who / what is studied / tool / theme
FIELDS = table("""
천문학 / 천문학자 / 혜성 / 망원경 / 별의 밝기
식물학 / 식물학자 / 이끼 / 현미경 / 씨앗의 잠
수학 / 수학자 / 소수 / 주판 / 도형의 대칭
언어학 / 언어학자 / 사투리 / 녹음기 / 모음의 변화
역사학 / 역사학자 / 옛 지도 / 돋보기 / 장터의 발달
의학 / 의사 / 열병 / 청진기 / 상처의 소독
물리학 / 물리학자 / 자석 / 진공관 / 빛의 굴절
화학 / 화학자 / 염료 / 시험관 / 소금의 결정
지리학 / 지리학자 / 해안선 / 나침반 / 강물의 흐름
철학 / 철학자 / 꿈 / 공책 / 기억과 시간
경제학 / 경제학자 / 물가 / 장부 / 품삯의 변동
기상학 / 기상학자 / 구름 / 풍향계 / 태풍의 길
건축학 / 건축학자 / 기와지붕 / 먹줄 / 온돌의 구조
농학 / 농학자 / 볍씨 / 온도계 / 가뭄에 강한 품종
음성학 / 음성학자 / 자장가 / 소리굽쇠 / 억양의 높낮이
""")
# who / kind of work / a work / what it is made with / what it shows
ARTS = table("""
화가 / 수채화 / 비 오는 나루터 / 붓 / 안개 낀 강가
조각가 / 석상 / 기다리는 어머니 / 정 / 두 손을 모은 사람
작곡가 / 교향곡 / 봄의 행진 / 피아노 / 눈 녹는 산골
시인 / 시집 / 빈 의자 / 만년필 / 떠나간 벗에 대한 그리움
소설가 / 장편 소설 / 열두 번째 겨울 / 타자기 / 탄광촌 식구들의 한 해
무용가 / 창작춤 / 물결 / 부채 / 바다에 나간 어부들
도예가 / 달항아리 / 둥근 밤 / 물레 / 보름달의 빛깔
사진가 / 사진집 / 골목의 아이들 / 필름 사진기 / 사라져 가는 골목
영화감독 / 단편 영화 / 마지막 전차 / 촬영기 / 전차 운전사의 하루
만화가 / 연재만화 / 고양이 우체부 / 펜촉 / 편지를 나르는 고양이
서예가 / 병풍 / 여덟 바람 / 먹 / 바람의 여덟 가지 이름
가수 / 음반 / 늦은 편지 / 기타 / 부치지 못한 사연
동화 작가 / 동화책 / 잠 못 드는 부엉이 / 색연필 / 밤을 무서워하는 부엉이
""")
# sport / who / place / skill / event
SPORTS = table("""
육상 / 달리기 선수 / 운동장 / 지구력 / 마라톤
수영 / 수영 선수 / 수영장 / 부드러운 발차기 / 자유형 이백 미터
씨름 / 씨름 선수 / 모래판 / 들배지기 / 한가위 장사 대회
양궁 / 궁수 / 활터 / 침착함 / 개인전 결승
축구 / 공격수 / 축구장 / 왼발 슛 / 겨울 컵 대회
배구 / 세터 / 체육관 / 빠른 토스 / 실업 연맹전
탁구 / 탁구 선수 / 탁구장 / 뒤회전 서브 / 복식 경기
유도 / 유도 선수 / 도장 / 업어치기 / 무제한급 결승
스케이트 / 빙상 선수 / 빙판 / 코너 돌기 / 천 미터 경주
""")
PARENTS = (
    "대장장이 어부 교사 한의사 방앗간지기 역무원 옹기장이 목수 재단사 뱃사공 우체부 염부".split()
)
TRAITS = "말수가 적고 꼼꼼한 성격 / 웃음이 많은 성격 / 고집이 센 성격 / 호기심이 많은 성격".split(
    " / "
)


def _life(rng: random.Random) -> Words:
    born = rng.randint(1860, 1975)
    return {
        "name": names.person(rng),
        "born": str(born),
        "date": names.month_day(rng),
        "schooled": str(born + rng.randint(18, 23)),
        "known": str(born + rng.randint(26, 38)),
        "late": str(born + rng.randint(40, 52)),
        "city": names.city(rng),
        "region": rng.choice(names.REGIONS),
        "school": names.school(rng),
        "body": names.body(rng),
        "friend": names.person(rng),
        "teacher": names.person(rng),
        "parent": rng.choice(PARENTS),
        "trait": rng.choice(TRAITS),
        "count": str(rng.randint(3, 48)),
    }


def _scholar(rng: random.Random) -> Words:
    field, who, subject, tool, theme = rng.choice(FIELDS)
    return _life(rng) | {
        "field": field, "who": who, "subject": subject, "tool": tool, "theme": theme,
    }  # fmt: skip


def _artist(rng: random.Random) -> Words:
    who, kind, work, tool, theme = rng.choice(ARTS)
    return _life(rng) | {"who": who, "kind": kind, "work": work, "tool": tool, "theme": theme}


def _athlete(rng: random.Random) -> Words:
    sport, who, ground, skill, event = rng.choice(SPORTS)
    return _life(rng) | {
        "sport": sport, "who": who, "ground": ground, "skill": skill, "event": event,
    }  # fmt: skip


YOUTH = facts(
    (
        "{name}은(는) {born}년 {date} {region} {city}에서 {parent}의 자식으로 태어났다.",
        {
            "born": "{name}이(가) 태어난 해는?",
            "city": "{name}이(가) 태어난 곳은 어디인가?",
            "parent": "{name}의 부모는 무슨 일을 하던 사람인가?",
        },
    ),
    "어릴 때부터 {trait}이었으며, 책 읽기를 좋아하여 밤늦도록 등잔불을 끄지 않았다고 한다.",
    "집안 살림이 넉넉하지 못하여 낮에는 가게 일을 돕고 밤에는 야학에 다녔다.",
    (
        "{schooled}년 {school}에 들어가 {teacher}에게 가르침을 받았다.",
        {
            "school": "{name}이(가) 들어간 학교는?",
            "teacher": "{name}을(를) 가르친 스승은 누구인가?",
        },
    ),
    "학교에 다니는 동안 {friend}과(와) 한방을 쓰며 평생 이어질 우정을 쌓았다.",
    "졸업한 뒤에는 잠시 {body}에서 일하였으나 두 해 만에 그만두고 고향으로 돌아왔다.",
)
LATER = facts(
    "{late}년에는 {school}의 교수가 되어 젊은이들을 가르치는 데 힘을 쏟았다.",
    "만년에는 눈이 나빠져 바깥나들이를 줄이고 회고록을 쓰며 지냈다.",
    (
        "{city}에는 {name}의 이름을 딴 거리와 기념관이 있다.",
        {"city": "{name}의 기념관이 있는 도시는?"},
    ),
    "{friend}은(는) 그를 두고 한 번도 남을 탓한 적이 없는 사람이라고 하였다.",
    "평생 모은 재산은 유언에 따라 {body}에 기증되었고, 해마다 장학금으로 쓰이고 있다.",
    "탄생 백 주년을 맞아 기념우표가 나왔고 고향 집은 옛 모습대로 되살려졌다.",
)

SCHOLAR = Domain(
    title="{name}",
    draw=_scholar,
    lead=facts(
        (
            "{name}({born}년 ~ )은(는) {region} 출신의 {who}이다.",
            {"who": "{name}의 직업은 무엇인가?"},
        ),
        "{name}은(는) {subject} 연구로 이름난 {who}이며 {body}의 초대 소장을 지냈다.",
    ),
    sections={
        "생애": YOUTH,
        "연구": facts(
            (
                "{known}년 {subject}에 관한 논문을 발표하여 학계의 눈길을 끌었다.",
                {"subject": "{name}이(가) {known}년에 발표한 논문은 무엇에 관한 것인가?"},
            ),
            "그의 가장 큰 업적은 {theme}에 일정한 규칙이 있음을 밝힌 것이다.",
            "손수 만든 {tool}을(를) 써서 같은 실험을 {count}번이나 되풀이하였다.",
            "처음에는 아무도 믿지 않았으나, {friend}이(가) 같은 값을 얻으면서 널리 인정받았다.",
            (
                "{late}년에 펴낸 『{field} 입문』은(는) 오랫동안 교과서로 쓰였다.",
                {"late": "『{field} 입문』이(가) 나온 해는?"},
            ),
            "오늘날 {field}에서 쓰는 낱말 가운데 여럿이 그의 책에서 비롯되었다.",
        ),
        "말년과 평가": LATER,
    },
)
ARTIST = Domain(
    title="{name}",
    draw=_artist,
    lead=facts(
        "{name}({born}년 ~ )은(는) {city}에서 주로 활동한 {who}이다.",
        (
            "{name}은(는) {kind} 「{work}」(으)로 널리 알려진 {who}이다.",
            {"work": "{name}의 대표작은 무엇인가?"},
        ),
    ),
    sections={
        "어린 시절": YOUTH,
        "작품 세계": facts(
            (
                "{known}년에 발표한 {kind} 「{work}」은(는) {theme}을(를) 담은 작품이다.",
                {
                    "known": "「{work}」이(가) 발표된 해는?",
                    "theme": "「{work}」은(는) 무엇을 담은 작품인가?",
                },
            ),
            "작업을 할 때에는 새벽에 일어나 {tool}을(를) 손질하는 일부터 시작하였다.",
            "평론가들은 꾸밈없는 솜씨 속에 깊은 슬픔이 배어 있다고 평하였다.",
            "초기에는 어두운 분위기가 짙었으나 뒤로 갈수록 밝고 따뜻한 느낌을 준다.",
            (
                "{late}년 {body}에서 열린 전시회에는 {count}점의 작품이 걸렸다.",
                {"body": "{late}년 {name}의 전시회가 열린 곳은?"},
            ),
            "서양의 기법을 받아들이면서도 우리 가락과 빛깔을 잃지 않았다는 평을 듣는다.",
        ),
        "만년": LATER,
    },
)
ATHLETE = Domain(
    title="{name}",
    draw=_athlete,
    lead=facts(
        (
            "{name}은(는) {region}의 {sport} 선수이다.",
            {"region": "{name}은(는) 어느 지방의 선수인가?"},
        ),
        "{name}({born}년 {date} ~ )은(는) {city} 태생의 은퇴한 {who}이다.",
    ),
    sections={
        "선수가 되기까지": YOUTH,
        "선수 생활": facts(
            (
                "{known}년 {event}에서 우승하며 이름을 알렸다.",
                {"event": "{name}이(가) {known}년에 우승한 대회는?"},
            ),
            "뛰어난 {skill} 덕분에 어려운 경기를 여러 번 뒤집었다.",
            "경기가 없는 날에도 가장 먼저 {ground}에 나와 땀을 흘렸다.",
            "무릎을 다쳐 한 해를 쉬었지만 이듬해 다시 {ground}(으)로 돌아왔다.",
            (
                "{late}년 은퇴할 때까지 모두 {count}개의 메달을 목에 걸었다.",
                {"count": "{name}이(가) 은퇴할 때까지 딴 메달은 몇 개인가?"},
            ),
            "맞수 {friend}과(와) 벌인 결승전은 지금도 팬들의 입에 오르내린다.",
        ),
        "은퇴 이후": LATER,
    },
)

DOMAINS = (SCHOLAR, ARTIST, ATHLETE)
