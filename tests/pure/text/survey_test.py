"""The first pass over a corpus."""

from kortf.text.training.survey import HELD_BACK_EVERY, is_held_back, sample, survey


def nothing(size):
    pass


def test_example_of_the_docstring():
    seen = survey(lambda: [["가 나"], ["나."]], lowercase=False, advance=nothing)
    assert list(seen.chars.items()) == [("나", 2), (".", 1), ("가", 1)]
    assert (seen.documents, seen.bytes) == (2, 11)
    assert seen.held_back == []


def test_characters_are_counted_normalised():
    seen = survey(lambda: [["ABb\u200b각\tİ"]], lowercase=True, advance=nothing)
    assert seen.chars == {"b": 2, "a": 1, "i": 1, "\u0307": 1, "각": 1}


def test_every_fiftieth_document_is_held_back():
    documents = [[f"문서 {i}"] for i in range(500)]
    told = []
    seen = survey(lambda: documents, lowercase=False, advance=told.append)
    trained = list(sample(lambda: documents, 1.0, advance=nothing))
    assert seen.held_back == [f"문서 {i}" for i in range(49, 500, HELD_BACK_EVERY)]
    assert trained == [[f"문서 {i}"] for i in range(500) if not is_held_back(i)]
    assert sum(told) == seen.bytes == sum(len(line.encode()) for [line] in documents)


def test_thinning_is_even():
    documents = [[str(i)] for i in range(1000)]
    numbers = [int(line) for [line] in sample(lambda: documents, 0.25, advance=nothing)]
    assert len(numbers) == 245
    assert {b - a for a, b in zip(numbers, numbers[1:], strict=False)} <= {4, 5}


def test_many_held_back_documents_are_thinned(monkeypatch):
    monkeypatch.setattr("kortf.text.training.survey._HELD_BACK_CHARS", 100)
    documents = [["가나다라마"] for _ in range(50 * 1000)]
    seen = survey(lambda: documents, lowercase=False, advance=nothing)
    assert 5 <= len(seen.held_back) <= 20
