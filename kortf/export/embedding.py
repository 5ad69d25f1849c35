"""Serve an encoder: strings in, one vector each out."""

import os

import tensorflow as tf

from kortf import files
from kortf.export.encoding import Compute, encoder_function, one_row_each
from kortf.export.options import EMBEDDING, TOKENS, ExportOptions
from kortf.export.served import Served
from kortf.layers.heads.pooling import pool
from kortf.pretrained.directory.directory import from_pretrained
from kortf.text.tokenizer.rows import rows_of_segments
from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer

# Where sentence-transformers says how token vectors become one, and whether it is normalized.
_POOLING = os.path.join("1_Pooling", "config.json")
_MODULES = "modules.json"
_KEYS = {
    "pooling_mode_cls_token": "first",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
}


def load(directory: str, options: ExportOptions) -> Served:
    """Load a model directory without a head as a function of strings.

    It takes `text` and returns `embedding` `[batch, dim]`: the mean of the token vectors, or what
    the directory's sentence-transformers files say.

    Raises:
        InputError: The directory or an option cannot be used.
    """
    encoder, tokenizer = from_pretrained(directory), load_tokenizer(directory)
    encode = encoder_function(encoder, options)
    max_length = options.length(encoder.settings["max_length"])
    function = embedding_function(directory, encode, tokenizer, max_length)
    pooling = Pooling(directory)

    def tokens(features):
        return {"embedding": pooling(encode(features), features["padding_mask"])}

    description = {"kind": "embedding", "max_length": max_length, "dim": encoder.hidden_dim}
    return Served(
        function,
        ("text",),
        tokenizer,
        description | {"pooling": pooling.name},
        tokens if TOKENS in options.signatures else None,
        function if EMBEDDING in options.signatures else None,
    )


def embedding_function(directory: str, encode: Compute, tokenizer: Tokenizer, max_length: int):
    """Return the function from tf.string `[batch]` to `embedding` `[batch, dim]`."""
    pooling, vocabulary = Pooling(directory), tokenizer.vocabulary

    def embed(text):
        rows = rows_of_segments([tokenizer.tokenize(text)], max_length, vocabulary)

        def run(features):
            return {"embedding": pooling(encode(features), features["padding_mask"])}

        return one_row_each(run, rows, vocabulary.pad_id)

    return embed


class Pooling:
    """How token vectors become one vector, as a model directory says.

    Args:
        directory: Model directory.

    Attributes:
        name: `mean` (the default), `max` or `first`.
        normalize: Whether the vector has length 1.
    """

    def __init__(self, directory: str):
        self.name, self.normalize = "mean", False
        path = os.path.join(directory, _POOLING)
        if files.exists(path):
            config = files.read_json(path)
            chosen = [name for key, name in _KEYS.items() if config.get(key)]
            self.name = chosen[0] if len(chosen) == 1 else "mean"
        path = os.path.join(directory, _MODULES)
        if files.exists(path):
            types = [str(each.get("type", "")) for each in files.read_json(path)]
            self.normalize = any(name.endswith("Normalize") for name in types)

    def __call__(self, outputs: dict, padding_mask: tf.Tensor) -> tf.Tensor:
        """Pool an encoder's outputs: float32 `[batch, dim]`."""
        if self.name == "first":
            vector = outputs["sequence"][:, 0]
        else:
            vector = pool(outputs, padding_mask, self.name)
        vector = tf.cast(vector, tf.float32)
        return tf.math.l2_normalize(vector, axis=-1) if self.normalize else vector
