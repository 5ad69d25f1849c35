"""Continue prompts with a causal model directory."""

from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.export.heads import causal
from kortf.export.texts import check_text
from kortf.models.generation import Sampling, generate
from kortf.precision import FLOAT32, MIXED, products_dtype

_POLICIES = {"float32": FLOAT32, "bfloat16": MIXED}
BUCKET = 64  # lengths are rounded up to a multiple, so that few graphs are traced


class Generator:
    """Generate text with a causal model.

    Args:
        directory: Model directory of a causal model.
        dtype: Dtype of the matrix products, of `kortf.export.options.COMPUTED_DTYPES`.

    Raises:
        InputError: The directory cannot be used, or its model is not causal.
    """

    def __init__(self, directory: str, dtype: str = "float32"):
        self._model = causal.load(directory, _POLICIES[products_dtype(dtype)])
        self._generate = tf.function(self._run, reduce_retracing=True, autograph=False)

    @property
    def max_length(self) -> int:
        """Number of positions of the model."""
        return self._model.max_length

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
        """Continue prompts.

        Args:
            prompts: Texts, which may be empty.
            max_tokens: Maximum number of new tokens of each prompt.
            temperature: Divisor of the logits; 0 is greedy decoding.
            top_k: Sample from the k most probable tokens; 0 for all.
            top_p: Sample from the most probable tokens that hold this share of the probability.
            seed: Seed of the samples.
            first_row: Index of the first prompt among all prompts. A row is sampled the same
                whatever batch it is in.

        Returns:
            For each prompt: `prompt`, `text` (prompt and continuation), `continuation`, `tokens`
            (number of new tokens) and `finished` (whether the model ended the text itself).
        """
        ids = self._encode(prompts)
        longest = int(ids.bounding_shape()[1]) if len(prompts) else 1
        if not len(prompts):
            return []
        length = min(-(-(longest + max_tokens) // BUCKET) * BUCKET, self.max_length)
        numbers = (
            tf.constant(max_tokens),
            tf.constant(float(temperature)),
            tf.constant(top_k),
            tf.constant(float(top_p)),
            _wrap(seed),
            tf.constant(first_row),
        )
        filters = (top_k > 0, top_p < 1)
        lengths = tf.cast(ids.row_lengths(), tf.int32)
        rows = self._generate(ids.flat_values, lengths, length, temperature == 0, filters, *numbers)
        return [
            self._answer(prompt, row[:begin], row[begin : begin + max_tokens])
            for prompt, row, begin in zip(prompts, rows.numpy(), lengths.numpy(), strict=True)
        ]

    def stream(
        self, prompt: str, max_tokens: int = 64, step: int = 4, **sampling
    ) -> Iterator[dict]:
        """Continue one prompt and yield the answer so far every `step` tokens.

        The last answer equals that of a call with the same arguments.
        """
        for count in [*range(step, max_tokens, step), max_tokens]:
            (answer,) = self([prompt], count, **sampling)
            yield answer
            if answer["finished"] or answer["tokens"] < count:
                return

    def _encode(self, prompts: Sequence[str]) -> tf.RaggedTensor:
        for number, prompt in enumerate(prompts, start=1):
            check_text(prompt, f"prompt {number}")
        ids = self._model.prompt_ids(tf.constant(list(prompts), tf.string))
        lengths = ids.row_lengths().numpy()
        if len(lengths) and lengths.max() >= self.max_length:
            number = int(np.argmax(lengths)) + 1
            problem = f"{lengths.max()} tokens where the model has {self.max_length} positions"
            raise InputError(f"prompt {number}", problem, "give a shorter prompt")
        return ids

    def _answer(self, prompt: str, given: np.ndarray, written: np.ndarray) -> dict:
        ends = np.flatnonzero(written == self._model.end_id)
        finished = bool(len(ends))
        count = int(ends[0]) if finished else len(written)
        continuation = self._model.continuation(given.tolist(), written[:count].tolist())
        if prompt[-1:].isspace() or not prompt:  # one space is enough
            continuation = continuation.removeprefix(" ")
        return {
            "prompt": prompt,
            "text": prompt + continuation,
            "continuation": continuation,
            "tokens": count,
            "finished": finished,
        }

    def _run(self, flat, lengths, length, greedy, filters, max_tokens, temperature, *numbers):
        top_k, top_p, seed, first_row = numbers
        model = self._model
        ids = tf.RaggedTensor.from_row_lengths(flat, lengths, validate=False)
        sampling = Sampling(
            0 if greedy else temperature,
            top_k if filters[0] else 0,
            top_p if filters[1] else 1.0,
            seed,
        )
        return generate(
            model.encoder,
            model.head,
            ids,
            max_tokens,
            length,
            model.end_id,
            model.tokenizer.vocabulary.pad_id,
            tf.constant(model.barred),
            sampling,
            first_row,
        )


def _wrap(seed: int) -> tf.Tensor:
    """Seed of any size as an int32 tensor."""
    return tf.constant(np.array(seed % (1 << 32), np.uint32).astype(np.int32))
