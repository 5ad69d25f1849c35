"""Read a `tokenizer.json`, which has all of a tokenizer: WordPiece, Unigram and BPE."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from kortf import files
from kortf.errors import InputError
from kortf.text.tokenizer.byte_level.byte_pairs import piece_ranks
from kortf.text.vocabulary import byte_level_files, sentencepiece_model, wordpiece_json
from kortf.text.vocabulary.added_tokens import AddedToken, complete, make_added_token
from kortf.text.vocabulary.json_steps import read_normalizer, refuse_step, steps_of
from kortf.text.vocabulary.pair_layout import GENERIC
from kortf.text.vocabulary.pieces import check_piece, pieces_by_id
from kortf.text.vocabulary.settings import (
    FUSE_SETTING,
    NORMALIZATION_SETTING,
    PREFIX_SETTING,
    TRAILING_SETTING,
)

_CURE = "take another tokenizer, or put the vocab.txt or .model that belongs to it beside it"
# Settings of a BPE model, and their values for which kortf computes the ids.
_BPE_USABLE = {
    "dropout": (None, 0, 0.0),
    "continuing_subword_prefix": (None, ""),
    "end_of_word_suffix": (None, ""),
    "ignore_merges": (None, False),
}


class Read(NamedTuple):
    """A tokenizer.

    Attributes:
        kind: Kind of the vocabulary.
        data: Content of its vocabulary file, as `Vocabulary` takes it.
        settings: Settings that the file states.
        added: Added tokens.
        prefixes_first: Whether a space is put before the begin of a text, but not behind an added
            token; kortf computes this only for vocabularies that cut no added token out of a text.
    """

    kind: str
    data: bytes
    settings: dict
    added: list[AddedToken]
    prefixes_first: bool = False


def read(path: str, settings: dict, added: Sequence[AddedToken]) -> Read:
    """Read a tokenizer.

    Args:
        path: Path of the `tokenizer.json`.
        settings: Content of `tokenizer_config.json`.
        added: Added tokens of the files beside it.

    Raises:
        InputError: The file is broken, or its tokenizer gives ids that kortf does not compute.
    """
    twin = files.read_json(path)
    model = twin.get("model") if isinstance(twin, dict) else None
    if not isinstance(model, dict):
        raise InputError(f"{path}, model", "missing", _CURE)
    kind = model.get("type") or ("WordPiece" if "max_input_chars_per_word" in model else None)
    if kind == "WordPiece":
        found = wordpiece_json.read_twin(twin, path)
        tokens = _together(added, found.added)
        return Read("wordpiece", "\n".join(found.pieces).encode(), found.settings, tokens)
    tokens = _together(added, added_of(twin, path))
    if kind == "BPE" and byte_level_files.is_byte_level(twin):
        # A class of its own builds the steps from the settings.
        own = settings.get("tokenizer_class") not in (*GENERIC, None)
        prefix = settings.get("add_prefix_space") if own else None
        prefix = prefix if isinstance(prefix, bool) else None
        return Read("bpe", byte_level_files.read_twin(twin, tokens, path, prefix), {}, tokens)
    if kind in ("Unigram", "BPE"):
        return _sentencepiece(kind, twin, settings, tokens, path)
    problem = f"{str(kind)[:40]} is not supported; kortf reads WordPiece, Unigram and BPE"
    raise InputError(f"{path}, model", problem, _CURE)


def is_supported(path: str) -> bool:
    """Return whether the file at `path` has a model of a kind that `read` takes."""
    twin = files.read_json(path)
    model = twin.get("model") if isinstance(twin, dict) else None
    kind = model.get("type") if isinstance(model, dict) else None
    if kind != "BPE":
        return kind in ("WordPiece", "Unigram")
    steps = steps_of(twin.get("pre_tokenizer"), "pretokenizers", f"{path}, pre_tokenizer")
    return any(step.get("type") in ("ByteLevel", "Metaspace") for step in steps)


def added_of(twin: dict, path: str) -> list[AddedToken]:
    """Return the added tokens of a `tokenizer.json`."""
    place, listed = f"{path}, added_tokens", twin.get("added_tokens") or []
    if not isinstance(listed, list):
        raise InputError(place, "not a list", _CURE)
    tokens = [make_added_token(t, t.get("id") if isinstance(t, dict) else None, place)
              for t in listed]  # fmt: skip
    for token in tokens:
        check_piece(token.content, place)
    return tokens


def _together(first: Sequence[AddedToken], second: Sequence[AddedToken]) -> list[AddedToken]:
    known = {token.content for token in first}
    return [*first, *(token for token in second if token.content not in known)]


def _sentencepiece(kind, twin: dict, settings: dict, added, path: str) -> Read:
    model, said = twin["model"], {}
    steps = read_normalizer(twin.get("normalizer"), path)
    splits, scheme = _metaspace(twin, path)
    fallback = model.get("byte_fallback") or False
    if not isinstance(fallback, bool):
        raise InputError(f"{path}, model.byte_fallback", "not true or false", _CURE)
    if kind == "Unigram":
        data, pieces = _unigram(model, added, fallback, path)
    else:
        data, pieces, fuses = _bpe(model, added, fallback, path)
        said |= {} if fuses else {FUSE_SETTING: False}
    complete(pieces, added, path)
    if "▁" not in pieces and not fallback:
        # The kernel joins unknown pieces across a space that is unknown as well.
        refuse_step(f"{path}, model.vocab", "a vocabulary without the piece ▁")
    if any("\0" in piece for piece in pieces):
        raise InputError(f"{path}, model.vocab", "a piece holds NUL, which is not supported", _CURE)
    collapses = splits or steps.collapses
    if scheme != "always" and splits:
        refuse_step(f"{path}, pre_tokenizer", f"WhitespaceSplit before prepend_scheme {scheme}")
    if steps.bert is not None:
        refuse_step(f"{path}, normalizer", "BertNormalizer without WordPiece")
    if steps.marks and splits:
        refuse_step(f"{path}, normalizer", "Replace of spaces by ▁ before WhitespaceSplit")
    spaced = steps.charsmap or steps.normalization.cleans or steps.normalization.spaces
    runs = steps.normalization.runs
    if runs and splits:
        refuse_step(f"{path}, normalizer", "Replace of several spaces before WhitespaceSplit")
    if steps.strips and not (splits or steps.collapses or runs):
        refuse_step(f"{path}, normalizer", "Strip without a Replace of several spaces")
    if steps.strips and not (splits or spaced or runs):
        logging.warning(
            "%s, normalizer: Strip removes white space of every kind at the ends of a text; kortf "
            "removes spaces alone", path,
        )  # fmt: skip
    prefix = scheme != "never"
    if prefix and not collapses:
        said[PREFIX_SETTING] = "unless_space"
    if collapses and not splits and not steps.strips_end:
        said[TRAILING_SETTING] = True
    data = sentencepiece_model.with_rules(data, steps.charsmap, collapses, prefix and collapses)
    how = steps.normalization
    # The text between white space is cut piece by piece, whatever the white space is.
    named = how._replace(spaces=(splits and not how.cleans) or how.spaces)._asdict()
    # `DebertaV2Tokenizer` lower-cases first, also where its setting alone asks for it.
    named["lowers_first"] |= runs and not how.lowercase
    said["do_lower_case"] = named.pop("lowercase")
    del named["rules"]
    said["keep_accents"] = not steps.normalization.strips
    said[NORMALIZATION_SETTING] = named
    if steps.remove:
        said["remove_characters"] = list(steps.remove)
    return Read("sentencepiece", data, said, added, scheme == "first")


def _metaspace(twin: dict, path: str) -> tuple[bool, str]:
    """Return whether text is split at white space first, and when a space is put before it."""
    place, splits, scheme = f"{path}, pre_tokenizer", False, None
    for step in steps_of(twin.get("pre_tokenizer"), "pretokenizers", place):
        kind = step.get("type")
        if kind == "WhitespaceSplit" and scheme is None:
            splits = True
        elif kind == "Metaspace" and scheme is None:
            if step.get("replacement", "▁") != "▁" or step.get("split") is False:
                refuse_step(place, "Metaspace with another replacement, or without splitting")
            older = step.get("add_prefix_space", True)
            scheme = step.get("prepend_scheme", "always" if older else "never")
            if not isinstance(older, bool) or (not older and scheme != "never"):
                refuse_step(place, "Metaspace whose add_prefix_space contradicts prepend_scheme")
        else:
            refuse_step(place, str(kind))
    if scheme not in ("always", "first", "never"):
        refuse_step(place, "a tokenizer without Metaspace" if scheme is None else str(scheme))
    return splits, scheme


def _unigram(model: dict, added, fallback: bool, path: str) -> tuple[bytes, list[str]]:
    place, scores = f"{path}, model.vocab", []
    for entry in model.get("vocab") or ():
        if not isinstance(entry, list | tuple) or len(entry) != 2:
            raise InputError(place, "not a list of pieces and scores", _CURE)
        check_piece(entry[0], place)
        if isinstance(entry[1], bool) or not isinstance(entry[1], int | float):
            raise InputError(place, f"the score of '{entry[0]}' is not a number", _CURE)
        if not abs(entry[1]) < 1e30:
            raise InputError(place, f"the score of '{entry[0]}' is not a usual number", _CURE)
        scores.append((entry[0], float(entry[1])))
    pieces = [piece for piece, _ in scores]
    if len(set(pieces)) != len(pieces) or not pieces:
        raise InputError(place, "no pieces, or one is repeated", _CURE)
    unk_id = model.get("unk_id")
    if isinstance(unk_id, bool) or not isinstance(unk_id, int) or not 0 <= unk_id < len(pieces):
        raise InputError(f"{path}, model.unk_id", "not the id of a piece", _CURE)
    special = {token.id for token in added if token.special}
    unknown = pieces[unk_id]
    if unk_id not in special and not (unknown[0] in "[<" and unknown[-1] in "]>"):
        problem = f"the unknown piece '{unknown}' is a piece of text as well"
        raise InputError(f"{path}, model.unk_id", problem, _CURE)
    return sentencepiece_model.from_unigram(scores, unk_id, special, fallback), pieces


def _bpe(model: dict, added, fallback: bool, path: str) -> tuple[bytes, list[str], bool]:
    for key, usable in _BPE_USABLE.items():
        if model.get(key) not in usable:
            refuse_step(f"{path}, model.{key}", repr(model[key])[:40])
    table = dict(model.get("vocab")) if isinstance(model.get("vocab"), dict) else None
    for token in added if table else ():
        table.setdefault(token.content, token.id)
    pieces = pieces_by_id(table, f"{path}, model.vocab")
    merges = byte_level_files.read_merges(model, path)
    ids = {piece: i for i, piece in enumerate(pieces)}
    for number, (a, b) in enumerate(merges, 1):
        missing = [piece for piece in (a, b, a + b) if piece not in ids]
        if missing:
            problem = f"'{missing[0]}' is not a piece"
            raise InputError(f"{path}, model.merges {number}", problem, _CURE)
    unknown = model.get("unk_token")
    if unknown is not None and unknown not in ids:
        raise InputError(f"{path}, model.unk_token", f"'{unknown}' is not a piece", _CURE)
    if unknown is None and not fallback:
        refuse_step(f"{path}, model.unk_token", "a model that drops unknown characters")
    hidden = {token.id for token in added if token.special}
    single = [piece for piece in pieces if len(piece) == 1 and ids[piece] not in hidden]
    ranks = piece_ranks(ids, merges, single)
    ranks = {i: rank for i, rank in ranks.items() if "▁" not in pieces[i][1:]}
    unk_id = ids.get(unknown)
    ranks.pop(unk_id, None)
    data = sentencepiece_model.from_merges(pieces, ranks, unk_id, fallback)
    return data, pieces, bool(model.get("fuse_unk"))
