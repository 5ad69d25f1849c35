"""ModernBERT (Warner et al. 2024): rotary positions, local and global attention, gated units."""

import tensorflow as tf

from kortf.layers import random
from kortf.layers.attention.attention import NEVER, attention_bias
from kortf.layers.attention.banded import banded_bias
from kortf.layers.attention.rotary import rotation
from kortf.layers.embeddings import TokenEmbedding, TransformerEmbedding, pack_positions
from kortf.layers.modernbert import ModernBertContext, ModernBertStack
from kortf.models.embedded import EmbeddedEncoder
from kortf.models.encoder import BIDIRECTIONAL, CAUSAL
from kortf.ranges import Count, Fraction, Positive

LONG_ROW = 2048  # positions; longer rows are attended to in chunks, to save memory


class ModernBert(EmbeddedEncoder):
    """ModernBERT's encoder; the defaults are ModernBERT-base.

    Args:
        vocabulary_size: Number of pieces.
        num_layers: Number of layers.
        num_heads: Attention heads a layer.
        hidden_dim: Size of the vectors.
        intermediate_dim: Size between the products of the feed-forward networks.
        max_length: Number of positions.
        window: Width of local attention: a query sees `window / 2` keys on each side.
        global_every: Every so many layers, from the first on, one attends to the whole row.
        global_base: Base of the rotary positions in those layers.
        local_base: Base of the rotary positions in the other layers.
        activation: `gelu` (erf), `gelu_tanh` or `relu`.
        dropout: Dropout rate inside the feed-forward networks.
        embedding_dropout: Dropout rate on the embeddings.
        attention_dropout: Dropout rate on attention weights and attention outputs.
        norm_epsilon: Epsilon of all normalizations.
        init_scale: Standard deviation of the initializer.
        output_init_scale: Standard deviation for the products that write to the residual stream;
            `init_scale / sqrt(2 * num_layers)` if None.
        remat: Whether the backward pass computes the inside of each layer again, to save memory.
        dtype: Keras dtype or policy, such as `mixed_bfloat16`.
    """

    shapes = ("vocabulary_size", "num_layers", "hidden_dim", "intermediate_dim")
    meaning = ("num_heads", "window", "global_every", "activation")
    adjustable = ("global_base", "local_base")
    free = (
        "max_length", "dropout", "embedding_dropout", "attention_dropout", "norm_epsilon",
        "init_scale", "output_init_scale", "remat",
    )  # fmt: skip
    visibilities = (BIDIRECTIONAL, CAUSAL)
    families = ("modernbert",)
    head_bias = False

    def __init__(
        self,
        vocabulary_size: Count,
        num_layers: Count = 22,
        num_heads: Count = 12,
        hidden_dim: Count = 768,
        intermediate_dim: Count = 1152,
        max_length: Count = 8192,
        window: Count = 128,
        global_every: Count = 3,
        global_base: Positive = 160000.0,
        local_base: Positive = 10000.0,
        activation: str = "gelu",
        dropout: Fraction = 0.0,
        embedding_dropout: Fraction = 0.0,
        attention_dropout: Fraction = 0.0,
        norm_epsilon: Positive = 1e-5,
        init_scale: Positive = 0.02,
        output_init_scale: Positive | None = None,
        remat: bool = False,
        dtype=None,
    ):
        if window < 2 or window % 2:
            raise ValueError(f"window={window}: must be even and at least 2")
        if global_every < 1:
            raise ValueError(f"global_every={global_every}: must be at least 1")
        super().__init__(ModernBert.arguments(locals()), dtype)
        self._make()

    @classmethod
    def tensor_layout(cls, settings: dict) -> dict:
        return {name: settings[name] for name in cls.shapes}

    def depths(self, name: str) -> tuple[int, ...]:
        return (0,) if name.startswith("layers/embedding_norm/") else super().depths(name)

    def _make(self) -> None:
        settings = self.settings
        self.hidden_dim = settings["hidden_dim"]
        self.token_embedding = TokenEmbedding(
            settings["vocabulary_size"],
            self.hidden_dim,
            settings["init_scale"],
            name="token_embedding",
            dtype=self.dtype_policy,
        )
        # Neither positions nor segments: the stack normalizes the token vectors.
        self.embedding = TransformerEmbedding(
            self.token_embedding, 0, 0, norm=False, dropout=0.0, name="embedding",
            dtype=self.dtype_policy,
        )  # fmt: skip
        self.embedding_projection = None
        self.layers = self._make_layers()
        self.pooler = None

    def _make_layers(self) -> ModernBertStack:
        return ModernBertStack(self.settings, dtype=self.dtype_policy)

    def _smaller(self, heads: int, share: float) -> dict:
        """Return fewer layers of the same width: there is no projection behind the embedding."""
        return {"num_layers": max(1, round(self.settings["num_layers"] * share))}

    def call(
        self,
        batch: dict[str, tf.Tensor],
        seed: tf.Tensor | None = None,
        visibility: str | None = None,
    ) -> dict:
        seeds = random.split(seed, 1 + 3 * self.layers.num_layers)
        x = self._embed(batch, None, None, None)
        x = self.layers(x, context=self._context(batch, visibility == CAUSAL), seeds=seeds)
        return self._outputs(x, batch["padding_mask"])

    def _context(self, batch, causal: bool = False) -> ModernBertContext:
        settings, pack_ids = self.settings, batch.get("pack_ids")
        length = batch["token_ids"].shape[1]
        index = tf.range(tf.shape(batch["token_ids"])[1])[None]
        positions = index if pack_ids is None else pack_positions(pack_ids)
        size = settings["hidden_dim"] // settings["num_heads"]
        packs = tf.cast(batch["padding_mask"], tf.int32) if pack_ids is None else pack_ids
        reach = settings["window"] // 2
        if length is not None and length <= 3 * reach:  # a band would compute more than the row
            # [batch, 1, 1 or seq, seq]
            full = attention_bias(batch["padding_mask"], pack_ids, causal)
            near = tf.abs(index[0][None, :] - index[0][:, None]) <= reach  # [seq, seq]
            local = tf.where(near[None, None], full, NEVER)
        else:
            full = None
            local = banded_bias(packs, reach, causal)
        if full is None and (length is None or length < LONG_ROW):
            full = attention_bias(batch["padding_mask"], pack_ids, causal)
        rotations = {
            False: rotation(positions, size, settings["global_base"]),
            True: rotation(positions, size, settings["local_base"]),
        }
        return ModernBertContext(rotations, {False: full, True: local}, packs, causal)
