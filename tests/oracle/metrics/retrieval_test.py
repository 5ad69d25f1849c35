"""Scores of retrieval equal trec_eval's."""

import random

import pytest

from kortf.vectors.retrieval import score_retrieval

pytrec_eval = pytest.importorskip("pytrec_eval")
pytestmark = pytest.mark.oracle


def test_scores_equal_trec_eval_on_random_runs():
    draw = random.Random(0)
    documents = [f"d{i}" for i in range(150)]
    relevance, found = {}, {}
    for number in range(60):
        judged = draw.sample(documents, draw.randint(1, 20))
        relevance[f"q{number}"] = {name: draw.choice([0, 1, 1, 2, 3]) for name in judged}
        relevance[f"q{number}"][judged[0]] = 1  # trec_eval's own mean leaves out what has none
        names = draw.sample(documents, draw.randint(1, 120))
        found[f"q{number}"] = {name: draw.choice([0.1, 0.25, 0.5, draw.random()]) for name in names}
    names = {"ndcg_cut.10", "recip_rank_cut.10", "recall.1,10,100"}
    try:
        evaluator = pytrec_eval.RelevanceEvaluator(relevance, names)
        theirs = evaluator.evaluate(found)
        reciprocal = "recip_rank_cut_10"
    except ValueError:  # older ones have the whole ranking only
        evaluator = pytrec_eval.RelevanceEvaluator(
            relevance, {"ndcg_cut.10", "recip_rank", "recall.1,10,100"}
        )
        theirs = evaluator.evaluate(found)
        reciprocal = "recip_rank"

    def mean(key):
        values = [scores[key] for scores in theirs.values()]
        if key == "recip_rank":  # beyond rank 10 it is 0
            values = [value if value >= 0.1 - 1e-9 else 0.0 for value in values]
        return sum(values) / len(values)

    ours = score_retrieval(found, relevance)
    assert ours["ndcg@10"] == pytest.approx(mean("ndcg_cut_10"), abs=1e-9)
    assert ours["mrr@10"] == pytest.approx(mean(reciprocal), abs=1e-6)
    for k in (1, 10, 100):
        assert ours[f"recall@{k}"] == pytest.approx(mean(f"recall_{k}"), abs=1e-9)
