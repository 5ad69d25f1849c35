"""WordPiece in the graph."""

import tensorflow as tf

from kortf.text.unicode import code_points, normalize, normalize_graph
from kortf.text.vocabulary.vocabulary import Vocabulary

# A word of 100 characters of four bytes; longer ones never come here.
_MAX_WORD_BYTES = 4 * normalize_graph.MAX_WORD_CHARS


class WordPiece(tf.Module):
    """Longest-match pieces of normalised strings, by tensorflow_text.

    Attributes:
        usual: RE2 pattern of the strings that need no normalisation but lower-casing of A-Z.
        single: RE2 pattern of the characters that are words of their own.
    """

    usual = normalize_graph.USUAL_WORDS
    single = f"[{code_points.SINGLE}]"
    normalize = staticmethod(normalize_graph.normalize)

    def __init__(self, vocabulary: Vocabulary):
        import tensorflow_text as tf_text

        super().__init__(name="wordpiece")
        self._tokenizer = tf_text.FastWordpieceTokenizer(
            [_spell(piece, i) for i, piece in enumerate(vocabulary.pieces)],
            unknown_token=vocabulary.pieces[vocabulary.unk_id],
            max_bytes_per_word=_MAX_WORD_BYTES,
            token_out_type=tf.int32,
        )

    def prepare(self, strings: tf.Tensor) -> tf.Tensor:
        """Makes normalised strings [n] ready for `tokenize`."""
        return normalize_graph.for_wordpiece(strings)

    def tokenize(self, strings: tf.Tensor) -> tf.RaggedTensor:
        """Ids int32 [n, None] of prepared strings [n]."""
        return self._tokenizer.tokenize(strings)

    def tokenize_with_offsets(self, strings: tf.Tensor) -> tuple[tf.RaggedTensor, ...]:
        """Ids and byte offsets [n, None] of prepared strings [n]."""
        return self._tokenizer.tokenize_with_offsets(strings)


def _spell(piece: str, index: int) -> str:
    """The piece as prepared texts spell it, or something that no text holds.

    A published vocabulary may hold pieces with white space or control characters. No text is ever
    cut into one, and tensorflow_text refuses some of them.
    """
    if piece == "##" or not normalize.is_reachable(piece):
        return chr(0x100000 + index // 0x8000) + chr(0x100000 + index % 0x8000)
    return normalize.with_stand_ins(piece)
