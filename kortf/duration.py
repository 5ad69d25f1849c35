"""Time spans as people read them."""


def duration(seconds: float) -> str:
    """Return seconds as text.

    Example:
        >>> duration(0.4), duration(4), duration(75), duration(7380)
        ('0.4 s', '4 s', '1 min 15 s', '2 h 3 min')
    """
    if seconds < 10 and seconds % 1:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
