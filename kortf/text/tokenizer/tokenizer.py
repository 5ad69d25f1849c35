"""The tokenizer: strings to ids, the same offline, in tf.data and in a SavedModel."""

import functools
import logging

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.text.tokenizer import offsets
from kortf.text.tokenizer.added import AddedTokenCutter, merge
from kortf.text.tokenizer.decoding import decode
from kortf.text.tokenizer.rows.rows import padded, rows_of_segments
from kortf.text.unicode import code_points, normalize_graph, removal
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.text.vocabulary.saving import save_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary

# Longest row where neither the caller nor the vocabulary's directory gives one.
_USUAL_LENGTH = 512


class Tokenizer(tf.Module):
    """Cuts strings into the pieces of a vocabulary.

    Works eagerly, in `tf.function`, in `tf.data` and, kept as an attribute of a `tf.Module`, in a
    SavedModel. The ids are those of the `tokenizers` library (WordPiece, byte-level BPE) or of
    `sentencepiece` on the composed (NFC) text. Added tokens are cut out of a text first, as
    transformers does. The five usual special tokens are not: `[SEP]` in a text is a word.

    SentencePiece chooses among equally probable cuts by the last bits of its sums. tensorflow_text
    carries another release than the `sentencepiece` package, so that for models of other trainers
    0.3 to 0.7 % of NSMC reviews have other ids; models that kortf trains have no such cases.

    Attributes:
        vocabulary: The pieces.
    """

    def __init__(self, vocabulary: Vocabulary):
        super().__init__(name="tokenizer")
        self.vocabulary = vocabulary
        self._removed = removal.pattern(vocabulary.remove) if vocabulary.remove else ""
        if vocabulary.kind == "wordpiece":
            from kortf.text.tokenizer.wordpiece import WordPiece as Engine
        elif vocabulary.kind == "bpe":
            from kortf.text.tokenizer.byte_level.byte_level import ByteLevel as Engine
        else:
            from kortf.text.tokenizer.sentencepiece import SentencePiece as Engine
        self._engine = Engine(vocabulary)
        tokens = vocabulary.cut_tokens
        self._raw = self._cutter([token for token in tokens if not token.normalized])
        # The rules of a SentencePiece model compose a text only when it is cut into pieces.
        composed = bool(vocabulary.normalization.form) or vocabulary.kind != "sentencepiece"
        # BERT's normalizer sets spaces around ideographs before tokens are looked for.
        apart = code_points.HANJA if vocabulary.kind == "wordpiece" else ""
        normalized = [token for token in tokens if token.normalized]
        self._normalized = self._cutter(normalized, self._spell, composed, apart)

    def tokenize(self, strings: tf.Tensor) -> tf.RaggedTensor:
        """Return the ids of strings; no special token is put around them.

        Args:
            strings: tf.string [batch].

        Returns:
            Ragged int32 [batch, None].
        """
        strings = self._without_removed(tf.convert_to_tensor(strings, tf.string))
        if self._raw is None:
            return self._tokenize(strings)
        strings = tf.strings.unicode_transcode(strings, "UTF-8", "UTF-8", errors="replace")
        parts = self._raw.cut(strings)
        return merge(self._tokenize(parts.texts), parts, parts.ids, tf.size(strings))

    def tokenize_with_offsets(
        self, strings: tf.Tensor
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """Return the ids of strings and the place of each piece in them.

        Args:
            strings: tf.string [batch].

        Returns:
            ids, starts, ends: Ragged int32 [batch, None]. Starts and ends count characters (code
            points) of the strings as they were given; the end is exclusive, white space around a
            piece is left out.

        Example:
            With the pieces `세종`, `##대왕` and `##이`, the string "세종대왕이" gives the starts
            [0, 2, 4] and the ends [2, 4, 5].
        """
        given = tf.convert_to_tensor(strings, tf.string)
        strings = self._without_removed(given)
        if self._raw is None:
            ids, starts, ends = self._with_offsets(strings)
        else:
            ids, starts, ends = self._around_raw_tokens(strings)
        if self._removed:
            starts, ends = offsets.before_removal(given, self._removed, starts, ends)
        return ids, starts, ends

    def _tokenize(self, strings: tf.Tensor) -> tf.RaggedTensor:
        usual = tf.strings.regex_full_match(strings, self._engine.usual)

        def quick():
            return tf.strings.lower(strings) if self.vocabulary.lowercase else strings

        def thorough():
            some = tf.where(~usual)
            rest = self._engine.prepare(self._normalize(self._trim(tf.gather_nd(strings, some))))
            return tf.tensor_scatter_nd_update(quick(), some, rest)

        ready = tf.cond(tf.reduce_all(usual), quick, thorough)
        ready = tf.ensure_shape(ready, strings.shape)
        if self._normalized is None:
            return self._engine.tokenize(ready)
        parts = self._normalized.cut(ready)
        ids = self._engine.tokenize(parts.texts)
        return merge(ids, parts, parts.ids, tf.size(strings))

    def _with_offsets(self, strings: tf.Tensor) -> tuple[tf.RaggedTensor, ...]:
        normal = self._with_origins(strings)
        if self._normalized is None:
            ids, starts, ends = self._engine.tokenize_with_offsets(normal.strings)
        else:
            parts = self._normalized.cut(normal.strings)
            ids, *places = self._engine.tokenize_with_offsets(parts.texts)
            size = tf.strings.length(parts.strings)  # bytes
            base = _before(size, parts.rows)
            places = [_moved(place, base) for place in places]
            ids, starts, ends = (
                merge(pieces, parts, token, tf.size(strings))
                for pieces, token in zip(
                    (ids, *places), (parts.ids, base, base + size), strict=True
                )
            )
        return ids, *offsets.to_origin(normal, starts, ends)

    def _around_raw_tokens(self, strings: tf.Tensor) -> tuple[tf.RaggedTensor, ...]:
        # One U+FFFD for each byte that is not UTF-8, as offsets count them.
        chars = tf.strings.unicode_split(strings, "UTF-8", errors="replace")
        strings = tf.strings.reduce_join(chars, axis=-1)
        parts = self._raw.cut(strings)
        ids, *places = self._with_offsets(parts.texts)
        size = tf.strings.length(parts.strings, "UTF8_CHAR")
        base = _before(size, parts.rows)
        starts, ends = (_moved(place, base) for place in places)
        # White space that belongs to a token is no part of its place.
        blank = f"[{code_points.WHITE_SPACE}]+"
        left, right = (
            size - tf.strings.length(tf.strings.regex_replace(parts.strings, at, ""), "UTF8_CHAR")
            for at in (f"^{blank}", f"{blank}$")
        )
        batch = tf.size(strings)
        return (
            merge(ids, parts, parts.ids, batch),
            merge(starts, parts, base + left, batch),
            merge(ends, parts, base + size - right, batch),
        )

    def _with_origins(self, strings: tf.Tensor) -> offsets.Origins:
        strings = self._trim(strings)
        usual = tf.strings.regex_full_match(strings, self._engine.usual)
        steps = self.vocabulary.normalization
        return offsets.normalize_with_origins(
            strings,
            usual,
            self._normalize,
            self._engine.prepare,
            steps.lowercase,
            steps.white_space if steps.runs else "",
            steps.form in ("NFD", "NFKD"),
        )

    def _normalize(self, strings: tf.Tensor) -> tf.Tensor:
        return normalize_graph.normalize(strings, self.vocabulary.normalization)

    def _trim(self, strings: tf.Tensor) -> tf.Tensor:
        return normalize_graph.trim(strings, self.vocabulary.normalization)

    def _cutter(self, tokens, spell=list, composed=False, apart="") -> AddedTokenCutter | None:
        cutter = AddedTokenCutter(tokens, spell, composed, apart) if tokens else None
        return None if cutter is None or cutter.is_empty else cutter

    def _spell(self, contents: list[str]) -> list[str]:
        """Return contents of tokens as normalized strings spell them."""
        with tf.init_scope():
            normal = self._engine.prepare(self._normalize(self._trim(tf.constant(contents))))
            return [content.decode() for content in normal.numpy()]

    def tokenize_characters(
        self, strings: tf.Tensor
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """Return the ids of the characters of strings, one piece each, and their places.

        A character inside a word is the piece that continues a word, if there is such a piece.
        White space has no piece, and neither have characters that normalization removes. Added
        tokens are not cut out.

        Args:
            strings: tf.string [batch].

        Returns:
            ids, starts, ends: As of `tokenize_with_offsets`.

        Raises:
            InputError: The pieces are of bytes: a character may be several.

        Example:
            Of "세종 왕" the pieces are `세`, `##종` and `왕`, with starts [0, 1, 3] and ends
            [1, 2, 4].
        """
        if self.vocabulary.kind == "bpe":
            problem = "byte-level BPE has no piece for each character"
            cure = "set config.task.label_at=all, or take a model with another vocabulary"
            raise InputError("tokenizer", problem, cure)
        given = tf.convert_to_tensor(strings, tf.string)
        strings = self._without_removed(given)
        normal = self._with_origins(strings)
        chars = tf.strings.unicode_split(normal.strings, "UTF-8", errors="replace")
        chars = chars.with_row_splits_dtype(tf.int32)
        flat, rows = chars.flat_values, chars.value_rowids()
        solid = ~tf.strings.regex_full_match(flat, r"[\s\p{Z}\x{85}]")
        joins = solid & ~tf.strings.regex_full_match(flat, self._engine.single)
        behind = tf.concat([[False], joins[:-1] & (rows[1:] == rows[:-1])], axis=0)
        pieces = self._engine.tokenize(flat).with_row_splits_dtype(tf.int32)
        # The last one: SentencePiece may put the mark of a word's begin before the character.
        ids = pieces[:, -1:].to_tensor(self.vocabulary.unk_id, shape=[None, 1])[:, 0]
        ids = tf.where(joins & behind, tf.gather(tf.constant(self._continuing), ids), ids)

        def ragged(values):
            values = chars.with_flat_values(tf.cast(values, tf.int32))
            return tf.ragged.boolean_mask(values, chars.with_flat_values(solid))

        ids, starts, ends = ragged(ids), ragged(normal.starts), ragged(normal.ends)
        if self._removed:
            starts, ends = offsets.before_removal(given, self._removed, starts, ends)
        return ids, starts, ends

    def encode(
        self,
        texts: tf.Tensor,
        pairs: tf.Tensor | None = None,
        max_length: int | None = None,
    ) -> dict[str, tf.Tensor]:
        """Return the features that an encoder reads, with special tokens and padding.

        Args:
            texts: tf.string [batch].
            pairs: tf.string [batch], the second text of each; None for none.
            max_length: Longest row in pieces; longer ones are truncated. By default it is the
                `model_max_length` of the vocabulary's directory, or 512 where there is none.

        Returns:
            `token_ids`, `segment_ids` and `padding_mask`, each [batch, longest row].

        Raises:
            InputError: `max_length` is more than the model of the directory has positions.

        Example:
            With `[PAD] [UNK] [CLS] [SEP] 세종 ##대왕` as pieces 0 to 5, ["세종대왕", "세종"] gives
            the token_ids [[2, 4, 5, 3], [2, 4, 3, 0]].
        """
        limit = self.vocabulary.max_length
        if max_length is None:
            max_length = limit or _USUAL_LENGTH
        elif limit and max_length > limit:
            problem = f"the model of this tokenizer has {limit} positions"
            raise InputError(f"max_length={max_length}", problem, f"give at most {limit}")
        parts = [self.tokenize(texts)] + ([] if pairs is None else [self.tokenize(pairs)])
        if tf.executing_eagerly():
            room = max_length - self.vocabulary.pair_layout.special_tokens(len(parts))
            _warn_of_truncation(parts, room, max_length)
        return padded(rows_of_segments(parts, max_length, self.vocabulary), self.vocabulary.pad_id)

    def decode(self, ids) -> str:
        """Return the text of ids [pieces]; special tokens are left out."""
        return decode(self.vocabulary, [int(i) for i in ids])

    @functools.cached_property
    def _continuing(self) -> np.ndarray:
        """For each piece the one of the same letters inside a word; itself if there is none."""
        vocabulary = self.vocabulary
        table = np.arange(vocabulary.size, dtype=np.int32)
        for i, piece in enumerate(vocabulary.pieces):
            if vocabulary.kind == "wordpiece":
                inside = f"##{piece}"
            else:
                inside = piece.removeprefix("▁")
            table[i] = vocabulary.id_of(inside) or i
        return table

    def _without_removed(self, strings: tf.Tensor) -> tf.Tensor:
        return normalize_graph.remove(strings, self._removed) if self._removed else strings

    def save(self, directory: str) -> None:
        """Write the files of the vocabulary, as transformers reads them."""
        save_vocabulary(self.vocabulary, directory)


def load_tokenizer(directory: str) -> Tokenizer:
    """Read the tokenizer of a vocabulary directory or a model directory.

    Raises:
        InputError: The directory has no usable vocabulary.
    """
    return Tokenizer(load_vocabulary(directory))


def _before(size: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    """Return the sum of the sizes before each part in its row; all int32 [parts]."""
    total = tf.cumsum(size, exclusive=True)
    count = tf.reduce_max(tf.concat([[0], rows + 1], axis=0))
    first = tf.math.unsorted_segment_min(total, rows, count)
    return total - tf.gather(first, rows)


def _moved(places: tf.RaggedTensor, base: tf.Tensor) -> tf.RaggedTensor:
    """Add the base of each row [rows] to the places in it [rows, None]."""
    by = tf.cast(tf.gather(base, places.value_rowids()), places.dtype)
    return places.with_flat_values(places.flat_values + by)


def _warn_of_truncation(parts: list[tf.RaggedTensor], room: int, max_length: int) -> None:
    lengths = sum(part.row_lengths() for part in parts)
    longer = int(tf.reduce_sum(tf.cast(lengths > room, tf.int32)))
    if longer:
        total = int(tf.size(lengths))
        logging.warning("%d of %d texts are truncated to %d pieces", longer, total, max_length)
