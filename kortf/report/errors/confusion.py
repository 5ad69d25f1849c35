"""A confusion matrix."""

import html
from collections import Counter
from collections.abc import Sequence

from kortf.ranges import sorted_labels
from kortf.report.errors.mistakes import Answer
from kortf.report.tables.table import Table

MOST_CLASSES = 20
NONE = "–"
HIT, MISS, DARKEST = "46,160,67", "219,109,40", 0.55  # visible on light and dark pages


class Confusion:
    """A confusion matrix.

    Args:
        answers: Answers with gold and predicted labels.
    """

    def __init__(self, answers: Sequence[Answer]):
        self.counts = Counter((answer.gold, answer.predicted) for answer in answers)
        self.labels = sorted_labels({label for pair in self.counts for label in pair})

    @property
    def is_readable(self) -> bool:
        """Return whether the matrix has few enough classes for a table."""
        return 1 < len(self.labels) <= MOST_CLASSES

    def table(self) -> Table:
        """Tabulate gold labels by rows and predicted ones by columns, with the recall of each."""
        header = ["gold ↓ predicted →", *self.labels, "recall"]
        rows = []
        for gold in self.labels:
            row = [self.counts[gold, predicted] for predicted in self.labels]
            recall = f"{self.counts[gold, gold] / sum(row):.4f}" if sum(row) else NONE
            recall = NONE if gold == NONE else recall
            rows.append([gold, *(f"{count:,}" for count in row), recall])
        return Table(header, rows)

    def html(self) -> str:
        """Render the table; a cell is darker the larger its share of the gold label is."""
        table = self.table()
        head = "".join(f"<th>{html.escape(name)}</th>" for name in table.header)
        body = ""
        for gold, row in zip(self.labels, table.rows, strict=True):
            total = sum(self.counts[gold, predicted] for predicted in self.labels) or 1
            shares = [self.counts[gold, predicted] / total for predicted in self.labels]
            cells = "".join(
                f"<td style='background:rgba({HIT if predicted == gold else MISS},"
                f"{share * DARKEST:.3f})'>{cell}</td>"
                for predicted, share, cell in zip(self.labels, shares, row[1:], strict=False)
            )
            body += f"<tr><th>{html.escape(row[0])}</th>{cells}<td>{row[-1]}</td></tr>\n"
        return (
            "<div class='wide'><table class='confusion'>"
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
        )
