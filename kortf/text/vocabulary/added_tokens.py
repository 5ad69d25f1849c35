"""Tokens that were added to a vocabulary after its training, and their files."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from kortf import files
from kortf.errors import InputError

ADDED_FILE = "added_tokens.json"
DECODER_SETTING = "added_tokens_decoder"
_EXTRA_SETTINGS = ("additional_special_tokens", "extra_special_tokens")
_FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")
_CURE = "write the directory again with the program that added the tokens"


class AddedToken(NamedTuple):
    """A token that is cut out of a text before the text is cut into pieces.

    Attributes:
        content: Text of the token.
        id: Its id.
        single_word: Do not match inside a word.
        lstrip: Take the white space before the token as well.
        rstrip: Take the white space behind the token as well.
        normalized: Look for the token in the normalized text, not in the text as it was given.
        special: The token stands for no text: never masked, left out of decoded text.
    """

    content: str
    id: int
    single_word: bool = False
    lstrip: bool = False
    rstrip: bool = False
    normalized: bool = True
    special: bool = False

    def as_settings(self) -> dict:
        """Return the token as `added_tokens_decoder` of `tokenizer_config.json` has it."""
        named = self._asdict()
        del named["id"]
        return named


def read_added_tokens(directory: str, settings: dict, place: str) -> list[AddedToken]:
    """Read the added tokens of a directory, apart from those of `tokenizer.json`.

    `added_tokens_decoder` of the settings comes before `added_tokens.json`, whose tokens have no
    flags: one that the settings name as a special token is special, the others are normalized.

    Args:
        directory: Vocabulary or model directory.
        settings: Content of its `tokenizer_config.json`.
        place: Path of the settings, for messages.

    Raises:
        InputError: A file or an entry has another form.
    """
    place = f"{place}, {DECODER_SETTING}"
    table = settings.get(DECODER_SETTING) or {}
    if not isinstance(table, dict):
        raise InputError(place, "not a table of ids and tokens", _CURE)
    found = [make_added_token(token, number, place) for number, token in table.items()]
    path = os.path.join(directory, ADDED_FILE)
    if files.exists(path):
        known, special = {token.content for token in found}, set(special_names(settings))
        table = files.read_json(path)
        if not isinstance(table, dict):
            raise InputError(path, "not a table of tokens and ids", _CURE)
        for content, number in table.items():
            if content not in known:
                flag = {"special": content in special, "normalized": content not in special}
                found.append(make_added_token({"content": content} | flag, number, path))
    return found


def check_solid(tokens: Iterable[AddedToken], place: str, of_bytes: bool) -> None:
    """Refuse added tokens whose white space kortf does not treat as `tokenizers`.

    Args:
        tokens: Added tokens that are cut out of a text.
        place: Path of the settings, for messages.
        of_bytes: Whether the vocabulary is byte-level BPE, in which a token may be white space.

    Raises:
        InputError: A token is white space alone, or a `single_word` begins or ends with some.
    """
    for token in tokens:
        solid = token.content.strip()
        if (not solid and not of_bytes) or (token.single_word and solid != token.content):
            problem = f"the white space of the added token {token.content!r} is not supported"
            raise InputError(place, problem, "take another tokenizer")


def named_tokens(
    settings: dict, pieces: list[str], added: Iterable[AddedToken], place: str
) -> list[AddedToken]:
    """Return the special tokens that only names in the settings stand for.

    transformers cuts them out of a text like those of `added_tokens_decoder`: those of
    `additional_special_tokens`, of which one that is no piece gets the next id, and the pieces
    that `bos_token` and `eos_token` name.

    Args:
        settings: Content of `tokenizer_config.json`.
        pieces: Pieces of the vocabulary file, by id.
        added: Added tokens that are known otherwise.
        place: Path of the settings, for messages.

    Raises:
        InputError: An entry has another form.
    """
    known = {token.content: token.id for token in added}
    ids = {piece: i for i, piece in reversed(list(enumerate(pieces)))} | known
    following = max(ids.values(), default=-1) + 1
    found: list[AddedToken] = []
    for key in _EXTRA_SETTINGS:
        value = settings.get(key) or []
        for token in value.values() if isinstance(value, dict) else value:
            named = token if isinstance(token, dict) else {"content": token, "normalized": False}
            content = named.get("content")
            if not isinstance(content, str) or content not in known:
                number = ids.get(content, following) if isinstance(content, str) else 0
                made = make_added_token(named | {"special": True}, number, f"{place}, {key}")
                following += number == following
                known[content] = made.id
                found.append(made)
    for key in ("bos_token", "eos_token"):
        named = settings.get(key)
        content = named.get("content") if isinstance(named, dict) else named
        if content in ids and content not in known:
            token = (named if isinstance(named, dict) else {"content": content}) | {"special": True}
            found.append(make_added_token(token, ids[content], f"{place}, {key}"))
            known[content] = ids[content]
    return found


def make_added_token(token, number, place: str) -> AddedToken:
    """Make an added token of its JSON form.

    Args:
        token: Table with `content` and flags.
        number: Its id, an integer or the digits of one.
        place: File and field, for messages.

    Raises:
        InputError: The content is empty or no text, a flag is not a boolean, or the id no number.
    """
    content = token.get("content") if isinstance(token, dict) else None
    if not isinstance(content, str) or not content:
        raise InputError(place, f"{_short(token)} is not a token", _CURE)
    if isinstance(number, str) and number.isdecimal() and len(number) < 10:
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 2**31:
        raise InputError(place, f"the id of '{content}' is {_short(number)}, not a number", _CURE)
    flags = {name: token[name] for name in _FLAGS if token.get(name) is not None}
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise InputError(place, f"{name} of '{content}' is not true or false", _CURE)
    if "normalized" not in flags:
        flags["normalized"] = not flags.get("special", False)
    return AddedToken(content, number, **flags)


def complete(
    pieces: list[str], added: Iterable[AddedToken], place: str
) -> tuple[list[str], list[AddedToken]]:
    """Return the pieces with added tokens behind them, and the tokens, each once, by id.

    Args:
        pieces: Pieces of the vocabulary file, by id.
        added: Added tokens; one that is a piece already must have the id of the piece.
        place: Directory, for messages.

    Example:
        ["a", "b"] and the token `c` with id 2 give ["a", "b", "c"].

    Raises:
        InputError: Two tokens have one id, one has two ids, or an id is left out.
    """
    ids = {piece: i for i, piece in enumerate(pieces)}
    by_id: dict[int, AddedToken] = {}
    for token in sorted(added, key=lambda token: token.id):
        if token.id < len(pieces):
            taken = pieces[token.id]
        else:
            taken = by_id[token.id].content if token.id in by_id else token.content
        if taken != token.content or ids.setdefault(token.content, token.id) != token.id:
            problem = f"'{token.content}' is added as id {token.id}, which does not fit the pieces"
            raise InputError(place, problem, _CURE)
        by_id.setdefault(token.id, token)
    beyond = [token for i, token in by_id.items() if i >= len(pieces)]
    for number, token in enumerate(beyond, len(pieces)):
        if token.id != number:
            problem = f"no piece and no added token has the id {number}"
            raise InputError(place, problem, _CURE)
    return [*pieces, *(token.content for token in beyond)], list(by_id.values())


def special_names(settings: dict) -> list[str]:
    """Return the special tokens beyond the usual ones that the settings name."""
    named: list = []
    for key in _EXTRA_SETTINGS:
        value = settings.get(key) or []
        named += value.values() if isinstance(value, dict) else value
    table = settings.get(DECODER_SETTING) or {}
    named += [t for t in table.values() if isinstance(t, dict) and t.get("special")]
    found = [token.get("content") if isinstance(token, dict) else token for token in named]
    return [token for token in found if isinstance(token, str)]


def _short(value) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
