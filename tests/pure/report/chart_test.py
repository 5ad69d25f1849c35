"""Charts: lines where the values are, values to hover, dark colours, equal bytes."""

import re
import xml.etree.ElementTree

import pytest

from kortf.report.charts.chart import (
    NARROW,
    WIDE,
    Axes,
    Line,
    line_chart,
    shortened,
    thinned,
)

SVG = "{http://www.w3.org/2000/svg}"
TWO = [(0, 0.0), (2, 1.0)]


def drawn(*lines, title="손실", axes=None, size=WIDE):
    chart = line_chart(title, "epochs", lines, axes=axes, size=size)
    return xml.etree.ElementTree.fromstring(chart)


def texts(chart) -> list[str]:
    return [text.text for text in chart.iter(f"{SVG}text")]


def series(chart, kind: str) -> list:
    return [g for g in chart.iter(f"{SVG}g") if (g.get("class") or "").endswith(kind)]


def test_scores_have_whole_epochs_and_an_axis_from_0_to_1():
    chart = drawn(Line("a", [(1, 0.55), (2, 0.6), (3, 0.61)]), axes=Axes((0, 1), whole=True))
    assert {"0", "1", "2", "3", "0.0", "1.0"} <= set(texts(chart))
    assert not any(re.fullmatch(r"\d\.5", text) for text in texts(chart) if text != "0.5")


def test_values_are_shown_on_hover():
    chart = drawn(Line("a<b>", TWO, marked=True, colour=3))
    (marks,) = series(chart, "s3 value")
    assert [title.text for title in marks.iter(f"{SVG}title")] == ["a<b>: 0 at 0", "a<b>: 1 at 2"]


def test_a_missing_value_interrupts_the_line():
    points = [(0, 1.0), (1, 2.0), (2, None), (3, 2.0), (4, 1.0), (5, None), (6, 1)]
    chart = drawn(Line("a", points))
    (line,) = series(chart, "s0 line")
    assert next(line.iter(f"{SVG}path")).get("d").count("M") >= 2
    alone = series(chart, "s0 value")[0]
    assert [title.text for title in alone.iter(f"{SVG}title")] == ["a: 1 at 6"]


def test_a_star_has_no_line():
    chart = drawn(Line("a", TWO), Line("a", [(1, 0.5)], star=True, colour=1))
    assert len(series(chart, "s1 value")) == 1 and not series(chart, "s1 line")


def test_text_of_a_narrow_chart_is_large_enough():
    chart = drawn(Line("a", TWO), size=NARROW)
    sizes = re.findall(r"font(?:-size)?: ?(\d+)px", xml.etree.ElementTree.tostring(chart).decode())
    assert sizes and min(map(int, sizes)) >= 11 and chart.get("width") == "350"


def test_equal_lines_give_equal_bytes_and_every_name_is_escaped():
    lines = [Line('a<b>&"', TWO), Line("나", [(0, 1.5), (2, 2.5)], colour=1)]
    first, second = (line_chart('<i>"제목"', "tokens", lines) for _ in range(2))
    assert first == second and "prefers-color-scheme:dark" in first
    chart = xml.etree.ElementTree.fromstring(first)
    assert chart.get("aria-label") == '<i>"제목"' and {'a<b>&"', "나"} <= set(texts(chart))


@pytest.mark.parametrize("value", [0.0, 1e-7, 3e9, -2.5])
def test_any_constant_is_drawn(value):
    assert drawn(Line("a", [(0, value), (0, value)])).tag == f"{SVG}svg"


def test_many_points_become_means_of_neighbours():
    points = [(float(x), float(x % 2)) for x in range(1000)]
    few = thinned(points)
    assert len(few) == 334 and few[0] == (1.0, pytest.approx(1 / 3))
    assert thinned(points[:400]) == points[:400]
    points[4] = (4.0, None)
    assert thinned(points)[1] == (4.0, None)


def test_long_names_are_shortened():
    assert len(shortened("가" * 99)) == 60 and shortened("nsmc") == "nsmc"
