"""Describe the head of a Hugging Face directory as one of our tasks and its settings."""

import re
from types import SimpleNamespace

from kortf.errors import InputError
from kortf.layers.heads.classifier import HIDDEN
from kortf.layers.heads.transform import token_hidden
from kortf.pretrained.directory.config_file import config_path, encoder_settings
from kortf.pretrained.family import of_config

# Longest answer in tokens, as in transformers' question answering pipeline.
MAX_ANSWER = 15
_CLASS = re.compile(r"For(SequenceClassification|TokenClassification|QuestionAnswering)$")


def head_class(config: dict) -> str | None:
    """Return which head with a task a `config.json` names, such as `SequenceClassification`.

    Example:
        >>> head_class({"architectures": ["BertForTokenClassification"]})
        'TokenClassification'
    """
    names = config.get("architectures")
    for name in names if isinstance(names, list) else ():
        found = _CLASS.search(name) if isinstance(name, str) else None
        if found:
            return found[1]
    return None


def published_task(config: dict, directory: str, pair: bool = False) -> tuple[str, dict] | None:
    """Return the task that computes what the head of a Hugging Face directory does.

    Args:
        config: Its `config.json`.
        directory: The directory.
        pair: Whether a classifier takes two texts.

    Returns:
        Name and settings for `kortf.tasks.build`; None if there is no head with a task.

    Raises:
        InputError: The labels cannot be used, or the head is not supported.
    """
    kind = head_class(config)
    if kind is None:
        return None
    place = config_path(directory)
    family = of_config(config, place)
    hidden = token_hidden(family.classifier.get("hidden"))
    how = {"hidden": hidden} if hidden else {}
    if kind == "QuestionAnswering":
        return "question_answering", how | {"max_trim": 0, "max_answer": MAX_ANSWER}
    labels = _labels(config, place)
    if kind == "TokenClassification":
        return "published_tagging", how | {"tags": labels}
    how = {"pooling": family.pooling(config, place)}
    hidden = _hidden(config, directory, place, how["pooling"])
    how |= {"hidden": hidden} if hidden else {}
    problem = config.get("problem_type")
    if problem == "regression":
        if len(labels) != 1:
            told = f"{len(labels)} outputs of a regression are not supported"
            raise InputError(f"{place}, problem_type", told, "take a model with one output")
        return "published_regression", how | {"pair": pair}
    if problem == "multi_label_classification" or len(labels) == 1:
        return "published_multi_label", how | {"classes": labels, "pair": pair}
    return ("text_pair" if pair else "text_classification"), how | {"classes": labels}


def _labels(config: dict, place: str) -> list[str]:
    """Names of the outputs of a head, by number."""
    names = config.get("id2label")
    if not names:
        count = config.get("num_labels", 2)
        if not isinstance(count, int) or isinstance(count, bool) or not 0 < count < 1 << 20:
            raise InputError(f"{place}, num_labels", f"cannot be {count!r}", "correct the file")
        return [f"LABEL_{i}" for i in range(count)]
    cure = "write an object from 0, 1, … to names"
    if not isinstance(names, dict):
        raise InputError(f"{place}, id2label", "not an object", cure)
    labels = [names.get(str(i), names.get(i)) for i in range(len(names))]
    if not all(isinstance(label, str) for label in labels):
        raise InputError(f"{place}, id2label", "not the numbers from 0 up with a name each", cure)
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise InputError(f"{place}, id2label", f"'{twice}' is there twice", "rename one of them")
    return labels


def _hidden(config: dict, directory: str, place: str, pooling: str) -> str | None:
    """Activation of the dense layer that the family's classifier has before the last one."""
    family, settings = of_config(config, place), encoder_settings(config, directory)[1]
    for hidden in (None, *HIDDEN):
        head = SimpleNamespace(pooling=pooling, hidden=hidden)
        if family.head_tensors("classifier", head, settings):
            return hidden
    problem = f"kortf does not compute the classifier of {family.model_type}"
    raise InputError(f"{place}, architectures", problem, "take another model")
