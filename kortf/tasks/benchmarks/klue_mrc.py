"""KLUE-MRC: the answer to a question in a news article, or that there is none.

Files: `klue-mrc-v1.1_train.json` (17,554 questions), `klue-mrc-v1.1_dev.json` (5,841), in the form
of SQuAD 2.0 with `guid` and `is_impossible`. The labels of the test part are not published: the dev
part is scored, and a held-out share of the train file chooses the epoch.
Source: github.com/KLUE-benchmark/KLUE, CC BY-SA 4.0; Park et al., "KLUE", 2021.
"""

from collections.abc import Sequence

import numpy as np

from kortf.metrics.klue_mrc import exact_match, rouge_w
from kortf.tasks.benchmarks.korquad import Korquad


class KlueMrc(Korquad):
    """KLUE-MRC, scored by exact match and KLUE's ROUGE-W.

    Args:
        settings: As in `ExtractionTask`.
    """

    name = "klue_mrc"
    train_file = "klue-mrc-v1.1_train.json"
    test_file = "klue-mrc-v1.1_dev.json"
    main_metric = "rouge_w"
    metrics = ("exact_match", "rouge_w")
    unanswerable = True
    note = "the labels of the test part are not published: the dev part was scored"

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        answers = self.predictions(found, examples)
        pairs = [(answers[example["id"]], example["answers"]) for example in examples]
        return {
            "exact_match": float(np.mean([exact_match(ours, golds) for ours, golds in pairs])),
            "rouge_w": float(np.mean([rouge_w(ours, golds) for ours, golds in pairs])),
        }
