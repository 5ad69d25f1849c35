"""A vocabulary: pieces, special tokens, and the settings that change the ids of a text."""

import functools
import hashlib
import json
import os
import re
from collections.abc import Sequence

import numpy as np

from kortf.errors import InputError
from kortf.text.tokenizer.byte_level.byte_pairs import BYTE_CHARACTERS, BytePairs
from kortf.text.unicode import removal
from kortf.text.unicode.normalize import MAX_WORD_CHARS, Normalization
from kortf.text.vocabulary import pieces as piece_files
from kortf.text.vocabulary.added_tokens import (
    DECODER_SETTING,
    AddedToken,
    check_solid,
    complete,
    make_added_token,
    named_tokens,
    special_names,
)
from kortf.text.vocabulary.normalization import normalization_of
from kortf.text.vocabulary.pair_layout import layout_of
from kortf.text.vocabulary.settings import (
    FUSE_SETTING,
    NORMALIZATION_SETTING,
    PREFIX_SETTING,
    REMOVE_SETTING,
    ROLES,
    SETTINGS_FILE,
    TRAILING_SETTING,
    WORD_LIMIT_SETTING,
    check_settings,
    max_length,
    token_of,
)

VOCABULARY_FILES = {"wordpiece": "vocab.txt", "sentencepiece": "spiece.model", "bpe": "vocab.json"}

# Names of the special tokens where the settings do not give them.
_USUAL_NAMES = {
    "pad": ("[PAD]", "<pad>"),
    "unk": ("[UNK]", "<unk>"),
    "cls": ("[CLS]", "<cls>", "<s>"),
    "sep": ("[SEP]", "<sep>", "</s>"),
    "mask": ("[MASK]", "<mask>"),
    "bos": ("<s>", "<|endoftext|>"),
    "eos": ("</s>", "<|endoftext|>"),
}
# GPT-2 has one token between texts, T5 has no [CLS]: roles whose token stands in for another's.
_STAND_INS = {
    "cls": ("cls", "bos"),
    "sep": ("sep", "eos"),
    "unk": ("unk", "eos"),
    "pad": ("pad", "eos"),
    "mask": ("mask", "unk", "eos"),
}
# No text is cut into such a piece: WordPiece splits brackets off.
_UNUSED = re.compile(r"\[unused\d+\]")
_CONTROL = re.compile(r"\[[^\[\]]+\]|<[^<>]+>")


class Vocabulary:
    """The pieces of a tokenizer, by id, and the role of each.

    Attributes:
        kind: "wordpiece", "sentencepiece" or "bpe" (of bytes, as in GPT-2).
        pieces: Piece of each id, as the vocabulary file spells it; added tokens come last.
        added: Added tokens, by id.
        byte_pairs: Merges of a "bpe" vocabulary; None for the others.
        lowercase: Whether text is lower-cased before it is cut into pieces.
        remove: Kinds of characters removed from the text before that, of `removal.KINDS`.
        normalization: All steps before a text is cut into pieces.
        max_word_chars: Longest word that WordPiece cuts; a longer one is [UNK].
        max_length: Longest row in pieces that the settings allow; None for no limit.
        pair_layout: Special tokens of a pair of texts.
        settings: Content of `tokenizer_config.json`.
        pad_id, unk_id, cls_id, sep_id, mask_id: Ids of the special tokens.
    """

    def __init__(
        self,
        kind: str,
        data: bytes,
        settings: dict | None = None,
        place: str = "",
        added: Sequence[AddedToken] = (),
    ):
        """Read a vocabulary from the bytes of its file.

        Args:
            kind: "wordpiece" (`data` is a `vocab.txt`), "sentencepiece" (a `spiece.model`) or "bpe"
                (the result of `BytePairs.pack`).
            data: Content of the file; `save_vocabulary` writes the same bytes.
            settings: Content of `tokenizer_config.json`; settings that are missing are derived.
            place: Directory, for messages.
            added: Added tokens, besides those in the settings.

        Raises:
            InputError: A piece is repeated, a special token is missing, the file is not readable,
                or the settings ask for ids that kortf does not compute.
        """
        self.kind = kind
        self.data = data
        place = place or "vocabulary"
        file, said = (os.path.join(place, n) for n in (VOCABULARY_FILES[kind], SETTINGS_FILE))
        given = dict(settings or {})
        check_settings(given, kind, said)
        self._types, self.byte_pairs = None, None
        if kind == "wordpiece":
            own = piece_files.read_wordpieces(data, file)
        elif kind == "bpe":
            self.byte_pairs = BytePairs(data, file)
            own = self.byte_pairs.pieces
        else:
            own, self._types = piece_files.read_sentencepieces(data, file)
        self.own_size = len(own)
        added = [*_of_settings(given, said), *added]
        added += named_tokens(given, own, added, said)
        self.pieces, self.added = complete(own, added, place)
        self._ids = {piece: i for i, piece in reversed(list(enumerate(self.pieces)))}
        roles = {role: self._find_special(role, given, file) for role in ROLES}
        self.pad_id, self.unk_id, self.cls_id, self.sep_id, self.mask_id = roles.values()
        check_solid(self.cut_tokens, said, kind == "bpe")
        self._extra = special_names(given) + [t.content for t in self.added if t.special]
        self.normalization = normalization_of(kind, data, self._plain(), given, said)
        self.lowercase = self.normalization.lowercase
        self.max_word_chars = given.get(WORD_LIMIT_SETTING) or MAX_WORD_CHARS
        self.remove = removal.check(given.get(REMOVE_SETTING) or (), f"{said}, {REMOVE_SETTING}")
        self.settings = self._complete_settings(given)
        self.max_length = max_length(given, said)
        self.pair_layout = layout_of(given, said)

    @property
    def size(self) -> int:
        """Number of pieces."""
        return len(self.pieces)

    def id_of(self, piece: str) -> int | None:
        """Return the id of `piece`, or None."""
        return self._ids.get(piece)

    @functools.cached_property
    def special_ids(self) -> list[int]:
        """Ids that stand for no text, sorted: never masked, never a random replacement."""
        special = {self.pad_id, self.unk_id, self.cls_id, self.sep_id, self.mask_id}
        special.update(self._ids[piece] for piece in self._extra if piece in self._ids)
        texts = {token.id for token in self.added if not token.special} - special
        if self.byte_pairs:
            return sorted(special | (set(range(self.size)) - set(self.byte_pairs.ranks) - texts))
        for i, piece in enumerate(self.pieces[: self.own_size]):
            kind = self._types[i] if self._types else piece_files.NORMAL
            named = kind == piece_files.NORMAL and _CONTROL.fullmatch(piece)
            if kind == piece_files.CONTROL or (named and i not in texts):
                special.add(i)
        return sorted(special)

    @functools.cached_property
    def unused_ids(self) -> list[int]:
        """Ids of the `[unusedN]` slots that no setting names as a special token, sorted."""
        pieces = enumerate(self.pieces)
        return [i for i, p in pieces if _UNUSED.fullmatch(p) and p not in self._extra]

    @functools.cached_property
    def byte_ids(self) -> dict[int, int]:
        """Id of each piece that is a byte of an unknown character, and the byte."""
        types = enumerate(self._types or ())
        return {i: int(self.pieces[i][1:-1], 16) for i, t in types if t == piece_files.BYTE}

    @functools.cached_property
    def starts_word(self) -> np.ndarray:
        """Return whether each piece begins an eojeol, bool [size]; special and added tokens do."""
        if self.kind == "wordpiece":
            starts = [not piece.startswith("##") or piece == "##" for piece in self.pieces]
        else:
            space = "▁" if self.kind == "sentencepiece" else BYTE_CHARACTERS[ord(" ")]
            starts = [piece.startswith(space) for piece in self.pieces]
        starts = np.array(starts, dtype=bool)
        starts[self.special_ids] = True
        starts[[token.id for token in self.added]] = True
        return starts

    @property
    def prefix_unless_space(self) -> bool:
        """Return whether a text gets a space before it unless it begins with one (Metaspace)."""
        return self.settings.get(PREFIX_SETTING) == "unless_space"

    @property
    def keeps_trailing_space(self) -> bool:
        """Return whether white space at the end of a text is a piece (Metaspace without Strip)."""
        return self.settings.get(TRAILING_SETTING) is True

    @property
    def fuses_unknown(self) -> bool:
        """Return whether unknown characters side by side are one [UNK]."""
        return self.settings.get(FUSE_SETTING) is not False

    @property
    def cut_tokens(self) -> list[AddedToken]:
        """Added tokens that are cut out of a text: all but those of the five roles."""
        roles = {getattr(self, f"{role}_id") for role in ROLES}
        return [token for token in self.added if token.id not in roles]

    @functools.cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) over the vocabulary file and all settings that change the ids of a text."""
        settings = {"kind": self.kind, "lowercase": self.lowercase}
        settings |= {role: getattr(self, f"{role}_id") for role in ROLES}
        settings |= {REMOVE_SETTING: self.remove} if self.remove else {}
        # Added later: a vocabulary without these settings keeps its fingerprint.
        usual = Normalization(lowercase=self.lowercase)
        usual = usual._replace(cleans=False) if self.kind == "bpe" else usual
        own = self.normalization._replace(rules=False)  # which follow from the file
        if own != usual:
            steps = list(own)
            count = 9 if steps[8] else 8 if any(steps[6:8]) else 6
            settings["normalization"] = steps[:count]
        if self.max_word_chars != MAX_WORD_CHARS:
            settings[WORD_LIMIT_SETTING] = self.max_word_chars
        for key in (FUSE_SETTING, PREFIX_SETTING, TRAILING_SETTING):
            settings |= {key: self.settings[key]} if key in self.settings else {}
        if self.cut_tokens:
            settings["added"] = [list(token) for token in self.cut_tokens]
        digest = hashlib.sha256(self.data)
        digest.update(json.dumps(settings, sort_keys=True).encode())
        return digest.hexdigest()

    def _find_special(self, role: str, settings: dict, file: str) -> int:
        names: list[str] = []
        for each in _STAND_INS[role] if self.kind == "bpe" else (role,):
            named = token_of(settings, each)
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

    def _plain(self) -> list[str]:
        """Pieces that stand for text."""
        special = set(self.special_ids)
        pieces = enumerate(self.pieces[: self.own_size])
        return [piece for i, piece in pieces if i not in special]

    def _complete_settings(self, given: dict) -> dict:
        settings = {
            # The class that takes tokenizer.json as it is. BertTokenizer and AlbertTokenizer build
            # a normalizer of these settings, without NFC.
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": 512,
            "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
        }
        roles = {f"{role}_token": self.pieces[getattr(self, f"{role}_id")] for role in ROLES}
        added = given.get(DECODER_SETTING) or {}
        named = [t for t in self.added if t.id >= self.own_size or t in self.cut_tokens]
        added = {str(t.id): t.as_settings() for t in named} | added
        given = given | ({DECODER_SETTING: added} if added else {})
        if self.kind == "bpe":
            return settings | self._gpt_settings(given, roles)
        if self.kind == "wordpiece":
            settings |= {"tokenize_chinese_chars": True}
            strips = {"strip_accents": bool(self.normalization.strips)}
        else:
            settings |= {"keep_accents": not self.normalization.strips, "remove_space": True}
            strips = {"strip_accents": False}
            if str(given.get("tokenizer_class")).startswith("DebertaV2"):
                # transformers 5 gives it steps of its own, without the rules of the model.
                given |= {"tokenizer_class": settings["tokenizer_class"]}
            if str(given.get("tokenizer_class")).lower().startswith("kobert"):
                # Not a class of transformers; what it does is kept by name.
                steps = self.normalization._asdict()
                del steps["lowercase"], steps["rules"]
                given |= {"tokenizer_class": settings["tokenizer_class"]}
                given |= {NORMALIZATION_SETTING: steps}
        settings |= given | roles  # a name may have been given as an object with flags
        return settings | {"do_lower_case": self.lowercase} | strips

    def _gpt_settings(self, given: dict, roles: dict) -> dict:
        """Return the names that GPT-2's tokenizer knows; others only where they were given."""
        for theirs, ours in (("bos", "cls"), ("eos", "sep")):
            roles[f"{theirs}_token"] = token_of(given, theirs) or roles[f"{ours}_token"]
            if not token_of(given, ours):
                del roles[f"{ours}_token"]
        if not token_of(given, "mask") and self.mask_id == self.unk_id:
            del roles["mask_token"]
        settings = {"model_input_names": ["input_ids", "attention_mask"]} | given | roles
        return settings | {"add_prefix_space": self.byte_pairs.add_prefix_space}


def _of_settings(settings: dict, place: str) -> list[AddedToken]:
    table = settings.get(DECODER_SETTING) or {}
    place = f"{place}, {DECODER_SETTING}"
    if not isinstance(table, dict):
        raise InputError(place, "not a table of ids and tokens", "write the directory again")
    return [make_added_token(token, number, place) for number, token in table.items()]
