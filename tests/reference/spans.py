"""Spans and masks by loops, as slow as they are easy to read."""


def tile(words: list[int], cycles: list[int]) -> tuple[list[int], list[bool]]:
    """Walks from word to word: a cycle is a span, and the last word of it is left out."""
    span_of, inside_of = [], []
    for span, cycle in enumerate(cycles):
        for number in range(cycle):
            span_of.append(span)
            inside_of.append(number < cycle - 1)
    return [span_of[word] for word in words], [inside_of[word] for word in words]


def runs(places: list[int]) -> dict[int, tuple[int, int]]:
    """Place to the first and last of the neighbours that are all among `places`."""
    bounds = {}
    for place in places:
        start = end = place
        while start - 1 in places:
            start -= 1
        while end + 1 in places:
            end += 1
        bounds[place] = (start, end)
    return bounds


def words_of(candidates: list[bool], starts_word: list[bool]) -> list[tuple[int, int]]:
    """First and last piece of each word of a row; what is no candidate ends a word."""
    words, begin = [], None
    for place, candidate in enumerate([*candidates, False]):
        ends = begin is not None and (not candidate or starts_word[place])
        if ends:
            words.append((begin, place - 1))
            begin = None
        if candidate and begin is None:
            begin = place
    return words


def length_in_words(start: int, end: int, words: list[tuple[int, int]]) -> int:
    """How many words a span holds; fails where it begins or ends inside one."""
    first = [begin for begin, _ in words].index(start)
    last = [last for _, last in words].index(end)
    return last - first + 1
