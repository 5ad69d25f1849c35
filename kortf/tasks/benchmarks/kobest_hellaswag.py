"""KoBEST HellaSwag: which of four sentences continues a text?

Files: `HellaSwag/train.tsv` (2,030), `HellaSwag/dev.tsv` (501), `HellaSwag/test.tsv` (500), columns
context, choice1 to choice4, label (0 to 3).
Source: github.com/SKT-LSL/KoBEST_datarepo, CC BY-SA 4.0; Jang et al., "KoBEST", 2022.
"""

from kortf.tasks.kinds.multiple_choice import MultipleChoiceTask


class KobestHellaswag(MultipleChoiceTask):
    """KoBEST HellaSwag, scored by macro F1.

    Args:
        settings: As in `TextTask`.
    """

    name = "kobest_hellaswag"
    train_file = "HellaSwag/train.tsv"
    dev_file = "HellaSwag/dev.tsv"
    test_file = "HellaSwag/test.tsv"
    columns = ("context", "choice1", "choice2", "choice3", "choice4", "label")
    choices = 4
    spellings = ("0", "1", "2", "3")

    def example(self, row: dict, place: str) -> dict:
        texts = {name: row[name] for name in self.columns[1:-1]}
        label = self.class_number(row["label"].strip(), place)
        return {"text": row["context"], **texts, "label": label}
