"""Continue from a model with a vocabulary that extends the model's."""

from collections.abc import Iterable

import numpy as np
from keras import ops

from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.text.extension.former_parts import former_parts
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary


def changed_pieces(init_from: str, vocabulary: Vocabulary, directory: str) -> dict[int, list[int]]:
    """Return the pieces that a vocabulary has where a model's vocabulary has `[unused]` slots.

    Args:
        init_from: Model directory.
        vocabulary: With which to go on.
        directory: Directory of the vocabulary, for messages.

    Returns:
        The id of each new piece, and the ids of those that the model's vocabulary cuts it into;
        empty when both are the same.

    Raises:
        InputError: Any other id means another piece, or text is normalised in another way.
    """
    old = load_vocabulary(init_from)
    if old.fingerprint == vocabulary.fingerprint:
        return {}
    try:
        return former_parts(old, vocabulary)
    except ValueError as error:
        raise InputError(
            init_from,
            f"its vocabulary is not that of {directory}, nor does that extend it: {error}",
            f"give --vocab={init_from} and records made with it, "
            f"or make another by kortf vocab --extend={init_from}",
        ) from error


def start_new_rows(encoder: Encoder, heads: Iterable, parts: dict[int, list[int]]) -> None:
    """Start the vectors and output biases of new pieces as the means of their former parts'.

    With both the mean, the score of a new piece is, at every place, the mean of its parts' scores:
    it begins as likely as they are, in the geometric mean. The bias that the slot has learned says
    that it never comes.

    Args:
        encoder: With the weights of the model; `token_embedding` is its table `[vocabulary, dim]`.
        heads: Keras layers; those with a `bias` `[vocabulary]` score the vocabulary.
        parts: From `changed_pieces`.

    Example:
        Where piece 5 was cut into 7 and 8, with the vectors [0, 2] and [4, 0] and the biases -1 and
        -3, it starts with [2, 1] and -2.
    """
    if not parts:
        return
    size = encoder.token_embedding.vocabulary_size
    variables = [encoder.token_embedding.embeddings]
    biases = (getattr(head, "bias", None) for head in heads)
    variables += [bias for bias in biases if bias is not None and tuple(bias.shape) == (size,)]
    for variable in variables:
        value = np.array(ops.convert_to_numpy(variable))
        for new, old in parts.items():
            value[new] = value[old].mean(axis=0)
        variable.assign(value)
