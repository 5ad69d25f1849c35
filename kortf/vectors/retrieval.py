"""Score the retrieval of a model: exact search over a corpus, in bounded memory."""

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from kortf import files
from kortf.metrics.late_interaction import TokenVectors
from kortf.metrics.retrieval import ndcg, rank, recall, reciprocal_rank
from kortf.vectors.batches import ROWS, windows
from kortf.vectors.beir import RetrievalData
from kortf.vectors.search import MAX_SIM, LateSearch, Search

DEPTH = 100  # documents that are ranked for each query
RECALLS = (1, 10, 100)
_ROWS = 4096  # documents that are compared at once
RESULT_FILE, RUN_FILE = "retrieval.json", "run.trec"
# Names under which sentence-transformers looks for the prompt of a document.
_DOCUMENT_PROMPTS = ("document", "passage", "corpus")

Found = Mapping[str, Mapping[str, float]]


@dataclasses.dataclass
class RetrievalResult:
    """Documents that a model finds for each query.

    Attributes:
        data: Corpus, queries and judgements.
        similarity: Measure of the search.
        found: Id of a query to id and score of at most `DEPTH` documents.
    """

    data: RetrievalData
    similarity: str
    found: Found

    def write(self, directory: str, model: str) -> dict:
        """Write `retrieval.json` and `run.trec`, which trec_eval reads; return the former.

        Args:
            directory: Directory to write.
            model: Name of the model.
        """
        data = self.data
        counts = {"documents": len(data.documents), "queries": len(data.queries)}
        more = {"queries without judgements": data.unjudged, "empty documents": data.empty}
        result = {
            "benchmark": data.directory,
            "split": data.split,
            "model": model,
            "similarity": self.similarity,
            "scores": score_retrieval(self.found, data.relevance),
            "counts": counts | {name: number for name, number in more.items() if number},
        }
        with files.write_beside(os.path.join(directory, RUN_FILE)) as file:
            for query, scores in self.found.items():
                for place, name in enumerate(rank(scores), start=1):
                    file.write(f"{query} Q0 {name} {place} {scores[name]:.9g} kortf\n")
        files.write_json(os.path.join(directory, RESULT_FILE), result)
        return result


def evaluate_retrieval(
    data: RetrievalData,
    embed: Callable[[Sequence[str]], np.ndarray | list[np.ndarray]],
    similarity: str = "cosine",
    prompts: Mapping[str, str] | None = None,
    progress: Callable[[int], None] = lambda count: None,
    window: int = ROWS,
) -> RetrievalResult:
    """Search the corpus for all judged queries.

    Args:
        data: Corpus, queries and judgements.
        embed: From texts to float32 `[texts, dim]`; for late interaction to `[tokens, width]` for
            each text.
        similarity: `cosine`, `dot`, or `maxsim` for late interaction.
        prompts: Texts by name; those of queries and documents are put before them.
        progress: Called with the number of texts that are embedded.
        window: Number of documents that are embedded at a time.
    """
    given = prompts or {}
    prefix = given.get("query", "")
    queries = [prefix + text for text in data.queries.values()]
    search = _search(embed(queries), similarity)
    progress(len(queries))
    prefix = next((given[name] for name in _DOCUMENT_PROMPTS if given.get(name)), "")
    blocks: list = []
    for rows in windows(((prefix + text,) for text in data.texts()), window):
        blocks.append(embed([text for (text,) in rows]))
        progress(len(rows))
        if similarity == MAX_SIM or sum(map(len, blocks)) >= _ROWS:
            search.add(_joined(blocks, similarity), data.directory)
            blocks = []
    if blocks:
        search.add(_joined(blocks, similarity), data.directory)
    found = {
        name: {data.documents[i]: float(score) for i, score in zip(rows, scores, strict=True)}
        for name, rows, scores in zip(data.queries, search.rows, search.scores, strict=True)
    }
    return RetrievalResult(data, similarity, found)


def _search(queries, similarity: str) -> Search | LateSearch:
    if similarity == MAX_SIM:
        return LateSearch(TokenVectors.of(queries), DEPTH)
    return Search(queries, DEPTH, similarity)


def _joined(blocks: list, similarity: str):
    """Join the results of `embed` for a search."""
    if similarity == MAX_SIM:
        return TokenVectors.of([text for block in blocks for text in block])
    return np.concatenate(blocks)


def score_retrieval(found: Found, relevance: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """Return nDCG@10, MRR@10 and recall@k, each the mean over the judged queries.

    Args:
        found: Id of a query to the score of each document that was found.
        relevance: Id of a query to the relevance of each judged document.
    """
    sums: dict[str, list[float]] = {}
    for name, judged in relevance.items():
        ranked = rank(found.get(name, {}))
        scores = {"ndcg@10": ndcg(ranked, judged), "mrr@10": reciprocal_rank(ranked, judged)}
        scores |= {f"recall@{k}": recall(ranked, judged, k) for k in RECALLS}
        for key, value in scores.items():
            sums.setdefault(key, []).append(value)
    return {key: float(np.mean(values)) for key, values in sums.items()}
