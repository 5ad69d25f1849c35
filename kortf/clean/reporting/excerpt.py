"""Show a change, or the beginning of a text, in a short line."""

_AROUND = 16
_MOST = 120


def change(before: str, after: str) -> tuple[str, str]:
    """Return both texts from the first difference to the last, with some context.

    Example:
        >>> change("문의는 010-1234-5678로 주세요", "문의는 [전화번호]로 주세요")
        ('문의는 010-1234-5678로 주세요', '문의는 [전화번호]로 주세요')
    """
    if not after:
        return excerpt(before), ""
    start = _common(before, after)
    most = min(len(before), len(after)) - start
    behind = _common(before[::-1][:most], after[::-1][:most])
    start, end = max(0, start - _AROUND), max(0, behind - _AROUND)
    return excerpt(before, start, len(before) - end), excerpt(after, start, len(after) - end)


def excerpt(text: str, start: int = 0, end: int | None = None) -> str:
    """Return a part of a text, cut to 120 characters, with invisible characters escaped.

    Example:
        >>> excerpt("봄이\\n왔다\\u200b.")
        '봄이\\\\n왔다\\\\u200b.'
    """
    end = len(text) if end is None else end
    part = text[start : min(end, start + _MOST)]
    part = "".join(char if char.isprintable() else _spelled(char) for char in part)
    return ("…" if start else "") + part + ("…" if start + _MOST < end or end < len(text) else "")


def _spelled(char: str) -> str:
    return char.encode("unicode_escape").decode()


def _common(one: str, other: str) -> int:
    """Return the length of the common prefix, by bisection with one comparison a step."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
