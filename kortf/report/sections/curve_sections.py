"""Charts of a page, with a legend that hides and shows runs without a script."""

import html
from collections.abc import Sequence

from kortf.report.charts.chart import COLOURS, NARROW, WIDE
from kortf.report.charts.curves import Curve


def curves_html(curves: Sequence[Curve]) -> str:
    """Render the charts by section, each chart in two sizes of which CSS shows one."""
    parts = []
    for section in dict.fromkeys(curve.section for curve in curves):
        own = [curve for curve in curves if curve.section == section]
        charts = "".join(_figure(curve) for curve in own)
        parts.append(
            f"<div class='curves'><h3>{html.escape(section)}</h3>{_legend(own)}"
            f"<div class='charts'>{charts}</div></div>"
        )
    return "\n".join(parts)


def _figure(curve: Curve) -> str:
    title = html.escape(curve.title.removeprefix(f"{curve.section}: "))
    note = f"<div class='note'>{html.escape(curve.note)}</div>" if curve.note else ""
    return (
        f"<figure><figcaption>{title}{note}</figcaption>"
        f"<div class='wide-chart'>{curve.svg(WIDE)}</div>"
        f"<div class='narrow-chart'>{curve.svg(NARROW)}</div></figure>\n"
    )


def _legend(curves: Sequence[Curve]) -> str:
    names = {line.colour: line.name for curve in curves for line in curve.lines}
    return (
        "<div class='legend'>"
        + "".join(
            f"<label><input type='checkbox' class='t{colour % len(COLOURS)}' checked>"
            f"<i class='b{colour % len(COLOURS)}'></i>{html.escape(name)}</label>"
            for colour, name in sorted(names.items())
        )
        + "</div>"
    )


def toggle_style() -> str:
    """Return the CSS that hides a series whose box is not checked, and colours the legend."""
    hide = "".join(
        f".curves:has(.t{i}:not(:checked)) .s{i}{{display:none}}" for i in range(len(COLOURS))
    )
    return hide + "".join(f".b{i}{{background:{colour}}}" for i, colour in enumerate(COLOURS))
