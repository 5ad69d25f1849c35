"""The model card of a model directory: `README.md`, with the front matter that the hub reads."""

import dataclasses
import hashlib
import os
import re
from collections.abc import Mapping

import yaml
from absl import logging

from kortf import files

FILE = "README.md"

# Ends of Hugging Face's class names: what the hub calls that task, and the class that loads it.
_TASKS = {
    "ForMaskedLM": ("fill-mask", "AutoModelForMaskedLM"),
    "ForPreTraining": ("fill-mask", "AutoModelForPreTraining"),
    "LMHeadModel": ("text-generation", "AutoModelForCausalLM"),
    "ForSequenceClassification": ("text-classification", "AutoModelForSequenceClassification"),
    "ForTokenClassification": ("token-classification", "AutoModelForTokenClassification"),
    "ForQuestionAnswering": ("question-answering", "AutoModelForQuestionAnswering"),
    "ForMultipleChoice": ("multiple-choice", "AutoModelForMultipleChoice"),
}
_OTHERS = ("feature-extraction", "AutoModel")
_DETECTS = "ElectraForPreTraining"  # detects replaced pieces, a task that the hub does not have
_CAUSAL = ("gpt", "causal_reformer")  # encoders of kortf that write text
_SIZES = {
    "layers": "num_layers",
    "hidden size": "hidden_dim",
    "attention heads": "num_heads",
    "positions": "max_length",
    "vocabulary": "vocabulary_size",
}
_MARK = "<!-- Written by kortf, which writes it again unless it was changed: {} -->\n"
_MARKED = re.compile(re.escape(_MARK).replace(r"\{\}", "([0-9a-f]{64})") + r"\Z")


@dataclasses.dataclass(frozen=True)
class Card:
    """Facts about a model beyond its `config.json`.

    Attributes:
        title: Its name; one is made of the model's kind and sizes if empty.
        about: Description in a sentence or two.
        metadata: More for the front matter; `tags` are added to those that the config gives.
        sections: Title to Markdown, in order.
    """

    title: str = ""
    about: str = ""
    metadata: Mapping = dataclasses.field(default_factory=dict)
    sections: Mapping[str, str] = dataclasses.field(default_factory=dict)


def card_text(card: Card, config: Mapping, sizes: Mapping) -> str:
    """Return the text of a model card.

    Args:
        card: Facts about the model.
        config: Content of its `config.json`.
        sizes: Settings of its encoder.

    Returns:
        Front matter, sections, how to load the model, and a mark by which `is_own` knows it again.
    """
    metadata = _metadata(config)
    tags = [*metadata["tags"], *card.metadata.get("tags", ())]
    metadata |= {**card.metadata, "tags": list(dict.fromkeys(tags))}
    front = yaml.safe_dump(metadata, allow_unicode=True, sort_keys=False, width=1000)
    parts = [f"---\n{front}---", f"# {card.title or _title(config, sizes)}"]
    parts += [card.about] if card.about else []
    sections = {**card.sections, "Model": _model(config, sizes), "Use": _use(config)}
    parts += [f"## {title}\n\n{body}" for title, body in sections.items()]
    text = "\n\n".join(part.strip() for part in parts) + "\n\n"
    return text + _MARK.format(_digest(text))


def is_own(text: str) -> bool:
    """Return whether kortf wrote a card and nobody has changed it since.

    Example:
        >>> is_own(card_text(Card(), {}, {})), is_own("# My model")
        (True, False)
    """
    mark = _MARKED.search(text)
    return mark is not None and mark[1] == _digest(text[: mark.start()])


def keeps(directory: str) -> bool:
    """Return whether a model directory has a card that its user wrote, and log that it stays."""
    path = os.path.join(directory, FILE)
    if not files.exists(path):
        return False
    with files.open_file(path) as file:
        kept = not is_own(file.read().decode("utf-8", errors="replace"))
    if kept:
        logging.warning("%s: its user has changed it, so it is kept", path)
    return kept


def bullets(rows: Mapping) -> str:
    """Markdown lines `- name: value` of what is there.

    Example:
        >>> bullets({"steps": 24, "tokens": None})
        '- steps: 24'
    """
    return "\n".join(f"- {name}: {value}" for name, value in rows.items() if value is not None)


def place(path: str | None) -> str | None:
    """Return the last two names of a path: the others are private.

    Example:
        >>> place("/home/minsu/runs/bert/model")
        'bert/model'
    """
    if path is None:
        return None
    return "/".join(path.rstrip("/").split("/")[-2:])


def hub_task(config: Mapping) -> str:
    """Return the hub's name of the task of a model.

    Example:
        >>> hub_task({"architectures": ["BertForMaskedLM"]})
        'fill-mask'
    """
    return _task(config)[0]


def _task(config: Mapping) -> tuple[str, str]:
    classes = config.get("architectures")
    name = classes[0] if isinstance(classes, list) and classes else ""
    name = name if isinstance(name, str) else ""
    found = next((task for end, task in _TASKS.items() if name.endswith(end)), _OTHERS)
    if not name and _settings(config).get("model") in _CAUSAL:
        return _TASKS["LMHeadModel"]
    return (_OTHERS[0], found[1]) if name == _DETECTS else found


def _metadata(config: Mapping) -> dict:
    kind = config.get("model_type")
    ours = not config.get("architectures")
    return {
        "language": ["ko"],
        "library_name": "kortf" if ours else "transformers",
        "pipeline_tag": hub_task(config),
        "tags": ["kortf", *([kind] if kind and kind != "kortf" else [])],
    }


def _title(config: Mapping, sizes: Mapping) -> str:
    layers, width = sizes.get("num_layers"), sizes.get("hidden_dim")
    described = f", {layers} layers of {width}" if layers and width else ""
    kind = _settings(config).get("model") or config.get("model_type") or "model"
    return f"{kind}{described}"


def _settings(config: Mapping) -> Mapping:
    ours = config.get("kortf")
    return ours if isinstance(ours, dict) else {}


def _model(config: Mapping, sizes: Mapping) -> str:
    classes = ", ".join(f"`{name}`" for name in config.get("architectures") or [])
    labels = config.get("id2label")
    rows = {"class": classes or None}
    rows |= {name: sizes.get(setting) for name, setting in _SIZES.items()}
    rows["labels"] = ", ".join(str(label) for label in labels.values()) if labels else None
    rows["written by"] = f"kortf {_settings(config)['version']}" if _settings(config) else None
    return bullets(rows)


def _use(config: Mapping) -> str:
    """Return examples of loading the model."""
    parts = []
    if config.get("architectures"):
        name = _task(config)[1]
        parts.append(
            "With transformers (PyTorch):\n\n```python\n"
            f"from transformers import AutoTokenizer, {name}\n"
            'tokenizer = AutoTokenizer.from_pretrained("MODEL_DIR")\n'
            f'model = {name}.from_pretrained("MODEL_DIR")\n```'
        )
    parts.append(
        "With kortf (TensorFlow):\n\n```python\nimport kortf\n"
        'encoder, tokenizer = kortf.from_pretrained("MODEL_DIR"), '
        'kortf.load_tokenizer("MODEL_DIR")\n'
        'outputs = encoder(tokenizer.encode(["한국어 문장"]))  # "sequence", "pooled"\n```'
    )
    if _settings(config).get("task"):
        command = "kortf predict --model=MODEL_DIR --input=texts.txt"
        parts.append(f"Its answers for texts, one a line: `{command}`")
    elif hub_task(config) == "text-generation":
        command = "kortf generate --model=MODEL_DIR --prompt='…'"
        parts.append(f"Texts that go on where a prompt ends: `{command}`")
    return "\n\n".join(parts)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
