"""Check that strings can be encoded as UTF-8."""

from kortf.errors import InputError


def check_text(text: str, place: str) -> str:
    """Return `text`, or refuse it if it holds half of a surrogate pair.

    JSON may spell such a half (`"\\ud83d"`): an emoji that another system cut in two.

    Example:
        >>> check_text("좋다", "input")
        '좋다'

    Raises:
        InputError: The string cannot be encoded as UTF-8.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        problem = f"half of a surrogate pair at character {error.start + 1}"
        cure = "write the whole character, or U+FFFD in its place"
        raise InputError(place, problem, cure) from error
    return text
