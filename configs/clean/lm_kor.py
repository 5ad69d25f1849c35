"""LM-kor (kiyoungkim1): 100 GB of reviews, blogs, encyclopaedias and corpora become 70 GB.

    kortf clean --config=configs/clean/lm_kor.py --input='raw/*.txt' --output=runs/clean

As they say: Hanja and emoji are deleted, needless and too short sentences and sentences that come
again are left out. Their figures for "too short" and "needless" are not published; those below are
ours: a sentence has 10 characters at least, half of a document's letters are Hangul.
"""

from kortf.clean.recipe import cleaning


def get_config(size: str = ""):
    """The settings; a cleaning has no sizes."""
    del size
    return cleaning(
        remove="hanja,emoji",
        repeats=3,
        sentences="rules",
        short_lines=10,
        length={"min_chars": 20},
        hangul_share=0.5,
        duplicates={"documents": True, "lines": True, "line_min_chars": 10},
    )
