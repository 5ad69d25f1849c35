import keras
import numpy as np
import pytest

from kortf import models

SIZES = {"vocabulary_size": 13, "num_layers": 4, "num_heads": 4, "hidden_dim": 16,
         "max_length": 9, "init_scale": 0.3}  # fmt: skip


@pytest.fixture
def batch():
    """Features of two rows, the second one with padding."""
    return {
        "token_ids": np.array([[2, 5, 6, 7, 3], [2, 7, 3, 0, 0]], np.int32),
        "segment_ids": np.array([[0, 0, 1, 1, 1], [0, 1, 1, 0, 0]], np.int32),
        "padding_mask": np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], np.int32),
    }


@pytest.fixture(
    params=[
        ("bert", {}),
        ("bert", {"norm": "pre", "feed_forward": "glu", "activation": "relu"}),
        ("bert", {"activation": "gelu_tanh", "pooler": False, "num_segments": 1}),
        ("roberta", {"position_offset": 2, "num_segments": 0}),
        ("electra", {"embedding_dim": 8}),
        ("albert", {"embedding_dim": 8, "num_groups": 2}),
    ],
    ids=lambda param: "-".join([param[0], *param[1]]),
)
def encoder(request):
    """An encoder of each form that is served, with random weights."""
    name, options = request.param
    keras.utils.set_random_seed(1)
    encoder = models.build(name, **SIZES | options)
    rng = np.random.default_rng(0)
    for variable in encoder.weights:
        variable.assign(variable.numpy() + rng.normal(scale=0.2, size=variable.shape))
    return encoder
