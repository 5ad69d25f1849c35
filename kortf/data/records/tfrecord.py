"""TFRecord files: finds the record at which one breaks."""

from kortf import files


def find_corruption(path: str) -> tuple[int, str] | None:
    """Reads a TFRecord file to its end and says where it breaks.

    Returns:
        The number of the broken record, from 0, and what is wrong with it; None for a whole file.
    """
    import tensorflow as tf  # here: the schema and records.json are read without it

    number = 0
    try:
        for _ in tf.data.TFRecordDataset(path):
            number += 1
    except tf.errors.DataLossError as error:
        truncated = "truncated" in error.message
        return number, "the file ends inside it" if truncated else "its checksum is wrong"
    if number == 0 and files.size(path) > 0:
        return 0, "the file ends inside it"
    return None
