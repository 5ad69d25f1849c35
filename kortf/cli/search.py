"""Find the nearest texts for queries among the vectors of `kortf embed`.

  kortf search --model=DIR --vectors=vectors.npy --texts=sentences.txt --query='좋은 연기'
  kortf search --model=DIR --vectors=vectors.parquet --queries=questions.txt --top_k=5

One JSON object for each query: the query, and its results with row (from 1), score and text. The
search is exact, and holds one block of vectors in memory. The texts are those of --texts, or of
the file of vectors itself.
"""

import itertools
import json
from typing import NamedTuple

from absl import flags

from kortf.cli.embed import define_prompt, prompt_of
from kortf.cli.export import define_dtype
from kortf.cli.flags.input import define_encoding
from kortf.cli.predict import check_input, open_output, read_rows
from kortf.cli.terminal.waiting import Counter, waiting
from kortf.errors import InputError
from kortf.export.options import ExportOptions

# Vectors of one text by one model differ by rounding alone, also between dtypes.
_SAME = 0.98
_SIMILARITIES = ("cosine", "dot")  # kortf.vectors.search, which loads NumPy
# Command that usually follows, with values of flags.
NEXT = "kortf serve --model=NAME={model}"


class _Source(NamedTuple):
    """A file of texts, as `read_rows` takes it."""

    input: str
    text_fields: list[str]
    encoding: str


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf search`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory or SavedModel that made the vectors", **of)
    flags.DEFINE_string("vectors", None, "file that kortf embed wrote", **of)
    flags.DEFINE_string("texts", None, "file of the embedded texts", **of)
    flags.DEFINE_multi_string("query", [], "text to search for; may be repeated", **of)
    flags.DEFINE_string("queries", None, "file of texts to search for; - is standard input", **of)
    flags.DEFINE_list("text_fields", [], "column or JSON field of the texts in --texts", **of)
    flags.DEFINE_list("query_fields", [], "column or JSON field of the texts in --queries", **of)
    define_encoding(flag_values)
    flags.DEFINE_integer("top_k", 10, "results for each query", lower_bound=1, **of)
    flags.DEFINE_enum(
        "similarity", None, _SIMILARITIES, "measure; the model's own if not given", **of
    )
    flags.DEFINE_string("output", None, "file for the results; standard output if not given", **of)
    flags.DEFINE_integer(
        "batch_size", 32, "queries that are computed together", lower_bound=1, **of
    )
    define_prompt(flag_values)
    flags.DEFINE_integer("max_length", None, "longest row in tokens; the model's own", **of)
    define_dtype(flag_values)
    flags.mark_flags_as_required(["model", "vectors"], flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Search for all queries."""
    queries = _queries(flag_values)
    path = flag_values.vectors
    if flag_values.texts:
        check_input(flag_values.texts)
    options = ExportOptions(flag_values.max_length, dtype=flag_values.dtype)

    from kortf.export.predictor import Predictor
    from kortf.vectors.reading import read_vectors
    from kortf.vectors.search import Search

    blocks = read_vectors(path)
    first = next(blocks, None)
    if first is None or not len(first.vectors):
        raise InputError(path, "holds no vectors", "embed the texts again: kortf embed")
    with waiting(f"loading {flag_values.model}"):
        predictor = Predictor(flag_values.model, flag_values.batch_size, options)
    prompt = prompt_of(predictor, flag_values.prompt_name)
    vectors = predictor.embed([prompt + query for query in queries])
    similarity = flag_values.similarity or similarity_of(predictor)
    search = Search(vectors, flag_values.top_k, similarity)
    counter, texts = Counter("vectors"), {0: first.texts[0]} if first.texts else {}
    for block in itertools.chain([first], blocks):
        begin = search.seen
        search.add(block.vectors, path)
        if block.texts is not None:
            best = {0, *search.rows.ravel().tolist()}
            texts = {row: text for row, text in texts.items() if row in best}
            texts |= {row: block.texts[row - begin] for row in best if row >= begin}
        counter.add(len(block.vectors))
    counter.close()
    if flag_values.texts:
        wanted = {0, *search.rows.ravel().tolist()}
        texts = _read_texts(flag_values, wanted, search.seen)
    if 0 in texts:
        _check_same(predictor, texts[0], first.vectors[0], path)
    with open_output(flag_values.output) as output:
        for query, rows, scores in zip(queries, search.rows, search.scores, strict=True):
            found = zip(rows.tolist(), scores.tolist(), strict=True)
            results = [_result(row, score, texts) for row, score in found]
            line = json.dumps({"query": query, "results": results}, ensure_ascii=False)
            output.write(line + "\n")


def similarity_of(predictor) -> str:
    """Return the similarity that a model is made for.

    Raises:
        InputError: It is not one that kortf computes.
    """
    similarity = predictor.description.get("similarity", "cosine")
    if similarity not in _SIMILARITIES:
        problem = f"the model's similarity {similarity} is not supported"
        raise InputError(predictor.directory, problem, f"use one of {', '.join(_SIMILARITIES)}")
    return similarity


def _queries(flag_values: flags.FlagValues) -> list[str]:
    queries = list(flag_values.query)
    if flag_values.queries:
        check_input(flag_values.queries)
        source = _Source(flag_values.queries, flag_values.query_fields, flag_values.encoding)
        _, blocks = read_rows(source, ("text",))
        queries += [row[0] for rows in blocks for row in rows]
    if not queries:
        raise InputError("--query", "is missing", "give --query=TEXT or --queries=FILE")
    for number, query in enumerate(queries, start=1):
        if not query.strip():
            raise InputError(f"query {number}", "is empty", "give it a text")
    return queries


def _read_texts(flag_values: flags.FlagValues, wanted: set[int], expected: int) -> dict[int, str]:
    """Return some texts by row, after counting all."""
    source = _Source(flag_values.texts, flag_values.text_fields, flag_values.encoding)
    place, blocks = read_rows(source, ("text",))
    found, number = {}, 0
    for rows in blocks:
        for row in rows:
            if number in wanted:
                found[number] = row[0]
            number += 1
    if number != expected:
        problem = f"{number:,} texts where {flag_values.vectors} has {expected:,} vectors"
        raise InputError(place, problem, "name the file that was embedded")
    return found


def _check_same(predictor, text: str, vector, path: str) -> None:
    """Refuse vectors that another model made, or texts in another order."""
    import numpy as np

    prompts = {"", *predictor.description.get("prompts", {}).values()}
    own = predictor.embed([prompt + text for prompt in sorted(prompts)])
    sizes = np.linalg.norm(own, axis=-1) * np.linalg.norm(vector)
    if (own @ vector < _SAME * sizes).all():
        problem = "row 1 is not this model's vector of text 1"
        cure = "name the model that made the vectors, and their texts"
        raise InputError(path, problem, cure)


def _result(row: int, score: float, texts: dict[int, str]) -> dict:
    result = {"row": row + 1, "score": round(score, 6)}
    return result | ({"text": texts[row]} if row in texts else {})
