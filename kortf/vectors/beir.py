"""Read a retrieval benchmark in BEIR's form: corpus, queries and judgements."""

import dataclasses
import os
from collections.abc import Iterator

from kortf import files
from kortf.errors import InputError
from kortf.lines import read_lines
from kortf.strict_json import parse_json

CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels"
_HEADER = ["query-id", "corpus-id", "score"]


@dataclasses.dataclass
class RetrievalData:
    """A corpus with judged queries.

    Attributes:
        directory: Directory with `corpus.jsonl`, `queries.jsonl` and `qrels/`.
        split: Name of the judgements, `qrels/SPLIT.tsv`.
        documents: Ids of the corpus, in its order.
        queries: Id to text of the judged queries.
        relevance: Id of a query to the relevance of each judged document.
        unjudged: Number of queries without judgements, which are left out.
        empty: Number of documents without text.
    """

    directory: str
    split: str
    documents: list[str]
    queries: dict[str, str]
    relevance: dict[str, dict[str, int]]
    unjudged: int
    empty: int

    def texts(self) -> Iterator[str]:
        """Read the texts of the corpus in its order: title and text, as BEIR joins them."""
        for _, _, text in _documents(os.path.join(self.directory, CORPUS)):
            yield text


def read_retrieval(directory: str, split: str = "test") -> RetrievalData:
    """Read and check a retrieval benchmark; the texts of the corpus are not kept.

    Args:
        directory: Directory with `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`,
            `text`) and `qrels/SPLIT.tsv` (`query-id`, `corpus-id`, `score`, with a header).
        split: Name of the judgements.

    Raises:
        InputError: A file is missing, a line is of another form, an id is repeated, or a judgement
            names an id that does not exist, with file and line.
    """
    paths = [os.path.join(directory, name) for name in (CORPUS, QUERIES)]
    paths.append(os.path.join(directory, QRELS, f"{split}.tsv"))
    for path in paths:
        if not files.exists(path):
            cure = f"a benchmark in BEIR's form has {CORPUS}, {QUERIES} and {QRELS}/{split}.tsv"
            raise InputError(path, "no such file", cure)
    places: dict[str, int] = {}
    empty = 0
    for place, name, text in _documents(paths[0]):
        _add(places, name, place)
        empty += not text
    queries: dict[str, str] = {}
    for place, name, row in _objects(paths[1]):
        text = _text(row, "text", place)
        if not text.strip():
            raise InputError(place, f"the query {name[:80]} is empty", "give it a text")
        _add(queries, name, place, text)
    relevance = _relevance(paths[2], places, queries)
    judged = {name: text for name, text in queries.items() if name in relevance}
    unjudged = len(queries) - len(judged)
    return RetrievalData(directory, split, list(places), judged, relevance, unjudged, empty)


def _relevance(path: str, documents, queries) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for number, (place, line) in enumerate(read_lines(path), start=1):
        if isinstance(line, InputError):
            raise line
        fields = line.split("\t")
        if number == 1:
            if fields != _HEADER:
                problem = f"the header is not {' '.join(_HEADER)}"
                raise InputError(place, problem, "write that header, separated by tabs")
            continue
        if len(fields) != 3:
            problem = f"expected 3 tab-separated fields, got {len(fields)}"
            raise InputError(place, problem, f"write {' '.join(_HEADER)}")
        query, document, score = fields
        for name, known, file in ((query, queries, QUERIES), (document, documents, CORPUS)):
            if name not in known:
                problem = f"the id {name[:80]!r} is not in {file}"
                raise InputError(place, problem, "correct the id, or add it there")
        if not score.isascii() or not score.isdigit() or len(score) > 9:
            problem = f"the score {score[:80]!r} is not a whole number of at least 0"
            raise InputError(place, problem, "write 0 for a document that is not relevant")
        judged = found.setdefault(query, {})
        if document in judged:
            problem = f"query {query[:80]!r} and document {document[:80]!r} are judged twice"
            raise InputError(place, problem, "keep one of the lines")
        judged[document] = int(score)
    if not found:
        raise InputError(path, "holds no judgement", "add a line for each relevant document")
    return found


def _documents(path: str) -> Iterator[tuple[str, str, str]]:
    """Return place, id and text of each document."""
    for place, name, row in _objects(path):
        title = _text(row, "title", place) if row.get("title") is not None else ""
        yield place, name, f"{title} {_text(row, 'text', place)}".strip()


def _objects(path: str) -> Iterator[tuple[str, str, dict]]:
    """Return place, id and content of each line."""
    for place, line in read_lines(path):
        if isinstance(line, InputError):
            raise line
        row = parse_json(line, place, "write one object a line")
        if not isinstance(row, dict):
            raise InputError(place, "not a JSON object", "write an object with _id and text")
        yield place, _text(row, "_id", place), row


def _text(row: dict, key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or (key == "_id" and not value):
        raise InputError(place, f"{key} is not a text", f"write {key} as a string")
    return value


def _add(known: dict, name: str, place: str, value=0) -> None:
    if name in known:
        raise InputError(place, f"the id {name[:80]!r} is repeated", "give each line its own id")
    known[name] = value
