"""Find and read the vocabulary of a directory."""

import glob
import logging
import os

from kortf import files
from kortf.errors import InputError
from kortf.text.vocabulary import (
    byte_level_files,
    sentencepiece_model,
    tokenizer_json,
    wordpiece_json,
)
from kortf.text.vocabulary.added_tokens import AddedToken, read_added_tokens
from kortf.text.vocabulary.json_steps import refuse_step
from kortf.text.vocabulary.pair_layout import BERT as BERT_LAYOUT
from kortf.text.vocabulary.pair_layout import GENERIC, PAIR_SETTING, published_layout
from kortf.text.vocabulary.pieces import read_wordpieces
from kortf.text.vocabulary.settings import (
    FUSE_SETTING,
    NORMALIZATION_SETTING,
    SETTINGS_FILE,
    max_length,
    positions,
    read_settings,
    token_of,
)
from kortf.text.vocabulary.vocabulary import VOCABULARY_FILES, Vocabulary

TWIN_FILE = "tokenizer.json"
FAIRSEQ_FILE = "sentencepiece.bpe.model"
# Names of SentencePiece models, the first that exists is read.
MODEL_FILES = (VOCABULARY_FILES["sentencepiece"], "spm.model", FAIRSEQ_FILE, "tokenizer.model")
# Classes that cut text into words as GPT-2.
_AS_GPT2 = (
    "gpt2", "roberta", "bart", "longformer", "led", "deberta", "blenderbot", "codegen", "whisper",
    "pretrainedtokenizerfast", "tokenizersbackend", "bigbird", "modernbert",
)  # fmt: skip
_CURE = "take the files that were published together"
# Classes whose ids follow from the files, in lower case.
_CLASSES = (
    "albert", "barthez", "bart", "berttokenizer", "bigbird", "blenderbot", "camembert", "codegen",
    "convbert", "deberta", "distilbert", "dpr", "electra", "funnel", "gpt2", "kobert",
    "kocharelectra", "layoutlm", "led", "llama", "longformer", "lxmert", "mbart", "mobilebert",
    "mpnet", "nezha", "pretrainedtokenizerfast", "reformer", "roberta", "splinter", "squeezebert",
    "t5", "tokenizersbackend", "whisper", "xlmroberta", "xlnet",
)  # fmt: skip


def load_vocabulary(directory: str) -> Vocabulary:
    """Read the vocabulary of a vocabulary directory or a model directory.

    Args:
        directory: Holds `vocab.txt` (WordPiece), a SentencePiece model (`spiece.model`,
            `spm.model`, `sentencepiece.bpe.model` of XLM-RoBERTa, or that of KoBERT beside its
            `vocab.txt`), `tokenizer.json`, or `vocab.json` and `merges.txt` (byte-level BPE);
            usually also `tokenizer_config.json` and `added_tokens.json`.

    Raises:
        InputError: The directory has no vocabulary, or one that cannot be used.
    """
    directory = os.fspath(directory)
    if not files.exists(directory):
        raise InputError(directory, "there is no such directory", "make one with kortf vocab")
    settings = read_settings(directory)
    added = read_added_tokens(directory, settings, os.path.join(directory, SETTINGS_FILE))
    words = os.path.join(directory, VOCABULARY_FILES["wordpiece"])
    twin = os.path.join(directory, TWIN_FILE)
    if PAIR_SETTING not in settings:
        layout = published_layout(directory, settings, twin)
        settings |= {} if layout == BERT_LAYOUT else {PAIR_SETTING: layout._asdict()}
    if max_length(settings, os.path.join(directory, SETTINGS_FILE)) is None:
        limit = positions(directory)
        settings |= {"model_max_length": limit} if limit else {}
    _tell_of_unknown_class(directory, settings)
    if files.exists(words):
        return _of_vocab_txt(directory, words, settings, added)
    model = _model_file(directory)
    if os.path.basename(model) == FAIRSEQ_FILE and files.exists(twin):
        model = ""  # which says itself which ids there are
    if model:
        return _of_model(directory, model, settings, added)
    if files.exists(twin):
        return _of_twin(directory, twin, settings, added)
    if files.exists(os.path.join(directory, VOCABULARY_FILES["bpe"])):
        _check_gpt2(directory, settings)
        data = byte_level_files.read_pair(directory, settings, added)
        return Vocabulary("bpe", data, settings, directory, added)
    names = " or ".join(VOCABULARY_FILES.values())
    raise InputError(directory, f"no vocabulary ({names}) in it", "make one with kortf vocab")


def _check_gpt2(directory: str, settings: dict) -> None:
    """Refuse a class that does not cut text into words as GPT-2: the files do not say how."""
    named = str(settings.get("tokenizer_class") or "")
    if named and not named.lower().startswith(_AS_GPT2):
        problem = f"the steps of {named[:80]} are not those of GPT-2"
        place = f"{os.path.join(directory, SETTINGS_FILE)}, tokenizer_class"
        raise InputError(place, problem, f"put its {TWIN_FILE} beside it")


def _tell_of_unknown_class(directory: str, settings: dict) -> None:
    """Log a class whose ids kortf may not compute: one that is not of transformers."""
    named = str(settings.get("tokenizer_class") or "")
    if named and not named.lower().startswith(_CLASSES):
        place = os.path.join(directory, SETTINGS_FILE)
        kind = "the files of its vocabulary decide how a text is cut"
        logging.warning("%s, tokenizer_class: %s is not known; %s", place, named[:80], kind)


def holds_vocabulary(directory: str) -> bool:
    """Return whether a directory has a vocabulary of a kind that `load_vocabulary` reads."""
    names = (VOCABULARY_FILES["wordpiece"], *MODEL_FILES)
    if any(files.exists(os.path.join(directory, name)) for name in names):
        return True
    path = os.path.join(directory, TWIN_FILE)
    if files.exists(path):
        return tokenizer_json.is_supported(path)
    return files.exists(os.path.join(directory, VOCABULARY_FILES["bpe"]))


def _of_vocab_txt(directory: str, path: str, settings: dict, added: list[AddedToken]) -> Vocabulary:
    with files.open_file(path, "rb") as file:
        data = file.read()
    pieces = read_wordpieces(data, path)
    inside = sum(piece.startswith("##") for piece in pieces)
    spaces = sum(piece.startswith("▁") for piece in pieces)
    if spaces > inside:
        model = _model_file(directory) or _any_model(directory)
        if not model:
            problem = f"{spaces:,} pieces begin with ▁: they belong to a SentencePiece model"
            raise InputError(path, problem, "put the .model file that belongs to it beside it")
        data = sentencepiece_model.reorder(_read(model), pieces, path)
        settings = {"tokenizer_class": "KoBertTokenizer"} | settings  # the only such class
        return _with_told_figures(Vocabulary("sentencepiece", data, settings, directory, added))
    if _are_characters(pieces):
        if " " in pieces:
            return _of_characters(directory, pieces, settings, added)
        problem = (
            "no piece begins with ##, and none has two characters: pieces of another tokenizer"
        )
        raise InputError(path, problem, "take a WordPiece vocabulary")
    twin = os.path.join(directory, TWIN_FILE)
    if settings.get("tokenizer_class") in GENERIC and files.exists(twin):
        said = wordpiece_json.read(twin)
        if said is not None:  # the class takes its steps, whatever the settings say
            settings |= said.settings
            known = {token.content for token in added}
            added = [*added, *(token for token in said.added if token.content not in known)]
    vocabulary = Vocabulary("wordpiece", data, settings, directory, added)
    if settings.get("do_lower_case") is None and not vocabulary.normalization.strips:
        what = "lower-cased" if vocabulary.lowercase else "not lower-cased"
        logging.warning(
            "%s: do_lower_case is not set; text is %s, as the pieces are, and keeps its accents; "
            "transformers would lower-case it and strip them", path, what,
        )  # fmt: skip
    return vocabulary


def _of_characters(directory: str, pieces, settings: dict, added) -> Vocabulary:
    """KoCharELECTRA: each character is a piece, spaces as well."""
    unknown = token_of(settings, "unk") or "[UNK]"
    if unknown not in pieces:
        place = os.path.join(directory, VOCABULARY_FILES["wordpiece"])
        raise InputError(place, f"the special token {unknown} is missing", _CURE)
    special = [i for i, piece in enumerate(pieces) if len(piece) > 1]
    data = sentencepiece_model.characters(pieces, pieces.index(unknown), special)
    lowercase = bool(settings.get("do_lower_case"))
    said = {FUSE_SETTING: False, "do_lower_case": lowercase}
    steps = {"cleans": False, "spaces": True, "runs": True, "separators": True}
    settings = {NORMALIZATION_SETTING: steps} | settings
    return Vocabulary("sentencepiece", data, settings | said, directory, added)


def _are_characters(pieces: list[str]) -> bool:
    """Return whether all pieces except special tokens are single characters."""
    plain = [piece for piece in pieces if not (piece[0] in "[<" and piece[-1] in "]>")]
    return len(plain) >= 10 and all(len(piece) == 1 for piece in plain)


def _of_model(directory: str, path: str, settings: dict, added: list[AddedToken]) -> Vocabulary:
    data = _read(path)
    if os.path.basename(path) == FAIRSEQ_FILE:
        named = str(settings.get("tokenizer_class") or "XLMRobertaTokenizer")
        if not named.startswith("XLMRoberta"):
            problem = f"the ids of {named} are not those of the model"
            raise InputError(path, problem, f"put its {TWIN_FILE} beside it")
        data = sentencepiece_model.as_fairseq(data)
        settings = settings | {"tokenizer_class": named}
    vocabulary = Vocabulary("sentencepiece", data, settings, directory, added)
    return _with_told_figures(_with_checked_prefix(vocabulary))


def _with_told_figures(vocabulary: Vocabulary) -> Vocabulary:
    """Log the pieces that KoBERT's classes cut once more: those that end in a digit and a comma."""
    named = str(vocabulary.settings.get("tokenizer_class") or "").lower()
    figures = [p for p in vocabulary.pieces if p[-1:] == "," and p[-2:-1].isdigit()]
    if named.startswith("kobert") and figures:
        logging.warning(
            "%d pieces end in a digit and a comma, such as %s; the published class cuts off the "
            "comma, kortf does not", len(figures), figures[0],
        )  # fmt: skip
    return vocabulary


def _of_twin(directory: str, path: str, settings: dict, added: list[AddedToken]) -> Vocabulary:
    read = tokenizer_json.read(path, settings, added)
    # The settings of a class that builds its own steps come before those of the file.
    merged = read.settings | settings
    if settings.get("do_lower_case") is not None and settings.get("strip_accents") is None:
        merged.pop("strip_accents", None)  # which then follows from do_lower_case
    if settings.get("tokenizer_class") in (*GENERIC, None):
        merged |= read.settings
    vocabulary = Vocabulary(read.kind, read.data, merged, directory, read.added)
    if read.prefixes_first and vocabulary.cut_tokens:
        refuse_step(f"{path}, pre_tokenizer", "prepend_scheme first beside added tokens")
    named = str(settings.get("tokenizer_class") or "")
    if read.prefixes_first and named.startswith("DebertaV2"):
        return vocabulary  # whose add_prefix_space=False means so
    return _with_checked_prefix(vocabulary)


def _with_checked_prefix(vocabulary: Vocabulary) -> Vocabulary:
    """Refuse a setting of a SentencePiece class that contradicts the steps of the vocabulary."""
    settings = vocabulary.settings
    given, own = settings.get("add_prefix_space"), settings.get("tokenizer_class") not in GENERIC
    if vocabulary.kind == "sentencepiece" and own and isinstance(given, bool):
        prefix = sentencepiece_model.puts_prefix(vocabulary.data) or vocabulary.prefix_unless_space
        if given != prefix:
            problem = f"{str(given).lower()}, where the vocabulary has it otherwise"
            cure = "take the files that were published together, or leave the setting out"
            raise InputError(f"{SETTINGS_FILE}, add_prefix_space", problem, cure)
    return vocabulary


def _model_file(directory: str) -> str:
    paths = (os.path.join(directory, name) for name in MODEL_FILES)
    return next((path for path in paths if files.exists(path)), "")


def _any_model(directory: str) -> str:
    """Path of the only other `.model` file, as KoBERT's `tokenizer_78b3253a26.model`; else ""."""
    if files.is_remote(directory):
        names = [name for name in files.listdir(directory) if name.endswith(".model")]
        found = [os.path.join(directory, name) for name in names]
    else:
        found = glob.glob(os.path.join(glob.escape(directory), "*.model"))
    return found[0] if len(found) == 1 else ""


def _read(path: str) -> bytes:
    with files.open_file(path, "rb") as file:
        return file.read()
