"""Settings of a cleaning, assembled from what each rule and each comparison declares."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kortf.clean import rule_set
from kortf.clean.duplicates import DUPLICATE_SETTINGS
from kortf.clean.near_duplicates.signature import NEAR_SETTINGS
from kortf.clean.rule import Setting
from kortf.errors import InputError, did_you_mean

RULES = Setting("rules", (), "dotted names of modules with rules of your own")


@dataclass(frozen=True)
class CleanSettings:
    """Values of all settings of a cleaning, complete and checked; see `from_config`.

    Args:
        values: Values by key, such as `{"repeats": 5, "length.min_chars": 1}`.
    """

    values: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def nested(self) -> dict[str, Any]:
        """Return the values with a dict for each section, as a config and `clean.json` hold them.

        Example:
            >>> from_config({"length": {"min_chars": 30}}).nested()["length"]["min_chars"]
            30
        """
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in self.values.items()}
        return _nest(plain)


def declared(more: tuple[str, ...] = ()) -> list[Setting]:
    """Return all settings in the order of their documentation.

    Args:
        more: Dotted names of modules with further rules.
    """
    of_rules = [setting for cls in rule_set.rule_classes(more) for setting in cls.settings]
    return [*of_rules, *DUPLICATE_SETTINGS, *NEAR_SETTINGS, RULES]


def defaults(more: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the default of each setting, with a dict for each section."""
    return _nest({setting.key: setting.default for setting in declared(more)})


def from_config(values: Mapping[str, Any]) -> CleanSettings:
    """Return the settings of a config; keys that it does not have get their default.

    Raises:
        InputError: A key is unknown, or a value is of another type or out of range.
    """
    more = _convert(RULES, values.get("rules", ()))
    known = {setting.key: setting for setting in declared(more)}
    filled = {key: setting.default for key, setting in known.items()}
    for key, value in _flatten(values, known):
        filled[key] = _convert(known[key], value)
    _check(filled, known)
    return CleanSettings(filled)


def _flatten(values: Mapping, known: dict[str, Setting], prefix="") -> Iterator[tuple[str, Any]]:
    sections = {key[: key.rindex(".") + 1] for key in known if "." in key}
    for name, value in values.items():
        key = f"{prefix}{name}"
        if f"{key}." in sections:
            if not isinstance(value, Mapping):
                raise InputError(f"config.{key}", f"is {value!r}, not a section", "give its parts")
            yield from _flatten(value, known, f"{key}.")
        elif key in known:
            yield key, value
        else:
            problem, cure = "there is no such setting", did_you_mean(key, list(known))
            raise InputError(f"config.{key}", problem, cure)


def _convert(setting: Setting, value: Any) -> Any:
    kind = type(setting.default)
    given = {float: (int, float), tuple: (list, tuple)}.get(kind, (kind,))
    if not isinstance(value, given) or (isinstance(value, bool) and kind is not bool):
        problem = f"is {value!r}, not of type {kind.__name__}"
        raise InputError(f"config.{setting.key}", problem, "correct the config")
    return kind(value)


def _check(values: dict[str, Any], known: dict[str, Setting]) -> None:
    for key, value in values.items():
        allowed = known[key].allowed
        if allowed and not allowed.fits(value):
            raise InputError(f"--config.{key}={value}", f"must be {allowed.words}", "correct it")
    for cls in rule_set.rule_classes(values["rules"]):
        cls.check(values)
    rule_set.check_placeholders(values)


def _nest(values: dict[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for key, value in values.items():
        *sections, name = key.split(".")
        target = nested
        for section in sections:
            target = target.setdefault(section, {})
        target[name] = value
    return nested
