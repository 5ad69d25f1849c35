"""SentencePiece in the graph."""

import tensorflow as tf

from kortf.text.tokenizer.sentencepiece_kernel import SentencePieceKernel
from kortf.text.unicode import normalize_graph
from kortf.text.vocabulary.vocabulary import Vocabulary


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
        self._kernel = SentencePieceKernel(vocabulary.data)

    def prepare(self, strings: tf.Tensor) -> tf.Tensor:
        """Makes normalised strings [n] ready for `tokenize`."""
        return strings

    def tokenize(self, strings: tf.Tensor) -> tf.RaggedTensor:
        """Ids int32 [n, None] of prepared strings [n]."""
        return self._kernel("tokenize", strings)

    def tokenize_with_offsets(self, strings: tf.Tensor) -> tuple[tf.RaggedTensor, ...]:
        """Ids and byte offsets [n, None] of prepared strings [n]."""
        return self._kernel("tokenize_with_offsets", strings)
