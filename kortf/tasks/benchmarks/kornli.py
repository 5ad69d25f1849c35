"""KorNLI: does the second sentence follow from the first, contradict it, or neither?

Files: `multinli.train.ko.tsv` (392,702) and `snli_1.0_train.ko.tsv` (550,152), machine-translated;
`xnli.dev.ko.tsv` (2,490) and `xnli.test.ko.tsv` (5,010), translated by people; columns sentence1,
sentence2, gold_label.
Source: github.com/kakaobrain/KorNLUDatasets, CC BY-SA 4.0; Ham et al., "KorNLI and KorSTS", 2020.
"""

from kortf.tasks.kinds.classification import ClassificationTask


class KorNli(ClassificationTask):
    """KorNLI, scored by accuracy.

    Args:
        settings: As in `TextTask`.
    """

    name = "kornli"
    train_file = "multinli.train.ko.tsv,snli_1.0_train.ko.tsv"
    dev_file = "xnli.dev.ko.tsv"
    test_file = "xnli.test.ko.tsv"
    text_fields = ("text", "text_pair")
    columns = ("sentence1", "sentence2", "gold_label")
    classes = ("entailment", "neutral", "contradiction")

    def example(self, row: dict, place: str) -> dict:
        label = self.class_number(row["gold_label"], place)
        return {"text": row["sentence1"], "text_pair": row["sentence2"], "label": label}

    def fields(self, example: dict, answer: str) -> list[str]:
        return [example["text"], example["text_pair"], answer]
