"""KorSTS: the similarity of two sentences, from 0 (none) to 5 (equivalent).

Files: `sts-train.tsv` (5,749), `sts-dev.tsv` (1,500), `sts-test.tsv` (1,379), columns genre,
filename, year, id, score, sentence1, sentence2. Source: github.com/kakaobrain/KorNLUDatasets,
CC BY-SA 4.0; Ham et al., "KorNLI and KorSTS", 2020.
"""

from kortf.tasks.kinds.regression import RegressionTask

_ORIGIN = ("genre", "filename", "year", "id")


class KorSts(RegressionTask):
    """KorSTS, scored by Spearman's correlation.

    Args:
        settings: As in `TextTask`.
    """

    name = "korsts"
    train_file = "sts-train.tsv"
    dev_file = "sts-dev.tsv"
    test_file = "sts-test.tsv"
    text_fields = ("text", "text_pair")
    columns = (*_ORIGIN, "score", "sentence1", "sentence2")
    bounds = (0.0, 5.0)

    def example(self, row: dict, place: str) -> dict:
        label = self.number(row["score"], place)
        texts = {"text": row["sentence1"], "text_pair": row["sentence2"]}
        return {name: row[name] for name in _ORIGIN} | texts | {"label": label}

    def fields(self, example: dict, answer: str) -> list[str]:
        origin = [example[name] for name in _ORIGIN]
        return [*origin, answer, example["text"], example["text_pair"]]
