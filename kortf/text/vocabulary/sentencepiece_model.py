"""SentencePiece models made of other files: `vocab.txt`, fairseq's order, `tokenizer.json`."""

from collections.abc import Collection, Mapping, Sequence

from kortf.errors import InputError

_CURE = "take the files that were published together"
_SPACE = "▁"


def reorder(data: bytes, order: Sequence[str], place: str) -> bytes:
    """Give the pieces of a model the ids of a list.

    Args:
        data: Serialized `ModelProto`.
        order: Pieces by id. Those that the model does not have are special tokens. The model's
            unknown piece may have another name in the list: that of a usual unknown token.
        place: Path of the list, for messages.

    Returns:
        A `ModelProto` that cuts a text as the model does.

    Raises:
        InputError: A piece that the model cuts text into is not in the list.
    """
    old = _parse(data)
    by_name = {piece.piece: piece for piece in old.pieces}
    unknown = next(piece for piece in old.pieces if piece.type == piece.UNKNOWN)
    renamed = next((n for n in (unknown.piece, "[UNK]", "<unk>") if n in order), None)
    used = {piece.piece for piece in old.pieces if piece.type in (1, 4, 6)}
    missing = sorted(used - set(order))
    if missing or renamed is None:
        problem = f"the model beside it has the piece '{(missing or [unknown.piece])[0]}'"
        raise InputError(place, f"{problem}, which is not in this file", _CURE)
    new = _parse(data)
    del new.pieces[:]
    for name in order:
        if name == renamed:
            new.pieces.add(piece=name, score=unknown.score, type=unknown.UNKNOWN)
        elif name in used:
            new.pieces.add().CopyFrom(by_name[name])
        else:
            new.pieces.add(piece=name, score=0.0, type=unknown.CONTROL)
    new.trainer_spec.unk_piece = renamed
    return _finish(new)


def as_fairseq(data: bytes) -> bytes:
    """Give the pieces of a model the ids of XLM-RoBERTa, which fairseq moved by one.

    `<s> <pad> </s> <unk>` come first and `<mask>` last; the model itself begins with
    `<unk> <s> </s>`.
    """
    names = [piece.piece for piece in _parse(data).pieces]
    return reorder(data, ["<s>", "<pad>", "</s>", "<unk>", *names[3:], "<mask>"], "model")


def from_unigram(
    scores: Sequence[tuple[str, float]],
    unk_id: int,
    special: Collection[int],
    byte_fallback: bool,
) -> bytes:
    """Make a model of the pieces and scores of a `tokenizer.json`.

    Args:
        scores: Piece and score of each id.
        unk_id: Id of the unknown piece.
        special: Ids that no text is cut into.
        byte_fallback: Whether an unknown character becomes the pieces of its bytes.
    """
    proto = _empty()
    proto.trainer_spec.model_type = proto.trainer_spec.UNIGRAM
    proto.trainer_spec.byte_fallback = byte_fallback
    for i, (piece, score) in enumerate(scores):
        proto.pieces.add(piece=piece, score=score, type=_type(proto, piece, i == unk_id))
        hidden = i in special or _SPACE in piece[1:]  # text is split before each space
        if hidden and i != unk_id:
            proto.pieces[-1].type = proto.SentencePiece.CONTROL
    return _finish(proto)


def from_merges(
    pieces: Sequence[str], ranks: Mapping[int, int], unk_id: int | None, byte_fallback: bool
) -> bytes:
    """Make a BPE model of which the first merge makes the best piece.

    Args:
        pieces: Piece of each id.
        ranks: Number of the last merge that makes a piece, -1 for single characters, of all pieces
            that a text is cut into.
        unk_id: Id of the unknown piece; None where no text has one.
        byte_fallback: Whether an unknown character becomes the pieces of its bytes.
    """
    proto = _empty()
    proto.trainer_spec.model_type = proto.trainer_spec.BPE
    proto.trainer_spec.byte_fallback = byte_fallback
    if unk_id is None:  # the library wants one
        unk_id = next(i for i in range(len(pieces) + 1) if i not in ranks)
    for i, piece in enumerate([*pieces, "<unk>"][: max(len(pieces), unk_id + 1)]):
        kind = _type(proto, piece, i == unk_id)
        if i not in ranks and kind == proto.SentencePiece.NORMAL:
            kind = proto.SentencePiece.CONTROL
        proto.pieces.add(piece=piece, score=-float(ranks.get(i, 0)), type=kind)
    return _finish(proto)


def with_rules(data: bytes, charsmap: bytes, collapses: bool, prefix: bool) -> bytes:
    """Set how a model treats a text before it cuts it.

    Args:
        data: Serialized `ModelProto`.
        charsmap: Compiled rules of replacement; empty for none.
        collapses: Whether several spaces become one, and spaces at both ends are removed.
        prefix: Whether a space is put before the text.
    """
    proto = _parse(data)
    spec = proto.normalizer_spec
    spec.name = "precompiled" if charsmap else "identity"
    spec.precompiled_charsmap = charsmap
    spec.remove_extra_whitespaces = collapses
    spec.add_dummy_prefix = prefix
    spec.escape_whitespaces = True
    return _finish(proto)


def puts_prefix(data: bytes) -> bool:
    """Return whether a model puts a space before a text."""
    return _parse(data).normalizer_spec.add_dummy_prefix


def characters(pieces: Sequence[str], unk_id: int, special: Collection[int]) -> bytes:
    """Make a model that cuts a text into its characters, spaces as well (KoCharELECTRA)."""
    proto = _empty()
    proto.trainer_spec.model_type = proto.trainer_spec.CHAR
    proto.normalizer_spec.name = "identity"
    proto.normalizer_spec.add_dummy_prefix = False
    proto.normalizer_spec.remove_extra_whitespaces = True
    proto.normalizer_spec.escape_whitespaces = False
    for i, piece in enumerate(pieces):
        proto.pieces.add(piece=piece, score=0.0, type=_type(proto, piece, i == unk_id))
        if i in special and i != unk_id:
            proto.pieces[-1].type = proto.SentencePiece.CONTROL
    return _finish(proto)


def _type(proto, piece: str, unknown: bool) -> int:
    if unknown:
        return proto.SentencePiece.UNKNOWN
    is_byte = len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">")
    if is_byte and proto.trainer_spec.byte_fallback:
        return proto.SentencePiece.BYTE
    return proto.SentencePiece.NORMAL


def _empty():
    from sentencepiece import sentencepiece_model_pb2 as format

    return format.ModelProto()


def _parse(data: bytes):
    from sentencepiece import sentencepiece_model_pb2 as format

    return format.ModelProto.FromString(data)


def _finish(proto) -> bytes:
    return proto.SerializeToString(deterministic=True)
