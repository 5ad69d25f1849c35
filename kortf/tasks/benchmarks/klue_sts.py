"""KLUE-STS: the similarity of two sentences, from 0 (none) to 5 (equivalent).

Files: `klue-sts-v1.1_train.json` (11,668), `klue-sts-v1.1_dev.json` (519), arrays of objects with
guid, sentence1, sentence2 and labels (`real-label`, `binary-label`). The labels of the test part
are not published: the dev part is scored, and a held-out share of the train file chooses the epoch.
Source: github.com/KLUE-benchmark/KLUE, CC BY-SA 4.0; Park et al., "KLUE", 2021.
"""

from collections.abc import Sequence

import numpy as np

from kortf.errors import InputError
from kortf.metrics.classification import scores_by_class
from kortf.tasks.kinds.json_array_task import JsonArrayTask
from kortf.tasks.kinds.regression import RegressionTask

THRESHOLD = 3.0  # from which on sentences count as paraphrases


class KlueSts(JsonArrayTask, RegressionTask):
    """KLUE-STS, scored by Pearson's correlation and the F1 of paraphrases.

    Args:
        settings: As in `TextTask`.
    """

    name = "klue_sts"
    train_file = "klue-sts-v1.1_train.json"
    test_file = "klue-sts-v1.1_dev.json"
    main_metric = "pearson"
    metrics = ("pearson", "f1")
    text_fields = ("text", "text_pair")
    sources_of_texts = ("sentence1", "sentence2")
    label_field = "labels"
    bounds = (0.0, 5.0)
    digits = 6
    note = "the labels of the test part are not published: the dev part was scored"

    def example(self, row: dict, place: str) -> dict:
        labels = row["labels"]
        if not isinstance(labels, dict) or "real-label" not in labels:
            raise InputError(place, "there is no 'real-label' in 'labels'", "fetch the file again")
        return self.texts(row, place) | {"label": self.number(labels["real-label"], place)}

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        ours, gold = (
            np.asarray(side) >= THRESHOLD for side in (found["scores"], self.targets(examples))
        )
        return super().score(found, examples) | {
            "f1": float(scores_by_class(ours, gold, 2)["f1"][1])
        }
