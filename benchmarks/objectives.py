"""What an objective or an encoder costs: whole training steps, in turns in one process.

    python -m benchmarks.objectives [--rounds=8]

Three comparisons at 12 x 256, 32 rows of 128 tokens, bfloat16, dropout 0.1:
replaced token detection (generator of a quarter) against masked LM of the same ELECTRA; span masks
with the span boundary objective against span masks alone; ALBERT against BERT.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from absl import app, flags

from benchmarks.paired import table, take_turns
from benchmarks.random_batch import clean_batch, vocabulary

FLAGS = flags.FLAGS
flags.DEFINE_integer("rounds", 8, "Counted rounds.")
flags.DEFINE_integer("rows", 32, "Rows a batch.")
flags.DEFINE_integer("length", 128, "Tokens a row.")
flags.DEFINE_integer("pieces", 32_000, "Pieces of the vocabulary.")
flags.DEFINE_integer("layers", 12, "Layers of the encoder.")

MASKED_LM = [{"name": "masked_lm"}]
SPANS = [{"name": "masked_lm", "unit": "span"}]
ELECTRA = {"name": "electra", "embedding_dim": 128}
COMPARISONS = {
    "replaced token detection": {
        "masked LM": (ELECTRA, MASKED_LM),
        "replaced token": (ELECTRA, [{"name": "replaced_token"}]),
    },
    "span boundary objective": {
        "span masked LM": ({"name": "bert"}, SPANS),
        "span masked LM + boundary": ({"name": "bert"}, [*SPANS, {"name": "span_boundary"}]),
    },
    "ALBERT": {
        "BERT": ({"name": "bert"}, MASKED_LM),
        "ALBERT": ({"name": "albert", "dropout": 0.1, "activation": "gelu"}, MASKED_LM),
    },
}


def make_step(model: dict, recipe: list[dict]):
    """A function that does one training step."""
    from kortf import models, objectives
    from kortf.train.optimizer import make_optimizer
    from kortf.train.pretrain import Pretraining
    from kortf.train.schedule import make_schedule
    from kortf.train.step import Trainer

    encoder = models.build(
        **model,
        vocabulary_size=FLAGS.pieces,
        num_layers=FLAGS.layers,
        num_heads=4,
        hidden_dim=256,
        max_length=FLAGS.length,
        dtype="mixed_bfloat16",
    )
    built = objectives.build_all(recipe)
    for objective in built:
        objective.build(encoder, "mixed_bfloat16")
    program = Pretraining(encoder, built, vocabulary(FLAGS.pieces))
    optimizer = make_optimizer("adamw", program.variables())
    trainer = Trainer(program, optimizer, make_schedule(1e-4, 10**6), tf.distribute.get_strategy())
    clean = clean_batch(FLAGS.rows, FLAGS.length, FLAGS.pieces)
    features = program.corrupt(clean, tf.constant([0, 0]))
    batches = iter(tf.data.Dataset.from_tensors(features).repeat())
    count = iter(range(10**6))
    return lambda: trainer.train(batches, next(count), 1)


def main(argv) -> None:
    del argv
    for title, sides in COMPARISONS.items():
        steps = {name: make_step(*side) for name, side in sides.items()}
        times = take_turns(steps, FLAGS.rounds, warmup=2)
        print(f"\n{title}\n\n{table(times, next(iter(sides)))}", flush=True)


if __name__ == "__main__":
    app.run(main)
