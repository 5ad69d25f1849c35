"""Spans of labelled text in JSON rows: kortf's own form, doccano's and Label Studio's."""

from kortf.errors import InputError
from kortf.text.unicode.normalize import normalize

Span = tuple[int, int, str]
_CURE = "give start, end (exclusive) and label"
# Names of the three parts of a span: kortf's and Label Studio's, and doccano's with relations.
_KEYS = (("start", "end", "label"), ("start_offset", "end_offset", "label"))


def read_spans(row: dict, place: str) -> tuple[str, list[Span]]:
    """Return the text of a row and its labelled spans, sorted, without repetitions.

    Example:
        >>> read_spans({"text": "세종대왕", "label": [[0, 2, "PS"]]}, "a.jsonl, line 1")
        ('세종대왕', [(0, 2, 'PS')])

    Args:
        row: Object of a JSON file.
        place: File and line, for errors.

    Raises:
        InputError: The row has no text or no list of spans, or a span is not one of the text.
    """
    if isinstance(row.get("annotations"), list):
        text, entities = _of_label_studio(row, place)
    else:
        text = row.get("text")
        entities = next((row[k] for k in ("entities", "label", "labels") if k in row), None)
    if not isinstance(text, str) or not isinstance(entities, list):
        problem = "neither 'text' and 'entities' nor 'tokens' and 'tags'"
        raise InputError(place, problem, "write one of the two forms")
    numbered = enumerate(entities, start=1)
    return text, sorted({_span(e, text, f"{place}, entity {n}") for n, e in numbered})


def _of_label_studio(row: dict, place: str) -> tuple[str | None, list]:
    """Return the text of a task and the values of its only annotation."""
    data = row.get("data")
    data = data if isinstance(data, dict) else {}
    texts = [value for value in data.values() if isinstance(value, str)]
    kept = [a for a in row["annotations"] if isinstance(a, dict) and not a.get("was_cancelled")]
    if len(kept) != 1:
        cure = "export tasks with one annotation each" if kept else "annotate it, or leave it out"
        raise InputError(place, f"a task with {len(kept)} annotations", cure)
    results = kept[0].get("result")
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        raise InputError(place, "an annotation without a list 'result'", "export it again")
    labelled = [
        each for each in results if each.get("type", "labels") in ("labels", "hypertextlabels")
    ]
    text = data.get("text")
    return text or (texts[0] if len(texts) == 1 else None), [e.get("value") for e in labelled]


def _span(entity, text: str, place: str) -> Span:
    """Return a span as `(start, end, label)`.

    Raises:
        InputError: It is no visible span of the text with one label.
    """
    value = entity
    if isinstance(entity, dict):
        labels = entity.get("labels")
        if isinstance(labels, list):
            if len(labels) != 1:
                raise InputError(place, f"a span with {len(labels)} labels", "keep one label")
            entity = entity | {"label": labels[0]}
        keys = next((keys for keys in _KEYS if keys[0] in entity), _KEYS[0])
        entity = [entity.get(key) for key in keys]
    if not isinstance(entity, list) or len(entity) != 3:
        raise InputError(place, "not a span of the text with a label", _CURE)
    start, end, label = entity
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        start, end = _of_characters(start, end, text, value["text"], place)
    usable = type(start) is int and type(end) is int and isinstance(label, str)
    if not usable or not 0 <= start < end <= len(text) or not label.strip():
        raise InputError(place, "not a span of the text with a label", _CURE)
    if not normalize(text[start:end], False).strip():
        raise InputError(place, "the span has no visible character", "correct start and end")
    return start, end, label


def _of_characters(start, end, text: str, words: str, place: str) -> tuple[int, int]:
    """Return a span in characters that holds the words which the file says it does.

    Label Studio counts in UTF-16 units: an emoji before the span counts twice.

    Raises:
        InputError: The words are not there.
    """
    if type(start) is int and type(end) is int and 0 <= start < end:
        if text[start:end] == words:
            return start, end
        units = text.encode("utf-16-le", "surrogatepass")
        before, inside = units[: 2 * start], units[2 * start : 2 * end]
        if inside == words.encode("utf-16-le", "surrogatepass"):
            first = len(before.decode("utf-16-le", "surrogatepass"))
            return first, first + len(words)
    problem = f"the text has not '{words[:50]}' at {start} to {end}"
    raise InputError(place, problem, "correct start and end, or export the file again")
