"""The files of a byte-level BPE tokenizer: `vocab.json` and `merges.txt`, or `tokenizer.json`."""

import json
import os
import re

from kortf import files
from kortf.errors import InputError
from kortf.text.tokenizer.byte_pairs import BytePairs

VOCAB_FILE, MERGES_FILE = "vocab.json", "merges.txt"
SPECIAL_FILE = "special_tokens_map.json"
_CURE = "take another tokenizer, or write the directory again"
_CONTROL = re.compile(r"\[.+\]|<.+>")
# What a `tokenizer.json` may say of its model, and what that must be: else the ids are others.
_USABLE = {
    "dropout": (None, 0, 0.0),
    "continuing_subword_prefix": (None, ""),
    "end_of_word_suffix": (None, ""),
    "byte_fallback": (None, False),
    "ignore_merges": (None, False),
}


def read_pair(directory: str, settings: dict) -> bytes:
    """Reads `vocab.json` and `merges.txt`.

    Args:
        directory: where they are.
        settings: what stands in `tokenizer_config.json`.

    Returns:
        As `BytePairs.pack` gives it.

    Raises:
        InputError: one is missing, or not what its name says.
    """
    path = os.path.join(directory, MERGES_FILE)
    with files.open_file(path) as file:
        try:
            lines = file.read().decode("utf-8").split("\n")
        except UnicodeDecodeError as error:
            place = f"{path}, byte {error.start}"
            raise InputError(place, "not UTF-8", "convert the file to UTF-8") from error
    merges = []
    for number, line in enumerate(lines, 1):
        line = line.removesuffix("\r")
        if not line or (number == 1 and line.startswith("#version")):
            continue
        parts = line.split(" ")
        if len(parts) != 2 or not all(parts):
            problem = "not two pieces with one space between"
            raise InputError(f"{path}, line {number}", problem, _CURE)
        merges.append(parts)
    path = os.path.join(directory, VOCAB_FILE)
    pieces = _by_id(files.read_json(path), _added(settings), path)
    return BytePairs.pack(pieces, merges, bool(settings.get("add_prefix_space")))


def read_twin(twin: dict, settings: dict, path: str) -> bytes:
    """Reads a `tokenizer.json`.

    Args:
        twin: its content.
        settings: what stands in `tokenizer_config.json`.
        path: where it is, for messages.

    Returns:
        As `BytePairs.pack` gives it.

    Raises:
        InputError: it is BPE, but not that of bytes, or does what kortf does not.
    """
    model = twin["model"]
    for key, usable in _USABLE.items():
        if model.get(key) not in usable:
            problem = f"{model[key]!r} is not supported"
            raise InputError(f"{path}, model.{key}", problem, _CURE)
    prefix, composes = _check_steps(twin, path)
    added = {**_added(settings), **_of_list(twin.get("added_tokens") or [], path)}
    pieces = _by_id(model.get("vocab"), added, path)
    merges = model.get("merges") or ()
    if not isinstance(merges, list | tuple):
        raise InputError(f"{path}, model.merges", "not a list", _CURE)
    merges = [pair.split(" ") if isinstance(pair, str) else pair for pair in merges]
    for number, pair in enumerate(merges, 1):
        if not isinstance(pair, list) or [type(part) for part in pair] != [str, str]:
            raise InputError(f"{path}, model.merges {number}", "not a pair of pieces", _CURE)
    return BytePairs.pack(pieces, merges, prefix, composes)


def is_byte_level(twin: dict) -> bool:
    """Whether the BPE of a `tokenizer.json` is one of bytes."""
    steps = _steps(twin.get("pre_tokenizer"), "pretokenizers")
    return any(step.get("type") == "ByteLevel" for step in steps)


def contents(pairs: BytePairs) -> dict[str, bytes]:
    """Name to content of the files that hold a tokenizer."""
    vocab = json.dumps(pairs.ids, ensure_ascii=False)
    lines = ["#version: 0.2", *(f"{a} {b}" for a, b in pairs.merges)]
    return {VOCAB_FILE: vocab.encode(), MERGES_FILE: ("\n".join(lines) + "\n").encode()}


def special_names(directory: str) -> dict:
    """What `special_tokens_map.json` calls the special tokens; empty where there is none."""
    path = os.path.join(directory, SPECIAL_FILE)
    found = files.read_json(path) if files.exists(path) else {}
    if not isinstance(found, dict):
        raise InputError(path, "not a JSON object", "write the file again")
    return found


def _check_steps(twin: dict, path: str) -> tuple[bool, bool]:
    """Whether a prefix space is added, and whether text is composed; refuses all other steps."""
    before = _steps(twin.get("normalizer"), "normalizers")
    for step in before:
        if step.get("type") != "NFC":
            problem = f"{step.get('type')} is not supported: before BPE kortf composes (NFC) alone"
            raise InputError(f"{path}, normalizer", problem, _CURE)
    steps = _steps(twin.get("pre_tokenizer"), "pretokenizers")
    kinds = [step.get("type") for step in steps]
    if kinds != ["ByteLevel"] or steps[0].get("use_regex") is False:
        named = " and ".join(str(kind) for kind in kinds) or "none"
        if kinds == ["ByteLevel"]:
            named = "ByteLevel with use_regex false"
        problem = f"is {named}: of BPE kortf reads that of bytes (ByteLevel, as GPT-2 has it) alone"
        raise InputError(f"{path}, pre_tokenizer", problem, _CURE)
    return bool(steps[0].get("add_prefix_space")), bool(before)


def _steps(step, name: str) -> list[dict]:
    if not isinstance(step, dict):
        return []
    if step.get("type") == "Sequence":
        return [inner for each in step.get(name) or () for inner in _steps(each, name)]
    return [step]


def _added(settings: dict) -> dict[str, int]:
    """Tokens that `tokenizer_config.json` adds to the vocabulary, with their ids."""
    table = settings.get("added_tokens_decoder") or {}
    try:
        listed = [{**token, "id": int(number)} for number, token in table.items()]
    except (AttributeError, TypeError, ValueError) as error:
        problem = "not a table of ids and tokens"
        raise InputError("tokenizer_config.json, added_tokens_decoder", problem, _CURE) from error
    return _of_list(listed, "tokenizer_config.json")


def _of_list(tokens: list[dict], path: str) -> dict[str, int]:
    found = {}
    for token in tokens:
        text = token.get("content") if isinstance(token, dict) else None
        if not isinstance(text, str):
            raise InputError(f"{path}, added_tokens", f"{token!r} is no token", _CURE)
        if not token.get("special") and not _CONTROL.fullmatch(text):
            problem = f"'{text}' would be cut out of every text first, which kortf does not do"
            raise InputError(f"{path}, added_tokens", problem, _CURE)
        found[text] = token.get("id")
    return found


def _by_id(vocab, added: dict[str, int], path: str) -> list[str]:
    """The pieces in the order of their ids."""
    by_id: dict = {}
    try:
        for piece, number in [*vocab.items(), *added.items()]:
            if by_id.setdefault(number, piece) != piece:
                problem = f"'{by_id[number]}' and '{piece}' have the same"
                raise InputError(f"{path}, id {number}", problem, _CURE)
        pieces = [by_id[number] for number in range(len(by_id))]
        if not all(isinstance(piece, str) and piece for piece in pieces):
            raise TypeError
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(path, "the ids are not those of a list of pieces", _CURE) from error
    return pieces
