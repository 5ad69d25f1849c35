import csv
import json
import re

import pytest

from kortf.data.sample import write_sample
from kortf.data.sample.entities import klue
from kortf.data.sample.files import sample_files
from kortf.data.sample.particles import PAIRS, final_sound, particle
from kortf.data.sample.reviews import _inflect, nsmc
from kortf.data.sample.template import join, render

TAGS = {"PS", "LC", "OG", "DT", "TI", "QT"}


@pytest.fixture(scope="module")
def texts():
    return sample_files(seed=0)


def rows(text):
    return [line.split("\t") for line in text.splitlines()]


def test_final_sound_is_that_of_the_word_as_read():
    words = ("서울", "부산", "제주", "1998", "'강'", "왕(王)", "2층(二)", "KTX", "MBN", "")
    assert [final_sound(word) for word in words] == [8, 4, 0, 8, 21, 21, 21, 0, 4, 0]


@pytest.mark.parametrize(
    "word, expected",
    [
        ("세종대왕", "은 이 을 과 으로 이나 이라 이었"),
        ("보라", "는 가 를 와 로 나 라 였"),
        ("서울", "은 이 을 과 로 이나 이라 이었"),  # after ㄹ: 로
        ("1907", "은 이 을 과 로 이나 이라 이었"),  # 칠
        ("2024", "는 가 를 와 로 나 라 였"),  # 사
        ("「물결」", "은 이 을 과 로 이나 이라 이었"),
    ],
)
def test_particles_fit_the_final_sound(word, expected):
    assert [particle(word, mark) for mark in PAIRS] == expected.split()


def test_render_keeps_where_the_words_stand():
    sentence = render("{who}은(는) {where}(으)로 갔다.", {"who": "보라", "where": "서울"})
    assert sentence.text == "보라는 서울로 갔다."
    assert sentence.spans == (("who", 0, 2), ("where", 4, 6))


def test_join_moves_the_spans_along():
    a, b = render("{x} 하나.", {"x": "강"}), render("{x} 둘.", {"x": "산"})
    assert join([a, b]).text == "강 하나. 산 둘."
    assert join([a, b]).spans == (("x", 0, 1), ("x", 6, 7))


def test_a_stem_takes_the_ending_that_follows():
    assert _inflect("{g}ㄹ 줄 알았는데 {b}어도", "멋지", "답답하") == "멋질 줄 알았는데 답답해도"
    assert _inflect("{g}ㄹ {g}어도 {b}다고", "놀랍", "최악이") == "놀라울 놀라워도 최악이라고"


def test_the_same_seed_gives_the_same_bytes(texts):
    assert sample_files(seed=0) == texts
    other = sample_files(seed=1)
    assert other.keys() == texts.keys()
    assert all(other[path] != texts[path] for path in texts)


def test_it_is_written_as_it_is_and_small(tmp_path, texts):
    sizes = write_sample(str(tmp_path), seed=0)
    assert {path: (tmp_path / path).read_text(encoding="utf-8") for path in sizes} == texts
    assert sum(sizes.values()) < 500_000


def test_no_particle_mark_and_no_slot_is_left(texts):
    marks = re.compile("|".join(map(re.escape, PAIRS)))
    for path, text in texts.items():
        assert not marks.search(text), path
        if not path.endswith(".json"):
            assert "{" not in text and "}" not in text, path


def test_the_encyclopedia_is_in_wikiextractor_format(texts):
    text = texts["kowiki/kowiki_00.txt"] + texts["kowiki/kowiki_01.txt"]
    doc = r'<doc id="\d+" url="[^"]+" title="([^"]+)">\n([^\n]+)\n\n(.*?)\n</doc>\n'
    docs = re.findall(doc, text, flags=re.S)
    assert re.sub(doc, "", text, flags=re.S) == ""
    assert all(title == first for title, first, _ in docs)
    bodies = [body for _, _, body in docs if body]
    assert len(bodies) == 168 and len(docs) > len(bodies)
    assert min(map(len, bodies)) >= 300
    assert len(set(bodies)) == len(bodies)
    assert all(len(body.split("\n")) >= 7 for body in bodies)  # an opening, headings, paragraphs
    assert len(set(" ".join(bodies).split())) > 3000  # eojeol


def test_the_reviews_are_in_nsmc_format(texts):
    for split, count in (("train", 1000), ("test", 250)):
        header, *body = rows(texts[f"nsmc/ratings_{split}.txt"])
        assert header == ["id", "document", "label"]
        assert len(body) == count and {len(row) for row in body} == {3}
        positive = sum(label == "1" for _, _, label in body)
        assert 0.4 < positive / count < 0.6
        assert {label for _, _, label in body} == {"0", "1"}
        assert len({number for number, _, _ in body}) == count


def test_quotes_are_doubled_as_in_nsmc(texts):
    assert nsmc([('그저 "굿"', 1)], 7).splitlines()[1] == '7\t"""그저 """"굿"""""""\t1'
    quoted = [row for row in rows(texts["nsmc/ratings_train.txt"]) if '"' in row[1]]
    assert quoted
    once = csv.reader(("\t".join(row) for row in quoted), delimiter="\t")
    twice = [next(csv.reader([document], delimiter="\t"))[0] for _, document, _ in once]
    assert all(document.count('"') == 2 for document in twice)


def test_no_test_review_is_seen_before(texts):
    def documents(split):
        return {row[1] for row in rows(texts[f"nsmc/ratings_{split}.txt"])[1:]}

    plain = set(texts["nsmc/reviews.txt"].splitlines())
    assert not documents("test") & documents("train")
    assert not documents("test") & plain
    assert {d for d in documents("train") if '"' not in d} <= plain


def test_reviews_can_be_learned_but_not_by_single_words(texts):
    """Naive Bayes on eojeol and character bigrams is well above chance and well below perfect."""
    from collections import Counter
    from math import log

    def features(text):
        return [*text.split(), *(text[i : i + 2] for i in range(len(text) - 1))]

    counts = {"0": Counter(), "1": Counter()}
    for _, text, label in rows(texts["nsmc/ratings_train.txt"])[1:]:
        counts[label].update(set(features(text)))
    right = 0
    test = rows(texts["nsmc/ratings_test.txt"])[1:]
    for _, text, label in test:
        odds = sum(
            log((counts["1"][f] + 0.5) / (counts["0"][f] + 0.5)) for f in set(features(text))
        )
        right += (odds > 0) == (label == "1")
    assert 0.75 < right / len(test) < 0.99


@pytest.mark.parametrize("split, least", [("train", 80), ("dev", 25)])
def test_answers_stand_where_they_are_said_to(texts, split, least):
    data = json.loads(texts[f"korquad/KorQuAD_v1.0_{split}.json"])
    paragraphs = [p for article in data["data"] for p in article["paragraphs"]]
    inside, identifiers = 0, []
    for paragraph in paragraphs:
        for asked in paragraph["qas"]:
            (answer,) = asked["answers"]
            end = answer["answer_start"] + len(answer["text"])
            assert paragraph["context"][answer["answer_start"] : end] == answer["text"]
            assert asked["question"].endswith("?")
            inside += paragraph["context"][end : end + 1].isalpha()
            identifiers.append(asked["id"])
    assert len(identifiers) == len(set(identifiers)) >= least
    assert inside > len(identifiers) / 2  # a particle follows in the same eojeol


def test_dev_asks_about_other_articles(texts):
    titles = [
        {
            article["title"]
            for article in json.loads(texts[f"korquad/KorQuAD_v1.0_{s}.json"])["data"]
        }
        for s in ("train", "dev")
    ]
    assert not titles[0] & titles[1]


def test_entities_are_tagged_by_character():
    row = render("{PS1}은(는) 갔다", {"PS1": "한별"})
    head, *lines = klue([row], "dev").split("\n")[5:]
    assert head == "## klue-ner-v1_dev_00000-wikitree\t<한별:PS>은 갔다"
    assert lines == ["한\tB-PS", "별\tI-PS", "은\tO", " \tO", "갔\tO", "다\tO", ""]


@pytest.mark.parametrize("split, count", [("train", 120), ("dev", 40)])
def test_the_sentences_are_in_klue_format(texts, split, count):
    text = texts[f"klue/klue-ner-v1.1_{split}.tsv"]
    comments, blocks = text.split("\n## klue", 1)
    assert all(line.startswith("## ") for line in comments.split("\n"))
    blocks = blocks.removesuffix("\n").split("\n\n## klue")
    assert len(blocks) == count
    seen = set()
    for block in blocks:
        head, *lines = block.split("\n")
        marked = head.split("\t")[1]
        characters, tags = zip(*(line.split("\t") for line in lines), strict=True)
        assert "".join(characters) == re.sub(r"<(.+?):[A-Z]{2}>", r"\1", marked)
        seen |= {tag[2:] for tag in tags if tag != "O"}
        for before, tag in zip(("O", *tags), tags, strict=False):
            assert not tag.startswith("I-") or before[2:] == tag[2:]
    assert seen == TAGS
