"""Charts: round ticks, lines where the values say, names that fit."""

import re
import xml.etree.ElementTree

import pytest

from kortf.report.charts.chart import HEIGHT, LEFT, TOP, WIDTH, Line, line_chart, thinned
from kortf.report.charts.ticks import round_ticks, tick_labels

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*lines, title="손실"):
    return xml.etree.ElementTree.fromstring(line_chart(title, "tokens", lines))


def test_ticks_are_round():
    assert round_ticks(0.83, 0.862) == [0.83, 0.84, 0.85, 0.86, 0.87]
    assert round_ticks(0, 20_356_741) == [0, 5e6, 10e6, 15e6, 20e6, 25e6]
    assert tick_labels([0.83, 0.84, 0.9]) == ["0.83", "0.84", "0.90"]
    assert tick_labels([0, 5_000_000]) == ["0", "5M"]
    assert tick_labels([0, 500, 1000]) == ["0", "500", "1000"]
    assert tick_labels([0, 2500, 5000, 10000]) == ["0", "2.5k", "5.0k", "10.0k"]


@pytest.mark.parametrize("low, high", [
    (0, 1), (-3, 5), (1e-7, 3e-7), (0.5, 0.5), (0, 0), (1e9, 1.2e9), (0.1, 0.30000000000000004),
    (8, 8.0000001),
])  # fmt: skip
def test_ticks_enclose_any_range(low, high):
    ticks = round_ticks(low, high)
    assert ticks[0] <= low + 1e-9 * abs(low) and high - 1e-9 * abs(high) <= ticks[-1]
    assert 2 <= len(ticks) <= 9 and ticks == sorted(set(ticks))
    assert len(set(tick_labels(ticks))) == len(ticks)


def test_a_line_goes_through_its_points():
    chart = drawn(Line("a", [(0, 0.0), (100, 1.0)]))
    paths = [p.get("d") for p in chart.iter(f"{SVG}path") if p.get("class") == "line s0"]
    x0, y0, x1, y1 = map(float, re.findall(r"[\d.]+", paths[0]))
    assert (x0, y1) == (LEFT, TOP) and x1 > 600 and y0 > 300


def test_everything_lies_inside(tmp_path):
    names = [f"아주 긴 이름의 실험 번호 {i} " * 4 for i in range(9)]
    chart = drawn(*(Line(name, [(1, 3.0 + i), (7, 2.5)]) for i, name in enumerate(names)))
    bottom = float(chart.get("height"))
    assert bottom > HEIGHT + 9 * 15
    for text in chart.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x")) <= WIDTH and 0 < float(text.get("y")) < bottom
    shown = [text.text for text in chart.iter(f"{SVG}text") if text.get("class") == "name"]
    assert len(shown) == 9 and all(name.endswith("…") for name in shown)


def test_names_are_escaped_and_seeds_share_an_entry():
    chart = drawn(Line("a<b>&\"", [(0, 1.0), (1, 2.0)]), Line("a<b>&\"", [(0, 1.5), (1, 2.5)]),
                  title='<i>"제목"')  # fmt: skip
    assert chart.get("aria-label") == '<i>"제목"'
    shown = [text.text for text in chart.iter(f"{SVG}text") if text.get("class") == "name"]
    assert shown == ['a<b>&"']


def test_a_hole_breaks_the_line():
    chart = drawn(Line("a", [(0, 1.0), (1, 2.0), (2, None), (3, 2.0), (4, 1.0), (5, None), (6, 1)]))
    lines = [p for p in chart.iter(f"{SVG}path") if p.get("class") == "line s0"]
    assert len(lines) == 2 + 1  # and the one of the legend
    assert len(list(chart.iter(f"{SVG}circle"))) == 1  # what stands alone is a point


def test_many_points_become_means_of_neighbours():
    points = [(float(x), float(x % 2)) for x in range(1000)]
    few = thinned(points)
    assert len(few) == 334 and few[0] == (1.0, pytest.approx(1 / 3))
    assert thinned(points[:400]) == points[:400]
    points[4] = (4.0, None)
    assert thinned(points)[1] == (4.0, None)
