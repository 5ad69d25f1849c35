"""The report as a page: escaped, with the change marked."""

from html.parser import HTMLParser

from kortf.clean.reporting.page import highlight, make_page
from kortf.clean.reporting.tally import Tally


def test_only_the_difference_is_marked():
    assert highlight("가나다", "가다") == ("가<del>나</del>다", "가다")
    assert highlight("가", "") == ("<del>가</del>", "")
    assert highlight("가가", "가") == ("가<del>가</del>", "가")


def test_text_never_becomes_markup():
    tally = Tally(["<rule>"])
    tally.changed("<rule>", ["<script>alert(1)</script>"], ["a&b"])
    counts = dict.fromkeys(("documents", "lines", "characters", "bytes"), 1)
    rules = {"<rule>": dict.fromkeys(("documents", "dropped", "lines", "characters"), 1)}
    page = make_page({"in": counts, "out": counts, "rules": rules}, tally)
    tags = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.add(tag)
    parser.feed(page)
    assert "script" not in tags and "rule" not in tags and {"del", "ins"} <= tags
