"""Special tokens of a pair of texts, as the published tokenizer sets them."""

import logging
from typing import NamedTuple

from kortf import files
from kortf.errors import InputError
from kortf.text.vocabulary.settings import read_model_config

PAIR_SETTING = "pair_layout"
_CURE = "take the files that were published together"
# Classes that set two separators between the texts of a pair, in lower case.
_DOUBLE = (
    "roberta", "xlmroberta", "camembert", "mpnet", "longformer", "bart", "led", "phobert",
    "bertweet", "barthez",
)  # fmt: skip
# Values of `model_type` for which AutoTokenizer takes one of them.
_DOUBLE_TYPES = ("roberta", "xlm-roberta", "camembert", "mpnet", "longformer", "bart")
# Classes that take tokenizer.json as it is.
GENERIC = ("PreTrainedTokenizerFast", "TokenizersBackend")


class PairLayout(NamedTuple):
    """Tokens of a pair: `[CLS] A [SEP] B [SEP]`, or `<s> A </s></s> B </s>`.

    Attributes:
        separators: Number of separators between the two texts, 1 or 2.
        segment: Segment id of the second text and of what follows it, 0 or 1.
    """

    separators: int = 1
    segment: int = 1

    def special_tokens(self, texts: int) -> int:
        """Return the number of special tokens in a row of one or two texts."""
        return 2 if texts == 1 else 2 + self.separators


BERT, ROBERTA = PairLayout(), PairLayout(separators=2, segment=0)


def layout_of(settings: dict, place: str) -> PairLayout:
    """Return the layout that settings give; BERT's where they give none.

    Args:
        settings: Content of `tokenizer_config.json`.
        place: Path of the file, for messages.

    Raises:
        InputError: The setting has another form.
    """
    given = settings.get(PAIR_SETTING)
    if given is None:
        return BERT
    known = {"separators": (1, 2), "segment": (0, 1)}
    is_table = isinstance(given, dict) and set(given) == set(known)
    if not is_table or any(type(v) is not int or v not in known[k] for k, v in given.items()):
        cure = 'write {"separators": 1 or 2, "segment": 0 or 1}'
        raise InputError(f"{place}, {PAIR_SETTING}", "not a layout of pairs", cure)
    return PairLayout(**given)


def published_layout(directory: str, settings: dict, twin_path: str) -> PairLayout:
    """Find the layout of a directory whose settings do not give it.

    The post-processor of `tokenizer.json` counts; where there is none, the class of the tokenizer,
    then the type of the model. An unusual post-processor is logged: kortf sets `[CLS]` and `[SEP]`
    all the same.

    Args:
        directory: Vocabulary or model directory.
        settings: Content of its `tokenizer_config.json`.
        twin_path: Path of its `tokenizer.json`, which may be missing.

    Raises:
        InputError: `tokenizer.json` or its post-processor is broken.
    """
    if files.exists(twin_path):
        twin = files.read_json(twin_path)
        if not isinstance(twin, dict):
            raise InputError(twin_path, "not a JSON object", _CURE)
        truncation = twin.get("truncation")
        if isinstance(truncation, dict) and truncation.get("direction") == "Left":
            problem = "texts are truncated at their begin, which is not supported"
            raise InputError(f"{twin_path}, truncation", problem, "set the direction to Right")
        step = twin.get("post_processor")
        found = read_post_processor(step, twin_path)
        generic = settings.get("tokenizer_class") in GENERIC
        model = twin.get("model")
        kind = model.get("type") if isinstance(model, dict) else None
        if found is None or (step is None and generic and kind in ("WordPiece", "Unigram")):
            logging.warning(
                "%s, post_processor: the published tokenizer sets other special tokens around a "
                "text; kortf sets the cls_token before it and the sep_token behind it", twin_path,
            )  # fmt: skip
        if step is not None or generic:
            return found or BERT
    named = settings.get("tokenizer_class")
    if not named:
        config = read_model_config(directory)
        named = config.get("tokenizer_class")
        if not named and config.get("model_type") in _DOUBLE_TYPES:
            return ROBERTA
    return ROBERTA if str(named or "").lower().startswith(_DOUBLE) else BERT


def read_post_processor(step, path: str) -> PairLayout | None:
    """Read the post-processor of a `tokenizer.json`.

    Example: that of `[CLS] A [SEP] [SEP] B [SEP]`, in which all segment ids are 0, is
    `PairLayout(separators=2, segment=0)`.

    Args:
        step: Parsed JSON.
        path: Path of the file, for messages.

    Returns:
        The layout; None where a text gets other special tokens than one on each side. A tokenizer
        that sets none, as GPT-2's, has BERT's layout.

    Raises:
        InputError: The post-processor is not one of `tokenizers`.
    """
    place = f"{path}, post_processor"
    if step is None:
        return BERT
    if not isinstance(step, dict):
        raise InputError(place, "not a table", _CURE)
    kind = step.get("type")
    if kind == "Sequence":
        steps = step.get("processors")
        if not isinstance(steps, list):
            raise InputError(place, "a sequence without a list of steps", _CURE)
        found = [read_post_processor(s, path) for s in steps if not _sets_nothing(s)]
        return BERT if not found else found[0] if len(found) == 1 else None
    if kind in ("ByteLevel", "BertProcessing"):
        return BERT
    if kind == "RobertaProcessing":
        return ROBERTA
    if kind == "TemplateProcessing":
        return _of_template(step, place)
    raise InputError(place, f"{str(kind)[:40]} is not supported", _CURE)


def _sets_nothing(step) -> bool:
    return isinstance(step, dict) and step.get("type") == "ByteLevel"


def _of_template(step: dict, place: str) -> PairLayout | None:
    single, pair = (_pieces(step.get(name), place) for name in ("single", "pair"))
    if all(kind == "Sequence" for kind, _, _ in single):
        return BERT  # it sets no special token around a text
    if [kind for kind, _, _ in single] != ["SpecialToken", "Sequence", "SpecialToken"]:
        return None
    (_, begin, _), _, (_, end, _) = single
    names = [name for _, name, _ in pair]
    segments = [segment for _, _, segment in pair]
    for separators in (1, 2):
        usual = [begin, "A", *[end] * separators, "B", end]
        if names == usual and segments[-1] in (0, 1):
            layout = PairLayout(separators, segments[-1])
            if segments == [0] * (2 + separators) + [layout.segment] * 2:
                return layout
    return None


def _pieces(listed, place: str) -> list[tuple[str, str, int]]:
    """Return kind, name and segment of each part of a template."""
    found = []
    for part in listed if isinstance(listed, list) else [None]:
        kind, value = next(iter(part.items())) if isinstance(part, dict) and part else (None, None)
        if kind not in ("SpecialToken", "Sequence") or not isinstance(value, dict):
            raise InputError(place, "a template that is not a list of tokens and texts", _CURE)
        found.append((kind, str(value.get("id")), value.get("type_id", 0)))
    return found
