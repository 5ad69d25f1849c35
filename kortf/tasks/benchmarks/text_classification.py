"""Classes of texts in files of one's own, with no code: a review's rating, a question's topic."""

from kortf.tasks.kinds.own_classes import OwnClassesTask


class TextClassification(OwnClassesTask):
    """A text gets a class, scored by macro F1.

    Args:
        text_fields: name of the column with the text, `text` if None.
        label_field: name of the column with the label.
        classes: their names; if there are none, the labels that the train part has.
        settings: as in `TextTask`.
    """

    name = "text_classification"
