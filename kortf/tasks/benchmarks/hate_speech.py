"""Korean Hate Speech: hate and bias in comments on entertainment news.

Files: `labeled/train.tsv` (7,896), `labeled/dev.tsv` (471), columns comments, contain_gender_bias,
bias, hate. The labels of the test part are not published: the dev part is scored, and a
held-out share of the train file chooses the epoch.
Source: github.com/kocohub/korean-hate-speech, CC BY-SA 4.0; Moon et al., "BEEP!", 2020.
"""

from typing import Annotated

from kortf.ranges import Choice
from kortf.tasks.kinds.classification import ClassificationTask

TARGETS = {"hate": ("none", "offensive", "hate"), "bias": ("none", "gender", "others")}
Target = Annotated[str, Choice(tuple(TARGETS))]


class HateSpeech(ClassificationTask):
    """Korean Hate Speech, scored by macro F1.

    Args:
        target: `hate` (none, offensive, hate) or `bias` (none, gender, others).
        settings: As in `TextTask`.
    """

    name = "hate_speech"
    train_file = "labeled/train.tsv"
    test_file = "labeled/dev.tsv"
    main_metric = "macro_f1"
    note = "the labels of the test part are not published: the dev part was scored"

    def __init__(self, target: Target = "hate", **settings):
        super().__init__(**settings)
        self.target = target

    @property
    def classes(self) -> tuple[str, ...]:
        return TARGETS[self.target]

    @property
    def columns(self) -> tuple[str, ...]:
        return ("comments", self.target)

    def example(self, row: dict, place: str) -> dict:
        return {"text": row["comments"], "label": self.class_number(row[self.target], place)}

    def fields(self, example: dict, answer: str) -> list[str]:
        return [example["text"], answer]

    def settings(self) -> dict:
        return super().settings() | {"target": self.target}
