"""The vocabulary in a `tokenizer.json`: all that transformers 5 writes of a tokenizer."""

from kortf import files
from kortf.errors import InputError

_CURE = "write the directory again, or put the vocabulary's vocab.txt or spiece.model into it"


def kind(path: str) -> str:
    """What the model in the `tokenizer.json` at `path` is, such as `WordPiece` or `BPE`."""
    return _kind(files.read_json(path))


def read(path: str) -> tuple[bytes, dict]:
    """Reads a WordPiece tokenizer.

    Args:
        path: of the `tokenizer.json`.

    Returns:
        The content of its `vocab.txt`, and those of the settings in `tokenizer_config.json` that
        its normalisation says.

    Raises:
        InputError: it is of another kind, or its ids are not those of a list of pieces.
    """
    twin = files.read_json(path)
    named = _kind(twin)
    if named != "WordPiece":
        problem = f"its model is {named}: of this file kortf reads WordPiece and BPE alone"
        raise InputError(f"{path}, model", problem, _CURE)
    return "\n".join(_pieces(twin, path)).encode(), _settings(twin.get("normalizer"))


def _kind(twin) -> str:
    model = twin.get("model") if isinstance(twin, dict) else None
    return str(model.get("type")) if isinstance(model, dict) else "missing"


def _pieces(twin: dict, path: str) -> list[str]:
    table, added = twin["model"].get("vocab"), twin.get("added_tokens") or []
    by_id = {}
    try:
        found = [*table.items(), *((token["content"], token["id"]) for token in added)]
        for piece, number in found:
            if by_id.setdefault(number, piece) != piece:
                problem = f"'{by_id[number]}' and '{piece}' have the same"
                raise InputError(f"{path}, id {number}", problem, _CURE)
        pieces = [by_id[number] for number in range(len(by_id))]
        if not all(isinstance(piece, str) and "\n" not in piece for piece in pieces):
            raise TypeError
    except (AttributeError, KeyError, TypeError) as error:
        problem = "the ids are not those of a list of pieces"
        raise InputError(f"{path}, model.vocab", problem, _CURE) from error
    return pieces


def _settings(normalizer) -> dict:
    """What of a normaliser has a name in `tokenizer_config.json`.

    Example:
        >>> _settings({"type": "BertNormalizer", "lowercase": True, "strip_accents": False,
        ...            "handle_chinese_chars": True})
        {'do_lower_case': True, 'strip_accents': False, 'tokenize_chinese_chars': True}
    """
    steps = [normalizer] if isinstance(normalizer, dict) else []
    settings = {}
    while steps:
        step = steps.pop(0)
        steps += step.get("normalizers", [])
        if step.get("type") == "Lowercase":
            settings["do_lower_case"] = True
        if step.get("type") == "BertNormalizer":
            settings["do_lower_case"] = bool(step.get("lowercase"))
            settings["strip_accents"] = step.get("strip_accents")
            settings["tokenize_chinese_chars"] = step.get("handle_chinese_chars", True)
    return settings
