"""Comparing vocabularies on the same text."""

import pytest

from kortf.text.training.comparison import Answer, fit_of
from kortf.text.vocabulary.vocabulary import Vocabulary

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def vocabulary(*pieces):
    return Vocabulary("wordpiece", "\n".join([*SPECIAL, *pieces]).encode())


def test_example_of_the_docstring():
    line = "나는 학교에서도"
    fit = fit_of(vocabulary("나는", "학교", "##에서", "##도"), [line], [(line, {0, 1, 3, 5, 7})])
    assert fit.size == 9 and fit.unknown == 0
    assert fit.tokens_per_eojeol == pytest.approx(2) and fit.whole_eojeol == pytest.approx(1 / 2)
    assert fit.morpheme_f1 == pytest.approx(0.8) and fit.answers is None


def test_unknown_words_have_no_boundaries():
    fit = fit_of(vocabulary("가", "##나"), ["가나 다라"], [("가나 다라", {0, 1, 3, 4})])
    assert fit.unknown == pytest.approx(1 / 3) and fit.whole_eojeol == 0
    assert fit.morpheme_f1 == pytest.approx(2 * 1 / (1 + 2))


def test_answers_end_on_pieces():
    pieces = vocabulary("학교", "##에서", "##는", "서울")
    context = "서울 학교에서는 학교"
    answers = [Answer(context, *span) for span in [(0, 2), (3, 5), (3, 6), (0, 7), (0, 8), (9, 11)]]
    ends = [fit_of(pieces, [context], answers=[answer]).answers for answer in answers]
    assert ends == [1, 1, 0, 1, 1, 1]
    assert fit_of(pieces, [context], answers=answers).answers == pytest.approx(5 / 6)
    assert fit_of(pieces, [context], answers=[Answer(context, 0, 3)]).answers == 1  # a space


def test_other_kinds_of_vocabularies():
    from kortf.text.training.vocab import VocabSettings, train
    from tests.harness.text.korean import random_documents

    documents = random_documents(200)
    for model in ("unigram", "bpe"):
        settings = VocabSettings("sentencepiece", model, size=150)
        made, _ = train(lambda: documents, settings, lambda stage, size: lambda done: None)
        lines = [line for lines in documents[:20] for line in lines]
        analysed = [(line, set(range(len(line)))) for line in lines]
        fit = fit_of(made, lines, analysed)
        assert 1 < fit.tokens_per_eojeol < 6 and fit.unknown < 0.05
        # Every boundary of a piece is one of a character: the precision is 1.
        assert 0 < fit.morpheme_f1 < 1
