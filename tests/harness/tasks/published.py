"""A few rows of each task's files, in the published format with its quirks; all of them made up."""

import io
import json
import zipfile

# Repeated until an epoch has some steps.
TIMES = 3


def json_lines(*rows: dict) -> str:
    """Rows as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _table(header: str, *rows: str) -> str:
    return "\n".join([header, *(row.replace("|", "\t") for row in rows * TIMES)]) + "\n"


def _nsmc(*rows: str) -> str:
    return _table("id\tdocument\tlabel", *rows)


_NLI = _table(
    "sentence1\tsentence2\tgold_label",
    '그가 "간다"고 말했다.|그는 말이 없었다.|contradiction',
    "비가 온다.|날씨가 맑지 않다.|entailment",
    "아이가 웃는다.|아이가 선물을 받았다.|neutral",
)
_STS = _table(
    "genre\tfilename\tyear\tid\tscore\tsentence1\tsentence2",
    'main-news|MSRpar|2012train|0001|3.750|그는 "좋다"고 했다.|그가 좋다고 말했다.',
    "main-captions|MSRvid|2012test|0004|0.000|남자가 뛴다.|여자가 노래한다.",
    "main-forums|belief|2015|1|5.000|비가 온다.|비가 온다.",
)
_PAWS = _table(
    "id\tsentence1\tsentence2\tlabel",
    "1|서울에서 부산으로 갔다.|부산에서 서울로 갔다.|0",
    "2|NS|번역되지 않았다.|1",
    "3|그는 형과 왔다.|형과 그가 왔다.|1",
    "4|비어 있다.||0",
)
_QUESTIONS = "\ufeff" + _table(
    "question1\tquestion2\tis_duplicate",
    "어떻게 지내?|잘 지내?|0",
    "밥 먹었어?|비가 올까?|1",
)
_HATE = _table(
    "comments\tcontain_gender_bias\tbias\thate",
    '참 "좋은" 영화네요|False|none|none',
    "이런 것도 기사라고|False|others|offensive",
    "보기 싫다 정말|True|gender|hate",
)
_TEXTS = _table("text\tlabel", "아주 좋아요|2", "별로예요|10", "그저 그래요|2")
_PAIRS = _table("text\ttext_pair\tlabel", "비가 와?|우산을 써|yes", "비가 와?|밥을 먹어|no")

_KLUE = (
    "## 주석 : ##\n"
    + """## klue-ner-v1_dev_00000-wikitree\t<세종대왕:PS>이 <서울:LC> # 갔다.
세\tB-PS
종\tI-PS
대\tI-PS
왕\tI-PS
이\tO
 \tO
서\tB-LC
울\tI-LC
 \tO
#\tO
 \tO
갔\tO
다\tO
.\tO

## klue-ner-v1_dev_00001-nsmc\t별로
별\tO
로\tO

"""
    * TIMES
)
_MORPHEMES = "세종 대왕 은 12 일 에 오 았 다 .\n비 가 오 ㄴ다\n" * TIMES
_MORPHEME_TAGS = "B-PER I-PER O B-DAT I-DAT O O O O O\nO O O O\n" * TIMES
_NUMBERED = "1\t세종대왕은\tPER_B\n2\t12일에\tDAT_B\n3\t오후\tDAT_I\n4\t왔다\t-\n\n" * TIMES
_SENTENCES = "세종대왕은 12일에 왔다\tPER-B DAT-B O\n비가 온다\tO O\n" * TIMES
_PLACE = {"start": 3, "end": 5, "label": "LC"}
_QUAD = {
    "version": "1",
    "data": [
        {
            "title": "한글",
            "paragraphs": [
                {
                    "context": "한글은 세종대왕이 1443년에 만들어 1446년에 펴냈다. " * 4,
                    "qas": [
                        {
                            "id": f"q{number}-{again}",
                            "question": question,
                            "answers": [{"text": text, "answer_start": start}],
                        }
                        for again in range(TIMES)
                        for number, (question, text, start) in enumerate(
                            [("누가 만들었나?", "세종대왕", 4), ("언제 펴냈나?", "1446년", 21)]
                        )
                    ],
                }
            ],
        }
    ],
}


def _array(*rows: dict) -> str:
    return json.dumps(
        [{"guid": f"klue-v1_{i:05}", **row} for i, row in enumerate(rows * TIMES)],
        ensure_ascii=False,
    )


def _kobest(name: str, content: str) -> dict[str, str]:
    return dict.fromkeys([f"{name}/{part}.tsv" for part in ("train", "dev", "test")], content)


_BOOLQ = _table(
    "ID\tText\tQuestion\tAnswer",
    "1|비글은 활동량이 많다.|비글은 넓은 곳이 좋은가?|True",
    "2|빵은 정기적으로 먹는다.|빵은 먹지 않는가?|FALSE",
)
_COPA = _table(
    "ID\tsentence\tquestion\t1\t2\tAnswer",
    "1|비가 왔다.|결과|땅이 젖었다.|해가 떴다.|1",
    "2|땅이 젖었다.|원인|해가 떴다.|비가 왔다.|2",
)
_HELLASWAG = _table(
    "context\tchoice1\tchoice2\tchoice3\tchoice4\tlabel",
    "공을 던진다. 공이 날아간다.|공을 잡는다.|밥을 먹는다.|잠을 잔다.|비가 온다.|0",
    "비가 온다.|잔다.|우산을 쓰고 학교에 갔다.|먹는다.|운다.|1",
)
_SENTINEG = _table("ID\tLabel\tText", "1|1|만족합니다", "2|0|만족하지 않습니다")
_WIC = _table(
    "ID\tTarget\tSENTENCE1\tDictionary 1\tLink 1\tSENTENCE2\tDictionary 2\tLink2\tANSWER",
    "1|수술|[수술] 시일을 늦춘다.|3|l|[수술]에서 꽃가루가 난다.|1|l|False",
    "2|배|[배]를 탔다.|2|l|[배]가 떠난다.|2|l|TRUE",
)
_YNAT = _array(
    {"title": "비가 온다", "label": "사회", "url": "u", "date": "2016.06.30"},
    {"title": "공을 던졌다", "label": "스포츠", "url": "u", "date": "2016.06.30"},
)
_KLUE_NLI = _array(
    {"premise": "비가 온다.", "hypothesis": "날씨가 맑다.", "gold_label": "contradiction"},
    {"premise": "비가 온다.", "hypothesis": "비다.", "gold_label": "entailment"},
    {"premise": "아이가 웃는다.", "hypothesis": "봄이다.", "gold_label": "neutral"},
)


def _sts(first: str, second: str, score: float) -> dict:
    labels = {"label": round(score, 1), "real-label": score, "binary-label": int(score >= 3)}
    return {"source": "airbnb", "sentence1": first, "sentence2": second, "labels": labels}


_KLUE_STS = _array(
    _sts("비가 온다.", "비가 와.", 4.857142857142857),
    _sts("아이가 웃는다.", "비가 온다.", 0.0),
    _sts("왔다.", "갔다.", 2.0),
)


def _entity(sentence: str, word: str, kind: str) -> dict:
    start = sentence.index(word)
    return {"word": word, "start_idx": start, "end_idx": start + len(word) - 1, "type": kind}


def _relation(sentence: str, subject: str, other: str, label: str) -> dict:
    return {
        "sentence": sentence,
        "subject_entity": _entity(sentence, subject, "PER"),
        "object_entity": _entity(sentence, other, "LOC"),
        "label": label,
        "source": "wikipedia",
    }


_RELATIONS = _array(
    _relation("세종대왕은 한양에서 태어났다.", "세종대왕", "한양", "per:place_of_birth"),
    _relation("서울에 간 김구", "김구", "서울", "no_relation"),
)


def _without_answers() -> str:
    """The questions of KorQuAD in KLUE's form, every second one without an answer."""
    content = json.loads(json.dumps(_QUAD))
    questions = content["data"][0]["paragraphs"][0]["qas"]
    for number, question in enumerate(questions):
        question["guid"], question["is_impossible"] = question.pop("id"), bool(number % 2)
        if number % 2:
            question["plausible_answers"], question["answers"] = question["answers"], []
    return json.dumps(content)


_MRC = _without_answers()

_PARSES = (
    "## 칼럼명 : INDEX\tWORD_FORM\tLEMMA\tPOS\tHEAD\tDEPREL\n"
    + """## klue-dp-v1_dev_00000\t세종대왕이 서울에 왔다.
1\t세종대왕이\t세종대왕 이\tNNP+JKS\t3\tNP_SBJ
2\t서울에\t서울 에\tNNP+JKB\t3\tNP_AJT
3\t왔다.\t오 았 다 .\tVV+EP+EF+SF\t0\tVP

"""
    * TIMES
)

_HOTEL = ["숙소-지역-서울 북쪽", "숙소-종류-호텔"]
_DIALOGUES = _array(
    {
        "domains": ["숙소"],
        "dialogue": [
            {"role": "user", "text": "북쪽 호텔 찾아줘", "state": _HOTEL},
            {"role": "sys", "text": "며칠 묵나요?"},
            {"role": "user", "text": "3일", "state": [*_HOTEL, "숙소-예약 기간-3"]},
        ],
    },
    {
        "domains": ["식당"],
        "dialogue": [
            {"role": "user", "text": "안녕", "state": []},
            {"role": "sys", "text": "무엇을 찾나요?"},
            {"role": "user", "text": "6시 식당", "state": ["식당-예약 시간-18:00"]},
        ],
    },
)

_PAGE = (
    "<html><body><h1>한글</h1>\n<p>한글은 <b>세종대왕</b>이 만들었다 3 < 4.</p>\n"
    "<table><tr><th>해</th><td>1446년</td></tr></table>\n</body></html>"
)


def _page_question(key, question: str, answer: str) -> dict:
    start = _PAGE.index(answer)
    place = {"text": answer, "answer_start": start}
    html = {"html_answer_text": answer, "html_answer_start": start}
    return {"id": key, "question": question, "answer": place | html}


def _pages(part: str) -> str:
    """A file of KorQuAD 2.0: ids are strings or numbers, an answer may be a table."""
    questions = [
        _page_question(f"{part}-1", "누가 만들었나?", "세종대왕</b>"),
        _page_question(int(part.encode().hex(), 16), "언제 펴냈나?", "1446년"),
        _page_question(f"{part}-3", "표는?", "<table><tr><th>해</th><td>1446년</td></tr></table>"),
    ]
    page = {"title": "한글", "url": "u", "context": _PAGE, "raw_html": _PAGE, "qas": questions}
    return json.dumps({"version": "KorQuAD_2.1", "data": [page]}, ensure_ascii=False)


def _zipped(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.json"), content)
    return buffer.getvalue()


_CONTEST = (
    """; 세종대왕이 12일 서울에 갔다.
$<세종대왕:PS>이 <12일:DT> <서울:LC>에 갔다.
1\t세종대왕\tNNP\tB_PS
1\t이\tJKS\tO
2\t12\tSN\tB_DT
2\t일\tNNB\tI
3\t서울\tNNP\tB_LC
3\t에\tJKB\tO
4\t가/았\tVV\tO

; 비가 온다.
$비가 온다.
1\t비\tNNG\tO

"""
    * TIMES
)

# Task to its files.
FILES: dict[str, dict[str, str | bytes]] = {
    "nsmc": {
        "ratings_train.txt": _nsmc("1|재밌다 ㅋㅋ|1", '2|"그는 ""왕""이다"|0', "3||0", "4|최고|1"),
        "ratings_test.txt": _nsmc("5|지루하다|0", "6|좋다|1"),
    },
    "kornli": dict.fromkeys(
        [
            "multinli.train.ko.tsv",
            "snli_1.0_train.ko.tsv",
            "xnli.dev.ko.tsv",
            "xnli.test.ko.tsv",
        ],
        _NLI,
    ),
    "korsts": dict.fromkeys(["sts-train.tsv", "sts-dev.tsv", "sts-test.tsv"], _STS),
    "paws": dict.fromkeys(["translated_train.tsv", "dev_2k.tsv", "test_2k.tsv"], _PAWS),
    "question_pair": dict.fromkeys(["train.txt", "validation.txt", "test.txt"], _QUESTIONS),
    "hate_speech": dict.fromkeys(["labeled/train.tsv", "labeled/dev.tsv"], _HATE),
    "text_classification": dict.fromkeys(["train.tsv", "test.tsv"], _TEXTS),
    "text_pair": dict.fromkeys(["train.tsv", "test.tsv"], _PAIRS),
    "klue_ner": dict.fromkeys(["klue-ner-v1.1_train.tsv", "klue-ner-v1.1_dev.tsv"], _KLUE),
    "kmou_ner": {
        f"{part}.{kind}.txt": text
        for part in ("train", "testa", "testb")
        for kind, text in (("words", _MORPHEMES), ("tags", _MORPHEME_TAGS))
    },
    "naver_ner": {"train.tsv": _NUMBERED, "test.tsv": _SENTENCES},
    "token_classification": {
        "train.jsonl": json_lines(
            *[{"text": "그는 서울에 갔다", "entities": [_PLACE]}, {"text": "좋다", "entities": []}]
            * TIMES
        ),
        "test.jsonl": json_lines({"tokens": ["그는", "서울", "에"], "tags": ["O", "B-LC", "O"]}),
    },
    "korquad": dict.fromkeys(
        ["KorQuAD_v1.0_train.json", "KorQuAD_v1.0_dev.json"], json.dumps(_QUAD)
    ),
    "question_answering": dict.fromkeys(
        ["train.jsonl", "test.jsonl"],
        json_lines(
            *[
                {
                    "question": "누가 만들었나?",
                    "context": "한글은 세종대왕이 만들었다.",
                    "answer": "세종대왕",
                    "answer_start": 4,
                }
            ]
            * TIMES
        ),
    ),
    "kobest_boolq": _kobest("BoolQ", _BOOLQ),
    "kobest_copa": _kobest("COPA", _COPA),
    "kobest_hellaswag": _kobest("HellaSwag", _HELLASWAG),
    "kobest_sentineg": _kobest("SentiNeg", _SENTINEG),
    "kobest_wic": _kobest("WiC", _WIC),
    "klue_ynat": dict.fromkeys(["ynat-v1.1_train.json", "ynat-v1.1_dev.json"], _YNAT),
    "klue_nli": dict.fromkeys(["klue-nli-v1.1_train.json", "klue-nli-v1.1_dev.json"], _KLUE_NLI),
    "klue_sts": dict.fromkeys(["klue-sts-v1.1_train.json", "klue-sts-v1.1_dev.json"], _KLUE_STS),
    "klue_re": dict.fromkeys(["klue-re-v1.1_train.json", "klue-re-v1.1_dev.json"], _RELATIONS),
    "klue_mrc": dict.fromkeys(["klue-mrc-v1.1_train.json", "klue-mrc-v1.1_dev.json"], _MRC),
    "klue_dp": dict.fromkeys(["klue-dp-v1.1_train.tsv", "klue-dp-v1.1_dev.tsv"], _PARSES),
    "klue_wos": dict.fromkeys(["wos-v1.1_train.json", "wos-v1.1_dev.json"], _DIALOGUES),
    "klp_ner": dict.fromkeys(["2016klpNER.base_train", "2016klpNER.base_test"], _CONTEST),
    "korquad2": {
        f"KorQuAD_2.1_{part}_{i:02}.zip": _zipped(a=_pages(f"{part}{i}a"), b=_pages(f"{part}{i}bb"))
        for part, number in (("train", 13), ("dev", 2))
        for i in range(number)
    },
    "regression": dict.fromkeys(
        ["train.tsv", "test.tsv"],
        _table("text\tlabel", "좋다|0.9", "나쁘다|0.1", "그저 그렇다|0.5"),
    ),
    "multiple_choice": dict.fromkeys(
        ["train.tsv", "test.tsv"],
        _table(
            "text\tchoice1\tchoice2\tchoice3\tchoice4\tlabel",
            "비가 온다|우산|빵|공|책|1",
            "배가 고프다|우산|빵|공|책|2",
        ),
    ),
    "embedding": {
        "train.tsv": _table(
            "anchor\tpositive\tnegative",
            "비가 온다|날씨가 맑지 않다|해가 떴다",
            "밥을 먹었다|식사를 했다|굶었다",
            "남자가 뛴다|사람이 달린다|남자가 잔다",
        ),
        "test.tsv": _STS,
    },
    "multi_label": dict.fromkeys(
        ["train.tsv", "test.tsv"],
        _table("text\tlabels", "좋고 슬프다|기쁨,슬픔", "좋다|기쁨", "그저 그렇다|"),
    ),
}


def write(task: str, directory) -> None:
    """Writes the files of a task into a directory, as the archive has them."""
    for name, content in FILES[task].items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content_of(content))


def content_of(content: str | bytes) -> bytes:
    """The bytes of a file of `FILES`."""
    return content if isinstance(content, bytes) else content.encode()
