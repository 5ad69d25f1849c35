"""Serve an encoder: strings in, one vector each out."""

import os
from collections.abc import Sequence

import tensorflow as tf

from kortf.errors import InputError
from kortf.export.encoders.encoding import Compute, encoder_function, id_sizes, one_row_each
from kortf.export.options import EMBEDDING, SERVING, TOKENS, ExportOptions
from kortf.export.served import Served
from kortf.layers.heads.lexical_part import LexicalPart
from kortf.layers.heads.pooling import pool, token_weights
from kortf.models.encoder import Encoder
from kortf.pretrained.directory.directory import from_pretrained
from kortf.pretrained.sentence_transformers.parts import MODEL_FILE, TRANSFORMER_FILE
from kortf.pretrained.sentence_transformers.reading import read_embedding_settings
from kortf.pretrained.sentence_transformers.settings import (
    Dense,
    EmbeddingSettings,
    TokenSettings,
)
from kortf.text.tokenizer.lines.line_rows import LineRows
from kortf.text.tokenizer.lines.line_tokenizer import line_tokenizer
from kortf.text.tokenizer.rows.rows import rows_of_segments
from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary

_ACTIVATIONS = {
    "identity": tf.identity,
    "tanh": tf.tanh,
    "relu": tf.nn.relu,
    "gelu": tf.nn.gelu,
    "sigmoid": tf.sigmoid,
    "silu": tf.nn.silu,
}


def load(directory: str, options: ExportOptions) -> Served:
    """Load a model directory without a head as a function of strings.

    It takes `text` and returns `embedding` `[batch, dim]`: the mean of the token vectors, or what
    the directory's sentence-transformers files say.

    Raises:
        InputError: The directory or an option cannot be used.
    """
    encoder, tokenizer = from_pretrained(directory), load_tokenizer(directory)
    embedder = Embedder(directory, tokenizer, encoder.hidden_dim)

    def head(outputs, features):
        return {"embedding": embedder.pool(outputs, features)}

    encode = encoder_function(encoder, options, tokenizer, head)
    max_length = text_length(embedder.settings, encoder, tokenizer, options)
    function = embedder.function(encode, max_length)

    def tokens(features):
        return head(encode(features), features)

    description = {"kind": "embedding", "max_length": max_length, "dim": embedder.dim}
    description |= id_sizes(encoder)
    settings = embedder.settings
    description |= {"pooling": settings.pooling, "normalize": settings.normalize}
    description |= {"similarity": settings.similarity or "cosine"}
    if settings.prompts:
        description |= {"prompts": settings.prompts}
    if settings.prompt:
        description |= {"default_prompt": settings.default_prompt}
    served = Served(
        function,
        ("text",),
        embedder.tokenizer,
        description,
        tokens if TOKENS in options.signatures else None,
        function if EMBEDDING in options.signatures else None,
    )
    if options.engine == "openvino":
        direct = _direct(embedder, encode, max_length)
        served.direct |= {SERVING: direct, EMBEDDING: direct}
    return served


def _direct(embedder: "Embedder", encode, max_length: int):
    from kortf.export.encoders.direct import DirectFunction

    vocabulary, prompt = embedder.tokenizer.vocabulary, embedder.settings.prompt
    tokenize = line_tokenizer(vocabulary)

    rows = LineRows(
        lambda lines: tokenize([f"{prompt or ''}{line}" for line in lines]), vocabulary, max_length
    )
    return DirectFunction(encode, rows, vocabulary.pad_id)


def embedding_function(directory: str, encode: Compute, tokenizer: Tokenizer, max_length: int):
    """Return the function from tf.string `[batch]` to `embedding` `[batch, dim]`.

    Args:
        directory: Model directory with another head, whose texts are read as that head reads them.
        encode: From features to the outputs of the encoder.
        tokenizer: Tokenizer of the directory.
        max_length: Maximum length of a row in tokens.
    """
    return Embedder(directory, tokenizer).function(encode, max_length)


class Embedder:
    """Steps from texts to vectors, as a model directory describes them.

    Args:
        directory: Model directory; the mean of the token vectors if it has no settings.
        tokenizer: Tokenizer of the directory.
        hidden_dim: Number of dimensions of a token vector; None if it is checked elsewhere.

    Attributes:
        settings: Settings of the directory.
        dim: Number of dimensions of a vector; None if `hidden_dim` is.
        tokenizer: The tokenizer, or one that lower-cases if the settings ask for it.

    Raises:
        InputError: The settings cannot be used with this encoder.
    """

    def __init__(self, directory: str, tokenizer: Tokenizer, hidden_dim: int | None = None):
        self.settings = read_embedding_settings(directory) or EmbeddingSettings()
        self.dim = dense_width(directory, self.settings.dense, hidden_dim)
        if self.dim and self.settings.lexical is not None:
            self.dim += self.settings.lexical.codes.shape[1]
        if self.settings.dim and self.dim and self.settings.dim > self.dim:
            place = f"{os.path.join(directory, MODEL_FILE)}, truncate_dim"
            raise InputError(place, f"{self.settings.dim} of {self.dim} dimensions", "leave it out")
        self.dim = self.settings.dim or self.dim
        lower = self.settings.do_lower_case
        self.tokenizer = lower_casing(tokenizer, directory) if lower else tokenizer
        words, size = self.settings.word_weights, tokenizer.vocabulary.size
        self._weights = None if words is None else words.of_ids(size, directory)
        self._lexical = None
        if self.settings.lexical is not None:
            self._lexical = LexicalPart(*self.settings.lexical.of_ids(size, directory))

    def function(self, encode: Compute, max_length: int):
        """Return the function from tf.string `[batch]` to `embedding` `[batch, dim]`."""
        tokenizer, prompt = self.tokenizer, self.settings.prompt
        vocabulary = tokenizer.vocabulary

        def run(features):
            return {"embedding": self.pool(encode(features), features)}

        def embed(text):
            text = tf.strings.join([prompt, text]) if prompt else text
            rows = rows_of_segments([tokenizer.tokenize(text)], max_length, vocabulary)
            return one_row_each(run, rows, vocabulary.pad_id)

        return embed

    def pool(self, outputs: dict, features: dict) -> tf.Tensor:
        """Turn an encoder's outputs into vectors: float32 `[batch, dim]`."""
        mask = features["padding_mask"]
        if self._weights is not None:
            mask = token_weights(self._weights, features)
        if self.settings.pooling == "cls":
            vector = outputs["sequence"][:, 0]  # not `pooled`, which has a dense layer more
        else:
            vector = pool(outputs, mask, self.settings.pooling)
        vector = tf.cast(vector, tf.float32)
        for layer in self.settings.dense:
            vector = apply_dense(layer, vector)
        if self._lexical is not None:
            vector = self._lexical(vector, features)
        if self.settings.normalize:
            vector = tf.math.l2_normalize(vector, axis=-1, epsilon=1e-24)
        return vector[:, : self.settings.dim] if self.settings.dim else vector


def text_length(
    settings: EmbeddingSettings | TokenSettings,
    encoder: Encoder,
    tokenizer: Tokenizer,
    options: ExportOptions,
) -> int:
    """Return the maximum number of tokens of a text."""
    limit = encoder.settings["max_length"]
    if options.max_length:  # an option may ask for longer texts than the directory's settings
        return options.length(limit)
    return min(settings.max_length or tokenizer.vocabulary.max_length or limit, limit)


def dense_width(directory: str, layers: Sequence[Dense], width: int | None) -> int | None:
    """Return the number of dimensions behind dense layers.

    Args:
        directory: Model directory, for messages.
        layers: Dense layers, in order.
        width: Number of dimensions before them; None if it is checked elsewhere.

    Raises:
        InputError: A layer takes another number of dimensions.
    """
    for number, layer in enumerate(layers, start=1):
        if width not in (None, layer.kernel.shape[0]):
            problem = f"dense layer {number} takes {layer.kernel.shape[0]} dimensions, not {width}"
            raise InputError(directory, problem, "copy or download the directory again")
        width = layer.kernel.shape[1]
    return width


def apply_dense(layer: Dense, vectors: tf.Tensor) -> tf.Tensor:
    """Apply a dense layer to vectors, float32 `[rows, in]` to `[rows, out]`."""
    vectors = tf.matmul(vectors, layer.kernel)
    vectors = vectors if layer.bias is None else vectors + layer.bias
    return _ACTIVATIONS[layer.activation](vectors)


def lower_casing(tokenizer: Tokenizer, directory: str) -> Tokenizer:
    """Return a tokenizer that lower-cases texts, as the settings of a directory ask for.

    Raises:
        InputError: The vocabulary is of a kind for which kortf cannot lower-case so.
    """
    vocabulary = tokenizer.vocabulary
    if vocabulary.lowercase:
        return tokenizer
    if vocabulary.kind != "wordpiece":
        place = f"{os.path.join(directory, TRANSFORMER_FILE)}, do_lower_case"
        problem = f"not supported for a vocabulary of the kind {vocabulary.kind}"
        raise InputError(place, problem, "write false, and lower-case the texts yourself")
    settings = vocabulary.settings | {"do_lower_case": True}
    return Tokenizer(
        Vocabulary(vocabulary.kind, vocabulary.data, settings, directory, vocabulary.added)
    )
