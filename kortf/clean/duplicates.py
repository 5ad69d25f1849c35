"""Settings of the comparisons of documents and lines with the rest of the corpus."""

from kortf.clean.rule import Allowed, Setting, at_least

DUPLICATE_SETTINGS = (
    Setting("duplicates.documents", True, "of documents with the same lines the first stays"),
    Setting("duplicates.lines", False, "lines that came before in the corpus go"),
    Setting("duplicates.line_min_chars", 20, "shorter lines may come again", at_least(0)),
    Setting(
        "boilerplate.pages",
        0,
        "remove lines that occur in at least this many documents; 0 is off",
        Allowed("0 or at least 2", lambda value: value == 0 or value >= 2),
    ),
)
