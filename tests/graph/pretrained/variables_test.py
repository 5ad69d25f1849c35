"""Variables by their paths of attributes."""

import keras
import pytest

from kortf.pretrained.directory.variables import paths, variable
from tests.harness.pretrained.random_models import build, heads_of


def test_example():
    dense = keras.layers.Dense(3)
    dense.build((None, 2))
    assert paths(dense) == ["bias", "kernel"]
    assert variable(dense, "kernel") is dense.kernel


def test_shared_variables_are_named_once_by_the_shortest_path():
    encoder = build("bert")
    names = paths(encoder)
    assert "token_embedding.embeddings" in names
    assert "embedding.token_embedding.embeddings" not in names
    assert "layers.layers.3.attention.query_kernel" in names
    assert {id(variable(encoder, name)) for name in names} == {id(v) for v in encoder.weights}
    assert len(names) == len(encoder.weights)


def test_tied_table_is_not_the_head_s():
    encoder = build("bert")
    names = paths(heads_of(encoder, "masked_lm")["masked_lm"])
    assert names == ["bias", "dense.bias", "dense.kernel", "norm.beta", "norm.gamma"]


def test_variable_that_no_attribute_leads_to_is_told():
    class Hidden(keras.layers.Layer):
        def build(self, input_shape):
            self.parts = {"inner": self.add_weight(name="inner", shape=(2,))}
            self.built = True

    layer = Hidden()
    layer.build(None)
    with pytest.raises(ValueError, match="no attribute of .* leads to .*inner"):
        paths(layer)
