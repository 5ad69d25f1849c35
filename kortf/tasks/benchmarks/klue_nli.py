"""KLUE-NLI: does a hypothesis follow from a premise, contradict it, or neither?

Files: `klue-nli-v1.1_train.json` (24,998), `klue-nli-v1.1_dev.json` (3,000), arrays of objects with
guid, premise, hypothesis and gold_label. The labels of the test part are not published: the dev
part is scored, and a held-out share of the train file chooses the epoch.
Source: github.com/KLUE-benchmark/KLUE, CC BY-SA 4.0; Park et al., "KLUE", 2021.
"""

from kortf.tasks.kinds.classification import ClassificationTask
from kortf.tasks.kinds.json_array_task import JsonArrayTask


class KlueNli(JsonArrayTask, ClassificationTask):
    """KLUE-NLI, scored by accuracy.

    Args:
        settings: As in `TextTask`.
    """

    name = "klue_nli"
    train_file = "klue-nli-v1.1_train.json"
    test_file = "klue-nli-v1.1_dev.json"
    text_fields = ("text", "text_pair")
    sources_of_texts = ("premise", "hypothesis")
    label_field = "gold_label"
    classes = ("entailment", "neutral", "contradiction")
    metrics = ("accuracy", "macro_f1")
    note = "the labels of the test part are not published: the dev part was scored"

    def example(self, row: dict, place: str) -> dict:
        label = self.class_number(str(row["gold_label"]), place)
        return self.texts(row, place) | {"label": label}
