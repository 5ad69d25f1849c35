"""Multi-head self-attention in which hashing finds the keys of each query."""

import dataclasses

import keras
import tensorflow as tf
from keras import ops

from kortf.layers import kernels as kernels
from kortf.layers import lsh
from kortf.layers.attention.key_value_cache import KeyValueCache
from kortf.layers.attention.rotary import Rotation, rotate
from kortf.layers.embeddings import initializer
from kortf.layers.lsh.continuing import continuing_bias, near_in_bucket, near_in_chunks
from kortf.layers.lsh.neighbours import LAST_RESORT, NEVER

# Scores of a slice of the heads, if the number of slices is not given: 16 MB in float32.
_SCORES_AT_A_TIME = 2**22


@dataclasses.dataclass(frozen=True)
class LSHContext:
    """Inputs that the attentions of all layers share.

    Attributes:
        groups: int32 `[batch, seq]`, 1… the packed example, 0 for padding; None with a cache.
        num_groups: The largest of them.
        seeds: int32 `[batch or 1, 2]`, of the rotations of each row.
        rotation: Rotation of queries and keys, where positions are rotary.
        cache: Keys and values of what was read before, when a text is continued.
        length: With a cache, of the row that the text is read as the beginning of: that says
            whether it is hashed, and into how many buckets.
    """

    groups: tf.Tensor | None
    num_groups: int
    seeds: tf.Tensor
    rotation: Rotation | None = None
    cache: KeyValueCache | None = None
    length: int = 0

    # These let a tf.function take it as an argument, except with a cache.

    def __tf_flatten__(self):
        return (self.num_groups, self.length), (self.groups, self.seeds, self.rotation)

    @classmethod
    def __tf_unflatten__(cls, metadata, components) -> "LSHContext":
        (num_groups, length), (groups, seeds, rotation) = metadata, components
        return cls(groups, num_groups, seeds, rotation, length=length)


class LSHSelfAttention(keras.layers.Layer):
    """Attention by locality-sensitive hashing (Kitaev et al. 2020, section 2).

    Query and key are one vector; the key is normalized. Rows up to `full_attention_length` use
    full attention.

    Args:
        num_heads: Must divide the hidden size.
        num_hashes: Rounds of hashing.
        bucket_size: Positions a chunk; also of a chunk of the local heads.
        causal: Whether a position sees only itself and earlier ones.
        num_local_heads: Heads that attend to nearby positions instead of hashing.
        full_attention_length: Longest row with full attention; None for the length at which that
            costs no more than hashing.
        look_ahead: Whether a chunk sees the one after it as well, if not causal.
        attention_chunks: Number of slices of the heads that are computed one after the other, to
            save memory; None to choose it by the length.
        dropout: Rate on the attention weights.
        init_scale: Standard deviation of the initialiser.
        output_init_scale: The same for the output projection; `init_scale` if None.
        use_bias: Whether the output projection has a bias.
        num_buckets: Number of a round, even or 1; None for as many as there are chunks.
    """

    def __init__(
        self,
        num_heads: int,
        num_hashes: int = 4,
        bucket_size: int = 64,
        causal: bool = False,
        num_local_heads: int = 0,
        full_attention_length: int | None = None,
        look_ahead: bool = True,
        attention_chunks: int | None = None,
        dropout: float = 0.1,
        init_scale: float = 0.02,
        output_init_scale: float | None = None,
        use_bias: bool = True,
        num_buckets: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        _check(num_heads, num_local_heads, num_hashes, bucket_size, attention_chunks)
        _check_buckets(num_buckets)
        self.num_heads = num_heads
        self.num_hashes = num_hashes
        self.bucket_size = bucket_size
        self.num_buckets = num_buckets
        self.causal = causal
        self.num_local_heads = num_local_heads
        if full_attention_length is None:
            full_attention_length = 2 * num_hashes * bucket_size
        self.full_attention_length = full_attention_length
        self.look_ahead = look_ahead and not causal
        self.attention_chunks = attention_chunks
        self.dropout = dropout
        self.init_scale = init_scale
        self.output_init_scale = output_init_scale or init_scale
        self.use_bias = use_bias

    def build(self, input_shape):
        dim = input_shape[-1]
        if dim % self.num_heads:
            fitting = ", ".join(str(n) for n in range(1, dim + 1) if dim % n == 0)
            raise ValueError(
                f"num_heads={self.num_heads} does not divide hidden_dim={dim}: choose num_heads "
                f"among {fitting}"
            )
        self.head_dim = dim // self.num_heads
        for part in ("query_key", "value", "output"):
            scale = self.output_init_scale if part == "output" else self.init_scale
            kernel = self.add_weight(
                name=f"{part}_kernel", shape=(dim, dim), initializer=initializer(scale)
            )
            setattr(self, f"{part}_kernel", kernel)
        if self.use_bias:
            self.output_bias = self.add_weight(
                name="output_bias", shape=(dim,), initializer="zeros"
            )
        self.built = True

    def call(self, x, context: LSHContext, seed=None, plan: lsh.Plan | None = None):
        """Attend from each position to the keys in its reach.

        Args:
            x: `[batch, seq, dim]`; `seq` must be static unless all rows are short enough for full
                attention.
            context: Context of the batch.
            seed: int32 `[2]` of dropout; None for inference.
            plan: Plan that the last call with this context returned, to see the same keys.

        Returns:
            `[batch, seq, dim]`, and the plan, None where nothing is hashed.
        """
        query, value = self._project(x)
        if context.rotation is not None:
            query = rotate(query, context.rotation)
        key = kernels.unit(query, self.head_dim**-0.5)
        if context.cache is not None:
            return self._merge(self._continue(query, key, value, context), x), None
        local, hashed = self.num_local_heads, self.num_heads - self.num_local_heads
        heads = zip(*(tf.split(t, [local, hashed], axis=1) for t in (query, key, value)),
                    strict=True)  # fmt: skip
        seeds = (None, None) if seed is None else tf.unstack(tf.stack([seed, seed + 1]))
        near, far = heads
        outputs = []
        if local:
            outputs.append(self._attend_near(*near, context, seeds[0]))
        if hashed and (x.shape[1] or 0) <= self.full_attention_length:
            outputs.append(self._attend_all(*far, context, seeds[1]))
        elif hashed:
            plan = self._plan(far[1], context) if plan is None else plan
            outputs.append(self._attend_hashed(*far, context, seeds[1], plan))
        return self._merge(tf.concat(outputs, axis=1), x), plan

    def _project(self, x):
        batch, length = ops.shape(x)[0], ops.shape(x)[1]
        kernel = ops.concatenate([self.query_key_kernel, self.value_kernel], axis=1)
        x = ops.matmul(ops.reshape(x, (-1, x.shape[-1])), kernel)  # (batch * seq, 2 * dim)
        x = ops.reshape(x, (batch, length, 2, self.num_heads, self.head_dim))
        return ops.unstack(ops.transpose(x, (2, 0, 3, 1, 4)), 2)  # (batch, heads, seq, head_dim)

    def _merge(self, attended, x):
        attended = ops.transpose(attended, (0, 2, 1, 3))  # (batch, seq, heads, head_dim)
        attended = ops.reshape(attended, ops.shape(x))  # (batch, seq, dim)
        if not self.use_bias:
            return ops.matmul(attended, self.output_kernel)
        return kernels.dense(attended, self.output_kernel.value, self.output_bias.value)

    def _attend_all(self, query, key, value, context, seed):
        groups = context.groups
        seen = groups[:, :, None] == groups[:, None, :]
        index = tf.range(tf.shape(query)[2])
        if self.causal:
            seen &= index[None, :] <= index[:, None]
        own = tf.where(index[None, :] == index[:, None], LAST_RESORT, 0.0)
        bias = tf.where(seen, own, NEVER)[:, None]  # (batch, 1, seq, seq)
        scores = tf.matmul(query, key, transpose_b=True)
        return tf.matmul(kernels.attention_weights(scores, bias, self.dropout, seed), value)

    def _attend_near(self, query, key, value, context, seed):
        reach = lsh.Reach(self.bucket_size, self.causal, False, self.look_ahead)
        length = self._padded(query.shape[2])
        shape = [tf.shape(query)[0], query.shape[1], 1, length]
        order = tf.broadcast_to(tf.range(length), shape)
        plan = lsh.Plan(order, order // self.bucket_size)
        return self._attend(query, key, value, plan, context, reach, seed)

    def _attend_hashed(self, query, key, value, context, seed, plan):
        return self._attend(query, key, value, plan, context, self._reach(), seed)

    def _attend(self, query, key, value, plan, context, reach, seed):
        length = query.shape[2]
        missing = self._padded(length) - length
        pieces = self._pieces(key, plan.order.shape[2])
        query, key, value = (_pad(x, missing) for x in (query, key, value))
        groups = _pad(context.groups, missing, -1)
        attended = lsh.lsh_attention(
            query, key, value, plan, groups, reach, self.dropout, seed, pieces
        )
        return attended[:, :, :length]

    def _plan(self, key, context):
        """Hash keys; a query's direction is its key's."""
        missing = self._padded(key.shape[2]) - key.shape[2]
        pieces = self._pieces(key, self.num_hashes)
        key, groups = _pad(key, missing), _pad(context.groups, missing, -1)
        rotations, num_buckets = self._rotations(key, context, key.shape[2])
        return lsh.make_plan(
            key, rotations, groups, context.num_groups, num_buckets, self._reach(), pieces
        )

    def _reach(self):
        return lsh.Reach(self.bucket_size, self.causal, self.causal, self.look_ahead)

    def _rotations(self, key, context, length):
        num_buckets = self.num_buckets
        if num_buckets is None:
            chunks = self._padded(length) // self.bucket_size
            num_buckets = 1 if chunks == 1 else chunks + chunks % 2
        rotations = lsh.random_rotations(
            context.seeds, key.shape[1], self.head_dim, self.num_hashes, num_buckets
        )
        return rotations, num_buckets

    def _padded(self, length: int) -> int:
        return -(-length // self.bucket_size) * self.bucket_size

    def _pieces(self, key, rounds: int) -> int:
        """Into how many slices the heads of `key` are divided."""
        heads = key.shape[1]
        window = (3 if self.look_ahead else 2) * self.bucket_size
        scores = (key.shape[0] or 1) * heads * rounds * self._padded(key.shape[2]) * window
        wanted = self.attention_chunks or -(-scores // _SCORES_AT_A_TIME)
        return next((n for n in range(min(wanted, heads), heads) if heads % n == 0), heads)

    def _continue(self, query, key, value, context):
        """Attention of the next tokens to all before them: what a whole row would have seen."""
        key, value = context.cache.extend(key, value)
        start, new, length = context.cache.start, tf.shape(query)[2], key.shape[2]
        local, hashed = self.num_local_heads, self.num_heads - self.num_local_heads
        biases = []
        if local:
            near = near_in_chunks(start, new, length, self.bucket_size)
            bias = continuing_bias(start, new, length, near)[None, None]
            biases.append(tf.repeat(bias, local, axis=1))
        if hashed and context.length <= self.full_attention_length:
            bias = continuing_bias(start, new, length)[None, None]
            biases.append(tf.repeat(bias, hashed, axis=1))
        elif hashed:
            rotations, num_buckets = self._rotations(key[:, local:], context, context.length)
            buckets = lsh.hash_vectors(key[:, local:], rotations, num_buckets)
            near = near_in_bucket(buckets, start, new, self.bucket_size)
            biases.append(continuing_bias(start, new, length, near))
        batch = tf.shape(query)[0]
        biases = [tf.repeat(b, batch, axis=0) if b.shape[0] == 1 else b for b in biases]
        scores = tf.matmul(query, key, transpose_b=True)
        return tf.matmul(kernels.attention_weights(scores, tf.concat(biases, axis=1)), value)


def _pad(x, places: int, value: int = 0):
    """Add places at the end of `[batch, heads, seq, dim]` or `[batch, seq]`."""
    if not places:
        return x
    sides = [[0, 0]] * x.shape.rank
    sides[-2 if x.shape.rank > 2 else -1] = [0, places]
    return tf.pad(x, sides, constant_values=value)


def _check(num_heads, num_local_heads, num_hashes, bucket_size, attention_chunks):
    if not 0 <= num_local_heads <= num_heads:
        raise ValueError(
            f"num_local_heads={num_local_heads} of num_heads={num_heads}: choose 0 to {num_heads}"
        )
    for name, value in (("num_hashes", num_hashes), ("bucket_size", bucket_size)):
        if value < 1:
            raise ValueError(f"{name}={value}: choose 1 or more")
    if attention_chunks is not None and attention_chunks < 1:
        raise ValueError(f"attention_chunks={attention_chunks}: choose 1 or more")


def _check_buckets(number: int | None) -> None:
    if number is None or number == 1 or (number > 1 and number % 2 == 0):
        return
    fitting = "1 or more" if number < 1 else f"{number - 1} or {number + 1}"
    raise ValueError(f"num_buckets={number} is neither even nor 1: choose {fitting}")
