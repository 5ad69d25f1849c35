"""Every objective declares the features it provides, its metrics and the attention it needs."""

import numpy as np
import pytest
import tensorflow as tf

from kortf import discovery, models, objectives
from kortf.data.features import BATCH
from kortf.errors import InputError
from kortf.objectives import visibility_of
from kortf.train.programs.pretraining import Pretraining
from tests.harness.objectives.draws import row_seeds

NAMES = discovery.names("kortf.objectives")
SIZES = {
    "vocabulary_size": 13, "num_layers": 1, "num_heads": 2, "hidden_dim": 8, "max_length": 8,
}  # fmt: skip
IDS = np.array([[2, 5, 6, 7, 3, 0, 0, 0], [2, 7, 8, 9, 10, 11, 12, 3]], np.int32)


class Vocabulary:
    size, mask_id, unk_id, special_ids = 13, 4, 1, [0, 1, 2, 3, 4]
    starts_word = np.ones(13, bool)


@pytest.mark.parametrize("name", NAMES)
def test_an_objective_keeps_to_what_it_declares(name):
    recipe = objectives.build_all([{"name": name}])
    if "mask_ids" in recipe[0].requires:  # another one draws the masks
        recipe = objectives.build_all([{"name": "masked_lm", "unit": "span"}, {"name": name}])
    encoder = models.build("gpt" if recipe[-1].visibility == "causal" else "bert", **SIZES)
    for objective in recipe:
        objective.build(encoder)
    program = Pretraining(encoder, recipe, Vocabulary())
    clean = {
        "token_ids": tf.constant(IDS), "padding_mask": tf.constant(IDS > 0),
        "segment_ids": tf.zeros_like(IDS), "draw_seed": row_seeds(2),
        "pair_label": tf.constant([0, 1]),
    }  # fmt: skip
    features = program.corrupt(clean)
    provided = {each for objective in recipe for each in objective.provides}
    assert set(features) - set(clean) <= provided <= set(BATCH)
    scores = program.score(features, None)
    assert set(scores.metrics) == {each for objective in recipe for each in objective.metrics}


def test_objectives_that_need_different_attention_are_refused():
    recipe = objectives.build_all([{"name": "masked_lm"}, {"name": "causal_lm"}])
    with pytest.raises(InputError) as caught:
        visibility_of(recipe)
    assert caught.value.parts[0] == "config.objectives"
