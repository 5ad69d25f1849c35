"""Generation: with kept keys and values it writes what it would without."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models
from kortf.layers.heads.heads import CausalLMHead
from kortf.layers.sampling import filtered
from kortf.models.generation import Sampling, generate

PIECES, LENGTH, END = 40, 20, 3
PROMPTS = [[2, 7, 9], [2], [2, 5, 6, 7, 8, 9, 10]]
BARRED = np.isin(np.arange(PIECES), [0, 1, 2, 4])


@pytest.fixture(
    scope="module", params=["learned", pytest.param("rotary", marks=pytest.mark.exhaustive)]
)
def model(request):
    keras.utils.set_random_seed(0)
    encoder = models.build(
        "gpt", vocabulary_size=PIECES, num_layers=2, num_heads=2, hidden_dim=16, max_length=24,
        init_scale=0.5, positions=request.param,
    )  # fmt: skip
    return encoder, CausalLMHead.over(encoder)


def write(model, sampling: Sampling, prompts=PROMPTS, first_row=0, max_tokens=LENGTH):
    encoder, head = model
    ragged = tf.ragged.constant(prompts, dtype=tf.int32)
    run = tf.function(
        lambda: generate(
            encoder, head, ragged, max_tokens, LENGTH, END, 0, BARRED, sampling, first_row
        ),
        autograph=False,
    )
    return run().numpy()


def test_greedy_is_the_best_token_of_the_whole_text_each_time(model):
    encoder, head = model
    for row, prompt in zip(write(model, Sampling(temperature=0)), PROMPTS, strict=True):
        ids = list(prompt)
        while len(ids) < LENGTH and ids[-1] != END:
            features = {"token_ids": tf.constant([ids]), "padding_mask": tf.ones([1, len(ids)])}
            logits = head(encoder(features)["sequence"][:, -1]).numpy()[0]
            ids.append(int(np.where(BARRED, -np.inf, logits).argmax()))
        assert row.tolist() == ids + [0] * (LENGTH - len(ids))


def test_a_seed_fixes_the_texts_and_another_changes_them(model):
    once, again, other = (write(model, Sampling(seed=seed)) for seed in (1, 1, 2))
    assert (once == again).all() and (once != other).any()
    assert not np.isin(once[1, 1:], [1, 2, 4]).any()


def test_a_row_draws_the_same_in_any_batch(model):
    whole = write(model, Sampling(seed=5), [PROMPTS[0]] * 3)
    alone = write(model, Sampling(seed=5), [PROMPTS[0]], first_row=2)
    assert (whole[2] == alone[0]).all() and (whole[0] != whole[1]).any()


def test_only_the_best_are_drawn(model):
    greedy = write(model, Sampling(temperature=0))
    assert (write(model, Sampling(top_k=1, seed=3)) == greedy).all()
    assert (write(model, Sampling(top_p=1e-6, seed=3)) == greedy).all()


def test_each_prompt_gets_as_many_tokens(model):
    rows = write(model, Sampling(temperature=0), max_tokens=4)
    whole = write(model, Sampling(temperature=0))
    for row, full, prompt in zip(rows, whole, PROMPTS, strict=True):
        assert row.tolist() == full[: len(prompt) + 4].tolist() + [0] * (LENGTH - len(prompt) - 4)


def test_filtered():
    logits = tf.math.log([[0.5, 0.3, 0.2]])

    def shares(**settings):
        return tf.nn.softmax(filtered(logits, **settings)).numpy().tolist()[0]

    assert shares(top_k=2) == pytest.approx([0.625, 0.375, 0.0])
    assert shares(top_p=0.4) == pytest.approx([1.0, 0.0, 0.0])
    assert shares(top_p=0.6) == pytest.approx([0.625, 0.375, 0.0])
    assert shares() == pytest.approx([0.5, 0.3, 0.2])
