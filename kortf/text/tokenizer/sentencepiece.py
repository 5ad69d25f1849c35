"""SentencePiece in the graph."""

import unicodedata

import numpy as np
import tensorflow as tf

from kortf.quiet import without_stderr
from kortf.text.unicode import normalize_graph
from kortf.text.vocabulary.vocabulary import Vocabulary


class SentencePiece(tf.Module):
    """Unigram, BPE or character pieces of normalized strings, by tensorflow_text.

    A model with rules of its own (`nmt_nfkc`) applies them in the kernel.

    Attributes:
        usual: RE2 pattern of the strings that need no step but lower-casing of A-Z.
        single: RE2 pattern of the characters that are separate words: none.
    """

    single = ""

    def __init__(self, vocabulary: Vocabulary):
        super().__init__(name="sentencepiece")
        steps = vocabulary.normalization
        apart = steps.strips or steps.quotes or steps.form not in ("", "NFC")
        whole = normalize_graph.USUAL_RUNS if steps.runs else normalize_graph.USUAL_TEXT
        self.usual = normalize_graph.USUAL_ASCII if apart else whole
        self._prefix = vocabulary.prefix_unless_space
        self._unknown = None if vocabulary.fuses_unknown else vocabulary.unk_id
        self._is_byte = None
        if vocabulary.byte_ids:
            self._is_byte = np.zeros(vocabulary.size, bool)
            self._is_byte[list(vocabulary.byte_ids)] = True
        self._kernel = SentencePieceKernel(vocabulary.data)
        self._blank = self._removed = ""
        if vocabulary.keeps_trailing_space:
            self._blank, self._removed = _blank_characters(vocabulary.data)
            space = vocabulary.id_of("▁")
            self._space_id = vocabulary.unk_id if space is None else space

    def prepare(self, strings: tf.Tensor) -> tf.Tensor:
        """Make normalized strings [n] ready for `tokenize`."""
        return strings

    def tokenize(self, strings: tf.Tensor) -> tf.RaggedTensor:
        """Return ids int32 [n, None] of prepared strings [n]."""
        if self._unknown is not None or self._blank:
            return self.tokenize_with_offsets(strings)[0]
        return self._kernel("tokenize", self._with_prefix(strings)[0])

    def tokenize_with_offsets(self, strings: tf.Tensor) -> tuple[tf.RaggedTensor, ...]:
        """Return ids and byte offsets [n, None] of prepared strings [n]."""
        longer, added = self._with_prefix(strings)
        ids, starts, ends = self._kernel("tokenize_with_offsets", longer)
        starts, ends = (tf.cast(place, tf.int32) for place in (starts, ends))
        if self._is_byte is not None:
            starts, ends = self._spread_bytes(ids, starts, ends)
        if self._unknown is not None:
            ids, starts, ends = self._one_a_character(longer, ids, starts, ends)
        if self._blank:
            return self._with_trailing_space(strings, ids, starts, ends)
        if added is None:
            return ids, starts, ends
        by = tf.gather(added, ids.value_rowids())  # int32
        moved = (tf.maximum(part.flat_values - by, 0) for part in (starts, ends))
        return ids, *(ids.with_flat_values(part) for part in moved)

    def _with_trailing_space(self, strings, ids, starts, ends) -> tuple[tf.RaggedTensor, ...]:
        """Append a piece to the rows that end in white space, which the kernel removes."""
        kept = (
            tf.strings.regex_replace(strings, f"{self._removed}+$", "")
            if self._removed
            else strings
        )
        found = tf.strings.regex_full_match(kept, f"(?s).*{self._blank}")
        before = tf.strings.regex_replace(kept, f"{self._blank}$", "")
        start, end = (tf.boolean_mask(tf.strings.length(x), found) for x in (before, kept))
        values = tf.fill(tf.shape(start), self._space_id), start, end
        counts = tf.cast(found, ids.row_splits.dtype)
        return tuple(
            tf.concat(
                [part, tf.RaggedTensor.from_row_lengths(value, counts, validate=False)], axis=1
            )
            for part, value in zip((ids, starts, ends), values, strict=True)
        )

    def _with_prefix(self, strings: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Return the strings with a space before those that have none, and its length."""
        if not self._prefix:
            return strings, None
        bare = tf.strings.regex_full_match(strings, r"(?s)[^ ▁].*")
        longer = tf.where(bare, tf.strings.join([" ", strings]), strings)
        return longer, tf.cast(bare, tf.int32)

    def _spread_bytes(self, ids, starts, ends) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """Let each byte of a character cover the whole character; the kernel gives it to one."""
        size = tf.size(ids.flat_values)
        empty = tf.equal(starts.flat_values, ends.flat_values)
        empty &= tf.gather(tf.constant(self._is_byte), ids.flat_values)
        solid = tf.cast(tf.where(~empty)[:, 0], tf.int32)
        # The nearest piece from each one on that is not an empty byte.
        nearest = tf.searchsorted(solid, tf.range(size))
        nearest = tf.gather(tf.concat([solid, [size - 1]], axis=0), nearest)
        return tuple(p.with_flat_values(tf.gather(p.flat_values, nearest)) for p in (starts, ends))

    def _one_a_character(self, strings, ids, starts, ends) -> tuple[tf.RaggedTensor, ...]:
        """Repeat [UNK] for each character of a span, since the kernel joins unknown characters."""
        chars, begins = tf.strings.unicode_split_with_offsets(strings, "UTF-8")
        lengths = tf.strings.length(strings)
        base = tf.cumsum(lengths, exclusive=True)
        bytes_ = tf.cast(begins.flat_values, tf.int32)
        bytes_ += tf.gather(base, tf.cast(chars.value_rowids(), tf.int32))  # [chars], ascending
        rows = tf.cast(ids.value_rowids(), tf.int32)
        begin = tf.gather(base, rows)
        first = tf.searchsorted(bytes_, starts.flat_values + begin, side="left")
        last = tf.searchsorted(bytes_, ends.flat_values + begin, side="left")
        unknown = tf.equal(ids.flat_values, self._unknown)
        times = tf.where(unknown, tf.maximum(last - first, 1), 1)
        piece = tf.repeat(tf.range(tf.size(times)), times)
        within = tf.range(tf.size(piece)) - tf.gather(tf.cumsum(times, exclusive=True), piece)
        row = tf.gather(rows, piece)
        char = tf.minimum(tf.gather(first, piece) + within, tf.maximum(tf.size(bytes_) - 1, 0))
        size = tf.strings.length(chars.flat_values)
        start = tf.gather(bytes_, char) - tf.gather(base, row)
        some = tf.gather(unknown, piece)
        new_starts = tf.where(some, start, tf.gather(starts.flat_values, piece))
        new_ends = tf.where(some, start + tf.gather(size, char), tf.gather(ends.flat_values, piece))
        counts = tf.math.unsorted_segment_sum(times, rows, tf.size(strings))
        flat = (tf.gather(ids.flat_values, piece), new_starts, new_ends)
        return tuple(tf.RaggedTensor.from_row_lengths(v, counts, validate=False) for v in flat)


def _blank_characters(model: bytes) -> tuple[str, str]:
    """Return RE2 classes of the characters that a model's rules turn into a space, and into none.

    Args:
        model: Serialized `ModelProto`.
    """
    import sentencepiece

    normalize = sentencepiece.SentencePieceProcessor(model_proto=model).normalize
    blank, removed = [" "], []
    for code in (*range(1, 0xD800), *range(0xF900, 0x10000), *range(0xE0000, 0xE0200)):
        if unicodedata.category(chr(code))[0] not in "ZC" and chr(code) != "▁":
            continue
        text = normalize(f"a{chr(code)}a")
        blank += [chr(code)] if text == normalize("a a") else []
        removed += [chr(code)] if text == normalize("aa") else []
    spelled = ["".join(rf"\x{{{ord(char):x}}}" for char in chars) for chars in (blank, removed)]
    return f"[{spelled[0]}]", f"[{spelled[1]}]" if removed else ""


class SentencePieceKernel(tf.Module):
    """tensorflow_text's tokenizer, made again when its kernel is destroyed.

    Args:
        model: Serialized `ModelProto`.
    """

    def __init__(self, model: bytes):
        super().__init__(name="sentencepiece_kernel")
        self._model = model
        self._make()

    def __call__(self, method: str, strings: tf.Tensor):
        """Call a method of `tensorflow_text.SentencepieceTokenizer`; ids are int32."""
        try:
            return getattr(self._tokenizer, method)(strings)
        except tf.errors.NotFoundError:
            # The model lives in a kernel, and tf.random.set_seed destroys all kernels.
            self._make()
            return getattr(self._tokenizer, method)(strings)

    def _make(self) -> None:
        import tensorflow_text as tf_text

        with without_stderr():  # it warns that the model does not normalize, which is intended
            self._tokenizer = tf_text.SentencepieceTokenizer(self._model, out_type=tf.int32)
