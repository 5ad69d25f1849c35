"""Continues texts with a causal model directory."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.models.generation import Sampling, generate
from kortf.pretrained.directory.inference import load_causal_lm
from kortf.text.tokenizer.decoding import decode
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary


def barred(vocabulary: Vocabulary, size: int) -> np.ndarray:
    """Which tokens are never written: special ones but for the end; bool [size]."""
    mask = np.zeros(size, dtype=bool)
    mask[vocabulary.special_ids] = True
    mask[vocabulary.size :] = True  # rows without a piece
    mask[vocabulary.sep_id] = False  # the end is a choice
    return mask


class Generator:
    """Writes on where prompts end.

    Args:
        directory: model directory of a causal model.

    Raises:
        InputError: the directory cannot be used, or its model is not causal.
    """

    def __init__(self, directory: str):
        self._encoder, self._head = load_causal_lm(directory)
        self._tokenizer = load_tokenizer(directory)
        self._directory = directory
        vocabulary = self._tokenizer.vocabulary
        self._barred = barred(vocabulary, self._encoder.settings["vocabulary_size"])
        self._generate = tf.function(self._run)

    def __call__(
        self,
        prompts: Sequence[str],
        max_tokens: int = 64,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int = 0,
        first_row: int = 0,
    ) -> list[dict]:
        """Continues prompts.

        Args:
            prompts: texts, which may be empty.
            max_tokens: most tokens to write to each prompt.
            temperature: what the scores are divided by; 0 takes the best token each time.
            top_k: draws from the best k tokens; 0 for all.
            top_p: draws from the best tokens that hold this share of the probability.
            seed: of the draws.
            first_row: number of the first prompt among all: each row draws what it would in a batch
                of all of them.

        Returns:
            For each prompt `prompt`, `text` (prompt and continuation), `tokens` (how many were
            written) and `finished` (whether the model ended the text itself).
        """
        vocabulary = self._tokenizer.vocabulary
        ids = self._tokenizer.tokenize(tf.constant(list(prompts)))
        start = tf.fill([ids.nrows(), 1], vocabulary.cls_id)
        ids = tf.concat([tf.cast(start, ids.dtype), ids], axis=1)
        longest, limit = int(ids.bounding_shape()[1]), self._encoder.settings["max_length"]
        if longest >= limit:
            number = int(np.argmax(ids.row_lengths().numpy())) + 1
            problem = f"{longest} tokens where the model has {limit} positions"
            raise InputError(f"prompt {number}", problem, "give a shorter prompt")
        max_length = min(longest + max_tokens, limit)
        sampling = Sampling(temperature, top_k, top_p, seed)
        rows = self._generate(ids, max_tokens, max_length, sampling, tf.constant(first_row)).numpy()
        lengths = ids.row_lengths().numpy()
        return [
            self._answer(prompt, row[:begin], row[begin : begin + max_tokens])
            for prompt, row, begin in zip(prompts, rows, lengths, strict=True)
        ]

    def _answer(self, prompt: str, given: np.ndarray, written: np.ndarray) -> dict:
        vocabulary = self._tokenizer.vocabulary
        ends = np.flatnonzero(written == vocabulary.sep_id)
        finished = bool(len(ends))
        count = int(ends[0]) if finished else len(written)
        text = decode(vocabulary, [*given.tolist(), *written[:count].tolist()])
        return {"prompt": prompt, "text": text, "tokens": count, "finished": finished}

    def _run(self, ids, max_tokens, max_length, sampling, first_row):
        vocabulary = self._tokenizer.vocabulary
        return generate(
            self._encoder,
            self._head,
            ids,
            max_tokens,
            max_length,
            vocabulary.sep_id,
            vocabulary.pad_id,
            tf.constant(self._barred),
            sampling,
            first_row,
        )
