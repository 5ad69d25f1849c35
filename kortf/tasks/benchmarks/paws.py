"""PAWS-X, Korean: do two sentences of similar wording mean the same (1) or not (0)?

Files: `translated_train.tsv` (49,401), `dev_2k.tsv` and `test_2k.tsv` (2,000 each), columns id,
sentence1, sentence2, label. Where a sentence was not translated, it is empty or `NS`; those pairs
are dropped, which leaves 1,965 and 1,972.
Source: github.com/google-research-datasets/paws (pawsx); Yang et al., "PAWS-X", 2019.
"""

from kortf.tasks.kinds.classification import ClassificationTask

NOT_TRANSLATED = ("", "NS")


class Paws(ClassificationTask):
    """PAWS-X, scored by accuracy.

    Args:
        settings: As in `TextTask`.
    """

    name = "paws"
    train_file = "translated_train.tsv"
    dev_file = "dev_2k.tsv"
    test_file = "test_2k.tsv"
    text_fields = ("text", "text_pair")
    columns = ("id", "sentence1", "sentence2", "label")
    classes = ("different", "same")
    spellings = ("0", "1")

    def example(self, row: dict, place: str) -> dict | None:
        label = self.class_number(row["label"], place)
        text, text_pair = row["sentence1"], row["sentence2"]
        if text.strip() in NOT_TRANSLATED or text_pair.strip() in NOT_TRANSLATED:
            return None
        return {"id": row["id"], "text": text, "text_pair": text_pair, "label": label}

    def fields(self, example: dict, answer: str) -> list[str]:
        return [example["id"], example["text"], example["text_pair"], answer]
