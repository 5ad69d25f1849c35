"""KorQuAD 1.0: find the answer to a question in a Wikipedia article.

Files: `KorQuAD_v1.0_train.json` (60,407 questions), `KorQuAD_v1.0_dev.json` (5,774). The test part
is not published: the dev part is scored, and a held-out share of the train file chooses the epoch.
Source: korquad.github.io, CC BY-ND 2.0 KR; Lim, Kim and Lee, "KorQuAD1.0", 2019.
"""

from collections.abc import Iterator

from kortf import files
from kortf.errors import InputError
from kortf.tasks.kinds.extraction import ExtractionTask

CURE = "fetch the file again, or correct the row"


class Korquad(ExtractionTask):
    """KorQuAD 1.0, scored by exact match and the F1 of characters.

    Args:
        settings: As in `ExtractionTask`.
    """

    name = "korquad"
    train_file = "KorQuAD_v1.0_train.json"
    test_file = "KorQuAD_v1.0_dev.json"
    note = "the test part is not published: the dev part was scored"

    def rows(self, path: str) -> Iterator[tuple]:
        content = files.read_json(path)
        articles = content.get("data") if isinstance(content, dict) else None
        if not isinstance(articles, list):
            raise InputError(path, "there is no list 'data'", "name a file in KorQuAD's format")
        for number, article in enumerate(articles, start=1):
            yield from questions_of_article(article, f"{path}, article {number}")

    def finish(self, examples: list[dict], path: str) -> list[dict]:
        seen = set()
        for example in examples:
            if example["id"] in seen:
                problem = f"two questions have the id '{example['id']}'"
                raise InputError(path, problem, "give each question its own id")
            seen.add(example["id"])
        return examples

    def example(self, row: tuple[dict, str], place: str) -> dict:
        return self.with_answers(row, place, self.unanswerable and row[0].get("is_impossible"))

    def with_answers(self, row: tuple[dict, str], place: str, none: bool) -> dict:
        """Make an example.

        Args:
            row: Question and context.
            place: File and paragraph, for errors.
            none: Whether the question has no answer.
        """
        question, context = row
        key = question.get("id", question.get("guid"))
        place = f"{place}, question {key}" if key else place
        text = question.get("question")
        answers = question.get("answers")
        if not isinstance(key, str) or not isinstance(text, str) or not text.strip():
            raise InputError(place, "has no 'id' or no 'question'", CURE)
        if none:
            answers = []
        elif not isinstance(answers, list) or not answers:
            raise InputError(place, "has no 'answers'", CURE)
        return {
            "id": key,
            "question": text,
            "context": context,
            "answers": [checked_answer(answer, context, place) for answer in answers],
            "start": answers[0]["answer_start"] if answers else -1,
        }


def questions_of_article(article, place: str) -> Iterator[tuple]:
    """Yield the questions of an article in SQuAD's format: place, and question with context.

    Args:
        article: Element of `data`.
        place: File and article.
    """
    paragraphs = _part(article, "paragraphs", list, place)
    if isinstance(paragraphs, InputError):
        yield place, paragraphs
        return
    for position, paragraph in enumerate(paragraphs, start=1):
        yield from _questions(paragraph, f"{place}, paragraph {position}")


def _questions(paragraph, place: str) -> Iterator[tuple]:
    context = _part(paragraph, "context", str, place)
    questions = _part(paragraph, "qas", list, place)
    for value in (context, questions):
        if isinstance(value, InputError):
            yield place, value
            return
    for question in questions:
        usable = isinstance(question, dict)
        problem = InputError(place, "a question is not an object", CURE)
        yield place, (question, context) if usable else problem


def _part(value, name: str, kind: type, place: str):
    part = value.get(name) if isinstance(value, dict) else None
    return part if isinstance(part, kind) else InputError(place, f"has no '{name}'", CURE)


def checked_answer(answer, context: str, place: str) -> str:
    """Return the text of an answer.

    Raises:
        InputError: If the context does not have it at its position.
    """
    text, start = (
        answer.get(name) if isinstance(answer, dict) else None for name in ("text", "answer_start")
    )
    if not isinstance(text, str) or not text or type(start) is not int or start < 0:
        raise InputError(place, "an answer has no 'text' or no 'answer_start'", CURE)
    there = context[start : start + len(text)]
    if there != text:
        problem = f"expected the answer '{text}' at character {start}, got '{there}'"
        raise InputError(place, problem, CURE)
    return text
