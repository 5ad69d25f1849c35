"""Many documents through all rules: what is left, and that the figures add up."""

from kortf.clean.cleaner import Cleaner
from kortf.clean.reporting.tally import SAMPLES, RuleCount, Tally
from kortf.clean.rule_set import make_rules, rule_names
from kortf.clean.settings import from_config
from tests.pure.clean.rules_test import ALL, random_text


def clean(settings, documents, wiki=False):
    tally = Tally(rule_names(settings.values))
    left, places = Cleaner(make_rules(settings.values, wiki), tally).clean(documents)
    return left, places, tally


def test_docstring_example():
    settings = from_config({"remove": "emoji", "length": {"min_chars": 3}})
    left, places, tally = clean(settings, ["봄이 왔다😀", "굿", "😀"])
    assert (left, places) == (["봄이 왔다"], [0])
    emoji = tally.rules["emoji"]
    assert (emoji.documents, emoji.dropped, emoji.lines, emoji.characters) == (2, 1, 1, 2)
    assert tally.rules["length.chars"].dropped == 1


def test_the_figures_add_up():
    documents = [text for seed in range(500) if (text := random_text(seed).strip())]
    left, places, tally = clean(ALL, documents, wiki=True)
    counts = tally.rules.values()
    assert len(documents) - sum(count.dropped for count in counts) == len(left) == len(places) > 0
    lines = [sum(text.count("\n") + 1 for text in texts) for texts in (documents, left)]
    assert lines[0] - sum(count.lines for count in counts) == lines[1]
    characters = [sum(map(len, texts)) for texts in (documents, left)]
    assert characters[0] - sum(count.characters for count in counts) == characters[1]
    assert all(line for text in left for line in text.split("\n"))
    assert all(count.samples for count in counts if count.documents)


def test_what_is_left_does_not_depend_on_what_goes_along():
    documents = [text for seed in range(300) if (text := random_text(seed).strip())]
    left, places, _ = clean(ALL, documents, wiki=True)
    alone = [clean(ALL, [document], wiki=True)[0] for document in documents]
    assert left == [text for texts in alone for text in texts]
    assert places == [place for place, texts in enumerate(alone) if texts]


def test_a_sample_is_small_and_does_not_depend_on_the_order():
    changes = [(f"문장 {i}" * 50, f"문장{i}") for i in range(100)]
    counts = []
    for order in (changes, changes[::-1]):
        count = RuleCount()
        for pair in order:
            other = RuleCount()
            other.sample([pair])
            count.add(other)
        counts.append(count.samples)
    assert counts[0] == counts[1] and len(counts[0]) == SAMPLES


def test_a_sample_shows_no_personal_data():
    tally = clean(from_config({}), ["전화는 010-1234-5678, kim@example.com로"])[2]
    assert "000-0000-0000" in tally.rules["phone"].samples[0][1]
    text = str(tally.to_json())
    assert "1234" not in text and "kim" not in text


def test_a_tally_comes_back_from_json():
    tally = clean(ALL, [random_text(seed) + "가" for seed in range(50)])[2]
    assert Tally.from_json(tally.to_json()).to_json() == tally.to_json()


def test_settings_without_white_space_keep_it():
    settings = from_config({"white_space": False, "remove": "emoji"})
    assert clean(settings, ["가  나 \n😀\n다"])[0] == ["가  나 \n다"]


def test_a_line_that_becomes_like_another_line_is_cleaned_again():
    settings = from_config({"boilerplate": {"patterns": ["나$"]}})
    assert clean(settings, ["가나나\n가나"])[0] == ["가\n가"]
