"""Files of a byte-level BPE tokenizer: `vocab.json` and `merges.txt`, or `tokenizer.json`."""

import json
import os
from collections.abc import Sequence

from kortf import files
from kortf.errors import InputError
from kortf.text.tokenizer.byte_level.byte_pairs import BytePairs
from kortf.text.vocabulary.added_tokens import AddedToken
from kortf.text.vocabulary.json_steps import steps_of
from kortf.text.vocabulary.pieces import pieces_by_id

VOCAB_FILE, MERGES_FILE = "vocab.json", "merges.txt"
_CURE = "take another tokenizer, or write the directory again"
# Settings of the model in a `tokenizer.json`, and their values for which kortf computes the ids.
_USABLE = {
    "dropout": (None, 0, 0.0),
    "continuing_subword_prefix": (None, ""),
    "end_of_word_suffix": (None, ""),
    "byte_fallback": (None, False),
    "ignore_merges": (None, False),
}


def read_pair(directory: str, settings: dict, added: Sequence[AddedToken]) -> bytes:
    """Read `vocab.json` and `merges.txt`.

    Args:
        directory: Directory of the files.
        settings: Content of `tokenizer_config.json`.
        added: Added tokens, which become pieces.

    Returns:
        The vocabulary, as `BytePairs.pack` gives it.

    Raises:
        InputError: A file is missing or broken.
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
            problem = "expected two pieces with one space between"
            raise InputError(f"{path}, line {number}", problem, _CURE)
        merges.append(parts)
    if any(right.endswith("</w>") for _, right in merges):
        problem = "pieces that end a word in </w> are not supported; kortf reads GPT-2's"
        raise InputError(path, problem, _CURE)
    path = os.path.join(directory, VOCAB_FILE)
    pieces = pieces_by_id(_with_added(files.read_json(path), added), path)
    return BytePairs.pack(pieces, merges, bool(settings.get("add_prefix_space")))


def read_twin(
    twin: dict, added: Sequence[AddedToken], path: str, prefix: bool | None = None
) -> bytes:
    """Read a parsed `tokenizer.json`.

    Args:
        twin: Content of the file.
        added: Added tokens, which become pieces.
        path: Path of the file, for messages.
        prefix: Whether a space is put before a text; None for what the file says.

    Returns:
        The vocabulary, as `BytePairs.pack` gives it.

    Raises:
        InputError: The file is broken, or its tokenizer gives ids that kortf does not compute.
    """
    model = twin["model"]
    for key, usable in _USABLE.items():
        if model.get(key) not in usable:
            problem = f"{str(model[key])[:40]!r} is not supported"
            raise InputError(f"{path}, model.{key}", problem, _CURE)
    said, composes = _check_steps(twin, path)
    prefix = said if prefix is None else prefix
    pieces = pieces_by_id(_with_added(model.get("vocab"), added), f"{path}, model.vocab")
    return BytePairs.pack(pieces, read_merges(model, path), prefix, composes)


def read_merges(model: dict, path: str) -> list[tuple[str, str]]:
    """Return the merges of the BPE model in a `tokenizer.json`; `path` is for messages."""
    merges, found = model.get("merges") or (), []
    if not isinstance(merges, list | tuple):
        raise InputError(f"{path}, model.merges", "not a list", _CURE)
    for number, pair in enumerate(merges, 1):
        pair = pair.split(" ") if isinstance(pair, str) else pair
        if not isinstance(pair, list) or [type(part) for part in pair] != [str, str]:
            raise InputError(f"{path}, model.merges {number}", "not a pair of pieces", _CURE)
        found.append(tuple(pair))
    return found


def is_byte_level(twin: dict) -> bool:
    """Return whether the BPE of a `tokenizer.json` is one of bytes."""
    steps = steps_of(twin.get("pre_tokenizer"), "pretokenizers", "pre_tokenizer")
    return any(step.get("type") == "ByteLevel" for step in steps)


def contents(pairs: BytePairs) -> dict[str, bytes]:
    """Return name and content of the files that hold a tokenizer."""
    vocab = json.dumps(pairs.ids, ensure_ascii=False)
    lines = ["#version: 0.2", *(f"{a} {b}" for a, b in pairs.merges)]
    return {VOCAB_FILE: vocab.encode(), MERGES_FILE: ("\n".join(lines) + "\n").encode()}


def _with_added(table, added: Sequence[AddedToken]):
    if not isinstance(table, dict):
        return table
    pieces, taken = dict(table), {i: piece for piece, i in table.items() if isinstance(i, int)}
    for token in added:
        if taken.get(token.id, token.content) == token.content:
            pieces.setdefault(token.content, token.id)
    return pieces


def _check_steps(twin: dict, path: str) -> tuple[bool, bool]:
    """Return whether a space is put before a text, and whether text is composed."""
    place = f"{path}, normalizer"
    before = steps_of(twin.get("normalizer"), "normalizers", place)
    for step in before:
        if step.get("type") != "NFC":
            named = str(step.get("type"))[:40]
            problem = f"{named} is not supported: kortf knows NFC alone before byte-level BPE"
            raise InputError(place, problem, _CURE)
    place = f"{path}, pre_tokenizer"
    steps = steps_of(twin.get("pre_tokenizer"), "pretokenizers", place)
    kinds = [step.get("type") for step in steps]
    if kinds != ["ByteLevel"] or steps[0].get("use_regex") is False:
        named = " and ".join(str(kind) for kind in kinds)[:80]
        if kinds == ["ByteLevel"]:
            named = "ByteLevel with use_regex false"
        raise InputError(place, f"{named} is not supported; kortf reads GPT-2's ByteLevel", _CURE)
    return bool(steps[0].get("add_prefix_space")), bool(before)
