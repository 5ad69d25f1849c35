"""The smallest fine-tunings there are: a task of each kind over an encoder of one layer."""

import keras
import numpy as np
import tensorflow as tf

from kortf import models, tasks
from kortf.train.assembly import make_trainer
from kortf.train.finetune_recipe import finetuning
from kortf.train.loop.devices.strategy import make_strategy
from kortf.train.loop.step import means
from kortf.train.optim.freeze import Freeze
from kortf.train.optim.schedule import make_schedule
from kortf.train.programs.finetuning import Finetuning

LENGTH, ROWS = 12, 8
STEPS = 6  # that a run may have
# A task of each kind, by its settings.
KINDS = {
    "classes": {"name": "nsmc"},
    "numbers": {"name": "korsts"},
    "tags": {"name": "klue_ner", "crf": False},
    "field": {"name": "klue_ner", "crf": True},
    "spans": {"name": "korquad", "max_trim": 3},
}


def features(kind: str = "classes", step: int = 0) -> dict[str, np.ndarray]:
    """A batch with a row of one tag, uneven rows and a filler row."""
    rng = np.random.default_rng(step)
    lengths = rng.integers(4, LENGTH + 1, ROWS)
    mask = np.arange(LENGTH) < lengths[:, None]
    batch = {
        "token_ids": np.where(mask, rng.integers(5, 50, mask.shape), 0).astype(np.int32),
        "padding_mask": mask,
        "segment_ids": np.zeros(mask.shape, np.int32),
        "weights": (np.arange(ROWS) < ROWS - 1).astype(np.float32),
    }
    if kind == "classes":
        return batch | {"labels": rng.integers(0, 2, ROWS).astype(np.int32)}
    if kind == "numbers":
        return batch | {"labels": rng.uniform(0, 5, ROWS).astype(np.float32)}
    if kind in ("tags", "field"):
        tagged = mask & (rng.random(mask.shape) < 0.7)
        tagged[0] = np.arange(LENGTH) == 1
        labels = np.where(tagged, rng.integers(0, 2, mask.shape), -1).astype(np.int32)
        return batch | {"labels": labels}
    context = mask & (np.arange(LENGTH) > 1)
    ends = rng.integers(1, 4, mask.shape).astype(np.int32)
    begin = np.where(np.arange(ROWS) % 3 == 0, 0, 2)
    labels = np.stack([begin, np.where(begin > 0, 3, 0), 0 * begin, 0 * begin], axis=1)
    more = {"context": context, "starts": np.zeros_like(ends), "ends": ends}
    return batch | more | {"labels": labels.astype(np.int32)}


class Run:
    """A tiny fine-tuning.

    Args:
        kind: a key of `KINDS`.
        encoder: `model.name`.
        dropout: of encoder and head.
        devices: replicas; 0 for the one device there is.
        model: sizes of the encoder.
        options: of the config, a dot written as two underscores.

    Attributes:
        step: steps done.
    """

    def __init__(self, kind="classes", encoder="bert", dropout=0.0, devices=0, model=(), **options):
        keras.utils.set_random_seed(0)
        self.kind = kind
        pooled = kind in ("classes", "numbers")
        self.config = finetuning(
            "smoke", KINDS[kind], {}, pooled=pooled, has_classes=kind == "classes"
        )
        self.config.batch_size, self.config.optimizer.learning_rate = ROWS, 1e-2
        for name, value in options.items():
            with self.config.unlocked():
                self.config.update_from_flattened_dict({name.replace("__", "."): value})
        sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 8, "max_length": LENGTH}
        self.strategy = make_strategy("mirrored" if devices else "one", devices)
        with self.strategy.scope():
            sizes |= {"dropout": dropout, "init_scale": 0.3} | dict(model)
            self.encoder = models.build(encoder, vocabulary_size=50, **sizes)
            self.task = tasks.build(**self.config.task)
            self.task.build(self.encoder.hidden_dim, 0.3, dropout)
        config = self.config
        freeze = Freeze(config.freeze_layers, config.freeze_embeddings)
        options = config.label_smoothing, config.r_drop, freeze
        self.program = Finetuning(self.encoder, self.task, *options)
        self.trainer = make_trainer(
            config, self.program, self.strategy, lambda rate: make_schedule(rate, STEPS, "constant")
        )
        self.step = 0
        self._batches = None

    def train(self, steps: int = 1) -> dict[str, float]:
        """Goes on from `step`, each step on a batch of its own; the means of the metrics."""
        if self._batches is None:
            self._batches = iter(self.strategy.experimental_distribute_dataset(self._dataset()))
        values = means(self.trainer.train(self._batches, self.step, steps))
        self.step += steps
        return values

    def _dataset(self) -> tf.data.Dataset:
        batches = [features(self.kind, step) for step in range(self.step, STEPS)]
        joined = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
        data = tf.data.Dataset.from_tensor_slices(joined).batch(ROWS, drop_remainder=True)
        options = tf.data.Options()
        options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
        return data.with_options(options)

    def weights(self) -> dict[str, np.ndarray]:
        """All weights by name."""
        return {name: value.numpy() for name, value in self.program.variables().items()}


def assert_same_weights(ours: Run, theirs: Run) -> None:
    """Of two runs that should differ by rounding alone.

    A key's bias has no gradient but for rounding, which Adam makes as long as any other.
    """
    found = theirs.weights()
    for name, value in ours.weights().items():
        if "key_bias" not in name:
            np.testing.assert_allclose(found[name], value, atol=2e-5, err_msg=name)
