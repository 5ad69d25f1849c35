"""Longest match in plain Python."""

from kortf.text.tokenizer.longest_match import LongestMatch
from kortf.text.training.vocab import VocabSettings, train
from kortf.text.vocabulary.twin import to_tokenizers
from tests.harness.text.korean import random_documents


def test_examples_of_the_docstrings():
    matcher = LongestMatch(["세종", "##대왕", "##대", "##이"])
    assert matcher.ends("세종대왕이") == [2, 1, 4, 3, 5]
    assert matcher.cut("세종대왕이") == ["세종", "##대왕", "##이"]
    assert matcher.cut("##대왕이") == ["##대왕", "##이"]
    assert matcher.cut("왕") is None and matcher.cut("세종왕") is None and matcher.cut("") == []
    assert matcher.cut("대왕") is None and matcher.cut("##세종") is None


def test_words_are_cut_as_tokenizers_cuts_them():
    documents = random_documents(300)
    vocabulary, _ = train(lambda: documents, VocabSettings(size=350), lambda *_: lambda done: None)
    twin, matcher = to_tokenizers(vocabulary, False), LongestMatch(vocabulary.pieces)
    words = {word for lines in documents for line in lines for word in line.split()}
    for word in words:
        if word.isalnum() and not any("\u4e00" <= char <= "\u9fff" for char in word):
            assert matcher.cut(word) == twin.encode(word).tokens
