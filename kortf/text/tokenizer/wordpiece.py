"""WordPiece in the graph."""

import tensorflow as tf

from kortf.text.unicode import code_points, normalize, normalize_graph
from kortf.text.unicode.normalize import Normalization
from kortf.text.vocabulary.vocabulary import Vocabulary


class WordPiece(tf.Module):
    """Longest-match pieces of normalized strings, by tensorflow_text.

    Attributes:
        usual: RE2 pattern of the strings that need no step but lower-casing of A-Z.
        single: RE2 pattern of the characters that are separate words.
    """

    single = f"[{code_points.SINGLE}]"

    def __init__(self, vocabulary: Vocabulary):
        import tensorflow_text as tf_text

        super().__init__(name="wordpiece")
        steps, self._max_chars = vocabulary.normalization, vocabulary.max_word_chars
        self.usual = normalize_graph.usual_words(min(self._max_chars, 100))
        if steps != Normalization(lowercase=steps.lowercase):
            # Text without long words, and without characters that are taken apart.
            word = f"[0-9A-Za-z]{{0,{min(self._max_chars, 100)}}}"
            self.usual = f"(?:{word}[ -/:-@\\[-`{{-~]+)*{word}"
        own = enumerate(vocabulary.pieces)
        self._tokenizer = tf_text.FastWordpieceTokenizer(
            [_spell(p, i, i < vocabulary.own_size) for i, p in own],
            unknown_token=vocabulary.pieces[vocabulary.unk_id],
            # Of four bytes each; longer words never come here.
            max_bytes_per_word=4 * self._max_chars,
            token_out_type=tf.int32,
        )

    def prepare(self, strings: tf.Tensor) -> tf.Tensor:
        """Make normalized strings [n] ready for `tokenize`."""
        return normalize_graph.for_wordpiece(strings, self._max_chars)

    def tokenize(self, strings: tf.Tensor) -> tf.RaggedTensor:
        """Return ids int32 [n, None] of prepared strings [n]."""
        return self._tokenizer.tokenize(strings)

    def tokenize_with_offsets(self, strings: tf.Tensor) -> tuple[tf.RaggedTensor, ...]:
        """Return ids and byte offsets [n, None] of prepared strings [n]."""
        return self._tokenizer.tokenize_with_offsets(strings)


def _spell(piece: str, index: int, own: bool) -> str:
    """Spell a piece as prepared texts do, or as no text does.

    A published vocabulary may hold pieces with white space or control characters. No text is cut
    into one, and tensorflow_text refuses some of them. Added tokens are cut out before.
    """
    if piece == "##" or not own or not normalize.is_reachable(piece):
        return chr(0x100000 + index // 0x8000) + chr(0x100000 + index % 0x8000)
    return normalize.with_stand_ins(piece)
