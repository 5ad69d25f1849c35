"""The elementwise parts of a training step, each one kernel with its gradient written out.

On a CPU the matrix products belong to oneDNN and what lies between them decides the speed: in
bfloat16 TensorFlow's own kernels for GELU, dropout, softmax and layer normalisation cost more than
the products. Here each of them is one XLA-compiled function that computes in float32 and keeps
nothing for the backward pass but its inputs: dropout masks are drawn again from the seed.
"""

from kortf.layers.kernels.attention import attention_weights, chunk_gradients, chunk_weights
from kortf.layers.kernels.compiled import uncompiled
from kortf.layers.kernels.crf import (
    crf_decode,
    crf_divergence,
    crf_log_normalizer,
    crf_marginals,
    crf_soft_loss,
)
from kortf.layers.kernels.cross_entropy import cross_entropy
from kortf.layers.kernels.dense import dense, geglu, gelu
from kortf.layers.kernels.norm import dropout, dropout_add_norm, layer_norm
from kortf.layers.kernels.rotary import rotate
from kortf.layers.kernels.sampling import gumbel_sample
from kortf.layers.kernels.unit import unit

__all__ = [
    "attention_weights",
    "chunk_gradients",
    "chunk_weights",
    "crf_decode",
    "crf_divergence",
    "crf_log_normalizer",
    "crf_marginals",
    "crf_soft_loss",
    "cross_entropy",
    "dense",
    "dropout",
    "dropout_add_norm",
    "geglu",
    "gelu",
    "gumbel_sample",
    "layer_norm",
    "rotate",
    "uncompiled",
    "unit",
]
