"""A small model learns the few examples that it is shown, by each kind of head."""

import itertools

import keras
import pytest
import tensorflow as tf

from kortf import models, tasks
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.train.assembly import make_trainer
from kortf.train.evaluation.scoring import Scorer
from kortf.train.examples import training_plan
from kortf.train.finetune_recipe import finetuning
from kortf.train.optim.schedule import make_schedule
from kortf.train.programs.finetuning import Finetuning

pytestmark = pytest.mark.usefixtures("quick_graphs")
STEPS, ROWS, LENGTH = 200, 8, 64

KINDS = {
    "characters, a field": ({"name": "klue_ner", "crf": True}, "klue/klue-ner-v1.1_dev.tsv"),
    "pieces, alone": (
        {"name": "klue_ner", "crf": False, "label_at": "all"},
        "klue/klue-ner-v1.1_dev.tsv",
    ),
    "answers": ({"name": "korquad", "stride": 32}, "korquad/KorQuAD_v1.0_dev.json"),
}


@pytest.mark.parametrize(
    "kind",
    [
        kind if kind == "characters, a field" else pytest.param(kind, marks=pytest.mark.exhaustive)
        for kind in KINDS
    ],
)
def test_learns_what_it_is_shown(kind, sample, vocabulary_dir):
    keras.utils.set_random_seed(0)
    settings, path = KINDS[kind]
    config = finetuning("smoke", dict(settings), {}, pooled=False)
    config.optimizer.learning_rate = 5e-3
    tokenizer = load_tokenizer(str(vocabulary_dir))
    encoder = models.build(
        "bert", vocabulary_size=tokenizer.vocabulary.size, num_layers=1, num_heads=2,
        hidden_dim=32, max_length=LENGTH, dropout=0.0, norm="pre", init_scale=0.1,
    )  # fmt: skip
    task = tasks.build(**settings)
    examples = task.read(f"{sample}/{path}")[:8]
    task.build(encoder.hidden_dim, 0.1, 0.0)
    scorer = Scorer(encoder, task, tokenizer, LENGTH)
    encoded = scorer.encode(examples)
    before = task.score(scorer.find(encoded), examples)["f1"]

    trainer = make_trainer(
        config, Finetuning(encoder, task), tf.distribute.get_strategy(),
        lambda rate: make_schedule(rate, STEPS, "linear", 10),
    )  # fmt: skip
    plan = list(itertools.islice(training_plan(encoded.lengths, ROWS, seed=0), STEPS))
    batches = encoded.dataset(lambda: iter(plan), ROWS)
    trainer.train(iter(batches), 0, STEPS)
    after = task.score(scorer.find(encoded), examples)["f1"]
    assert before < 0.5 * after and after > 0.95 * at_most(task, encoded, examples)


def at_most(task, encoded, examples) -> float:
    """The score of the true labels: by pieces, not even they lead back to all entities."""
    if task.name != "klue_ner":
        return 0.85  # two of the questions differ by one word
    tags = tf.maximum(encoded.labels.to_tensor(0), 0)
    decisions = {"tags": tags, "probabilities": tf.ones(tf.shape(tags))}
    found = task.collect(decisions, encoded.rows, encoded.texts)
    return task.score({name: value.numpy() for name, value in found.items()}, examples)["f1"]
