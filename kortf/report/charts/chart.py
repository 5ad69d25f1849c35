"""Line charts as SVG, drawn by Matplotlib and coloured for light and dark pages."""

import io
import math
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from kortf.errors import InputError

MOST_POINTS = 400
MOST_HOVERED = 80  # points of a line that show their value
LONGEST_NAME = 60

# Text, axes and grid, then a colour a line, on light and on dark paper. Each differs from its
# neighbours for readers who see red and green alike, too.
INK, AXIS, GRID, PAPER = "#1f2328", "#59636e", "#d8dee4", "#ffffff"
DARK = {INK: "#e6edf3", AXIS: "#9198a1", GRID: "#2f353d", PAPER: "#0d1117"}
LINES = {
    "#0550ae": "#58a6ff", "#bc4c00": "#f0883e", "#116329": "#56d364", "#8250df": "#bc8cff",
    "#9a6700": "#e3b341", "#0e7c86": "#39c5cf", "#bf3989": "#f778ba", "#57606a": "#8b949e",
}  # fmt: skip
COLOURS = tuple(LINES)
FONTS = "system-ui,'Apple SD Gothic Neo','Noto Sans KR','Malgun Gothic',sans-serif"


@dataclass(frozen=True)
class Line:
    """A line of a chart.

    Attributes:
        name: Name in the legend; lines with the same name share an entry.
        points: (x, y), x ascending; a y of None interrupts the line.
        marked: Whether it is dashed, with a mark at every point.
        colour: Number of its colour; there are eight.
        star: Whether it is drawn as stars without a line.
    """

    name: str
    points: Sequence[tuple[float, float | None]]
    marked: bool = False
    colour: int = 0
    star: bool = False


@dataclass(frozen=True)
class Axes:
    """Limits and ticks of the axes.

    Attributes:
        limits: Least and greatest y; those of the values where None.
        whole: Whether ticks of x are whole numbers.
        scale: Limits of x; from 0 to the greatest value if None.
    """

    limits: tuple[float, float | None] | None = None
    whole: bool = False
    scale: tuple[float, float] | None = None


@dataclass(frozen=True)
class Size:
    """Size of a chart in CSS pixels.

    Attributes:
        width: Width of the image.
        height: Height of the image.
        font: Size of the text.
        framed: Whether the image has a title and a legend of its own.
    """

    width: int
    height: int
    font: int = 12
    framed: bool = False


FILE = Size(720, 400, framed=True)
WIDE = Size(560, 300)
NARROW = Size(350, 260, 11)  # for screens of 390 px, where nothing is scaled


def line_chart(
    title: str,
    x_title: str,
    lines: Sequence[Line],
    note: str = "",
    axes: Axes | None = None,
    size: Size = FILE,
) -> str:
    """Draw lines over common axes.

    Args:
        title: Title above the plot, and the name of the image for screen readers.
        x_title: Title of the x axis.
        lines: At least one, with at least one value.
        note: Line below the title of the x axis.
        axes: Limits and ticks.
        size: Size of the image.

    Returns:
        The `<svg>` element with its own style. Equal arguments give equal bytes.
    """
    try:
        import matplotlib  # here: importing it takes a second
    except ImportError as error:
        raise InputError("kortf report", "needs matplotlib", "pip install matplotlib") from error

    title = title.encode("utf-8", "replace").decode()
    settings = {
        "svg.fonttype": "none", "text.parse_math": False,
        "svg.hashsalt": f"{title} {size.width}", "font.size": size.font,
        "font.family": "sans-serif", "axes.edgecolor": AXIS, "axes.linewidth": 1,
        "text.color": INK, "axes.labelcolor": AXIS, "xtick.color": AXIS, "ytick.color": AXIS,
        "legend.labelcolor": INK, "axes.titlesize": 15, "axes.unicode_minus": True,
    }  # fmt: skip
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own fonts lack Hangul; the browser's are used
        figure = _figure(title, x_title, lines, note, axes or Axes(), size)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return _finished(file.getvalue(), title, lines, size)


def _figure(title, x_title, lines, note, axes: Axes, size: Size):
    """Return a Matplotlib figure of the lines."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import EngFormatter, MaxNLocator

    figure = Figure((size.width / 72, size.height / 72))
    if size.framed:
        figure.set_layout_engine("constrained", w_pad=0.1, h_pad=0.12)
    else:  # fixed margins: finding the best ones takes most of the time
        left, right, bottom, top = (margin * size.font for margin in (4.3, 1, 3.8, 1))
        figure.subplots_adjust(
            left=left / size.width,
            right=1 - right / size.width,
            bottom=bottom / size.height,
            top=1 - top / size.height,
        )
    plot = figure.add_subplot()
    plot.spines[["top", "right"]].set_visible(False)
    plot.grid(axis="y", color=GRID, linewidth=1)
    plot.set_axisbelow(True)
    for number, line in enumerate(lines):
        _draw(plot, line, f"series-{line.colour % len(COLOURS)}-{number}", number)
    plot.set_xlabel(f"{x_title}\n{note}" if note and size.framed else x_title)
    greatest = max(x for line in lines for x, _ in line.points)
    plot.set_xlim(*(axes.scale or (0, (greatest or 1) * 1.03)))
    most = 8 if size.width > 400 else 4
    most = 6 if axes.scale and axes.scale == axes.limits else most  # equal axes, equal ticks
    plot.xaxis.set_major_locator(MaxNLocator(most, integer=axes.whole))
    if greatest >= 10_000:
        plot.xaxis.set_major_formatter(EngFormatter(sep=""))
    if axes.limits:
        plot.set_ylim(*axes.limits)
    plot.yaxis.set_major_locator(MaxNLocator(6))
    if size.framed:
        plot.set_title(title, loc="left", fontweight="bold")
        shown = {line.name: None for line in lines}
        if len(shown) > 1 or lines[0].name:
            figure.legend(loc="outside lower left", ncols=2, frameon=False, fontsize=size.font)
    return figure


def _draw(plot, line: Line, gid: str, number: int) -> None:
    """Add a line, and invisible marks that show values where there are no visible ones."""
    colour = COLOURS[line.colour % len(COLOURS)]
    points = thinned(line.points)
    x = [x for x, _ in points]
    y = [math.nan if y is None else y for _, y in points]
    known = plot.get_legend_handles_labels()[1]
    label = shortened(line.name)
    label = f"_{label}" if label in known else label  # Matplotlib leaves such a name out
    if line.star:
        plot.plot(x, y, "*", color=colour, markersize=12, label=label, gid=f"{gid}-value")
        return
    style = "--" if line.marked else "-"
    plot.plot(x, y, style, color=colour, linewidth=1.8, label=label, gid=f"{gid}-line")
    alone = [a for a in _alone(y)]
    if line.marked or alone:
        kept = range(len(x)) if line.marked else alone
        plot.plot(
            [x[i] for i in kept], [y[i] for i in kept], "o", color=colour, markersize=5,
            label=f"_{number}", gid=f"{gid}-value",
        )  # fmt: skip
    if not line.marked:
        every = max(1, math.ceil(len(x) / MOST_HOVERED))
        plot.plot(
            x[::every], y[::every], "o", color=colour, markersize=9, alpha=0, label=f"_{number}",
            gid=f"{gid}-value",
        )  # fmt: skip


def _alone(y: Sequence[float]) -> Iterator[int]:
    """Yield the places of values without a neighbour, of which no line is drawn."""
    for i, value in enumerate(y):
        around = [y[j] for j in (i - 1, i + 1) if 0 <= j < len(y)]
        if not math.isnan(value) and all(math.isnan(other) for other in around):
            yield i


def _finished(svg: str, title: str, lines: Sequence[Line], size: Size) -> str:
    """Return the SVG with classes, values to hover, dark colours and a name."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"\s*<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"font-family: [^;\"]*", f"font-family: {FONTS}", body)
    # CSS names fonts with quotes; the attribute has double ones.
    body = re.sub(r"(font: [^;\"]*?)'DejaVu[^;\"]*", rf"\1{FONTS}", body)
    body = re.sub(
        r'<g id="series-(\d)-(\d+)-(line|value)">(.*?)\n   </g>',
        lambda match: _series(match, lines),
        body,
        flags=re.DOTALL,
    )
    # Other ids appear in every chart of a page.
    body = re.sub(
        r' id="(?:figure|axes|patch|line2d|text|matplotlib|[xy]tick|legend)[^"]*"', "", body
    )
    style = f"<style>{dark_style()}</style>" if size.framed else ""  # a page has it once
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'class="chart" viewBox="0 0 {size.width} {size.height}" width="{size.width}" '
        f'height="{size.height}" role="img" aria-label="{escape(title, QUOTES)}">'
    )
    return head + style + body[body.index(">") + 1 :]


QUOTES = {'"': "&quot;"}


def dark_style() -> str:
    """Return the CSS that replaces each colour on a dark page."""
    pairs = (DARK | LINES).items()
    rules = "".join(
        f'.chart [style*="{kind}: {light}"]{{{kind}:{dark}!important}}'
        for light, dark in pairs
        for kind in ("fill", "stroke")
    )
    return f"@media(prefers-color-scheme:dark){{{rules}}}"


def _series(match: re.Match, lines: Sequence[Line]) -> str:
    """Return the group of a line with its class, each mark with its value as a tooltip."""
    colour, number, kind, body = match.groups()
    line = lines[int(number)]
    if kind == "value":
        name = escape(line.name)
        shown = iter([(x, y) for x, y in _values(line, body.count("<use")) if y is not None])
        body = re.sub(
            r"<use([^>]*)/>",
            lambda use: f"<use{use[1]}><title>{name}: {_short(next(shown))}</title></use>",
            body,
        )
    return f'<g class="s{colour} {kind}">{body}\n   </g>'


def _values(line: Line, count: int) -> list[tuple[float, float | None]]:
    """Return the points that have a mark, as `_draw` chose them."""
    points = thinned(line.points)
    if line.star or line.marked:
        return [point for point in points if point[1] is not None]
    y = [math.nan if y is None else y for _, y in points]
    alone = [points[i] for i in _alone(y)]
    if len(alone) == count:
        return alone
    every = max(1, math.ceil(len(points) / MOST_HOVERED))
    return [point for point in points[::every] if point[1] is not None]


def _short(point: tuple[float, float | None]) -> str:
    x, y = point
    return f"{y:.4g} at {x:,.6g}"


def thinned(points: Sequence[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """Return at most `MOST_POINTS` points: means of as many neighbours as needed.

    An interruption stays: neighbours of which one is None give None.
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


def shortened(name: str) -> str:
    """Return a name of at most `LONGEST_NAME` characters."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
