"""KLUE-YNAT: the topic of a news headline.

Files: `ynat-v1.1_train.json` (45,678), `ynat-v1.1_dev.json` (9,107), arrays of objects with guid,
title and label. The labels of the test part are not published: the dev part is scored, and a
held-out share of the train file chooses the epoch.
Source: github.com/KLUE-benchmark/KLUE, CC BY-SA 4.0; Park et al., "KLUE", 2021.
"""

from kortf.tasks.kinds.classification import ClassificationTask
from kortf.tasks.kinds.json_array_task import JsonArrayTask


class KlueYnat(JsonArrayTask, ClassificationTask):
    """KLUE-YNAT, scored by macro F1.

    Args:
        settings: As in `TextTask`.
    """

    name = "klue_ynat"
    train_file = "ynat-v1.1_train.json"
    test_file = "ynat-v1.1_dev.json"
    main_metric = "macro_f1"
    metrics = ("macro_f1", "accuracy")
    sources_of_texts = ("title",)
    classes = ("IT과학", "경제", "사회", "생활문화", "세계", "스포츠", "정치")
    note = "the labels of the test part are not published: the dev part was scored"

    def example(self, row: dict, place: str) -> dict:
        label = self.class_number(str(row["label"]), place)
        return self.texts(row, place) | {"label": label}
