"""Choose the characters of a corpus that become pieces."""

from kortf.errors import InputError
from kortf.text.unicode.normalize import is_single

DEFAULT_LIMIT = 6000
_RARE_SHARE = 0.0005
_LEAST_SHARE = 0.5
_GOOD_SHARE = 0.95


def choose_alphabet(
    chars: dict[str, int], size: int, special: int, limit: int = 0, twins: bool = True
) -> list[str]:
    """Choose the characters that become pieces.

    By default at most 6,000, in half of the vocabulary; in three quarters of it while the other
    characters make up more than 0.05 % of the text.

    Args:
        chars: Count of each character, most frequent first.
        size: Number of pieces of the vocabulary.
        special: Number of special tokens and unused slots among them.
        limit: Most characters; 0 is the default above.
        twins: Whether a character that occurs inside words takes two pieces (`가`, `##가`).

    Raises:
        InputError: They do not fit, or so few fit that most of the text would be unknown.

    Example:
        Of 11 pieces 5 are special; three quarters of the others hold "가", `##가` and "." of
        {"가": 5, ".": 4, "나": 2}.
    """
    total = sum(chars.values())
    room = size - special
    alphabet, pieces, left = [], 0, total
    for char, count in list(chars.items())[: limit or DEFAULT_LIMIT]:
        pieces += 2 if twins and not is_single(char) else 1
        if limit:
            if pieces > room:
                least = special + 2 * min(limit, len(chars))
                problem = f"too small for {special} special pieces and {limit} characters"
                cure = f"give at least {least}, or a smaller --limit_alphabet"
                raise InputError(f"--size={size}", problem, cure)
        elif pieces > room * 3 // 4 or (pieces > room // 2 and left <= _RARE_SHARE * total):
            break
        alphabet.append(char)
        left -= count
    if left > (1 - _LEAST_SHARE) * total:
        raise InputError(
            f"--size={size}" + f" --limit_alphabet={limit}" * bool(limit),
            f"room for {len(alphabet)} of {len(chars)} characters: most text would be unknown",
            f"give at least {_good_size(chars, special, twins)}",
        )
    return alphabet


def _good_size(chars: dict[str, int], special: int, twins: bool) -> int:
    """Return the size for the characters of 95 % of the text, and some more pieces."""
    total, seen, pieces = sum(chars.values()), 0, 0
    for char, count in chars.items():
        pieces += 2 if twins and not is_single(char) else 1
        seen += count
        if seen >= _GOOD_SHARE * total:
            break
    return special + pieces * 4 // 3 + 2
