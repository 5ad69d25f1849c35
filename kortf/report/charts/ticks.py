"""Round numbers along an axis."""

import math


def round_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten that enclose a range.

    Example:
        >>> round_ticks(0.83, 0.862)
        [0.83, 0.84, 0.85, 0.86, 0.87]
        >>> round_ticks(0, 20_356_741)
        [0, 5000000, 10000000, 15000000, 20000000, 25000000]

    Args:
        low: least value.
        high: greatest value.
        most: steps between the ticks, at most.

    Returns:
        Ascending; at least two; the first is at most `low`, the last at least `high`.
    """
    if high - low < 1e-12 * max(abs(low), abs(high), 1e-12):
        room = abs(low) * 0.1 or 1.0
        low, high = low - room, high + room
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for factor in (1, 2, 5, 10, 20):
        step = factor * power
        # A value that is a tick but for rounding needs no tick beyond it.
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= most:
            break
    digits = max(0, -math.floor(math.log10(step)))
    ticks = [round(i * step, digits) for i in range(first, last + 1)]
    return [int(tick) if digits == 0 else tick for tick in ticks]


def tick_labels(ticks: list[float]) -> list[str]:
    """The ticks as short text, all with the same number of digits after the point.

    Example:
        >>> tick_labels([0.83, 0.84, 0.9])
        ['0.83', '0.84', '0.90']
        >>> tick_labels([0, 5_000_000])
        ['0', '5M']
    """
    largest = max(abs(tick) for tick in ticks)
    unit, letter = next(
        ((u, t) for u, t in ((1e9, "G"), (1e6, "M"), (1e4, "k")) if largest >= u), (1.0, "")
    )
    unit = 1e3 if letter == "k" else unit
    scaled = [tick / unit for tick in ticks]
    digits = next(
        (d for d in range(9) if all(abs(round(v, d) - v) < 1e-9 * largest / unit for v in scaled)),
        9,
    )
    return ["0" if v == 0 and letter else f"{v:.{digits}f}{letter}" for v in scaled]
