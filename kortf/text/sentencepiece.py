"""SentencePiece in the graph."""

import tensorflow as tf

from kortf.quiet import without_stderr
from kortf.text import normalize_graph
from kortf.text.vocabulary import Vocabulary


class SentencePiece(tf.Module):
    """Unigram or BPE pieces of normalised strings, by tensorflow_text.

    Attributes:
        usual: RE2 pattern of the strings that need no normalisation but lower-casing of A-Z.
        single: RE2 pattern of the characters that are words of their own: none.
    """

    usual = normalize_graph.USUAL_TEXT
    single = ""
    normalize = staticmethod(normalize_graph.normalize)

    def __init__(self, vocabulary: Vocabulary):
        super().__init__(name="sentencepiece")
        self._data = vocabulary.data
        self._make()

    def _make(self) -> None:
        import tensorflow_text as tf_text

        with without_stderr():  # it says that the model does not normalise: it is not meant to
            self._tokenizer = tf_text.SentencepieceTokenizer(self._data, out_type=tf.int32)

    def prepare(self, strings: tf.Tensor) -> tf.Tensor:
        """Makes normalised strings [n] ready for `tokenize`."""
        return strings

    def tokenize(self, strings: tf.Tensor) -> tf.RaggedTensor:
        """Ids int32 [n, None] of prepared strings [n]."""
        return self._call("tokenize", strings)

    def tokenize_with_offsets(self, strings: tf.Tensor) -> tuple[tf.RaggedTensor, ...]:
        """Ids and byte offsets [n, None] of prepared strings [n]."""
        return self._call("tokenize_with_offsets", strings)

    def _call(self, method: str, strings: tf.Tensor):
        try:
            return getattr(self._tokenizer, method)(strings)
        except tf.errors.NotFoundError:
            # The model lives in a kernel, and tf.random.set_seed throws all kernels away.
            self._make()
            return getattr(self._tokenizer, method)(strings)
