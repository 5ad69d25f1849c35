"""Normalisation of single strings."""

import tensorflow as tf

from kortf.text.unicode import normalize, normalize_graph
from tests.harness.text.korean import NASTY, random_strings


def test_example_of_the_docstring():
    assert normalize.normalize("각\u200b하\tΣİ", lowercase=True) == "각하 σi̇"


def test_compatibility_jamo_accents_and_emoji_stay():
    kept = "ㅋㅋ ㅠㅠ é 漢字 👨👩❤️ ᄒᆞᆫ글 Ⅷ ①"
    assert normalize.normalize(kept, lowercase=False) == kept


def test_in_the_graph_as_in_python():
    strings = [*NASTY, *random_strings(500)]
    for lowercase in (False, True):
        steps = normalize.Normalization(lowercase=lowercase)
        graph = normalize_graph.normalize(tf.constant(strings), steps).numpy()
        python = [normalize.normalize(string, lowercase) for string in strings]
        assert [string.decode() for string in graph] == python


def test_a_nul_does_not_end_a_string_that_is_lower_cased():
    steps = normalize.Normalization(cleans=False, form="", lowercase=True)
    found = normalize_graph.normalize(tf.constant(["A\0BÉ", "\0", "A"]), steps)
    assert found.numpy().tolist() == ["a\0bé".encode(), b"\0", b"a"]
