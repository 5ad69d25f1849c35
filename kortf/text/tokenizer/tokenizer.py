"""The tokenizer: strings to ids, the same offline, in tf.data and in a SavedModel."""

import functools

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.text.tokenizer import offsets
from kortf.text.tokenizer.rows import padded, rows_of_segments
from kortf.text.unicode import normalize_graph, removal
from kortf.text.vocabulary.vocabulary import Vocabulary, load_vocabulary


class Tokenizer(tf.Module):
    """Cuts strings into the pieces of a vocabulary.

    Works eagerly, in `tf.function`, in `tf.data` and, kept as an attribute of a `tf.Module`, in a
    SavedModel. The ids are exactly those of the `tokenizers` (WordPiece, BPE over bytes) or
    `sentencepiece` library on the composed (NFC) text.

    Attributes:
        vocabulary: the pieces.
    """

    def __init__(self, vocabulary: Vocabulary):
        super().__init__(name="tokenizer")
        self.vocabulary = vocabulary
        self._removed = removal.pattern(vocabulary.remove) if vocabulary.remove else ""
        if vocabulary.kind == "wordpiece":
            from kortf.text.tokenizer.wordpiece import WordPiece

            self._engine = WordPiece(vocabulary)
        elif vocabulary.kind == "bpe":
            from kortf.text.tokenizer.byte_level import ByteLevel

            self._engine = ByteLevel(vocabulary)
        else:
            from kortf.text.tokenizer.sentencepiece import SentencePiece

            self._engine = SentencePiece(vocabulary)

    def tokenize(self, strings: tf.Tensor) -> tf.RaggedTensor:
        """Ids of strings; no special token is added.

        Args:
            strings: tf.string [batch].

        Returns:
            RaggedTensor int32 [batch, None].
        """
        strings = self._without_removed(tf.convert_to_tensor(strings, tf.string))
        usual = tf.strings.regex_full_match(strings, self._engine.usual)

        def quick():
            return tf.strings.lower(strings) if self.vocabulary.lowercase else strings

        def thorough():
            some = tf.where(~usual)
            rest = self._engine.normalize(tf.gather_nd(strings, some), self.vocabulary.lowercase)
            return tf.tensor_scatter_nd_update(quick(), some, self._engine.prepare(rest))

        ready = tf.cond(tf.reduce_all(usual), quick, thorough)
        return self._engine.tokenize(tf.ensure_shape(ready, strings.shape))

    def tokenize_with_offsets(
        self, strings: tf.Tensor
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """Ids of strings and where in them each piece stands.

        Args:
            strings: tf.string [batch].

        Returns:
            ids, starts, ends: RaggedTensors int32 [batch, None]. Starts and ends count characters
            (code points) of the strings as they were given; the end is exclusive, white space
            around a piece is left out.

        Example:
            With the pieces `세종`, `##대왕` and `##이`, the string "세종대왕이" gives the starts
            [0, 2, 4] and the ends [2, 4, 5].
        """
        given = tf.convert_to_tensor(strings, tf.string)
        strings = self._without_removed(given)
        usual = tf.strings.regex_full_match(strings, self._engine.usual)
        normal = offsets.normalize_with_origins(
            strings, usual, self.vocabulary.lowercase, self._engine.prepare, self._engine.normalize
        )
        ids, starts, ends = self._engine.tokenize_with_offsets(normal.strings)
        starts, ends = offsets.to_origin(normal, starts, ends)
        if self._removed:
            starts, ends = offsets.before_removal(given, self._removed, starts, ends)
        return ids, starts, ends

    def tokenize_characters(
        self, strings: tf.Tensor
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """Ids of the characters of strings, one piece each, and where in them each stands.

        A character inside a word is the piece that continues one, if there is such a piece. White
        space has none; neither has what normalisation removes.

        Args:
            strings: tf.string [batch].

        Returns:
            ids, starts, ends: as of `tokenize_with_offsets`.

        Raises:
            InputError: the pieces are of bytes: a character may be several.

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
        usual = tf.strings.regex_full_match(strings, self._engine.usual)
        normal = offsets.normalize_with_origins(
            strings, usual, self.vocabulary.lowercase, self._engine.prepare, self._engine.normalize
        )
        chars = tf.strings.unicode_split(normal.strings, "UTF-8", errors="replace")
        chars = chars.with_row_splits_dtype(tf.int32)
        flat, rows = chars.flat_values, chars.value_rowids()
        solid = ~tf.strings.regex_full_match(flat, r"\s")
        joins = solid & ~tf.strings.regex_full_match(flat, self._engine.single)
        behind = tf.concat([[False], joins[:-1] & (rows[1:] == rows[:-1])], axis=0)
        pieces = self._engine.tokenize(flat).with_row_splits_dtype(tf.int32)
        # The last one: SentencePiece may put a mark of the word's begin before the character.
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
        max_length: int = 512,
    ) -> dict[str, tf.Tensor]:
        """What an encoder reads of texts, or of pairs of them, special tokens and padding included.

        Args:
            texts: tf.string [batch].
            pairs: tf.string [batch], the second text of each; None for none.
            max_length: longest row in pieces; the second text is cut first.

        Returns:
            `token_ids`, `segment_ids` and `padding_mask`, each [batch, longest row].

        Example:
            With `[PAD] [UNK] [CLS] [SEP] 세종 ##대왕` as pieces 0 to 5, ["세종대왕", "세종"] gives
            the token_ids [[2, 4, 5, 3], [2, 4, 3, 0]].
        """
        parts = [self.tokenize(texts)] + ([] if pairs is None else [self.tokenize(pairs)])
        return padded(rows_of_segments(parts, max_length, self.vocabulary), self.vocabulary.pad_id)

    @functools.cached_property
    def _continuing(self) -> np.ndarray:
        """For each piece the one that spells the same inside a word; itself if there is none."""
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
        """Writes the vocabulary file and `tokenizer_config.json`, as transformers reads them."""
        self.vocabulary.save(directory)


def load_tokenizer(directory: str) -> Tokenizer:
    """Reads the tokenizer of a vocabulary directory or a model directory.

    Raises:
        InputError: there is no usable vocabulary in it.
    """
    return Tokenizer(load_vocabulary(directory))
