"""What a cleaning does, as plain values: each rule's setting, checked."""

import dataclasses
import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kortf.clean.rules.boilerplate import PETITION_NOTE, Boilerplate
from kortf.clean.rules.sentences import KINDS
from kortf.errors import InputError
from kortf.text.unicode import removal

HEADINGS = ("never", "wiki", "always")
UNITS = ("char", "word")


@dataclass(frozen=True)
class BoilerplateSettings:
    """What was never part of the text.

    Args:
        patterns: regular expressions whose matches go; by default the note of the Blue House's
            moderators.
        empty_brackets: whether brackets in which nothing is left go.
        headings: whose headings without text below go: `never`, `wiki` (of wiki files) or `always`.
    """

    patterns: tuple[str, ...] = (PETITION_NOTE,)
    empty_brackets: bool = True
    headings: str = "wiki"


@dataclass(frozen=True)
class PrivateSettings:
    """What stands in the place of personal data; an empty string leaves them as they are."""

    phone: str = "[전화번호]"
    email: str = "[이메일]"
    resident_number: str = "[주민등록번호]"


@dataclass(frozen=True)
class LengthSettings:
    """How long a document has to be and may be; 0 is no limit. Newlines are no characters."""

    min_chars: int = 1
    max_chars: int = 0
    min_words: int = 0
    max_words: int = 0
    min_lines: int = 0
    max_lines: int = 0


@dataclass(frozen=True)
class DuplicateSettings:
    """Text that stands in the corpus before; of equal ones the first is kept.

    Args:
        documents: whether documents with the same lines go.
        lines: whether lines go that stand in the corpus before.
        line_min_chars: shorter lines may come again.
    """

    documents: bool = True
    lines: bool = False
    line_min_chars: int = 20


@dataclass(frozen=True)
class NearSettings:
    """Documents that are nearly another: MinHash (Broder 1997) in bands.

    Args:
        threshold: documents whose shingles are shared by this share or more (Jaccard) are near
            duplicates, and all but the first go; 0 is not to look.
        permutations: numbers in a signature; the estimate is off by about 1 / their root.
        unit: `char` or `word`.
        shingle: characters or words in a shingle.
        min_chars: shorter documents are not compared.
        seed: of the permutations.
    """

    threshold: float = 0.0
    permutations: int = 128
    unit: str = "char"
    shingle: int = 5
    min_chars: int = 100
    seed: int = 1


@dataclass(frozen=True)
class CleanSettings:
    """What a cleaning does, in the order of the rules.

    Args:
        compose: whether characters are composed (NFC).
        control: whether control, format and private use characters go.
        remove: kinds of characters that go, `hanja`, `emoji` or both with a comma between.
        boilerplate: see `BoilerplateSettings`.
        repeats: times that a character may stand in a row; 0 is any number.
        private: see `PrivateSettings`.
        white_space: whether all white space becomes single spaces.
        sentences: `none`, or what breaks lines into sentences: `rules` or `kiwi`.
        short_lines: lines of fewer characters go.
        length: see `LengthSettings`.
        hangul_share: documents of whose letters a smaller share is Hangul go; 0 keeps all.
        duplicates: see `DuplicateSettings`.
        near: see `NearSettings`.
    """

    compose: bool = True
    control: bool = True
    remove: str = ""
    boilerplate: BoilerplateSettings = field(default_factory=BoilerplateSettings)
    repeats: int = 5
    private: PrivateSettings = field(default_factory=PrivateSettings)
    white_space: bool = True
    sentences: str = "none"
    short_lines: int = 0
    length: LengthSettings = field(default_factory=LengthSettings)
    hangul_share: float = 0.3
    duplicates: DuplicateSettings = field(default_factory=DuplicateSettings)
    near: NearSettings = field(default_factory=NearSettings)

    @property
    def removed_kinds(self) -> tuple[str, ...]:
        """The kinds that `remove` names."""
        names = [name.strip() for name in self.remove.split(",") if name.strip()]
        return removal.check(names, "--config.remove")


def from_config(values: dict[str, Any]) -> CleanSettings:
    """The settings of a config; those that it does not name have their default.

    Raises:
        InputError: names the key that there is not (with the nearest that there is), or whose value
            is of another type or out of range.
    """
    settings = _fill(CleanSettings, values, "")
    check(settings)
    return settings


def check(settings: CleanSettings) -> None:
    """Raises InputError for a value out of range, with its key."""
    _ = settings.removed_kinds
    Boilerplate(list(settings.boilerplate.patterns))
    for key, value, known in [
        ("boilerplate.headings", settings.boilerplate.headings, HEADINGS),
        ("sentences", settings.sentences, KINDS),
        ("near.unit", settings.near.unit, UNITS),
    ]:
        _require(key, value, value in known, f"one of {', '.join(known)}")
    for key, value in [
        ("repeats", settings.repeats),
        ("short_lines", settings.short_lines),
        *((f"length.{key}", value) for key, value in vars(settings.length).items()),
        ("duplicates.line_min_chars", settings.duplicates.line_min_chars),
        ("near.min_chars", settings.near.min_chars),
        ("near.seed", settings.near.seed),
    ]:
        _require(key, value, value >= 0, "at least 0")
    for unit in ("chars", "words", "lines"):
        least, most = (getattr(settings.length, f"{end}_{unit}") for end in ("min", "max"))
        fits = not most or least <= most
        _require(f"length.max_{unit}", most, fits, f"0 or at least length.min_{unit}={least}")
    _require("hangul_share", settings.hangul_share, 0 <= settings.hangul_share <= 1, "0 to 1")
    near = settings.near
    fits = near.threshold == 0 or 0.1 <= near.threshold <= 1
    _require("near.threshold", near.threshold, fits, "0 or 0.1 to 1")
    _require("near.permutations", near.permutations, 16 <= near.permutations <= 1024, "16 to 1024")
    _require("near.shingle", near.shingle, 1 <= near.shingle <= 64, "1 to 64")
    for key, placeholder in vars(settings.private).items():
        fits = "\n" not in placeholder and "\ud800" not in placeholder
        _require(f"private.{key}", placeholder, fits, "a single line")


def _require(key: str, value: Any, fits: bool, bounds: str) -> None:
    if not fits:
        raise InputError(f"--config.{key}={value}", f"must be {bounds}", "give another")


def _fill(cls: type, values: dict[str, Any], prefix: str) -> Any:
    known = {part.name: part for part in dataclasses.fields(cls)}
    filled = {}
    for key, value in values.items():
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            cure = f"did you mean {prefix}{near[0]}?" if near else f"choose of {', '.join(known)}"
            raise InputError(f"config.{prefix}{key}", "there is no such setting", cure)
        filled[key] = _convert(known[key].type, value, f"{prefix}{key}")
    return cls(**filled)


def _convert(kind: Any, value: Any, key: str) -> Any:
    if dataclasses.is_dataclass(kind):
        if isinstance(value, dict):
            return _fill(kind, value, f"{key}.")
        raise InputError(f"config.{key}", f"is {value!r}, not a section", "give its parts")
    conversions: dict[Any, tuple[Callable[[Any], bool], Callable]] = {
        bool: (lambda v: isinstance(v, bool), bool),
        int: (lambda v: isinstance(v, int) and not isinstance(v, bool), int),
        float: (lambda v: isinstance(v, int | float) and not isinstance(v, bool), float),
        str: (lambda v: isinstance(v, str), str),
    }
    fits, convert = conversions.get(kind, (lambda v: isinstance(v, list | tuple), tuple))
    if not fits(value):
        name = getattr(kind, "__name__", "tuple")
        raise InputError(f"config.{key}", f"is {value!r}, not of type {name}", "correct the config")
    return convert(value)
