"""KoBEST WiC: does a word have the same meaning in two sentences?

Files: `WiC/train.tsv` (3,318), `WiC/dev.tsv` (610), `WiC/test.tsv` (1,260), columns ID, Target,
SENTENCE1, SENTENCE2, ANSWER and others. Both sentences have the word in square brackets, which stay
in the text as its markers.
Source: github.com/SKT-LSL/KoBEST_datarepo, CC BY-SA 4.0; Jang et al., "KoBEST", 2022.
"""

from kortf.tasks.kinds.classification import ClassificationTask
from kortf.tasks.readers.truth import TRUTH, truth


class KobestWic(ClassificationTask):
    """KoBEST WiC, scored by macro F1.

    Args:
        settings: As in `TextTask`.
    """

    name = "kobest_wic"
    train_file = "WiC/train.tsv"
    dev_file = "WiC/dev.tsv"
    test_file = "WiC/test.tsv"
    text_fields = ("text", "text_pair")
    columns = ("ID", "Target", "SENTENCE1", "SENTENCE2", "ANSWER")
    classes = ("different", "same")
    spellings = TRUTH
    main_metric = "macro_f1"
    metrics = ("macro_f1", "accuracy")

    def example(self, row: dict, place: str) -> dict:
        label = truth(row["ANSWER"], place)
        texts = {"text": row["SENTENCE1"], "text_pair": row["SENTENCE2"]}
        return {"id": row["ID"], "word": row["Target"], **texts, "label": label}

    def fields(self, example: dict, answer: str) -> list[str]:
        return [example["id"], example["word"], example["text"], example["text_pair"], answer]
