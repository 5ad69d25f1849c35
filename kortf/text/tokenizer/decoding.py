"""From ids back to text."""

from collections.abc import Sequence

from kortf.text.vocabulary.vocabulary import Vocabulary

# No space stands before these: tokenizing has cut them off the word.
_CLOSING = frozenset(".,!?…:;)]}~%”’」』》>")
_OPENING = frozenset("([{“‘「『《<")
# RE2 pattern of the spaces that joined WordPieces have too many: \\1 stays.
TOO_MUCH = r"( [(\[{“‘「『《<]) "


def spellings(vocabulary: Vocabulary) -> list[str]:
    """Each piece as people read it: as the vocabulary file spells it, bytes as the text they are.

    Bytes that are a part of a character are shown as U+FFFD.
    """
    pairs = vocabulary.byte_pairs
    if not pairs:
        return vocabulary.pieces
    ids = range(vocabulary.size)
    return [pairs.text([i], "replace") if i in pairs.ranks else vocabulary.pieces[i] for i in ids]


def joinable(vocabulary: Vocabulary) -> list[bytes]:
    """Each piece as what it adds to a text, UTF-8; special tokens add nothing.

    Joined, and with what `TOO_MUCH` finds taken out, they are the text that `decode` gives, with a
    space before its first word.

    Example: of the pieces [CLS], `세종`, `##대왕`, `.`
        >>> joinable(vocabulary)
        ['', ' 세종', '대왕', '.']
    """
    special, pairs = set(vocabulary.special_ids), vocabulary.byte_pairs
    if pairs:
        return [pairs.content(i) for i in range(vocabulary.size)]
    pieces = enumerate(vocabulary.pieces)
    if vocabulary.kind == "sentencepiece":
        texts = ["" if i in special else piece.replace("▁", " ") for i, piece in pieces]
    else:
        texts = ["" if i in special else _with_space(piece) for i, piece in pieces]
    return [text.encode() for text in texts]


def _with_space(piece: str) -> str:
    if piece.startswith("##") and piece != "##":
        return piece[2:]
    return piece if piece in _CLOSING else f" {piece}"


def decode(vocabulary: Vocabulary, ids: Sequence[int]) -> str:
    """The text that ids stand for; special tokens are left out.

    A WordPiece vocabulary does not say where spaces stood around punctuation: they are put where
    Korean writes them.

    Example: with the pieces `세종`, `##대왕`, `은`, `왕`, `이다` and `.`
        >>> decode(vocabulary, [세종, ##대왕, 왕, ##이다, .])
        '세종대왕 왕이다.'

    Args:
        vocabulary: whose ids they are.
        ids: of the pieces.
    """
    if vocabulary.byte_pairs:
        text = vocabulary.byte_pairs.text(ids)
        return text.removeprefix(" ") if vocabulary.byte_pairs.add_prefix_space else text
    special = set(vocabulary.special_ids)
    pieces = [vocabulary.pieces[i] for i in ids if i not in special]
    if vocabulary.kind == "sentencepiece":
        return "".join(pieces).replace("▁", " ").strip()
    text, glue = "", True
    for piece in pieces:
        if piece.startswith("##") and piece != "##":
            text += piece[2:]
        else:
            text += piece if glue or piece in _CLOSING else f" {piece}"
        glue = piece in _OPENING
    return text
