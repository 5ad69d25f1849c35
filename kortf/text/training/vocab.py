"""Train a vocabulary: survey the corpus, train on it, measure the fit."""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kortf.errors import InputError
from kortf.text.kiwi import Kiwi
from kortf.text.training import coverage
from kortf.text.training.survey import Advance, Reader, Survey, sample, survey
from kortf.text.unicode import removal
from kortf.text.unicode.removal import Removal
from kortf.text.vocabulary.settings import REMOVE_SETTING
from kortf.text.vocabulary.vocabulary import Vocabulary

PRETOKENIZERS = ("none", "kiwi")
KINDS = ("wordpiece", "sentencepiece")
MODELS = ("unigram", "bpe")
# Most megabytes of text to train on, which bounds memory.
DEFAULT_SAMPLE_MB = {"wordpiece": 400, "unigram": 64, "bpe": 400}


class VocabSettings(NamedTuple):
    """Settings of a vocabulary.

    Attributes:
        kind: "wordpiece" or "sentencepiece".
        model: Model of SentencePiece, "unigram" or "bpe".
        size: Number of pieces, including special tokens and unused slots.
        lowercase: Whether text is lower-cased.
        unused: Number of `[unusedN]` slots.
        limit_alphabet: Most characters to keep; 0 for the default of `choose_alphabet`.
        remove: Kinds of characters that are removed from every text, of `removal.KINDS`.
        sample_mb: Most megabytes of text to train on, evenly thinned; 0 for the trainer's default.
        pretokenizer: `none`, or `kiwi`: no piece of a WordPiece crosses the border of two
            morphemes, which Kiwi finds in training. Tokenizing does not need it.
        jamo: Whether a WordPiece takes Hangul apart into jamo.
        byte_fallback: Whether SentencePiece makes unknown characters of 256 pieces for bytes.
    """

    kind: str = "wordpiece"
    model: str = "unigram"
    size: int = 32_000
    lowercase: bool = False
    unused: int = 0
    limit_alphabet: int = 0
    remove: tuple[str, ...] = ()
    sample_mb: int = 0
    pretokenizer: str = "none"
    jamo: bool = False
    byte_fallback: bool = False


def train(
    read: Reader, settings: VocabSettings, begin: Callable[[str, int], Advance]
) -> tuple[Vocabulary, dict]:
    """Train a vocabulary on a corpus; every 50th document is held back for the report.

    Memory depends on `sample_mb`, not on the corpus, which is read twice.

    Args:
        read: Begins a pass over the corpus.
        settings: Settings of the vocabulary.
        begin: Called at the beginning of each stage with its name and the bytes to come (0:
            unknown); returns a function that is called with the progress.

    Returns:
        The vocabulary and the content of `vocab_report.json`.

    Raises:
        InputError: The corpus has no text, or a setting cannot be met.
    """
    check(settings)
    started = time.monotonic()
    settings = settings._replace(remove=removal.check(settings.remove, "--remove"))
    counting = Removal(settings.remove)
    seen = survey(
        lambda: counting.documents(read()), settings.lowercase, begin("counting characters", 0)
    )
    if not seen.chars:
        raise InputError("--input", "no text in it", "give files that hold text")
    share = _share(settings, seen)

    def again():
        return Removal(settings.remove).documents(read())

    vocabulary = _train(settings, _documents(again, share, seen, begin), seen)
    fit = coverage.measure(vocabulary, seen.held_back)
    report = {
        "type": settings.kind,
        "size": vocabulary.size,
        "lowercase": settings.lowercase,
        "unused": settings.unused,
        "alphabet": sum(len(p.removeprefix("##").lstrip("▁")) == 1 for p in vocabulary.pieces),
        "fingerprint": vocabulary.fingerprint,
        "documents": seen.documents,
        "bytes": seen.bytes,
        "trained_share": round(share, 4),
        "characters_in_corpus": len(seen.chars),
        "held_back": {"documents": len(seen.held_back), **fit._asdict()},
        "seconds": round(time.monotonic() - started, 1),
        "peak_memory_mb": peak_memory_mb(),
    }
    if settings.kind == "sentencepiece":
        report["model"] = settings.model
    report |= {
        name: getattr(settings, name)
        for name in ("pretokenizer", "jamo", "byte_fallback")
        if getattr(settings, name) not in (False, "none")
    }
    if settings.remove:
        report["removed"] = counting.report()
    return vocabulary, report


def check(settings: VocabSettings) -> None:
    """Raise InputError for settings that no corpus can meet."""
    chosen = (
        ("type", settings.kind, KINDS),
        ("model", settings.model, MODELS),
        ("pretokenizer", settings.pretokenizer, PRETOKENIZERS),
    )
    for flag, value, known in chosen:
        if value not in known:
            problem = "unknown kind of vocabulary"
            raise InputError(f"--{flag}={value}", problem, f"choose {' or '.join(known)}")
    for flag in ("unused", "limit_alphabet", "sample_mb"):
        if getattr(settings, flag) < 0:
            raise InputError(f"--{flag}", "must be at least 0", "give 0 or more")
    removal.check(settings.remove, "--remove")
    wordpiece = settings.kind == "wordpiece"
    for flag, given in (("pretokenizer", settings.pretokenizer != "none"), ("jamo", settings.jamo)):
        if given and not wordpiece:
            raise InputError(f"--{flag}", "only for --type=wordpiece", "leave it out")
    if settings.byte_fallback and wordpiece:
        raise InputError("--byte_fallback", "only for --type=sentencepiece", "leave it out")
    if settings.jamo and settings.pretokenizer != "none":
        raise InputError(
            "--jamo", "a morpheme may begin inside a syllable", "give one of both flags"
        )
    least = 5 + settings.unused + 5
    if settings.size < least:
        problem = f"too small for 5 special tokens, {settings.unused} unused slots and any text"
        raise InputError(f"--size={settings.size}", problem, f"give at least {least}")


def _share(settings: VocabSettings, seen: Survey) -> float:
    trainer = settings.kind if settings.kind == "wordpiece" else settings.model
    limit = (settings.sample_mb or DEFAULT_SAMPLE_MB[trainer]) * 1e6
    return min(1.0, limit / seen.bytes)


def _documents(read: Reader, share: float, seen: Survey, begin) -> Iterator[list[str]]:
    yield from sample(read, share, begin("reading to train on", seen.bytes))
    begin("finding pieces", 0)


def _train(settings: VocabSettings, documents, seen: Survey) -> Vocabulary:
    of: dict = {
        name: getattr(settings, name) for name in ("size", "lowercase", "unused", "limit_alphabet")
    }
    if settings.kind == "wordpiece":
        from kortf.text.training.wordpiece_trainer import train_wordpiece

        starts = None
        if settings.pretokenizer == "kiwi":
            starts = Kiwi("--pretokenizer=kiwi", threads=0).morpheme_starts
        of |= {"jamo": settings.jamo, "morpheme_starts": starts}
        data = train_wordpiece(documents, seen.chars, **of)
    else:
        from kortf.text.training.sentencepiece_trainer import train_sentencepiece

        of |= {"model": settings.model, "byte_fallback": settings.byte_fallback}
        data = train_sentencepiece(documents, seen.chars, **of)
    given: dict = {"do_lower_case": settings.lowercase, "strip_accents": False}
    if settings.remove:
        given[REMOVE_SETTING] = list(settings.remove)
    return Vocabulary(settings.kind, data, given)


def peak_memory_mb() -> int:
    """Return the peak memory of this process in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3))
