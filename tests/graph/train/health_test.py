"""Warnings: each for its cause, none without it, once until it has gone."""

import re
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from kortf.errors import InputError
from kortf.train.loop.health import health
from kortf.train.loop.health.health import Watch


def totals(**values):
    """Sums of an interval from `(sum, count)`."""
    return {name: np.array(pair, np.float32) for name, pair in values.items()}


@pytest.mark.parametrize(
    "values, words",
    [
        ({"rtd_recall": 0.0, "rtd_auc": 0.5}, "finds 0.0% of the replaced.*cannot tell them apart"),
        ({"rtd_recall": 0.004, "rtd_auc": 0.8}, r"0.4%.*\(rtd_auc 0.80\).*none above one half"),
        ({"rtd_recall": 0.0}, "cannot tell"),
    ],
)
def test_a_blind_discriminator(values, words):
    assert re.search(words, health.blind_discriminator(values))


@pytest.mark.parametrize("values", [{}, {"rtd_recall": 0.02}, {"rtd_auc": 0.1}])
def test_a_seeing_discriminator(values):
    assert health.blind_discriminator(values) is None


def test_a_collapsed_generator():
    text = health.collapsed_generator({"generator_distinct": 0.002, "generator_entropy": 0.01})
    assert "0.20% of its draws" in text and "0.010 nats" in text and "learning_rate" in text
    assert "nats" not in health.collapsed_generator({"generator_distinct": 0.002})
    assert health.collapsed_generator({"generator_distinct": 0.3, "generator_entropy": 2}) is None
    assert health.collapsed_generator({}) is None


def test_a_share_that_is_not_what_was_asked():
    text = health.wrong_share("masked_share", np.array([1200.0, 10_000.0]), 0.15)
    assert text.startswith("masked_share is 0.120 where the config asks for 0.150: rows too short")
    assert "very short rows" in health.wrong_share("m", np.array([3e5, 1e6]), 0.15)
    for chosen, candidates in ((1210, 10_000), (1790, 10_000), (1, 40)):
        assert health.wrong_share("m", np.array([chosen, candidates], float), 0.15) is None


def test_a_metric_that_is_not_finite():
    assert health.broken_metric("loss", 3.0) is None
    assert health.broken_metric("rtd_auc", float("nan")) == (
        "rtd_auc is nan, though loss and gradient are finite: ignore it"
    )


def test_a_warning_is_said_once_until_it_recovers():
    watch = Watch({"masked_share": 0.15})
    bad, good = totals(masked_share=(0, 10_000)), totals(masked_share=(1500, 10_000))
    said = [list(watch.look(step, each)) for step, each in enumerate([bad, bad, good, bad])]
    assert said == [["masked_share"], [], [], ["masked_share"]]


def test_learners_are_judged_after_the_warm_up_and_only_where_there_was_something_to_find():
    blind = totals(rtd_recall=(0, 50), generator_distinct=(1, 1000))
    watch = Watch(warmup_steps=10)
    assert watch.look(10, blind) == {}
    assert set(watch.look(20, blind)) == {"rtd_discriminator", "rtd_generator"}
    assert Watch().look(20, totals(rtd_recall=(0, 0))) == {}


def embedding(value=None):
    table = keras.Variable(np.zeros((3, 2))) if value is None else value
    return SimpleNamespace(embeddings=table)


def program(companion_table, head_table):
    tied = embedding()
    head = SimpleNamespace(name="masked_lm", token_embedding=head_table or tied)
    companion = SimpleNamespace(token_embedding=companion_table or tied)
    objective = SimpleNamespace(
        heads=[SimpleNamespace(name="discriminator")],
        companions={"generator": (companion, [head])},
    )
    return SimpleNamespace(encoder=SimpleNamespace(token_embedding=tied), recipe=[objective])


def test_untied_embeddings_are_named():
    health.check_tied(program(None, None))
    with pytest.raises(InputError, match="config.objectives, generator: it has a token table"):
        health.check_tied(program(embedding(), None))
    with pytest.raises(InputError, match="generator/masked_lm"):
        health.check_tied(program(None, embedding()))
