"""A vocabulary: its pieces, its special tokens, its files."""

import contextlib
import functools
import hashlib
import json
import os
import re

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.text import removal, tokenizer_json

VOCABULARY_FILES = {"wordpiece": "vocab.txt", "sentencepiece": "spiece.model"}
SETTINGS_FILE = "tokenizer_config.json"
TWIN_FILE = "tokenizer.json"
REMOVE_SETTING = "remove_characters"
ROLES = ("pad", "unk", "cls", "sep", "mask")

# What the special tokens are called when the settings do not say.
_USUAL_NAMES = {
    "pad": ("[PAD]", "<pad>"),
    "unk": ("[UNK]", "<unk>"),
    "cls": ("[CLS]", "<cls>", "<s>"),
    "sep": ("[SEP]", "<sep>", "</s>"),
    "mask": ("[MASK]", "<mask>"),
}
# No text is ever cut into such a piece: brackets are split off.
_UNUSED = re.compile(r"\[unused\d+\]")
_CONTROL = re.compile(r"\[.+\]|<.+>")


class Vocabulary:
    """The pieces of a tokenizer, by id, and what each is for.

    Attributes:
        kind: "wordpiece" or "sentencepiece".
        pieces: the piece of each id, as the vocabulary file spells it.
        lowercase: whether text is lower-cased before it is cut into pieces.
        remove: kinds of characters that are removed from the text before that, of `removal.KINDS`.
        settings: what stands in `tokenizer_config.json`.
        pad_id, unk_id, cls_id, sep_id, mask_id: ids of the special tokens.
    """

    def __init__(self, kind: str, data: bytes, settings: dict | None = None, place: str = ""):
        """Reads a vocabulary from the bytes of its file.

        Args:
            kind: "wordpiece" (`data` is a `vocab.txt`) or "sentencepiece" (a `spiece.model`).
            data: the file's bytes; `save` writes the same ones.
            settings: what stands in `tokenizer_config.json`; what is missing is found out.
            place: the directory, for messages.

        Raises:
            InputError: a piece stands twice, a special token is missing, the file is not readable,
                or the settings ask for what would break Hangul.
        """
        self.kind = kind
        self.data = data
        self._place = place or "vocabulary"
        file = os.path.join(self._place, VOCABULARY_FILES[kind])
        self._types = None
        if kind == "wordpiece":
            self.pieces = _read_wordpieces(data, file)
        else:
            self.pieces, self._types = _read_sentencepieces(data, file)
        self._ids = {piece: i for i, piece in enumerate(self.pieces)}
        given = dict(settings or {})
        self._refuse_unsupported(given)
        roles = {role: self._find_special(role, given, file) for role in ROLES}
        self.pad_id, self.unk_id, self.cls_id, self.sep_id, self.mask_id = roles.values()
        self._extra = _extra_specials(given)
        lowercase = given.get("do_lower_case")
        self.lowercase = self._looks_lowercase() if lowercase is None else bool(lowercase)
        place = f"{os.path.join(self._place, SETTINGS_FILE)}, {REMOVE_SETTING}"
        self.remove = removal.check(given.get(REMOVE_SETTING) or (), place)
        self.settings = self._complete_settings(given)

    @property
    def size(self) -> int:
        """How many pieces there are."""
        return len(self.pieces)

    def id_of(self, piece: str) -> int | None:
        """The id of `piece`, or None."""
        return self._ids.get(piece)

    @functools.cached_property
    def special_ids(self) -> list[int]:
        """Ids that stand for no text, sorted: never masked, never a random replacement."""
        special = {self.pad_id, self.unk_id, self.cls_id, self.sep_id, self.mask_id}
        special.update(self._ids[piece] for piece in self._extra if piece in self._ids)
        for i, piece in enumerate(self.pieces):
            kind = self._types[i] if self._types else "normal"
            if kind == "control" or (kind == "normal" and _CONTROL.fullmatch(piece)):
                special.add(i)
        return sorted(special)

    @functools.cached_property
    def unused_ids(self) -> list[int]:
        """Ids of the `[unusedN]` slots that no setting names as a special token, sorted."""
        pieces = enumerate(self.pieces)
        return [i for i, p in pieces if _UNUSED.fullmatch(p) and p not in self._extra]

    @functools.cached_property
    def starts_word(self) -> np.ndarray:
        """Whether each piece begins an eojeol, bool [size]; special tokens do."""
        if self.kind == "wordpiece":
            starts = [not piece.startswith("##") or piece == "##" for piece in self.pieces]
        else:
            starts = [piece.startswith("▁") for piece in self.pieces]
        starts = np.array(starts, dtype=bool)
        starts[self.special_ids] = True
        return starts

    @functools.cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) over the vocabulary file and all settings that change the ids of a text."""
        settings = {"kind": self.kind, "lowercase": self.lowercase}
        settings |= {role: getattr(self, f"{role}_id") for role in ROLES}
        settings |= {REMOVE_SETTING: self.remove} if self.remove else {}
        digest = hashlib.sha256(self.data)
        digest.update(json.dumps(settings, sort_keys=True).encode())
        return digest.hexdigest()

    def save(self, directory: str) -> None:
        """Writes the vocabulary file (same bytes), `tokenizer_config.json` and `tokenizer.json`."""
        from kortf.text import hugging_face  # here: it needs `tokenizers`, and this module

        with files.write_beside(os.path.join(directory, VOCABULARY_FILES[self.kind]), "wb") as file:
            file.write(self.data)
        with contextlib.suppress(ValueError):  # an exotic SentencePiece model has no twin
            twin = hugging_face.to_tokenizers(self)
            with files.write_beside(os.path.join(directory, TWIN_FILE)) as file:
                file.write(twin.to_str())
        files.write_json(os.path.join(directory, SETTINGS_FILE), self.settings)
        for kind, name in VOCABULARY_FILES.items():
            if kind != self.kind:  # what stood there before is not this vocabulary's
                files.remove(os.path.join(directory, name))

    def _refuse_unsupported(self, settings: dict) -> None:
        wanted = {"strip_accents": (None, False), "tokenize_chinese_chars": (None, True)}
        if self.kind == "sentencepiece":
            del wanted["tokenize_chinese_chars"]
        for key, usable in wanted.items():
            if settings.get(key) not in usable:
                raise InputError(
                    f"{os.path.join(self._place, SETTINGS_FILE)}, {key}",
                    f"{json.dumps(settings[key])} is not supported",
                    f"set it to {json.dumps(usable[-1])}, or take another vocabulary",
                )

    def _find_special(self, role: str, settings: dict, file: str) -> int:
        named = settings.get(f"{role}_token")
        named = named.get("content") if isinstance(named, dict) else named
        names = (named,) if named else _USUAL_NAMES[role]
        for name in names:
            if name in self._ids:
                return self._ids[name]
        raise InputError(
            file,
            f"the special token {' or '.join(names)} is missing",
            f"add it, or name the {role} token as {role}_token in {SETTINGS_FILE}",
        )

    def _looks_lowercase(self) -> bool:
        """Whether no piece has a capital: without a setting, the vocabulary itself tells."""
        special = set(self.special_ids)
        plain = (piece for i, piece in enumerate(self.pieces) if i not in special)
        return not any(piece != piece.lower() for piece in plain)

    def _complete_settings(self, given: dict) -> dict:
        settings = {
            # The class that takes tokenizer.json as it is. BertTokenizer and AlbertTokenizer build
            # their own normalisation from these settings, without NFC.
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": 512,
            "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
        }
        roles = {f"{role}_token": self.pieces[getattr(self, f"{role}_id")] for role in ROLES}
        if self.kind == "wordpiece":
            settings |= {"tokenize_chinese_chars": True}
        else:
            settings |= {"keep_accents": True, "remove_space": True}
        settings |= given | roles  # a name may have been given as an object with settings
        return settings | {"do_lower_case": self.lowercase, "strip_accents": False}


def load_vocabulary(directory: str) -> Vocabulary:
    """Reads the vocabulary of a vocabulary directory or a model directory.

    Args:
        directory: holds `vocab.txt` (WordPiece) or `spiece.model` (SentencePiece), or else
            `tokenizer.json` (of WordPiece), and usually `tokenizer_config.json`. When that does not
            say whether text is lower-cased, it is if no piece has a capital letter.

    Raises:
        InputError: there is no vocabulary in it, or the vocabulary cannot be used.
    """
    directory = os.fspath(directory)
    if not files.exists(directory):
        raise InputError(directory, "there is no such directory", "make one with kortf vocab")
    for kind, name in VOCABULARY_FILES.items():
        path = os.path.join(directory, name)
        if files.exists(path):
            with files.open_file(path, "rb") as file:
                data = file.read()
            return Vocabulary(kind, data, _read_settings(directory), directory)
    twin = os.path.join(directory, TWIN_FILE)
    if files.exists(twin):
        data, settings = tokenizer_json.read(twin)
        return Vocabulary("wordpiece", data, settings | _read_settings(directory), directory)
    raise InputError(
        directory,
        f"no vocabulary ({' or '.join(VOCABULARY_FILES.values())}) in it",
        "make one with kortf vocab",
    )


def holds_vocabulary(directory: str) -> bool:
    """Whether a directory has a vocabulary that `load_vocabulary` reads."""
    names = VOCABULARY_FILES.values()
    return any(
        files.exists(os.path.join(directory, name)) for name in names
    ) or tokenizer_json.holds_wordpieces(os.path.join(directory, TWIN_FILE))


def _read_settings(directory: str) -> dict:
    path = os.path.join(directory, SETTINGS_FILE)
    if not files.exists(path):
        return {}
    settings = files.read_json(path)
    if not isinstance(settings, dict):
        raise InputError(path, "not a JSON object", "write the file again")
    return settings


def _extra_specials(settings: dict) -> list[str]:
    """Other special tokens that the settings of a published tokenizer name."""
    extra = list(settings.get("additional_special_tokens") or [])
    for token in (settings.get("added_tokens_decoder") or {}).values():
        if token.get("special"):
            extra.append(token)
    return [token.get("content") if isinstance(token, dict) else token for token in extra]


def _read_wordpieces(data: bytes, file: str) -> list[str]:
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


def _read_sentencepieces(data: bytes, file: str) -> tuple[list[str], list[str]]:
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
