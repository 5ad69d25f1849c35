"""Classes of pairs of texts in files of one's own, with no code: same question, fitting answer."""

from kortf.tasks.kinds.own_classes import OwnClassesTask


class TextPair(OwnClassesTask):
    """Two texts get a class, scored by macro F1.

    Args:
        text_fields: names of the columns with the two texts, `text` and `text_pair` if None.
        label_field: name of the column with the label.
        classes: their names; if there are none, the labels that the train part has.
        settings: as in `TextTask`.
    """

    name = "text_pair"
    text_fields = ("text", "text_pair")
