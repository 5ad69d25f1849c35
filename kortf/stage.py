"""A line on the terminal that names the current work until a progress bar appears."""

import sys


def show_stage(text: str) -> None:
    """Show a short text in place of the last one, on a terminal only: a log gets no such lines."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text} …", end="", file=sys.stderr, flush=True)


def clear_stage() -> None:
    """Remove the text."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
