"""The Reformer (Kitaev et al. 2020): long rows in little memory."""

import tensorflow as tf
from keras import ops

from kortf.layers import random
from kortf.layers.attention.axial import axial_shape
from kortf.layers.attention.key_value_cache import KeyValueCache
from kortf.layers.attention.rotary import rotation
from kortf.layers.embeddings import pack_positions
from kortf.layers.lsh.self_attention import LSHContext, LSHSelfAttention
from kortf.layers.lsh.sorting import LARGEST
from kortf.layers.reversible import ReversibleLayer, ReversibleStack
from kortf.layers.transformer import FeedForward
from kortf.models.embedded import EmbeddedEncoder
from kortf.ranges import Count, Fraction, Natural, Positive

SERVING_SEED = [[20_200, 114]]  # rotations are new in training, and always the same outside of it


class Reformer(EmbeddedEncoder):
    """Reversible layers of attention by hashing; the defaults are a small Korean Reformer.

    Rows may have any length up to `max_length`: what does not fit the bucket is filled up inside,
    and cut off again.

    Args:
        vocabulary_size: Number of pieces.
        num_layers: Reversible layers.
        num_heads: Attention heads a layer.
        hidden_dim: Size of the vectors.
        intermediate_dim: Width of the feed-forward networks; four times `hidden_dim` if None.
        embedding_dim: Size of the token vectors, which a projection takes to `hidden_dim`; the same
            if None.
        num_groups: Sets of weights that the layers share; None for weights of its own in each
            layer.
        max_length: Number of positions.
        num_segments: Number of segment vectors; 0 for none.
        activation: `gelu` (erf), `gelu_tanh` or `relu`.
        feed_forward: `mlp`, or `glu`, whose first product is twice as wide.
        norm: `pre`; it is there for the recipes that set it.
        positions: `axial`, `learned` or `rotary`.
        axial_rows: Rows of the grid of axial positions; None to find them from the length.
        axial_columns: Its columns; None to find them from the length.
        num_hashes: Rounds of hashing.
        bucket_size: Positions a chunk of what is sorted.
        num_buckets: Number of a round, even or 1; None for as many as there are chunks.
        attention_bias: Whether the product behind the attention has a bias.
        num_local_heads: Heads of each layer that see what stands near in the text, in place of
            hashing.
        full_attention_length: Longest row in which hashing heads look at every key; None for the
            length at which that costs no more than hashing.
        look_ahead: Whether a chunk sees the one after it, not only the one before it, if not
            causal.
        attention_chunks: Slices of the heads that are worked on one after the other; None for as
            many as the length asks for.
        feed_forward_chunks: Parts of the positions that go through the feed-forward network one
            after the other; None for as many as the length asks for.
        dropout: Rate on embeddings and sub-layer outputs.
        attention_dropout: Rate on attention weights; `dropout` if None.
        norm_epsilon: Epsilon of all normalisations.
        init_scale: Standard deviation of the initialiser.
        output_init_scale: The same for the products that write to the residual; `init_scale` if
            None.
        position_init: Start values of axial or learned positions, `normal` as published or
            `sinusoidal`.
        streams: Output of the two streams of the reversible layers: their `mean`, or both
            `concatenated`, as Hugging Face's class has them, in vectors of twice `hidden_dim`.
        pooler: Whether there is a dense tanh layer over the first position (the last, if causal);
            without it `pooled` is that position's vector.
        dtype: Keras dtype or policy, such as `mixed_bfloat16`.
    """

    known_positions = ("axial", "learned", "rotary")
    # In the order in which --init_from reports a difference.
    shapes = (
        "norm", "positions", "num_groups", "num_segments", "vocabulary_size", "num_layers",
        "hidden_dim", "intermediate_dim", "embedding_dim", "max_length", "feed_forward",
        "pooler", "axial_rows", "axial_columns", "attention_bias", "streams",
    )  # fmt: skip
    meaning = ("num_heads", "num_local_heads", "activation")
    # Hashing finds the keys that full attention weighs most: other hashes find more or fewer.
    free = (
        "num_hashes", "bucket_size", "num_buckets", "full_attention_length", "look_ahead",
        "attention_chunks", "feed_forward_chunks", "dropout", "attention_dropout", "norm_epsilon",
        "init_scale", "output_init_scale", "position_init",
    )  # fmt: skip
    families = ("reformer",)

    def __init__(
        self,
        vocabulary_size: Count,
        num_layers: Count = 6,
        num_heads: Count = 8,
        hidden_dim: Count = 512,
        intermediate_dim: Count | None = None,
        embedding_dim: Count | None = None,
        num_groups: Count | None = None,
        max_length: Count = 512,
        num_segments: Natural = 2,
        activation: str = "gelu",
        feed_forward: str = "mlp",
        norm: str = "pre",
        positions: str = "axial",
        axial_rows: Count | None = None,
        axial_columns: Count | None = None,
        num_hashes: Count = 4,
        bucket_size: Count = 64,
        num_buckets: Count | None = None,
        attention_bias: bool = True,
        num_local_heads: Natural = 0,
        full_attention_length: Natural | None = None,
        look_ahead: bool = True,
        attention_chunks: Count | None = None,
        feed_forward_chunks: Count | None = None,
        dropout: Fraction = 0.1,
        attention_dropout: Fraction | None = None,
        norm_epsilon: Positive = 1e-12,
        init_scale: Positive = 0.02,
        output_init_scale: Positive | None = None,
        position_init: str = "normal",
        streams: str = "mean",
        pooler: bool = True,
        dtype=None,
    ):
        if norm != "pre":
            raise ValueError(f"norm='{norm}': a reversible layer normalises first; choose 'pre'")
        intermediate_dim = intermediate_dim or 4 * hidden_dim
        embedding_dim = embedding_dim or hidden_dim
        attention_dropout = dropout if attention_dropout is None else attention_dropout
        super().__init__(Reformer.arguments(locals()), dtype)
        self._make()
        self._check_bucket()

    @classmethod
    def tensor_layout(cls, settings: dict) -> dict:
        layout = super().tensor_layout(settings) | {"reversible": True}
        del layout["axial_rows"], layout["axial_columns"]
        if settings["positions"] == "axial":
            sizes = (settings[name] for name in ("max_length", "axial_rows", "axial_columns"))
            layout["axial_shape"] = axial_shape(*sizes)
            del layout["max_length"]
        return layout

    def _make_layers(self) -> ReversibleStack:
        settings = self.settings
        layers = [
            ReversibleLayer(
                self._attention(i),
                self._feed_forward(i),
                settings["dropout"],
                settings["norm_epsilon"],
                settings["feed_forward_chunks"],
                name=f"layer_{i}",
                dtype=self.dtype_policy,
            )
            for i in range(self._num_groups())
        ]
        names = ("num_layers", "norm_epsilon", "streams")
        chosen = {name: settings[name] for name in names}
        return ReversibleStack(layers, dtype=self.dtype_policy, **chosen)

    def _attention(self, index: int) -> LSHSelfAttention:
        names = (
            "num_heads", "num_hashes", "bucket_size", "num_buckets", "num_local_heads",
            "full_attention_length", "look_ahead", "attention_chunks", "init_scale",
            "output_init_scale",
        )  # fmt: skip
        return LSHSelfAttention(
            **{name: self.settings[name] for name in names},
            causal=self.causal,
            dropout=self.settings["attention_dropout"],
            use_bias=self.settings["attention_bias"],
            name="attention",
            dtype=self.dtype_policy,
        )

    def _feed_forward(self, index: int) -> FeedForward:
        names = ("intermediate_dim", "activation", "init_scale", "output_init_scale")
        return FeedForward(
            **{name: self.settings[name] for name in names},
            kind=self.settings["feed_forward"],
            name="feed_forward",
            dtype=self.dtype_policy,
        )

    def _width(self) -> int:
        return self.layers.width(self.settings["hidden_dim"])

    def _check_bucket(self) -> None:
        size, length = self.settings["bucket_size"], self.settings["max_length"]
        number = self.settings["num_buckets"]
        buckets = number or -(-length // size)
        if buckets * length > LARGEST and length > self.full_attention_length:
            if number:
                raise ValueError(
                    f"num_buckets={number} of max_length={length} are too many to sort by 32 bits: "
                    f"choose num_buckets={LARGEST // length // 2 * 2} or less"
                )
            raise ValueError(
                f"bucket_size={size} makes {buckets} buckets of max_length={length}, too many to "
                f"sort by 32 bits: choose bucket_size={-(-(length**2) // LARGEST) * 2} or more"
            )
        if size > length > self.full_attention_length:
            raise ValueError(
                f"bucket_size={size} is more than max_length={length}: choose bucket_size="
                f"{max(1, length // 8)} or less, or full_attention_length={length}"
            )

    @property
    def full_attention_length(self) -> int:
        """Return the longest row in which hashing heads look at every key."""
        return self.layers.layers[0].attention.full_attention_length

    def call(
        self,
        batch: dict[str, tf.Tensor],
        seed: tf.Tensor | None = None,
        visibility: str | None = None,
    ) -> dict:
        del visibility  # there is but one
        length = batch["token_ids"].shape[1]
        hashes = self.settings["max_length"] > self.full_attention_length
        if length is None and (hashes or self.settings["num_local_heads"]):
            return self._call_padded(batch, seed)
        pack_ids = batch.get("pack_ids")
        if pack_ids is None:
            groups, number, positions = ops.cast(batch["padding_mask"], "int32"), 1, None
        else:
            groups, number, positions = pack_ids, length, pack_positions(pack_ids)
        seeds = ops.convert_to_tensor(SERVING_SEED, "int32")
        if seed is not None:
            # Of the row where that is known: many replicas draw what one would.
            seeds = batch.get("draw_seed", ops.reshape(seed, (1, 2)))
        context = LSHContext(groups, number, seeds, self._rotation(batch["token_ids"], positions))
        x = self._encode(batch, batch.get("segment_ids"), positions, context, seed)
        return self._outputs(x, batch["padding_mask"])

    def _call_padded(self, batch, seed):
        """Rows of a length that is known only when they come, as rows of the greatest length."""
        length, longest = ops.shape(batch["token_ids"])[1], self.settings["max_length"]

        def fill(x):
            x = ops.pad(ops.cast(x, "int32"), [[0, 0], [0, longest - length]])
            return ops.reshape(x, (-1, longest))

        rows = {name: x if name == "draw_seed" else fill(x) for name, x in batch.items()}
        outputs = self.call(rows, seed)
        return outputs | {"sequence": outputs["sequence"][:, :length]}

    def _rotation(self, token_ids, positions):
        if self.settings["positions"] != "rotary":
            return None
        if positions is None:
            positions = ops.arange(ops.shape(token_ids)[1], dtype="int32")[None]
        return rotation(positions, self.settings["hidden_dim"] // self.settings["num_heads"])

    def _encode(self, batch, segment_ids, positions, context, seed):
        seeds = random.split(seed, 1 + 3 * self.layers.num_layers)
        x = self._embed(batch, segment_ids, positions, seeds[0])
        return self.layers(x, context=context, seeds=seeds[1:])

    def _smaller(self, heads: int, share: float) -> dict:
        local = round(self.settings["num_local_heads"] * share)
        return super()._smaller(heads, share) | {"num_local_heads": local}

    def decode(
        self, token_ids: tf.Tensor, pairs: list[tuple[tf.Tensor, tf.Tensor]], start: tf.Tensor
    ) -> tuple[tf.Tensor, list[tuple[tf.Tensor, tf.Tensor]]]:
        """Read the next tokens of a text whose keys and values are kept.

        A token sees what it would see in a row of `max_length`, however long the cache is.

        Args:
            token_ids: int32 `[batch, new]`.
            pairs: Keys and values of what was read before, as `start_cache` or the last call made
                them.
            start: int32 scalar, position of the first new token.

        Returns:
            `(sequence [batch, new, dim], pairs)`.
        """
        cache = KeyValueCache(pairs, start)
        positions = (start + ops.arange(ops.shape(token_ids)[1], dtype="int32"))[None]
        seeds = ops.convert_to_tensor(SERVING_SEED, "int32")
        turns = self._rotation(token_ids, positions)
        context = LSHContext(None, 1, seeds, turns, cache, self.settings["max_length"])
        return self._encode({"token_ids": token_ids}, None, positions, context, None), cache.pairs
