"""Classification of pairs of texts in the user's own files: equal questions, fitting answers."""

from kortf.tasks.kinds.own_classes import OwnClassesTask


class TextPair(OwnClassesTask):
    """Classification of pairs of texts in own files, scored by macro F1.

    Args:
        text_fields: Names of the columns with the two texts; `text` and `text_pair` if None.
        label_field: Name of the column with the label.
        classes: Names of the classes; by default the labels of the train part.
        settings: As in `TextTask`.
    """

    name = "text_pair"
    text_fields = ("text", "text_pair")
