"""Settings of a published tokenizer: `tokenizer_config.json` and `special_tokens_map.json`."""

import json
import os

from kortf import files
from kortf.errors import InputError

SETTINGS_FILE = "tokenizer_config.json"
SPECIAL_FILE = "special_tokens_map.json"
# Written by kortf; they change the ids of a text.
REMOVE_SETTING = "remove_characters"
WORD_LIMIT_SETTING = "max_input_chars_per_word"
NORMALIZATION_SETTING = "text_normalization"
FUSE_SETTING = "fuse_unknown"
PREFIX_SETTING = "prefix_space"
TRAILING_SETTING = "trailing_space"
ROLES = ("pad", "unk", "cls", "sep", "mask")

_FLAGS = (
    "do_lower_case", "strip_accents", "keep_accents", "tokenize_chinese_chars", "do_basic_tokenize",
    "clean_text", "remove_space", "add_prefix_space", "use_regex", "split_by_punct", FUSE_SETTING,
    TRAILING_SETTING,
)  # fmt: skip
# Values that give the ids that kortf computes; any other value is refused.
_SUPPORTED = {
    "tokenize_chinese_chars": (None, True),
    "do_basic_tokenize": (None, True),
    "clean_text": (None, True),
    "remove_space": (None, True),
    "use_regex": (None, True),
    "split_by_punct": (None, False),
    "never_split": (None, []),
    "wordpieces_prefix": (None, "##"),
    "normalizer_type": (None,),
    "word_tokenizer_type": (None, "basic"),
    "subword_tokenizer_type": (None, "wordpiece"),
    "truncation_side": (None, "right"),
}
_OF_KIND = {
    "wordpiece": ("tokenize_chinese_chars", "do_basic_tokenize", "clean_text", "never_split",
                  "wordpieces_prefix", "normalizer_type", "word_tokenizer_type",
                  "subword_tokenizer_type", "truncation_side"),
    "sentencepiece": ("remove_space", "split_by_punct", "truncation_side"),
    "bpe": ("use_regex", "truncation_side"),
}  # fmt: skip


def read_settings(directory: str) -> dict:
    """Read `tokenizer_config.json`, with the names of `special_tokens_map.json` it leaves out.

    Returns:
        The settings; empty where neither file exists.

    Raises:
        InputError: A file is not a JSON object.
    """
    read: dict[str, dict] = {}
    for name in (SPECIAL_FILE, SETTINGS_FILE):
        path = os.path.join(directory, name)
        content = files.read_json(path) if files.exists(path) else {}
        if not isinstance(content, dict):
            raise InputError(path, "not a JSON object", "write the file again")
        read[name] = content
    special, found = read[SPECIAL_FILE], dict(read[SETTINGS_FILE])
    # As transformers: the older file counts where the newer one does not list all tokens.
    first = found.get("added_tokens_decoder") is None
    for key, value in special.items():
        if found.get(key) is None or (first and value is not None):
            found[key] = value
    return found


def check_settings(settings: dict, kind: str, place: str) -> None:
    """Check the types of settings, and that kortf computes what they ask for.

    Args:
        settings: Content of `tokenizer_config.json`.
        kind: Kind of the vocabulary.
        place: Path of the file, for messages.

    Raises:
        InputError: A setting has another type, or asks for other ids than kortf computes.
    """
    for key in _FLAGS:
        if not isinstance(settings.get(key), bool | None):
            problem = f"{_shown(settings[key])} is not true or false"
            raise InputError(f"{place}, {key}", problem, "write true or false without quotes")
    supported = {key: _SUPPORTED[key] for key in _OF_KIND[kind]}
    if kind == "bpe":
        supported |= {"do_lower_case": (None, False), "strip_accents": (None, False)}
    if kind == "sentencepiece":
        supported["strip_accents"] = (None, False)
    for key, usable in supported.items():
        if settings.get(key) not in usable:
            problem = f"{_shown(settings[key])} is not supported"
            cure = f"set it to {json.dumps(usable[-1])}, or take another vocabulary"
            raise InputError(f"{place}, {key}", problem, cure)
    limit = settings.get(WORD_LIMIT_SETTING)
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        problem = f"{_shown(limit)} is not a number of characters"
        raise InputError(f"{place}, {WORD_LIMIT_SETTING}", problem, "write a number, such as 100")
    for role in (*ROLES, "bos", "eos"):
        name = settings.get(f"{role}_token")
        content = name.get("content") if isinstance(name, dict) else name
        if content is not None and not isinstance(content, str):
            problem = f"{_shown(name)} is not a token"
            raise InputError(f"{place}, {role}_token", problem, "write the token as a string")
    _check_sampling(settings, place)
    max_length(settings, place)


def max_length(settings: dict, place: str) -> int | None:
    """Return the longest row in pieces that the settings allow; None for no limit.

    Published tokenizers write numbers such as 1e30 for no limit.

    Raises:
        InputError: `model_max_length` is not a positive number.
    """
    limit = settings.get("model_max_length")
    limit = settings.get("max_len") if limit is None else limit  # its name in older directories
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not limit >= 1:
        problem = f"{_shown(limit)} is not a number of pieces"
        raise InputError(f"{place}, model_max_length", problem, "write a number, such as 512")
    return None if limit > 10**9 else int(limit)


def read_model_config(directory: str) -> dict:
    """Return the `config.json` beside a vocabulary; empty where there is none."""
    path = os.path.join(directory, "config.json")
    config = files.read_json(path) if files.exists(path) else {}
    return config if isinstance(config, dict) else {}


def positions(directory: str) -> int | None:
    """Return the longest row that the model beside a vocabulary reads; None if it has no limit."""
    config = read_model_config(directory)
    count, pad = config.get("max_position_embeddings"), config.get("pad_token_id", 1)
    if isinstance(count, bool) or not isinstance(count, int):
        return None
    # RoBERTa counts positions from the id of padding on.
    roberta = str(config.get("model_type")).endswith(("roberta", "camembert"))
    count -= pad + 1 if roberta and isinstance(pad, int) else 0
    return count if count > 0 else None


def token_of(settings: dict, role: str) -> str | None:
    """Return what the settings call the special token of a role, such as "mask"."""
    name = settings.get(f"{role}_token")
    return name.get("content") if isinstance(name, dict) else name


def _check_sampling(settings: dict, place: str) -> None:
    """Refuse options of SentencePiece that change the ids of a text."""
    options = settings.get("sp_model_kwargs")
    for name in ("enable_sampling", "add_bos", "add_eos", "reverse"):
        if isinstance(options, dict) and options.get(name):
            problem = f"{name} is not supported: a text would have other ids"
            raise InputError(f"{place}, sp_model_kwargs", problem, "set it to false")


def _shown(value) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else f"{text[:59]}…"
