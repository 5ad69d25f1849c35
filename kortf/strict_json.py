"""Parse JSON, refusing what other JSON readers or UTF-8 cannot represent."""

import json
import re
from typing import Any

from kortf.errors import InputError

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(
    text: str, place: str, cure: str = "write the file again", unique: bool = False
) -> Any:
    """Parse JSON as RFC 8259 has it.

    Args:
        text: The JSON text.
        place: File or row, named in errors.
        cure: Named in errors.
        unique: Whether to refuse an object with two values of one name, of which JSON readers take
            the last; parsing then takes twice as long.

    Raises:
        InputError: The text is not JSON (with the line, if it has several), is nested too deep,
            holds a number of more than 4,300 digits, NaN or Infinity, or half a surrogate pair.
    """
    try:
        hook = _unique if unique else None
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=hook)
        if _SURROGATE_ESCAPE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        return value
    except json.JSONDecodeError as error:
        where = f", line {error.lineno}" if "\n" in text.strip() else f", character {error.colno}"
        raise InputError(place + where, f"not JSON ({error.msg})", cure) from error
    except RecursionError as error:
        raise InputError(place, "JSON is nested too deep", cure) from error
    except UnicodeEncodeError as error:
        raise InputError(place, "JSON holds half a surrogate pair (\\ud800…)", cure) from error
    except ValueError as error:
        problem = str(error) if "JSON" in str(error) else "JSON holds a number of too many digits"
        raise InputError(place, problem, cure) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"JSON object with two values of '{twice[:80]}'")
    return found


def _refuse_constant(name: str):
    raise ValueError(f"{name} is not JSON")
