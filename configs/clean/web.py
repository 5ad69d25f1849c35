"""Cleaning of web pages: forums, shops, blogs, crawls.

    kortf clean --config=web --input='crawl/*.jsonl' --output=runs/web

The usual settings, and: HTML and addresses of pages go, full-width letters become usual ones,
laughter, emoji and repeated phrases are shortened, all kinds of personal numbers are masked, lines
that stand on many pages go, and so do lists, advertising, documents in other scripts and near
duplicates (`pip install 'kortf[clean]'`). Names of people stay.
"""

from kortf.clean.recipe import cleaning


def get_config(size: str = ""):
    """Return the settings; a cleaning has no sizes."""
    del size
    return cleaning(
        repeats=3,
        web={
            "html": True,
            "urls": True,
            "width": True,
            "laughter": 4,
            "emoji": 3,
            "phrases": 3,
            "lists": 0.8,
            "spam": 4,
        },
        private={
            "card": "[카드번호]",
            "account": "[계좌번호]",
            "business_number": "[사업자번호]",
            "driver_licence": "[면허번호]",
            "passport": "[여권번호]",
        },
        boilerplate={"pages": 20},
        scripts={"hanja": 0.3, "kana": 0.2, "cyrillic": 0.2},
        length={"min_chars": 20},
        duplicates={"documents": True, "lines": True, "line_min_chars": 20},
        near={"threshold": 0.8},
    )
