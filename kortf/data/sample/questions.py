"""Questions on articles of the sample's encyclopaedia, in KorQuAD 1.0's format."""

import json

from kortf.data.sample.encyclopedia import Article


def korquad(articles: list[Article], version: str) -> str:
    """The articles that answer a question, each as one paragraph with its questions.

    An answer is the word itself. The particle that follows it, in the same eojeol, is not part of
    the answer, so answers often end inside an eojeol, as KorQuAD's do.

    Args:
        articles: Articles to ask about.
        version: Goes into the field of that name.

    Returns:
        JSON. Every `answer_start` is a character offset into `context`.
    """
    entries = []
    for number, article in enumerate(articles):
        context, asked = _context(article)
        questions = [
            {
                "answers": [{"text": context[start:end], "answer_start": start}],
                "id": f"{version}-{number}-{place}",
                "question": question,
            }
            for place, (question, start, end) in enumerate(asked)
        ]
        if questions:
            paragraph = {"qas": questions, "context": context}
            entries.append({"paragraphs": [paragraph], "title": article.title})
    return json.dumps({"version": version, "data": entries}, ensure_ascii=False) + "\n"


def _context(article: Article) -> tuple[str, list[tuple[str, int, int]]]:
    context, asked = "", []
    for _, paragraph in article.sections:
        if context:
            context += " "
        at = len(context)
        asked += [(question, at + start, at + end) for question, start, end in paragraph.asked]
        context += paragraph.told.text
    return context, asked
