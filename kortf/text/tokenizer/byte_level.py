"""Byte-level BPE in the graph."""

import tensorflow as tf

from kortf.text.tokenizer.byte_level_words import word_begins
from kortf.text.tokenizer.byte_pairs import BYTE_CHARACTERS, BytePairs
from kortf.text.tokenizer.sentencepiece_kernel import SentencePieceKernel
from kortf.text.unicode import code_points, normalize_graph
from kortf.text.vocabulary.vocabulary import Vocabulary

_COMPOSED = f"[{code_points.USUAL_IN_WORD}{code_points.USUAL_BETWEEN}{code_points.USUAL_SPACES}]*"
# Not what is no UTF-8 either. The selectors of emoji are marks, but join nothing.
_NOTHING_TO_COMPOSE = (
    rf"(?:[^{code_points.JOINING}\x{{fffd}}\x{{d800}}-\x{{dfff}}]|[\x{{fe00}}-\x{{fe0f}}])*"
)


class ByteLevel(tf.Module):
    """GPT-2's pieces of composed strings.

    The merging is done by SentencePiece's BPE, which merges what makes the best piece rather than
    the best pair. `BytePairs.ranks` says why that comes to the same: a piece that is made at all is
    always made by the same last merge, and the others are hidden from it.

    Attributes:
        usual: RE2 pattern of the strings that are not composed: those that need not be, or, where
            the published tokenizer does not compose, those that hold nothing to be put together.
        single: RE2 pattern of the characters that are words of their own: none.
    """

    single = ""
    normalize = staticmethod(normalize_graph.compose)

    def __init__(self, vocabulary: Vocabulary):
        super().__init__(name="byte_level")
        pairs = vocabulary.byte_pairs
        self.usual = _COMPOSED if pairs.composes else _NOTHING_TO_COMPOSE
        self._prefix = pairs.add_prefix_space
        self._lengths = pairs.lengths
        self._kernel = SentencePieceKernel(_as_sentencepiece(pairs))

    def prepare(self, strings: tf.Tensor) -> tf.Tensor:
        """Makes normalised strings [n] ready for `tokenize`."""
        return strings

    def tokenize(self, strings: tf.Tensor) -> tf.RaggedTensor:
        """Ids int32 [n, None] of prepared strings [n]."""
        return self._cut(self._with_prefix(strings)[0])

    def tokenize_with_offsets(self, strings: tf.Tensor) -> tuple[tf.RaggedTensor, ...]:
        """Ids and byte offsets [n, None] of prepared strings [n]."""
        longer, added = self._with_prefix(strings)
        ids = self._cut(longer)
        # Nothing of a string is in no piece: each ends where the next one begins.
        lengths = tf.cast(tf.gather(tf.constant(self._lengths), ids.flat_values), tf.int64)
        base = tf.cumsum(tf.cast(tf.strings.length(longer), tf.int64), exclusive=True)
        base = tf.gather(base + tf.cast(added, tf.int64), ids.value_rowids())
        ends = tf.cumsum(lengths) - base
        starts = tf.maximum(ends - lengths, 0)  # 0: before it is the space that was put there
        return ids, ids.with_flat_values(starts), ids.with_flat_values(tf.maximum(ends, starts))

    def _with_prefix(self, strings: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The strings with the space that is put before them, and whether there is one."""
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
    """A SentencePiece model of the same ids, in which the first merge makes the best piece."""
    from sentencepiece import sentencepiece_model_pb2 as format

    proto = format.ModelProto()
    proto.trainer_spec.model_type = format.TrainerSpec.BPE
    proto.normalizer_spec.name = "identity"
    proto.normalizer_spec.add_dummy_prefix = False
    proto.normalizer_spec.remove_extra_whitespaces = False
    proto.normalizer_spec.escape_whitespaces = False
    hidden = next(i for i in range(len(pairs.pieces) + 1) if i not in pairs.ranks)
    for i, piece in enumerate([*pairs.pieces, "<unk>"][: max(len(pairs.pieces), hidden + 1)]):
        made = i in pairs.ranks
        kind = proto.SentencePiece.NORMAL if made else proto.SentencePiece.CONTROL
        if i == hidden:  # the library wants one; no text holds anything unknown
            kind = proto.SentencePiece.UNKNOWN
        proto.pieces.add(piece=piece, score=-float(pairs.ranks.get(i, 0)), type=kind)
    return proto.SerializeToString()
