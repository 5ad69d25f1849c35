"""Ids back to text."""

from collections.abc import Sequence

from kortf.text.vocabulary.vocabulary import Vocabulary

# No space comes before these: tokenizing cut them off the word.
_CLOSING = frozenset(".,!?…:;)]}~%”’」』》>")
_OPENING = frozenset("([{“‘「『《<")
# RE2 pattern of the superfluous spaces between joined WordPieces: \\1 stays.
TOO_MUCH = r"( [(\[{“‘「『《<]) "


def spellings(vocabulary: Vocabulary) -> list[str]:
    """Return each piece in readable form: as the vocabulary file spells it, bytes as their text.

    Bytes that are a part of a character are shown as U+FFFD.
    """
    pairs = vocabulary.byte_pairs
    if not pairs:
        return vocabulary.pieces
    ids = range(vocabulary.size)
    return [pairs.text([i], "replace") if i in pairs.ranks else vocabulary.pieces[i] for i in ids]


def joinable(vocabulary: Vocabulary) -> list[bytes]:
    """Return what each piece adds to a text, UTF-8; special tokens add nothing.

    The joined pieces, without what `TOO_MUCH` finds, are the text that `decode` gives, with a space
    before its first word.

    Example: of the pieces [CLS], `세종`, `##대왕`, `.`
        >>> joinable(vocabulary)
        ['', ' 세종', '대왕', '.']
    """
    special, pairs = set(vocabulary.special_ids), vocabulary.byte_pairs
    if pairs:
        added = {token.id: token.content.encode() for token in vocabulary.added}
        texts = {i: b"" if i in special else text for i, text in added.items()}
        own = range(vocabulary.own_size)
        contents = [pairs.content(i) or texts.get(i, b"") for i in own]
        return contents + [texts[i] for i in range(vocabulary.own_size, vocabulary.size)]
    if vocabulary.kind == "sentencepiece":
        return [_content(vocabulary, i, special) for i in range(vocabulary.size)]
    pieces = enumerate(vocabulary.pieces)
    return [b"" if i in special else _with_space(piece).encode() for i, piece in pieces]


def _content(vocabulary: Vocabulary, i: int, special: set[int]) -> bytes:
    """Return what a SentencePiece adds to a text."""
    if i in special:
        return b""
    if i in vocabulary.byte_ids:
        return bytes([vocabulary.byte_ids[i]])
    return vocabulary.pieces[i].replace("▁", " ").encode()


def _with_space(piece: str) -> str:
    if piece.startswith("##") and piece != "##":
        return piece[2:]
    return piece if piece in _CLOSING else f" {piece}"


def decode(vocabulary: Vocabulary, ids: Sequence[int]) -> str:
    """Return the text of ids; special tokens are left out.

    A WordPiece vocabulary does not know the spaces around punctuation: they are put where Korean
    has them. Bytes that are no whole character are left out.

    Example: with the pieces `세종`, `##대왕`, `은`, `왕`, `이다` and `.`
        >>> decode(vocabulary, [세종, ##대왕, 왕, ##이다, .])
        '세종대왕 왕이다.'

    Args:
        vocabulary: Vocabulary of the ids.
        ids: Ids of the pieces.
    """
    special = set(vocabulary.special_ids)
    if vocabulary.byte_pairs:
        contents = joinable(vocabulary)
        text = b"".join(contents[i] for i in ids).decode("utf-8", "ignore")
        return text.removeprefix(" ") if vocabulary.byte_pairs.add_prefix_space else text
    if vocabulary.kind == "sentencepiece":
        joined = b"".join(_content(vocabulary, i, special) for i in ids)
        return joined.decode("utf-8", "ignore").strip()
    text, glue = "", True
    for piece in (vocabulary.pieces[i] for i in ids if i not in special):
        if piece.startswith("##") and piece != "##":
            text += piece[2:]
        else:
            text += piece if glue or piece in _CLOSING else f" {piece}"
        glue = piece in _OPENING
    return text
