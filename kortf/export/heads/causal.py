"""A causal model ready to continue texts: encoder, head, tokenizer, start and end tokens."""

import dataclasses

import numpy as np
import tensorflow as tf

from kortf.layers.heads.heads import CausalLMHead
from kortf.models.encoder import Encoder
from kortf.pretrained.directory.config_file import read_config
from kortf.pretrained.directory.inference import load_causal_lm
from kortf.text.tokenizer.decoding import decode
from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary


@dataclasses.dataclass(frozen=True)
class CausalModel:
    """A causal model directory, loaded.

    Attributes:
        encoder: The causal encoder.
        head: Its vocabulary head.
        tokenizer: Its tokenizer.
        start_id: Token before each prompt; None if the model was trained without one.
        empty_id: Token that stands for an empty prompt.
        end_id: Token that ends a text.
        barred: bool `[vocabulary_size]`, tokens that are never generated.
    """

    encoder: Encoder
    head: CausalLMHead
    tokenizer: Tokenizer
    start_id: int | None
    empty_id: int
    end_id: int
    barred: np.ndarray

    @property
    def max_length(self) -> int:
        """Number of positions of the model."""
        return self.encoder.settings["max_length"]

    def prompt_ids(self, prompts: tf.Tensor) -> tf.RaggedTensor:
        """Ids of tf.string `[batch]` prompts, each at least one token: int32 `[batch, None]`."""
        ids = self.tokenizer.tokenize(prompts).with_row_splits_dtype(tf.int32)
        if self.start_id is not None:
            start = tf.fill([ids.nrows(), 1], tf.constant(self.start_id, ids.dtype))
            return tf.concat([start, ids], axis=1)
        missing = tf.cast(tf.equal(ids.row_lengths(), 0), tf.int32)
        flat = tf.fill([tf.reduce_sum(missing)], tf.constant(self.empty_id, ids.dtype))
        start = tf.RaggedTensor.from_row_lengths(flat, missing, validate=False)
        return tf.concat([start, ids], axis=1)

    def continuation(self, given: list[int], written: list[int]) -> str:
        """Text that `written` ids add behind `given` ids, its leading space included."""
        vocabulary = self.tokenizer.vocabulary
        before, whole = decode(vocabulary, given), decode(vocabulary, [*given, *written])
        return whole[len(before) :] if whole.startswith(before) else decode(vocabulary, written)


def load(directory: str, dtype: str | None = None) -> CausalModel:
    """Load a causal model directory.

    A model trained by kortf starts at `[CLS]`, ends at `[SEP]` and writes no other special token.
    For other models `bos_token_id` and `eos_token_id` of `config.json` decide, as in transformers:
    a start token is added only where it differs from the end token.

    Args:
        directory: Model directory.
        dtype: Keras dtype policy; float32 if None.

    Raises:
        InputError: The directory cannot be used, or its model is not causal.
    """
    encoder, head = load_causal_lm(directory, dtype)
    tokenizer, config = load_tokenizer(directory), read_config(directory)
    vocabulary = tokenizer.vocabulary
    size = encoder.settings["vocabulary_size"]
    if "kortf" in config:
        start, empty, end = vocabulary.cls_id, vocabulary.cls_id, vocabulary.sep_id
        barred = _barred(vocabulary, size)
    else:
        start, empty, end, barred = _published(config, vocabulary, size)
    return CausalModel(encoder, head, tokenizer, start, empty, end, barred)


def _published(config: dict, vocabulary: Vocabulary, size: int):
    end = _token(config.get("eos_token_id"), size, vocabulary.sep_id)
    bos = _token(config.get("bos_token_id"), size, end)
    start = bos if bos != end and bos == vocabulary.cls_id else None
    barred = np.zeros(size, dtype=bool)
    barred[vocabulary.size :] = True  # rows without a piece
    barred[end] = False
    return start, bos, end, barred


def _token(value, size: int, default: int) -> int:
    """Token id in a config; the first one of a list."""
    value = value[0] if isinstance(value, list) and value else value
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < size
    return value if usable else default


def _barred(vocabulary: Vocabulary, size: int) -> np.ndarray:
    mask = np.zeros(size, dtype=bool)
    mask[vocabulary.special_ids] = True
    mask[vocabulary.size :] = True  # rows without a piece
    mask[vocabulary.sep_id] = False  # the end is a choice
    return mask
