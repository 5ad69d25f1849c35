"""Put the terms of a domain into the unused slots of a vocabulary."""

from collections.abc import Iterable
from typing import NamedTuple

from kortf.errors import InputError
from kortf.text.tokenizer.longest_match import INSIDE
from kortf.text.unicode.normalize import MAX_WORD_CHARS, normalize
from kortf.text.unicode.removal import Removal
from kortf.text.vocabulary.twin import to_tokenizers
from kortf.text.vocabulary.vocabulary import Vocabulary


class UsableTerms(NamedTuple):
    """A user's terms as pieces.

    Attributes:
        pieces: Terms that can be new pieces, in their order.
        skipped: The other terms, by reason.
    """

    pieces: list[str]
    skipped: dict[str, list[str]]


def check_extensible(vocabulary: Vocabulary, place: str) -> None:
    """Raise InputError if a vocabulary has no slots for new pieces; `place` is its directory."""
    if vocabulary.kind != "wordpiece":
        kind = {"sentencepiece": "SentencePiece", "bpe": "BPE"}[vocabulary.kind]
        problem = f"a {kind} vocabulary; only WordPiece keeps its ids when pieces are added"
        raise InputError(place, problem, "extend a WordPiece vocabulary, or train a new one")
    if vocabulary.normalization.form != "NFC":
        problem = "its vocabulary takes Hangul apart into jamo"
        raise InputError(place, problem, "extend one with strip_accents false")
    if not vocabulary.unused_ids:
        problem = "no [unused] slot is left in its vocabulary"
        raise InputError(place, problem, "extend one that has some (kortf vocab --unused=2000)")


def usable_terms(terms: Iterable[str], vocabulary: Vocabulary) -> UsableTerms:
    """Sort a list of terms into those that can be pieces and the others.

    Args:
        terms: A word each, as a text spells it; with `##` in front, a part inside a word.
        vocabulary: Vocabulary to extend.

    Example:
        Where `청원` is a piece: of ["청원", "국민청원", "A형 간염", "##적이"], the second and the
        last are usable, the first is "already a piece" and the third "no single word".
    """
    removal, twin = Removal(vocabulary.remove), to_tokenizers(vocabulary, special_tokens=False)
    pieces: dict[str, None] = {}
    skipped: dict[str, list[str]] = {}
    for term in terms:
        prefix = INSIDE if term.startswith(INSIDE) else ""
        word = normalize(removal.remove(term.removeprefix(prefix)), vocabulary.lowercase).strip()
        words = twin.pre_tokenizer.pre_tokenize_str(twin.normalizer.normalize_str(word))
        if vocabulary.id_of(prefix + word) is not None:
            reason = "already a piece"
        elif prefix + word in pieces:
            reason = "given twice"
        elif len(words) != 1 or words[0][0] != word:
            reason = "no single word"
        elif len(word) > MAX_WORD_CHARS:
            reason = f"longer than {MAX_WORD_CHARS} characters"
        else:
            pieces[prefix + word] = None
            continue
        skipped.setdefault(reason, []).append(term)
    return UsableTerms(list(pieces), skipped)


def extend(vocabulary: Vocabulary, terms: list[str]) -> Vocabulary:
    """Return the vocabulary with new pieces in its first unused slots; all other ids stay.

    Args:
        vocabulary: WordPiece vocabulary with enough slots.
        terms: New pieces that the vocabulary does not have.

    Example:
        [PAD] … [unused0] [unused1] 청 ##원 with the term `청원` is [PAD] … 청원 [unused1] 청 ##원.
    """
    pieces = list(vocabulary.pieces[: vocabulary.own_size])
    for slot, term in zip(vocabulary.unused_ids[: len(terms)], terms, strict=True):
        pieces[slot] = term
    data = "".join(f"{piece}\n" for piece in pieces).encode()
    return Vocabulary(vocabulary.kind, data, vocabulary.settings)
