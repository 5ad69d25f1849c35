"""The steps of LSH attention, and all of it against a slow twin."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.lsh import Reach, hash_vectors, lsh_attention, make_plan, random_rotations
from kortf.layers.lsh.chunks import chunk, look_around, spread
from kortf.layers.lsh.neighbours import neighbour_bias, times_seen
from kortf.layers.lsh.rounds import combine_rounds, round_weights
from kortf.layers.lsh.sorting import places, sort_by_bucket, take
from tests.reference import lsh as reference

BATCH, HEADS, LENGTH, DIM, SIZE, ROUNDS = 2, 2, 24, 8, 4, 3


def test_hash_vectors():
    vectors = [[1.0, 0.2], [-0.1, 2.0], [-3.0, 1.0]]
    rotations = tf.constant([[[1.0, 0.0]], [[0.0, 1.0]]])
    assert hash_vectors(vectors, rotations, 4).numpy().tolist() == [[0, 1, 2]]
    assert hash_vectors(vectors, rotations[..., :0], 1).numpy().tolist() == [[0, 0, 0]]


def test_sort_by_bucket():
    assert sort_by_bucket([[[1, 0, 1, 0]]], 2).numpy().tolist() == [[[1, 3, 0, 2]]]
    groups = [[1, 1, 0, 1]]
    assert sort_by_bucket([[[1, 0, 1, 0]]], 2, groups).numpy().tolist() == [[[1, 3, 0, 2]]]
    assert places([[[1, 3, 0, 2]]]).numpy().tolist() == [[[2, 0, 3, 1]]]
    assert take([[7.0, 8.0, 9.0]], [[2, 0, 1]]).numpy().tolist() == [[9.0, 7.0, 8.0]]


@pytest.mark.parametrize("groups", [1, 9, 2**18])
def test_positions_are_sorted_stably_however_many_groups(groups):
    rng = np.random.default_rng(0)
    buckets = rng.integers(0, 50, (1, 2, 200))
    packs = np.sort(rng.integers(0, min(groups, 9) + 1, (1, 200)), axis=1)
    packs[:, :10] = 0
    order = sort_by_bucket(buckets.astype(np.int32), 50, packs.astype(np.int32), groups).numpy()
    for r in range(2):
        expected = sorted(range(200), key=lambda i: (packs[0, i] or 99, buckets[0, r, i], i))
        assert order[0, r].tolist() == expected


def test_too_many_positions_are_refused():
    with pytest.raises(ValueError, match="too many to sort"):
        sort_by_bucket(tf.zeros([1, 1, 2**20], tf.int32), 2**14)


def test_chunks():
    assert chunk([[1, 2, 3, 4]], 2).numpy().tolist() == [[[1, 2], [3, 4]]]
    around = look_around([[1, 2], [3, 4]], ahead=False, fill=-1)
    assert around.numpy().tolist() == [[-1, -1, 1, 2], [1, 2, 3, 4]]
    around = look_around([[1, 2], [3, 4]], ahead=True, fill=-1)
    assert around.numpy().tolist() == [[-1, -1, 1, 2, 3, 4], [1, 2, 3, 4, -1, -1]]
    spaces = spread([[[0], [3]]], length=4, size=2, ahead=False)
    assert spaces.numpy().tolist() == [[[[2, 4]], [[7, 1]]]]


@pytest.mark.parametrize("ahead", [False, True])
def test_spread_finds_a_position_wherever_look_around_puts_it(ahead):
    order = np.random.default_rng(0).permutation(12).astype(np.int32)
    windows = look_around(chunk(order[None], 4), ahead, fill=-1).numpy().ravel()
    found = spread(places(order[None, None])[:, 0, :, None], 12, 4, ahead).numpy()[0, :, 0]
    for position in range(12):
        there = windows[found[position]]
        assert set(there) <= {position, -1}
        assert (there == position).sum() == (windows == position).sum()


def test_marks():
    places, buckets = [[[3, 0, 1, 2]]], [[[1, 0, 0, 1]]]
    by_chunk = Reach(2, False, by_bucket=False, ahead=True)
    assert by_chunk.marks(places, buckets).numpy().tolist() == [[[1, 0, 0, 1]]]
    by_bucket = Reach(2, True, by_bucket=True, ahead=False)
    assert by_bucket.marks(places, buckets).numpy().tolist() == [[[6, 0, 1, 5]]]


def test_neighbour_bias():
    reach = Reach(2, False, by_bucket=False, ahead=True)
    query, key = [[[5]], [[1]], [[0]]], [[[5, 4, 3]], [[1, 1, 2]], [[0, 1, 0]]]
    assert neighbour_bias(query, key, reach).numpy().tolist() == [[[-1e5, 0.0, -1e9]]]


def test_times_seen():
    reach = Reach(2, False, by_bucket=False, ahead=True)
    query, key = [[[7]], [[1]], [[0]], [[0]], [[2]]], [[[5, 4]], [[1, 1]], [[0, 1]]]
    assert times_seen(query, key + [[[0, 1]], [[2, 9]]], reach).numpy().tolist() == [[[2.0, 1.0]]]


@pytest.mark.parametrize("ahead, farthest", [(True, [-1, 1]), (False, [0, 1])])
def test_near(ahead, farthest):
    near = Reach(2, False, by_bucket=False, ahead=ahead).near(tf.constant(9), tf.range(5, 14))
    assert (9 - np.flatnonzero(near) - 5).tolist() == list(range(farthest[1], farthest[0] - 1, -1))


def test_rounds():
    np.testing.assert_allclose(round_weights([[[0.0, 1.0986]]]), [[[0.25, 0.75]]], atol=1e-4)
    assert combine_rounds([[[[8.0], [4.0]]]], [[[0.25, 0.75]]]).numpy().tolist() == [[[5.0]]]


def test_rotations_are_normal_and_of_their_seed():
    seeds = tf.constant([[1, 2], [1, 3], [1, 2]])
    drawn = random_rotations(seeds, 2, 32, 4, 16).numpy()
    assert drawn.shape == (3, 2, 32, 4, 8)
    assert (drawn[0] == drawn[2]).all() and (drawn[0] != drawn[1]).mean() > 0.99
    assert abs(drawn.mean()) < 0.05 and abs(drawn.std() - 1) < 0.05
    assert abs(np.corrcoef(drawn[0].ravel(), drawn[1].ravel())[0, 1]) < 0.06
    assert random_rotations(seeds, 2, 32, 4, 1).shape == (3, 2, 32, 4, 0)


def inputs(packs: bool, buckets: int = 6):
    rng = np.random.default_rng(1)
    query, value = (
        rng.normal(scale=2.0, size=(BATCH, HEADS, LENGTH, DIM)).astype(np.float32) for _ in range(2)
    )
    rotations = rng.normal(size=(1, HEADS, DIM, ROUNDS, buckets // 2)).astype(np.float32)
    groups = np.ones((BATCH, LENGTH), np.int32)
    if packs:
        groups[0] = [1] * 7 + [2] * 11 + [0] * 4 + [-1] * 2
    else:
        groups[1, 19:] = 0
    return query, value, rotations, groups


def ours(query, value, rotations, groups, reach, buckets=6, pieces=1, **options):
    plan = make_plan(query, rotations, groups, 2, buckets, reach, pieces)
    key = query / tf.sqrt(tf.reduce_sum(query**2, -1, keepdims=True) + DIM * 1e-6) * DIM**-0.5
    return lsh_attention(query, key, value, plan, groups, reach, pieces=pieces, **options)


REACHES = [
    Reach(SIZE, causal, by_bucket, ahead)
    for causal, ahead in ((True, False), (False, True), (False, False))
    for by_bucket in (False, True)
]


@pytest.mark.parametrize("packs", [False, True])
@pytest.mark.parametrize("reach", REACHES, ids=str)
def test_lsh_attention_is_its_slow_twin(reach, packs):
    query, value, rotations, groups = inputs(packs)
    for pieces in (1, 2):
        found = ours(query, value, rotations, groups, reach, pieces=pieces).numpy()
        for b in range(BATCH):
            for h in range(HEADS):
                expected = reference.lsh_attention(
                    query[b, h], value[b, h], rotations[0, h], groups[b], reach.size,
                    reach.causal, reach.by_bucket, reach.ahead,
                )  # fmt: skip
                np.testing.assert_allclose(found[b, h], expected, atol=1e-5)


UPSTREAM = np.random.default_rng(5).normal(size=(BATCH, HEADS, LENGTH, DIM)).astype(np.float32)


def gradients(function, *tensors):
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        outputs = function(*tensors)
        total = tf.reduce_sum(outputs * UPSTREAM)
    return outputs, *tape.gradient(total, tensors)


@pytest.mark.parametrize(
    "reach, rate, pieces",
    [
        (REACHES[1], 0.3, 2),
        (REACHES[2], 0.0, 1),
        *(
            pytest.param(*case, marks=pytest.mark.exhaustive)
            for case in [
                (REACHES[1], 0.0, 1), (REACHES[1], 0.3, 1), (REACHES[2], 0.3, 1),
                (REACHES[2], 0.3, 2),
            ]
        ),
    ],
)  # fmt: skip
def test_the_gradient_is_that_of_plain_autodiff(reach, rate, pieces):
    query, value, rotations, groups = inputs(packs=True)
    seed = tf.constant([3, 4])

    def run(query, value):
        return gradients(
            lambda q, v: ours(q, v, rotations, groups, reach, rate=rate, seed=seed, pieces=pieces),
            query, value,
        )  # fmt: skip

    given = tf.constant(query), tf.constant(value)
    results = [
        tf.function(run, autograph=False)(*given),
        tf.function(run, jit_compile=True, autograph=False)(*given),
        run(*given),
    ]
    with kernels.uncompiled():
        expected = tf.function(run, autograph=False)(*given)
    for found in results:
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_the_compiled_graph_is_static_and_int32():
    query, value, rotations, groups = inputs(packs=True)

    @tf.function(jit_compile=True, autograph=False)
    def run(query, value):
        return gradients(
            lambda q, v: ours(q, v, rotations, groups, REACHES[0], pieces=2), query, value
        )

    hlo = run.experimental_get_compiler_ir(tf.constant(query), tf.constant(value))(stage="hlo")
    assert "s64[" not in hlo and "u64[" not in hlo and "<=" not in hlo
