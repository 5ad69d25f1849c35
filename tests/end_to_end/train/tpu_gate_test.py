"""A TPU runs a training step only if XLA compiles it with static shapes: checked without a TPU.

Each encoder with each objective: forward pass, backward pass, clipping and update as one program.
"""

import re

import numpy as np
import pytest
import tensorflow as tf

from tests.harness.train.matrix import PAIRING, Run, make_config, pairs

# Ops that would call back to the host in the middle of a step.
HOST = re.compile(r"PyFunc|Print|HostCompute|Summary|Iterator|ReadFile|Save|Restore|Lookup|String")


# `make test-tpu-stack` runs all of them; here each kind of attention and of objective once.
CHOSEN = (
    ("bert", "mlm"),
    ("reformer", "mlm"),
)
CASES = [
    pytest.param(*pair.values, "adamw", id=pair.id, marks=pair.marks) for pair in pairs(CHOSEN)
]
CASES.append(pytest.param("bert", "mlm", "muon", id="bert-muon", marks=pytest.mark.exhaustive))


@pytest.mark.parametrize("encoder, recipe, optimizer", CASES)
def test_the_step_is_one_program_for_xla(encoder, recipe, optimizer, records, vocabulary_dir):
    config = make_config(encoder, recipe, "mixed_bfloat16")
    config.optimizer.name = optimizer
    config.model.dropout = 0.1
    run = Run(config, records[PAIRING.get(recipe, "none")], str(vocabulary_dir))
    batches = list(run.data)
    assert all(value.shape.is_fully_defined() for value in batches[0].values())
    step = tf.function(run.trainer._replica_step, jit_compile=True, autograph=False)
    first = (tf.constant(0), tf.constant([1.0, 0.0]))
    check_graph(step.get_concrete_function(batches[0], *first).graph)
    check_program(step.experimental_get_compiler_ir(batches[0], *first)(stage="hlo"))
    going, losses = first[1], []
    for number, batch in enumerate(batches):
        totals = step(batch, tf.constant(number), going)
        going = totals["going"]
        losses.append(float(totals["loss"][0]))
    assert step.experimental_get_tracing_count() == 1  # the second step is the first one's program
    assert np.isfinite(losses).all() and going.numpy().tolist() == [1.0, 2.0]


def check_graph(graph) -> None:
    """Fails on ops that a TPU would hand to its host."""
    operations = list(graph.get_operations())
    for function in graph._functions.values():
        operations += function.graph.get_operations()
    found = sorted({op.type for op in operations if HOST.search(op.type)})
    assert found == []


def check_program(hlo: str) -> None:
    """Fails on 64-bit numbers, sizes that depend on values, and calls to the host."""
    for wide in ("s64[", "u64[", "f64[", "c128["):
        assert wide not in hlo, next(line for line in hlo.splitlines() if wide in line)
    assert "<=" not in hlo  # how a size that is only bounded is written
    assert not re.search(r"\b(infeed|outfeed|send|recv)\(", hlo)


def test_the_gate_sees_what_it_is_there_for():
    def compiled(function, *values):
        step = tf.function(function, jit_compile=True, autograph=False)
        return step.experimental_get_compiler_ir(*values)(stage="hlo")

    with pytest.raises(AssertionError):
        check_program(compiled(lambda x: tf.cast(x, tf.int64) * 2, tf.constant([1, 2])))
    with pytest.raises(AssertionError):
        check_program(compiled(lambda x: tf.cast(x, tf.float64) * 2, tf.constant([1.0])))
    with pytest.raises(AssertionError):
        check_program(compiled(lambda x: tf.where(x > 1), tf.constant([1, 2])))
    traced = tf.function(lambda x: tf.py_function(abs, [x], tf.int32)).get_concrete_function(
        tf.constant(1)
    )
    with pytest.raises(AssertionError):
        check_graph(traced.graph)
