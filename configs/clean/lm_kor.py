"""Cleaning of LM-kor (kiyoungkim1): 100 GB of reviews, blogs and encyclopaedias become 70 GB.

    kortf clean --config=lm_kor --input='raw/*.txt' --output=runs/clean

Its README: Hanja and emoji are deleted; needless sentences, short sentences and repeated sentences
are left out. It does not publish the limits for "short" and "needless". Those below are ours: a
sentence has at least 10 characters, and half of a document's letters are Hangul.
"""

from kortf.clean.recipe import cleaning


def get_config(size: str = ""):
    """Return the settings; a cleaning has no sizes."""
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
