"""Turn the tensors of a served model into JSON objects, one a row."""

import numpy as np

DIGITS = 6  # of a probability; further digits differ between machines


def answer(values: dict[str, np.ndarray], description: dict) -> dict:
    """Return the JSON object of one row.

    Args:
        values: The row's part of each output.
        description: Description of the model; its `kind` decides on the form.
    """
    form = _FORMS.get(description.get("kind"))
    return form(values, description) if form else plain(values)


def plain(value):
    """Return any array or bytes as JSON values."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in sorted(value.items())}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return round(value, DIGITS) if isinstance(value, float) else value


def _classes(values: dict[str, np.ndarray], description: dict) -> dict:
    probabilities = zip(description["classes"], values["probabilities"], strict=True)
    return {
        "label": values["label"].decode(),
        "score": _round(values["score"]),
        "probabilities": {name: _round(value) for name, value in probabilities},
    }


def _labels(values: dict[str, np.ndarray], description: dict) -> dict:
    probabilities = zip(description["classes"], values["probabilities"], strict=True)
    found = {
        "labels": [name.decode() for name in values["labels"] if name],
        "probabilities": {name: _round(value) for name, value in probabilities},
    }
    if "label" in values:
        found |= {"label": values["label"].decode(), "score": _round(values["score"])}
    return found


def _masks(values: dict[str, np.ndarray], description: dict) -> dict:
    gaps = zip(values["tokens"], values["scores"], strict=True)
    return {"masks": [_gap(*gap) for gap in gaps if gap[0][0]]}


def _entities(values: dict[str, np.ndarray], description: dict) -> dict:
    rows = _rows(values, ("label", "text", "start", "end", "score"))
    names = ("text", "label", "start", "end", "score")
    return {"entities": [{name: row[name] for name in names} for row in rows if row["text"]]}


def _answers(values: dict[str, np.ndarray], description: dict) -> dict:
    rows = _rows(values, ("answer", "start", "end", "score"))
    return {"answers": [row for row in rows if row["answer"].strip()]}


def _words(values: dict[str, np.ndarray], description: dict) -> dict:
    return {"words": _rows(values, ("text", "start", "end", "head", "type", "score"))}


def _rows(values: dict[str, np.ndarray], names: tuple[str, ...]) -> list[dict]:
    """Return the rows whose first column is not empty; the others are padding."""
    columns = [values[name].tolist() for name in names]
    return [
        dict(zip(names, map(plain, row), strict=True))
        for row in zip(*columns, strict=True)
        if row[0]
    ]


def _gap(tokens: np.ndarray, scores: np.ndarray) -> list[dict]:
    pairs = zip(tokens, scores, strict=True)
    return [{"token": plain(token), "score": _round(score)} for token, score in pairs]


def _round(value: np.floating) -> float:
    return round(float(value), DIGITS)


def _token_vectors(values: dict[str, np.ndarray], description: dict) -> dict:
    return {"token_vectors": plain(values["token_vectors"][: values["lengths"]])}


def _state(values: dict[str, np.ndarray], description: dict) -> dict:
    return {"state": {row["state"]: row["scores"] for row in _rows(values, ("state", "scores"))}}


_FORMS = {
    "classifier": _classes,
    "multiple_choice": _classes,
    "multi_label": _labels,
    "token_vectors": _token_vectors,
    "dialogue_state": _state,
    "dependency_parser": _words,
    "fill_mask": _masks,
    "token_classifier": _entities,
    "question_answering": _answers,
}
