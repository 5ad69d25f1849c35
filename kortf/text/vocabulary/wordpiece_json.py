"""Read the `tokenizer.json` of a WordPiece tokenizer."""

from typing import NamedTuple

from kortf import files
from kortf.errors import InputError
from kortf.text.unicode.normalize import MAX_WORD_CHARS, Normalization
from kortf.text.vocabulary.added_tokens import AddedToken, complete, make_added_token
from kortf.text.vocabulary.json_steps import CURE, read_normalizer, refuse_step, steps_of
from kortf.text.vocabulary.pieces import check_piece, pieces_by_id, without_trailing_space
from kortf.text.vocabulary.settings import NORMALIZATION_SETTING, WORD_LIMIT_SETTING


class WordPieceTwin(NamedTuple):
    """A WordPiece tokenizer.

    Attributes:
        pieces: Pieces, by id.
        settings: Settings as `tokenizer_config.json` has them.
        added: Added tokens.
    """

    pieces: list[str]
    settings: dict
    added: list[AddedToken]


def read(path: str) -> WordPieceTwin | None:
    """Read the file at `path`; None if its model is not WordPiece.

    Raises:
        InputError: The file is broken, or its tokenizer gives ids that kortf does not compute.
    """
    twin = files.read_json(path)
    model = twin.get("model") if isinstance(twin, dict) else None
    if not isinstance(model, dict) or model.get("type") != "WordPiece":
        return None
    return read_twin(twin, path)


def read_twin(twin: dict, path: str) -> WordPieceTwin:
    """Read a parsed `tokenizer.json`; `path` is for messages."""
    model = twin["model"]
    prefix = model.get("continuing_subword_prefix", "##")
    if prefix != "##":
        refuse_step(f"{path}, model.continuing_subword_prefix", repr(prefix)[:40])
    settings = _settings(twin, path)
    limit = model.get("max_input_chars_per_word", MAX_WORD_CHARS)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 0 < limit <= 1000:
        place = f"{path}, model.max_input_chars_per_word"
        raise InputError(place, "must be a number from 1 to 1000", CURE)
    if limit != MAX_WORD_CHARS:
        settings[WORD_LIMIT_SETTING] = limit
    if isinstance(model.get("unk_token"), str):
        settings["unk_token"] = model["unk_token"]
    place, listed = f"{path}, added_tokens", twin.get("added_tokens") or []
    if not isinstance(listed, list):
        raise InputError(place, "not a list", CURE)
    added = []
    for token in listed:
        number = token.get("id") if isinstance(token, dict) else None
        added.append(make_added_token(token, number, place))
        check_piece(added[-1].content, place)
    pieces = pieces_by_id(model.get("vocab"), f"{path}, model.vocab")
    for piece in pieces:
        if "\n" in piece:
            raise InputError(f"{path}, model.vocab", f"line break in the piece {piece!a}", CURE)
        if piece != without_trailing_space(piece):  # vocab.txt cannot hold it
            problem = f"white space at the end of the piece {piece!a}"
            raise InputError(f"{path}, model.vocab", problem, CURE)
    complete(pieces, added, place)
    return WordPieceTwin(pieces, settings, added)


def _settings(twin: dict, path: str) -> dict:
    """Return the normalizer as settings; refuse all but that of BERT.

    Example:
        A `BertNormalizer` with lowercase true and strip_accents null gives
        `{"do_lower_case": True, "strip_accents": True}`.
    """
    steps = read_normalizer(twin.get("normalizer"), path)
    place, how = f"{path}, normalizer", steps.normalization
    bert = steps.bert
    if bert is None:
        refuse_step(place, "a WordPiece tokenizer without BertNormalizer")
    taken_apart = how.form == "NFKD after BertNormalizer"
    if how.form not in ("", "NFC") and not taken_apart:
        refuse_step(place, f"{how.form} before BertNormalizer")
    plain = how._replace(form="", lowercase=how.lowercase and not taken_apart)
    if plain != Normalization(cleans=False, form=""):
        refuse_step(place, "another step before BertNormalizer")
    for key in ("clean_text", "handle_chinese_chars"):
        if bert.get(key, True) is not True:
            refuse_step(place, f"BertNormalizer with {key} {bert[key]!r}")
    lowercase, strips = bert.get("lowercase", True), bert.get("strip_accents")
    if not isinstance(lowercase, bool) or not isinstance(strips, bool | None):
        raise InputError(place, "lowercase or strip_accents is not true or false", CURE)
    strips = lowercase if strips is None else strips
    if taken_apart and (strips or lowercase):
        refuse_step(place, "NFKD after accents are stripped")
    kinds = [s.get("type") for s in steps_of(twin.get("pre_tokenizer"), "pretokenizers", place)]
    if kinds != ["BertPreTokenizer"]:
        named = " and ".join(str(kind) for kind in kinds) or "no pre-tokenizer"
        refuse_step(f"{path}, pre_tokenizer", named[:80])
    settings = {"do_lower_case": lowercase or how.lowercase, "strip_accents": strips}
    if taken_apart:
        settings[NORMALIZATION_SETTING] = {"form": "NFKD"}
    if steps.remove:
        settings["remove_characters"] = list(steps.remove)
    return settings
