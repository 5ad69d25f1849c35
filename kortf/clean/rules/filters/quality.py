"""Drop documents that a trained model finds bad."""

from collections.abc import Mapping
from typing import Any

from kortf.clean.quality.model import QualityModel
from kortf.clean.rule import Example, Filter, Setting, between


class Quality(Filter):
    """Drops documents whose score is below a limit.

    `kortf clean --train_quality` trains the model; see `kortf.clean.quality`.

    Args:
        path: File of the model.
        least: Least score, 0 to 1.

    Raises:
        InputError: The file is missing or holds no model.
    """

    name = "quality"
    place = 540
    settings = (
        Setting("quality.model", "", "file of a model by `--train_quality`"),
        Setting("quality.least", 0.5, "documents with a lower score go", between(0, 1)),
    )
    example = Example({"quality.model": "MODEL"}, "클릭 클릭 특가 할인 구매 클릭", "")

    def __init__(self, path: str, least: float):
        self._model = QualityModel.load(path)
        self._least = least

    @classmethod
    def make(cls, values: Mapping[str, Any], wiki: bool) -> list["Quality"]:
        """See `Rule`."""
        path = values["quality.model"]
        return [cls(path, values["quality.least"])] if path else []

    def drops(self, documents: list[str]) -> list[bool]:
        """See `Filter`."""
        return (self._model.score(documents) < self._least).tolist()
