"""Classification of texts in the user's own files: the rating of a review, the topic of a text."""

from kortf.tasks.kinds.own_classes import OwnClassesTask


class TextClassification(OwnClassesTask):
    """Classification of texts in own files, scored by macro F1.

    Args:
        text_fields: Name of the column with the text; `text` if None.
        label_field: Name of the column with the label.
        classes: Names of the classes; by default the labels of the train part.
        settings: As in `TextTask`.
    """

    name = "text_classification"
