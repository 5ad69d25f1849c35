"""Pieces of the vocabulary files: `vocab.txt` and SentencePiece models."""

from kortf.errors import InputError
from kortf.text.unicode import code_points
from kortf.text.unicode.normalize import python_class

# Types of the pieces of a SentencePiece model.
NORMAL, BYTE, CONTROL, USER_DEFINED = "normal", "byte", "control", "user_defined"
# White space of Rust, which reads the file in transformers 5.
_IS_SPACE = python_class(code_points.WHITE_SPACE)
_WHITE_SPACE = "".join(c for c in map(chr, range(0x3001)) if _IS_SPACE.match(c))


def read_wordpieces(data: bytes, file: str) -> list[str]:
    """Return the pieces of a `vocab.txt`, by id.

    White space at the end of a line is no part of its piece, as in transformers 5; a line of white
    space alone is a piece of KoCharELECTRA.

    Args:
        data: Content of the file.
        file: Path of the file, for messages.

    Raises:
        InputError: The file is empty or not UTF-8, or a line is empty or a repetition.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = f"{file}, byte {error.start}"
        raise InputError(place, "not UTF-8", "convert the file to UTF-8") from error
    if text.startswith("\ufeff"):
        problem, cure = "begins with a byte order mark", "save it as UTF-8 without one"
        raise InputError(f"{file}, byte 0", problem, cure)
    lines = text.removesuffix("\n").split("\n")
    pieces = [without_trailing_space(line.removesuffix("\r")) for line in lines]
    if pieces == [""]:
        raise InputError(file, "empty", "make a vocabulary with kortf vocab")
    seen: dict[str, int] = {}
    for line, piece in enumerate(pieces, 1):
        if not piece:
            raise InputError(f"{file}, line {line}", "empty line", "each line is one piece")
        first = seen.setdefault(piece, line)
        if first != line:
            problem = f"repeats the piece '{piece}' of line {first}"
            raise InputError(f"{file}, line {line}", problem, "each piece has one line")
    return pieces


def without_trailing_space(line: str) -> str:
    """Return a line of `vocab.txt` without white space at its end, unless it has nothing else.

    Example:
        >>> without_trailing_space("나\u3000 "), without_trailing_space(" ")
        ('나', ' ')
    """
    return line.rstrip(_WHITE_SPACE) or line


def read_sentencepieces(data: bytes, file: str) -> tuple[list[str], list[str]]:
    """Return the pieces of a SentencePiece model, by id, and the type of each.

    Args:
        data: Serialized `ModelProto`.
        file: Path of the file, for messages.

    Returns:
        The pieces, and for each NORMAL, BYTE, CONTROL (unknown and unused pieces as well) or
        USER_DEFINED.

    Raises:
        InputError: The file is not a SentencePiece model.
    """
    import sentencepiece  # here: a WordPiece vocabulary does not need it
    from sentencepiece import sentencepiece_model_pb2 as format

    try:
        sentencepiece.SentencePieceProcessor(model_proto=data)
        proto = format.ModelProto.FromString(data)
    except Exception as error:  # protobuf's errors have no common base in all versions
        cure = "make one with kortf vocab --type=sentencepiece"
        raise InputError(file, "not a SentencePiece model", cure) from error
    names = {1: NORMAL, 4: USER_DEFINED, 6: BYTE}
    types = [names.get(piece.type, CONTROL) for piece in proto.pieces]
    return [piece.piece for piece in proto.pieces], types


def pieces_by_id(table, place: str) -> list[str]:
    """Return the pieces of a JSON table of pieces and ids, by id.

    Args:
        table: Parsed JSON: `{piece: id}`.
        place: File and field, for messages.

    Raises:
        InputError: It is not a table, two pieces have one id, an id is left out, or a piece is
            empty or not Unicode text.
    """
    cure = "take the files that were published together"
    if not isinstance(table, dict) or not table:
        raise InputError(place, "not a table of pieces and ids", cure)
    pieces: list[str | None] = [None] * len(table)
    for piece, number in table.items():
        check_piece(piece, place)
        if isinstance(number, bool) or not isinstance(number, int):
            raise InputError(place, f"the id of '{piece}' is not a number", cure)
        if not 0 <= number < len(pieces):
            problem = f"{len(pieces):,} pieces, of which one has the id {str(number)[:20]}"
            raise InputError(place, problem, cure)
        if pieces[number] is not None:
            problem = f"'{pieces[number]}' and '{piece}' have the same id {number}"
            raise InputError(place, problem, cure)
        pieces[number] = piece
    return pieces


def check_piece(piece, place: str) -> None:
    """Raise InputError for a piece that is empty or not Unicode text."""
    cure = "take the files that were published together"
    if not isinstance(piece, str) or not piece:
        raise InputError(place, "a piece is empty or no text", cure)
    try:
        piece.encode()
    except UnicodeEncodeError as error:
        raise InputError(place, f"the piece {piece!a} is not Unicode text", cure) from error
