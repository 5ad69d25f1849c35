"""Former cuts of the new pieces of an extended vocabulary."""

from kortf.text.tokenizer.longest_match import LongestMatch
from kortf.text.vocabulary.vocabulary import Vocabulary


def former_parts(old: Vocabulary, new: Vocabulary) -> dict[int, list[int]]:
    """Return the pieces that each new piece of an extended vocabulary was cut into before.

    Args:
        old: WordPiece vocabulary.
        new: Vocabulary of the same size.

    Returns:
        The id of each piece that differs, and the ids of the old pieces that it was cut into; the
        id of [UNK] where it could not be cut.

    Raises:
        ValueError: `new` is not `old` with new pieces in unused slots.

    Example:
        Of [PAD] [UNK] [CLS] [SEP] [MASK] [unused0] 청 ##원, with `청원` in the slot: `{5: [6, 7]}`.
    """
    _check_extended(old, new)
    matcher = LongestMatch(old.pieces)
    changed = (i for i in old.unused_ids if new.pieces[i] != old.pieces[i])
    unknown = [old.pieces[old.unk_id]]
    return {i: [old.id_of(p) for p in matcher.cut(new.pieces[i]) or unknown] for i in changed}


def _check_extended(old: Vocabulary, new: Vocabulary) -> None:
    if (old.kind, new.kind) != ("wordpiece", "wordpiece"):
        raise ValueError("only a WordPiece vocabulary can be extended")
    if old.size != new.size:
        raise ValueError(f"it has {new.size:,} pieces in place of {old.size:,}")
    for name in (
        "lowercase",
        "normalization",
        "remove",
        "pad_id",
        "unk_id",
        "cls_id",
        "sep_id",
        "mask_id",
    ):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            raise ValueError(f"its {name} is {after} in place of {before}")
    free = set(old.unused_ids)
    for i, (before, after) in enumerate(zip(old.pieces, new.pieces, strict=True)):
        if before != after and i not in free:
            raise ValueError(f"its piece {i} is '{after}' in place of '{before}'")
