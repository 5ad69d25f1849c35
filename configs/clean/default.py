"""Usual settings, which suit most text.

    kortf clean --config=default --input='wiki/*.txt' --output=runs/clean

Removes invisible characters, composes (NFC), removes empty brackets, surplus white space, headings
without text in wiki files and the notes of petitions' moderators; masks telephone numbers, e-mail
addresses and resident registration numbers; shortens laughter to five characters; drops documents
of whose letters less than 30 % are Hangul, and documents that came before. docs/clean.md lists
every setting.
"""

from kortf.clean.recipe import cleaning


def get_config(size: str = ""):
    """Return the settings; a cleaning has no sizes."""
    del size
    return cleaning()
