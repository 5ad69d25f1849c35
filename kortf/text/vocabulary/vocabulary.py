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
from kortf.text.tokenizer.byte_pairs import BYTE_CHARACTERS, BytePairs
from kortf.text.unicode import removal
from kortf.text.vocabulary import byte_level_files, tokenizer_json
from kortf.text.vocabulary.pieces import read_sentencepieces, read_wordpieces

VOCABULARY_FILES = {
    "wordpiece": "vocab.txt",
    "sentencepiece": "spiece.model",
    "bpe": byte_level_files.VOCAB_FILE,
}
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
    "bos": ("<s>", "<|endoftext|>"),
    "eos": ("</s>", "<|endoftext|>"),
}
# GPT-2 has one token, that between texts: which stands for which where a role has none of its own.
_STAND_INS = {
    "cls": ("cls", "bos"),
    "sep": ("sep", "eos"),
    "unk": ("unk", "eos"),
    "pad": ("pad", "eos"),
    "mask": ("mask", "unk", "eos"),
}
# No text is ever cut into such a piece: brackets are split off.
_UNUSED = re.compile(r"\[unused\d+\]")
_CONTROL = re.compile(r"\[.+\]|<.+>")


class Vocabulary:
    """The pieces of a tokenizer, by id, and what each is for.

    Attributes:
        kind: "wordpiece", "sentencepiece" or "bpe" (of bytes, as GPT-2 has it).
        pieces: the piece of each id, as the vocabulary file spells it.
        byte_pairs: of "bpe", the merges as well; None of the others.
        lowercase: whether text is lower-cased before it is cut into pieces.
        remove: kinds of characters that are removed from the text before that, of `removal.KINDS`.
        settings: what stands in `tokenizer_config.json`.
        pad_id, unk_id, cls_id, sep_id, mask_id: ids of the special tokens.
    """

    def __init__(self, kind: str, data: bytes, settings: dict | None = None, place: str = ""):
        """Reads a vocabulary from the bytes of its file.

        Args:
            kind: "wordpiece" (`data` is a `vocab.txt`), "sentencepiece" (a `spiece.model`) or "bpe"
                (what `BytePairs.pack` gives).
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
        self._types, self.byte_pairs = None, None
        if kind == "wordpiece":
            self.pieces = read_wordpieces(data, file)
        elif kind == "bpe":
            self.byte_pairs = BytePairs(data, file)
            self.pieces = self.byte_pairs.pieces
        else:
            self.pieces, self._types = read_sentencepieces(data, file)
        self._ids = {piece: i for i, piece in enumerate(self.pieces)}
        given = dict(settings or {})
        self._refuse_unsupported(given)
        roles = {role: self._find_special(role, given, file) for role in ROLES}
        self.pad_id, self.unk_id, self.cls_id, self.sep_id, self.mask_id = roles.values()
        self._extra = _extra_specials(given)
        lowercase = given.get("do_lower_case")
        if lowercase is None:
            lowercase = kind != "bpe" and self._looks_lowercase()
        self.lowercase = bool(lowercase)
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
        if self.byte_pairs:
            return sorted(special | (set(range(self.size)) - set(self.byte_pairs.ranks)))
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
            space = "▁" if self.kind == "sentencepiece" else BYTE_CHARACTERS[ord(" ")]
            starts = [piece.startswith(space) for piece in self.pieces]
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
        from kortf.text.vocabulary import (
            hugging_face,  # here: it needs `tokenizers`, and this module
        )

        own = {VOCABULARY_FILES[self.kind]: self.data}
        if self.byte_pairs:
            own = byte_level_files.contents(self.byte_pairs)
        for name, content in own.items():
            with files.write_beside(os.path.join(directory, name), "wb") as file:
                file.write(content)
        with contextlib.suppress(ValueError):  # an exotic SentencePiece model has no twin
            twin = hugging_face.to_tokenizers(self)
            with files.write_beside(os.path.join(directory, TWIN_FILE)) as file:
                file.write(twin.to_str())
        files.write_json(os.path.join(directory, SETTINGS_FILE), self.settings)
        self.remove_others(directory)

    def remove_others(self, directory: str) -> None:
        """Removes the files of a vocabulary of another kind from a directory."""
        names = {kind: [name] for kind, name in VOCABULARY_FILES.items()}
        names["bpe"].append(byte_level_files.MERGES_FILE)
        for kind, others in names.items():
            for name in others if kind != self.kind else ():
                files.remove(os.path.join(directory, name))

    def _refuse_unsupported(self, settings: dict) -> None:
        wanted = {"strip_accents": (None, False), "tokenize_chinese_chars": (None, True)}
        if self.kind != "wordpiece":
            del wanted["tokenize_chinese_chars"]
        if self.kind == "bpe":
            wanted["do_lower_case"] = (None, False)
        for key, usable in wanted.items():
            if settings.get(key) not in usable:
                raise InputError(
                    f"{os.path.join(self._place, SETTINGS_FILE)}, {key}",
                    f"{json.dumps(settings[key])} is not supported",
                    f"set it to {json.dumps(usable[-1])}, or take another vocabulary",
                )

    def _find_special(self, role: str, settings: dict, file: str) -> int:
        names: list[str] = []
        for each in _STAND_INS[role] if self.kind == "bpe" else (role,):
            named = _named(settings, each)
            if named:
                names.append(named)
            elif self.kind != "bpe" or each not in ("cls", "sep"):
                names += _USUAL_NAMES[each]
            found = next((name for name in names if name in self._ids), None)
            if found is not None:
                return self._ids[found]
            if named:
                break
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
        if self.kind == "bpe":
            return settings | self._gpt_settings(given, roles)
        if self.kind == "wordpiece":
            settings |= {"tokenize_chinese_chars": True}
        else:
            settings |= {"keep_accents": True, "remove_space": True}
        settings |= given | roles  # a name may have been given as an object with settings
        return settings | {"do_lower_case": self.lowercase, "strip_accents": False}

    def _gpt_settings(self, given: dict, roles: dict) -> dict:
        """The names that GPT-2's tokenizer knows; others only where they were given."""
        for theirs, ours in (("bos", "cls"), ("eos", "sep")):
            roles[f"{theirs}_token"] = _named(given, theirs) or roles[f"{ours}_token"]
            if not _named(given, ours):
                del roles[f"{ours}_token"]
        if not _named(given, "mask") and self.mask_id == self.unk_id:
            del roles["mask_token"]
        settings = {"model_input_names": ["input_ids", "attention_mask"]} | given | roles
        return settings | {"add_prefix_space": self.byte_pairs.add_prefix_space}


def load_vocabulary(directory: str) -> Vocabulary:
    """Reads the vocabulary of a vocabulary directory or a model directory.

    Args:
        directory: holds `vocab.txt` (WordPiece) or `spiece.model` (SentencePiece), or else
            `tokenizer.json` (of WordPiece, or of BPE over bytes), or `vocab.json` and `merges.txt`
            (BPE), and usually `tokenizer_config.json`. When that does not say whether text is
            lower-cased, it is if no piece has a capital letter; not for BPE.

    Raises:
        InputError: there is no vocabulary in it, or the vocabulary cannot be used.
    """
    directory = os.fspath(directory)
    if not files.exists(directory):
        raise InputError(directory, "there is no such directory", "make one with kortf vocab")
    for kind in ("wordpiece", "sentencepiece"):
        path = os.path.join(directory, VOCABULARY_FILES[kind])
        if files.exists(path):
            with files.open_file(path, "rb") as file:
                data = file.read()
            return Vocabulary(kind, data, _read_settings(directory), directory)
    twin = os.path.join(directory, TWIN_FILE)
    if files.exists(twin):
        if tokenizer_json.kind(twin) == "BPE":
            settings = byte_level_files.special_names(directory) | _read_settings(directory)
            data = byte_level_files.read_twin(files.read_json(twin), settings, twin)
            return Vocabulary("bpe", data, settings, directory)
        data, settings = tokenizer_json.read(twin)
        return Vocabulary("wordpiece", data, settings | _read_settings(directory), directory)
    if files.exists(os.path.join(directory, byte_level_files.VOCAB_FILE)):
        settings = byte_level_files.special_names(directory) | _read_settings(directory)
        data = byte_level_files.read_pair(directory, settings)
        return Vocabulary("bpe", data, settings, directory)
    raise InputError(
        directory,
        f"no vocabulary ({' or '.join(VOCABULARY_FILES.values())}) in it",
        "make one with kortf vocab",
    )


def holds_vocabulary(directory: str) -> bool:
    """Whether a directory has a vocabulary of a kind that `load_vocabulary` reads."""
    paths = {kind: os.path.join(directory, name) for kind, name in VOCABULARY_FILES.items()}
    if files.exists(paths["wordpiece"]) or files.exists(paths["sentencepiece"]):
        return True
    path = os.path.join(directory, TWIN_FILE)
    if not files.exists(path):
        return files.exists(paths["bpe"])
    kind = tokenizer_json.kind(path)
    return kind == "WordPiece" or (
        kind == "BPE" and byte_level_files.is_byte_level(files.read_json(path))
    )


def _named(settings: dict, role: str) -> str | None:
    """What the settings call a special token."""
    name = settings.get(f"{role}_token")
    return name.get("content") if isinstance(name, dict) else name


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
