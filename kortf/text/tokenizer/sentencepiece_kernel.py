"""A SentencePiece model as an op of the graph."""

import tensorflow as tf

from kortf.quiet import without_stderr


class SentencePieceKernel(tf.Module):
    """tensorflow_text's tokenizer, which comes back when its kernel was thrown away.

    Args:
        model: serialised `ModelProto`.
    """

    def __init__(self, model: bytes):
        super().__init__(name="sentencepiece_kernel")
        self._model = model
        self._make()

    def __call__(self, method: str, strings: tf.Tensor):
        """Calls a method of `tensorflow_text.SentencepieceTokenizer`; ids are int32."""
        try:
            return getattr(self._tokenizer, method)(strings)
        except tf.errors.NotFoundError:
            # The model lives in a kernel, and tf.random.set_seed throws all kernels away.
            self._make()
            return getattr(self._tokenizer, method)(strings)

    def _make(self) -> None:
        import tensorflow_text as tf_text

        with without_stderr():  # it says that the model does not normalise: it is not meant to
            self._tokenizer = tf_text.SentencepieceTokenizer(self._model, out_type=tf.int32)
