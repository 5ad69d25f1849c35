"""Line charts as SVG, written by hand: no plotting library, no script."""

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from kortf.report.charts.ticks import round_ticks, tick_labels

WIDTH, HEIGHT = 720, 360  # of the plot with its labels, without the legend
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 44, 52
LEGEND_LINE = 20
CHARACTER = 6.6  # width of a Latin character in the legend; a Korean one takes two
LONGEST_NAME = 60
MOST_POINTS = 400

# Paper, ink, fainter ink, grid; then a colour a line. Each is told from its neighbours also by
# those who see red and green alike, and reads on its own paper.
LIGHT = ("#ffffff", "#1f2328", "#59636e", "#d8dee4")
DARK = ("#0d1117", "#e6edf3", "#9198a1", "#2f353d")
LINES_LIGHT = (
    "#0550ae",
    "#bc4c00",
    "#116329",
    "#8250df",
    "#9a6700",
    "#0e7c86",
    "#bf3989",
    "#57606a",
)
LINES_DARK = (
    "#58a6ff",
    "#f0883e",
    "#56d364",
    "#bc8cff",
    "#e3b341",
    "#39c5cf",
    "#f778ba",
    "#8b949e",
)


@dataclass(frozen=True)
class Line:
    """A line of a chart.

    Attributes:
        name: in the legend; lines of one name share an entry.
        points: (x, y), x ascending; a y of None breaks the line.
        marked: whether it is dashed, with a mark at every point: measured now and then.
        colour: number of its colour; there are eight.
    """

    name: str
    points: Sequence[tuple[float, float | None]]
    marked: bool = False
    colour: int = 0


def _style() -> str:
    """CSS of the charts, for light paper and for dark."""
    return _palette(LIGHT, LINES_LIGHT) + (
        ".chart text{font:12px system-ui,'Apple SD Gothic Neo','Noto Sans KR','Malgun Gothic',"
        "sans-serif}\n.chart .title{font-size:15px;font-weight:600}\n"
        ".chart .line{fill:none;stroke-width:1.8;stroke-linejoin:round}\n"
        ".chart .now{stroke-dasharray:5 3}\n"
        f"@media (prefers-color-scheme:dark){{\n{_palette(DARK, LINES_DARK)}}}\n"
    )


def _palette(base: Sequence[str], lines: Sequence[str]) -> str:
    paper, ink, faint, grid = base
    rules = [
        f".chart .paper{{fill:{paper}}}",
        f".chart text{{fill:{faint}}}",
        f".chart .title,.chart .name{{fill:{ink}}}",
        f".chart .grid{{stroke:{grid};stroke-width:1}}",
        f".chart .axis{{stroke:{faint};stroke-width:1}}",
    ]
    rules += [f".chart .s{i}{{stroke:{c}}} .chart .m{i}{{fill:{c}}}" for i, c in enumerate(lines)]
    return "\n".join(rules) + "\n"


def line_chart(title: str, x_title: str, lines: Sequence[Line], note: str = "") -> str:
    """A chart of lines over common axes with round ticks, and a legend below.

    Args:
        title: above the plot.
        x_title: below it.
        lines: at least one, with at least one value among them.
        note: a faint line below the x axis' title, such as what a dashed line is.

    Returns:
        The `<svg>` element; it brings its style along.
    """
    known = [(x, y) for line in lines for x, y in line.points if y is not None]
    x_ticks = round_ticks(*_range([x for x, _ in known] + [0.0]), most=8)
    y_ticks = round_ticks(*_range([y for _, y in known]))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - x_ticks[0]) / (x_ticks[-1] - x_ticks[0])
        up = (y - y_ticks[0]) / (y_ticks[-1] - y_ticks[0])
        plot = HEIGHT - TOP - BOTTOM
        return LEFT + across * (WIDTH - LEFT - RIGHT), TOP + (1 - up) * plot

    parts = _axes(x_ticks, y_ticks, place)
    for line in lines:
        parts += _drawn(line, place)
    legend, bottom = _legend(
        {line.name: line for line in lines}.values(), HEIGHT + (14 if note else 0)
    )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(_text(middle, HEIGHT - 12, x_title, "middle"))
    if note:
        parts.append(_text(middle, HEIGHT + 5, note, "middle"))
    head = f'<text class="title" x="{LEFT}" y="26">{escape(title)}</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {WIDTH} {bottom}" '
        f'width="{WIDTH}" height="{bottom}" role="img" aria-label="{escape(title, QUOTES)}">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_style()}</style>\n"
        f'<rect class="paper" width="{WIDTH}" height="{bottom}"/>\n{head}\n'
        + "\n".join(parts + legend)
        + "\n</svg>\n"
    )


QUOTES = {'"': "&quot;"}


def _range(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


def _axes(x_ticks, y_ticks, place) -> list[str]:
    left, bottom = place(x_ticks[0], y_ticks[0])
    right, top = place(x_ticks[-1], y_ticks[-1])
    parts = []
    for tick, label in zip(y_ticks, tick_labels(y_ticks), strict=True):
        y = place(x_ticks[0], tick)[1]
        parts.append(f'<path class="grid" d="M{left:.1f} {y:.1f}H{right:.1f}"/>')
        parts.append(_text(left - 8, y + 4, label, "end"))
    for tick, label in zip(x_ticks, tick_labels(x_ticks), strict=True):
        x = place(tick, y_ticks[0])[0]
        parts.append(f'<path class="axis" d="M{x:.1f} {bottom:.1f}v5"/>')
        parts.append(_text(x, bottom + 19, label, "middle"))
    parts.append(
        f'<path class="axis" d="M{left:.1f} {top:.1f}V{bottom:.1f}H{right:.1f}" fill="none"/>'
    )
    return parts


def _drawn(line: Line, place) -> list[str]:
    """The pieces of a line, and its marks."""
    number = line.colour % len(LINES_LIGHT)
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, y in thinned(line.points):
        if y is None:
            pieces.append([])
        else:
            pieces[-1].append(place(x, y))
    kind = f"line s{number}" + (" now" if line.marked else "")
    parts = []
    for piece in pieces:
        if len(piece) > 1:
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in piece)
            parts.append(f'<path class="{kind}" d="M{path}"/>')
        if line.marked or len(piece) == 1:
            parts += [
                f'<circle class="m{number}" cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>' for x, y in piece
            ]
    return parts


def thinned(points: Sequence[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """At most `MOST_POINTS` points: means of as many neighbours as it takes.

    A break stays: neighbours of which one is None give None.
    """
    size = math.ceil(len(points) / MOST_POINTS)
    if size <= 1:
        return list(points)
    found: list[tuple[float, float | None]] = []
    for start in range(0, len(points), size):
        part = points[start : start + size]
        y = None
        if all(value is not None for _, value in part):
            y = sum(value for _, value in part) / len(part)
        found.append((sum(x for x, _ in part) / len(part), y))
    return found


def _legend(lines: Iterable[Line], top: float) -> tuple[list[str], int]:
    """The legend's elements, in as many lines as they need, and where it ends."""
    parts, x, y = [], float(LEFT), top + 12
    for line in lines:
        name = _shortened(line.name)
        width = 34 + CHARACTER * _columns(name) + 18
        if x > LEFT and x + width > WIDTH - RIGHT:
            x, y = float(LEFT), y + LEGEND_LINE
        colour = line.colour % len(LINES_LIGHT)
        parts.append(f'<path class="line s{colour}" d="M{x:.1f} {y - 4:.1f}h24"/>')
        parts.append(f'<text class="name" x="{x + 32:.1f}" y="{y:.1f}">{escape(name)}</text>')
        x += width
    return parts, round(y + 14)


def _shortened(name: str) -> str:
    while _columns(name) > LONGEST_NAME:
        name = name.removesuffix("…")[:-1] + "…"
    return name


def _columns(text: str) -> int:
    """Width in columns: Hangul and Hanja take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
