"""The tokenizer of many lines at a time for any vocabulary."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from kortf.text.tokenizer.lines.wordpiece_lines import WordPieceLines
from kortf.text.vocabulary.vocabulary import Vocabulary

# Lines to their ids in a row, int32 [pieces], and the number of each line's, int64 [lines].
LineTokenizer = Callable[[Sequence[str]], tuple[np.ndarray, np.ndarray]]

# Most strings, and characters, that go through the graph at a time.
_BATCH_STRINGS = 4096
_BATCH_CHARS = 1 << 18


def line_tokenizer(vocabulary: Vocabulary) -> LineTokenizer:
    """Return a function that gives the ids of `Tokenizer` for lines.

    Most WordPiece vocabularies need no TensorFlow, which takes seconds to start. All others are cut
    in the graph, by one thread: the work is divided among processes.
    """
    if WordPieceLines.is_usable(vocabulary):
        return WordPieceLines(vocabulary).tokenize
    return _in_graph(vocabulary)


def _in_graph(vocabulary: Vocabulary) -> LineTokenizer:
    import tensorflow as tf  # here: most vocabularies do without

    with contextlib.suppress(RuntimeError):  # TensorFlow is in use and keeps its threads
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    from kortf.text.tokenizer.tokenizer import Tokenizer

    tokenizer = Tokenizer(vocabulary)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def cut(strings):
        ids = tokenizer.tokenize(strings)
        return ids.flat_values, ids.row_lengths()

    def tokenize(lines: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        ids, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
        for batch in _batches(lines):
            values, rows = cut(tf.constant(batch, tf.string))
            ids.append(values.numpy())
            lengths.append(rows.numpy())
        return np.concatenate(ids), np.concatenate(lengths)

    return tokenize


def _batches(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    start = chars = 0
    for at, line in enumerate(lines):
        chars += len(line)
        if at + 1 - start == _BATCH_STRINGS or chars >= _BATCH_CHARS:
            yield lines[start : at + 1]
            start, chars = at + 1, 0
    if start < len(lines):
        yield lines[start:]
