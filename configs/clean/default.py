"""What most text needs: nothing that reads well is lost.

    kortf clean --config=configs/clean/default.py --input='wiki/*.txt' --output=runs/clean

Composes (NFC), removes what cannot be seen, white space, empty brackets, headings without text in
wiki files and the notes of petitions' moderators, masks telephone numbers, e-mail addresses and
resident registration numbers, shortens laughter to five, drops documents of which less than 30 % of
the letters are Hangul, and documents that came before. Every setting stands in
kortf/clean/settings.py.
"""

from kortf.clean.recipe import cleaning


def get_config(size: str = ""):
    """The settings; a cleaning has no sizes."""
    del size
    return cleaning()
