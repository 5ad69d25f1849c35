"""Byte-level BPE in the graph."""

import tensorflow as tf

from kortf.text.tokenizer.byte_level.byte_level_words import word_begins
from kortf.text.tokenizer.byte_level.byte_pairs import BYTE_CHARACTERS, BytePairs
from kortf.text.tokenizer.sentencepiece import SentencePieceKernel
from kortf.text.unicode import code_points
from kortf.text.vocabulary import sentencepiece_model
from kortf.text.vocabulary.vocabulary import Vocabulary

_COMPOSED = f"[{code_points.USUAL_IN_WORD}{code_points.USUAL_BETWEEN}{code_points.USUAL_SPACES}]*"
# Without bytes that are not UTF-8. The selectors of emoji are marks, but join nothing.
_NOTHING_TO_COMPOSE = (
    rf"(?:[^{code_points.JOINING}\x{{fffd}}\x{{d800}}-\x{{dfff}}]|[\x{{fe00}}-\x{{fe0f}}])*"
)


class ByteLevel(tf.Module):
    """GPT-2's pieces of composed strings.

    SentencePiece's BPE does the merging. It chooses the best piece rather than the best pair, which
    gives the same ids: `piece_ranks` explains that a piece is always made by the same last merge,
    and pieces that are never made are hidden from it.

    Attributes:
        usual: RE2 pattern of the strings that are not composed: those in normal form, or, where the
            published tokenizer does not compose, those without a character that can be combined.
        single: RE2 pattern of the characters that are separate words: none.
    """

    single = ""

    def __init__(self, vocabulary: Vocabulary):
        super().__init__(name="byte_level")
        pairs = vocabulary.byte_pairs
        self.usual = _COMPOSED if pairs.composes else _NOTHING_TO_COMPOSE
        self._prefix = pairs.add_prefix_space
        self._lengths = pairs.lengths
        self._kernel = SentencePieceKernel(_as_sentencepiece(pairs))

    def prepare(self, strings: tf.Tensor) -> tf.Tensor:
        """Make normalized strings [n] ready for `tokenize`."""
        return strings

    def tokenize(self, strings: tf.Tensor) -> tf.RaggedTensor:
        """Return ids int32 [n, None] of prepared strings [n]."""
        return self._cut(self._with_prefix(strings)[0])

    def tokenize_with_offsets(self, strings: tf.Tensor) -> tuple[tf.RaggedTensor, ...]:
        """Return ids and byte offsets [n, None] of prepared strings [n]."""
        longer, added = self._with_prefix(strings)
        ids = self._cut(longer)
        # The pieces cover the string: each ends where the next one begins.
        lengths = tf.cast(tf.gather(tf.constant(self._lengths), ids.flat_values), tf.int64)
        base = tf.cumsum(tf.cast(tf.strings.length(longer), tf.int64), exclusive=True)
        base = tf.gather(base + tf.cast(added, tf.int64), ids.value_rowids())
        ends = tf.cumsum(lengths) - base
        starts = tf.maximum(ends - lengths, 0)  # 0: the space before it was added
        return ids, ids.with_flat_values(starts), ids.with_flat_values(tf.maximum(ends, starts))

    def _with_prefix(self, strings: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the strings with a space before those that have none, and its length."""
        if not self._prefix:
            return strings, tf.zeros_like(strings, tf.int32)
        bare = tf.strings.regex_full_match(strings, r"(?s)[^ ].*")
        return tf.where(bare, tf.strings.join([" ", strings]), strings), tf.cast(bare, tf.int32)

    def _cut(self, strings: tf.Tensor) -> tf.RaggedTensor:
        chars = tf.strings.unicode_decode(strings, "UTF-8")  # [n, chars]
        points, rows = chars.flat_values, chars.value_rowids()
        begins = word_begins(points, rows)
        word = tf.cumsum(tf.cast(begins, tf.int32)) - 1  # of each character
        sizes = 1 + sum(tf.cast(points >= limit, tf.int64) for limit in (0x80, 0x800, 0x10000))
        row_of_word = tf.boolean_mask(rows, begins)
        words = tf.size(row_of_word)
        sizes = tf.math.unsorted_segment_sum(sizes, word, words)  # bytes

        raw = tf.io.decode_raw(tf.strings.reduce_join(strings), tf.uint8)
        spelled = tf.gather(tf.constant([ord(c) for c in BYTE_CHARACTERS]), tf.cast(raw, tf.int32))
        spelled = tf.RaggedTensor.from_row_lengths(spelled, sizes, validate=False)
        ids = self._kernel(
            "tokenize", tf.strings.unicode_encode(spelled, "UTF-8")
        )  # [words, pieces]
        pieces = tf.math.unsorted_segment_sum(
            tf.cast(ids.row_lengths(), tf.int64), row_of_word, tf.size(strings)
        )
        return tf.RaggedTensor.from_row_lengths(ids.flat_values, pieces, validate=False)


def _as_sentencepiece(pairs: BytePairs) -> bytes:
    """Make a SentencePiece model of the same ids, in which the first merge makes the best piece."""
    from sentencepiece import sentencepiece_model_pb2 as format

    proto = format.ModelProto.FromString(
        sentencepiece_model.from_merges(pairs.pieces, pairs.ranks, None, byte_fallback=False)
    )
    proto.normalizer_spec.name = "identity"
    proto.normalizer_spec.add_dummy_prefix = False
    proto.normalizer_spec.remove_extra_whitespaces = False
    proto.normalizer_spec.escape_whitespaces = False
    return proto.SerializeToString()
