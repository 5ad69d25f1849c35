"""Find the rules in their folder and make those that settings ask for, in their order."""

import functools
import importlib
import inspect
import pkgutil
from typing import Any, NamedTuple

from kortf.clean import rules as folder
from kortf.clean.rule import DocumentRule, Filter, Rule, TextRule
from kortf.errors import InputError

# Names of report rows that belong to no rule: lines that rules have emptied, and comparisons with
# the rest of the corpus.
EMPTY_LINES = "empty_lines"
SAME_DOCUMENTS = "duplicates.documents"
NEAR_DOCUMENTS = "near"
PAGE_LINES = "boilerplate.pages"
SAME_LINES = "duplicates.lines"


class Rules(NamedTuple):
    """Rules by kind. The kinds apply in the order of the fields, the rules of a kind by place."""

    of_text: list[TextRule]
    of_documents: list[DocumentRule]
    filters: list[Filter]


@functools.cache
def rule_classes(more: tuple[str, ...] = ()) -> tuple[type[Rule], ...]:
    """Return the classes of all rules below `kortf.clean.rules`, and of more modules, by place.

    Args:
        more: Dotted names of modules outside of the package that hold a rule each.

    Raises:
        InputError: A module cannot be imported, or does not define one rule.
    """
    modules = pkgutil.walk_packages(folder.__path__, f"{folder.__name__}.")
    names = [module.name for module in modules if not module.ispkg]
    classes = [_class_of(name) for name in (*names, *more)]
    return tuple(sorted(classes, key=lambda cls: (cls.place, cls.__module__)))


def _class_of(module: str) -> type[Rule]:
    try:
        members = vars(importlib.import_module(module)).values()
    except ImportError as error:
        place = f"--config.rules={module}"
        raise InputError(place, f"cannot be imported ({error})", "check PYTHONPATH") from error
    found = [
        member
        for member in members
        if inspect.isclass(member)
        and issubclass(member, Rule)
        and member.__module__ == module
        and not inspect.isabstract(member)
        and hasattr(member, "place")
    ]
    if len(found) != 1:
        problem = f"defines {len(found)} rules"
        raise InputError(f"--config.rules={module}", problem, "define one rule in a module")
    return found[0]


def make_rules(values: dict[str, Any], wiki: bool = False) -> Rules:
    """Make the rules that settings ask for.

    Args:
        values: Values of all settings by key; see `kortf.clean.settings.CleanSettings`.
        wiki: Whether the text comes from a wiki's extractor.
    """
    made = [rule for cls in rule_classes(values["rules"]) for rule in cls.make(values, wiki)]
    return Rules(*([r for r in made if isinstance(r, kind)] for kind in KINDS))


KINDS = (TextRule, DocumentRule, Filter)


def rule_names(values: dict[str, Any]) -> list[str]:
    """Return the names of all rules of a cleaning, in the order of the report."""
    names = [[rule.name for rule in kind] for kind in make_rules(values, wiki=True)]
    more = [
        values["duplicates.documents"] and SAME_DOCUMENTS,
        values["near.threshold"] and NEAR_DOCUMENTS,
        values["boilerplate.pages"] and PAGE_LINES,
        values["duplicates.lines"] and SAME_LINES,
    ]
    return [*names[0], EMPTY_LINES, *names[1], *names[2], *filter(None, more)]


def check_placeholders(values: dict[str, Any]) -> None:
    """Raise InputError for a placeholder that another rule would change."""
    rules = make_rules(values).of_text
    for cls in rule_classes(values["rules"]):
        for setting in cls.settings if cls.private else ():
            placeholder = values[setting.key]
            for rule in rules:
                if rule.apply(placeholder) != placeholder:
                    problem = f"would be changed by the rule {rule.name}"
                    place = f"--config.{setting.key}={placeholder}"
                    raise InputError(place, problem, "choose another placeholder")
