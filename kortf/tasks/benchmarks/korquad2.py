"""KorQuAD 2.0: short and long answers in whole pages of the encyclopedia, with their markup.

Files: `KorQuAD_2.1_train_00.zip` to `_12.zip` (83,486 questions), `KorQuAD_2.1_dev_00.zip` and
`_01.zip` (10,165), each a zip file of JSON files; a JSON file is read as well. A page is HTML
without attributes. An answer is a span of it, with its tags: a word, a paragraph, a table. The test
part is not published: the dev part is scored, and a held-out share of the train part chooses the
epoch.
Source: korquad.github.io, CC BY-ND 2.0 KR; Kim et al., "KorQuAD 2.0", Journal of KIISE 47(6), 2020.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.metrics.korquad2 import character_f1, exact_match
from kortf.tasks.benchmarks.korquad import CURE, checked_answer
from kortf.tasks.kinds.extraction import NOWHERE, ExtractionTask
from kortf.tasks.readers.answers import locate
from kortf.tasks.readers.markup import blank_tags, visible_span
from kortf.tasks.readers.zipped_json import read_zipped_json
from kortf.text.tokenizer.rows.rows import Rows
from kortf.text.tokenizer.tokenizer import Tokenizer

TRAIN_PARTS = 13
DEV = ("KorQuAD_2.1_dev_00.zip", "KorQuAD_2.1_dev_01.zip")
FIELDS = ("id", "question", "answer")


class Korquad2(ExtractionTask):
    """KorQuAD 2.0, scored by exact match and the F1 of characters, both without markup.

    The model reads the text of a page in overlapping windows; tags are blanked in place, so
    offsets and answers are those of the page as it is given, tags included.

    Args:
        settings: As in `ExtractionTask`.
    """

    name = "korquad2"
    train_file = ",".join(f"KorQuAD_2.1_train_{i:02}.zip" for i in range(TRAIN_PARTS))
    test_file = DEV[0]
    metrics = ("f1", "exact_match")
    note = "the test part is not published: the dev part was scored"

    def files(self, name: str) -> list[str]:
        return list(DEV) if name == DEV[0] else [name]

    def rows(self, path: str) -> Iterator[tuple]:
        head = path.removesuffix(DEV[0])
        parts = [head + name for name in DEV] if path.endswith(DEV[0]) else [path]
        for part in parts:
            for place, content in read_zipped_json(part):
                pages = content.get("data") if isinstance(content, dict) else None
                if not isinstance(pages, list):
                    cure = "name a file in KorQuAD 2.0's format"
                    raise InputError(place, "there is no list 'data'", cure)
                for number, page in enumerate(pages, start=1):
                    yield from _questions(page, f"{place}, page {number}")

    def finish(self, examples: list[dict], path: str) -> list[dict]:
        seen = set()
        for example in examples:
            if example["id"] in seen:
                problem = f"two questions have the id '{example['id']}'"
                raise InputError(path, problem, "give each question its own id")
            seen.add(example["id"])
        return examples

    def example(self, row: tuple[dict, str], place: str) -> dict:
        question, context = row
        key, text, answer = (question.get(name) for name in FIELDS)
        if not isinstance(key, str | int) or isinstance(key, bool) or not isinstance(text, str):
            raise InputError(place, "has no 'id' or no 'question'", CURE)
        place = f"{place}, question {key}"
        span = checked_answer(answer, context, place)
        start = answer["answer_start"]
        start, stop = visible_span(context, start, start + len(span))
        return {
            "id": str(key), "question": text, "context": context, "answers": [span],
            "start": start, "stop": stop,
        }  # fmt: skip

    def encode(self, tokenizer: Tokenizer, texts: Sequence[tf.Tensor], max_length: int) -> Rows:
        question, context = texts
        pages, which = tf.unique(context)  # questions share pages
        return super().encode(
            tokenizer, [question, tf.gather(blank_tags(pages), which)], max_length
        )

    def labels(self, examples: Sequence[dict], rows: Rows) -> np.ndarray:
        # An answer of markup alone is nowhere.
        spans = [(row["start"], row["stop"]) for row in examples]
        spans = [span if span[0] < span[1] else (NOWHERE, NOWHERE + 1) for span in spans]
        begins, stops = np.array(spans).T
        return locate(rows, begins, stops, self.sizes["max_trim"])

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        answers = self.predictions(found, examples)
        pairs = [(answers[example["id"]], example["answers"][0]) for example in examples]
        return {
            "exact_match": float(np.mean([exact_match(*pair) for pair in pairs])),
            "f1": float(np.mean([character_f1(*pair) for pair in pairs])),
        }


def _questions(page, place: str) -> Iterator[tuple]:
    context, questions = (
        page.get(name) if isinstance(page, dict) else None for name in ("context", "qas")
    )
    if not isinstance(context, str) or not isinstance(questions, list):
        yield place, InputError(place, "has no 'context' or no 'qas'", CURE)
        return
    for question in questions:
        usable = isinstance(question, dict)
        problem = InputError(place, "a question is not an object", CURE)
        yield place, (question, context) if usable else problem
