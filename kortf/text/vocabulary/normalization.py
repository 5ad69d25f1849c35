"""Normalization before a text is cut into pieces, derived from the settings of a tokenizer."""

import re
import unicodedata
from collections.abc import Sequence

from kortf.errors import InputError
from kortf.text.unicode.normalize import Normalization
from kortf.text.vocabulary.settings import NORMALIZATION_SETTING

# These classes replace quotes, and strip accents and lower-case unless they are told otherwise.
_ALBERT = ("albert", "xlnet", "kobert")
# These split a text at white space behind the rules of the model, which keep U+0085.
_SPLITTING = ("albert", "xlnet", "xlmroberta", "camembert", "mbart", "t5", "mt5")
# KoBERT's classes are Python: their white space and marks are those of Python, not of tokenizers.
KOBERT = Normalization(
    quotes=True, cleans=False, form="NFKD", strips="combining", spaces=True, runs=True,
    separators=True,
)  # fmt: skip
_COMPOSED_HANGUL = re.compile("[가-힣]")
_CONJOINING_JAMO = re.compile("[\u1100-\u11ff]")


def normalization_of(
    kind: str, data: bytes, plain: Sequence[str], settings: dict, place: str
) -> Normalization:
    """Derive the steps before a text is cut into pieces.

    WordPiece: `do_lower_case` without `strip_accents` strips accents, as BERT does, and so takes
    Hangul apart into jamo. Where neither is set, the pieces decide: text is lower-cased if no piece
    has a capital letter, and accents are stripped if no piece has one. Text is taken apart as well
    if the pieces spell Hangul in jamo alone (KR-BERT's sub-characters).

    SentencePiece: a model with its own rules (`nmt_nfkc`) gets the text as it is, apart from
    lower-casing and the accents of ALBERT's tokenizers. For a model without, text is composed and
    cleaned, as for a vocabulary that kortf trains.

    Byte-level BPE: text is composed.

    Args:
        kind: Kind of the vocabulary.
        data: Content of its file.
        plain: Pieces that stand for text.
        settings: Content of `tokenizer_config.json`.
        place: Path of the settings, for messages.

    Raises:
        InputError: The settings contradict each other.
    """
    steps = _steps_of(kind, data, plain, settings, place)
    return steps._replace(rules=kind == "sentencepiece" and _has_rules(data))


def _steps_of(kind, data, plain, settings: dict, place: str) -> Normalization:
    given = settings.get(NORMALIZATION_SETTING)
    if given is not None:
        return _as_given(given, bool(settings.get("do_lower_case")), place)
    lowercase = settings.get("do_lower_case")
    if kind == "bpe":
        return Normalization(cleans=False)
    if kind == "wordpiece":
        return _of_wordpiece(lowercase, settings.get("strip_accents"), plain)
    named = str(settings.get("tokenizer_class") or "").lower()
    as_albert = named.startswith(_ALBERT)
    if named.startswith("kobert") and not settings.get("keep_accents") and _has_rules(data):
        return KOBERT._replace(lowercase=bool(lowercase))
    if lowercase is None:
        lowercase = named.startswith("albert") or (not named and _looks_lowercase(plain))
    keep = settings.get("keep_accents")
    strips = "" if keep or (keep is None and not as_albert) else "M"
    if _has_rules(data):
        form = "NFKD" if strips else ""
        splits = named.startswith(_SPLITTING)
        return Normalization(as_albert, False, form, strips, lowercase, splits)
    return Normalization(as_albert, True, "NFKD" if strips else "NFC", strips, lowercase)


def _of_wordpiece(lowercase: bool | None, strips: bool | None, plain) -> Normalization:
    if strips is None:
        strips = bool(lowercase)
        if lowercase is None:
            strips = _looks_lowercase(plain) and not any(map(_has_mark, plain))
    if lowercase is None:
        lowercase = _looks_lowercase(plain)
    if strips:
        return Normalization(form="NFD", strips="Mn", lowercase=lowercase)
    in_jamo = any(map(_CONJOINING_JAMO.search, plain))
    if in_jamo and not any(map(_COMPOSED_HANGUL.search, plain)):
        return Normalization(form="NFKD", lowercase=lowercase)
    return Normalization(lowercase=lowercase)


def _as_given(given, lowercase: bool, place: str) -> Normalization:
    place = f"{place}, {NORMALIZATION_SETTING}"
    cure = "write the directory again with kortf"
    if not isinstance(given, dict):
        raise InputError(place, "not a table of steps", cure)
    types = {"quotes": bool, "cleans": bool, "form": str, "strips": str, "spaces": bool}
    types |= {"lowers_first": bool, "runs": bool, "separators": bool}
    known = {"form": ("", "NFC", "NFD", "NFKC", "NFKD"), "strips": ("", "Mn", "M", "combining")}
    for key, value in given.items():
        if key not in types or not isinstance(value, types[key]):
            raise InputError(f"{place}, {key}", "not a step that kortf knows", cure)
        if key in known and value not in known[key]:
            raise InputError(f"{place}, {key}", f"'{value}' is not a known value", cure)
    return Normalization(**given, lowercase=lowercase)


def _looks_lowercase(plain: Sequence[str]) -> bool:
    return not any(piece != piece.lower() for piece in plain)


def _has_mark(piece: str) -> bool:
    return not piece.isascii() and unicodedata.normalize("NFD", piece) != piece


def _has_rules(data: bytes) -> bool:
    from sentencepiece import sentencepiece_model_pb2 as format

    return bool(format.ModelProto.FromString(data).normalizer_spec.precompiled_charsmap)
