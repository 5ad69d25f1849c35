"""The pieces in the vocabulary files that are read as they are."""

from kortf.errors import InputError


def read_wordpieces(data: bytes, file: str) -> list[str]:
    """The pieces of a `vocab.txt`, by id.

    Args:
        data: its bytes.
        file: where it is, for messages.

    Raises:
        InputError: it is empty or not UTF-8, or a line is empty or stands twice.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = f"{file}, byte {error.start}"
        raise InputError(place, "not UTF-8", "convert the file to UTF-8") from error
    pieces = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    if pieces == [""]:
        raise InputError(file, "empty", "make a vocabulary with kortf vocab")
    seen: dict[str, int] = {}
    for line, piece in enumerate(pieces, 1):
        if not piece:
            raise InputError(f"{file}, line {line}", "empty line", "each line is one piece")
        first = seen.setdefault(piece, line)
        if first != line:
            problem = f"'{piece}' stands in line {first} already"
            raise InputError(f"{file}, line {line}", problem, "each piece has one line")
    return pieces


def read_sentencepieces(data: bytes, file: str) -> tuple[list[str], list[str]]:
    """The pieces of a `spiece.model`, by id, and what each is: `normal`, `byte` or `control`.

    Args:
        data: its bytes.
        file: where it is, for messages.

    Raises:
        InputError: it is no SentencePiece model.
    """
    import sentencepiece  # here: a WordPiece vocabulary does not need it

    try:
        model = sentencepiece.SentencePieceProcessor(model_proto=data)
    except (RuntimeError, OSError, TypeError) as error:
        cure = "make one with kortf vocab --type=sentencepiece"
        raise InputError(file, "not a SentencePiece model", cure) from error
    ids = range(model.get_piece_size())
    types = []
    for i in ids:
        control = model.is_control(i) or model.is_unknown(i) or model.is_unused(i)
        types.append("control" if control else "byte" if model.is_byte(i) else "normal")
    return [model.id_to_piece(i) for i in ids], types
