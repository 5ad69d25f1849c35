"""Cost of an objective or an encoder: whole training steps, in turns in one process.

    python -m benchmarks.objectives [--rounds=8]

Three comparisons in bfloat16, dropout 0.1, 4,096 tokens a step: replaced token detection (generator
of a quarter) against masked LM of the same ELECTRA (12 x 256, 128 tokens a row, 32,000 pieces);
span masks with the span boundary objective against span masks alone (12 x 384, 512 tokens a row,
8,007 pieces); ALBERT against BERT (12 x 256 again).
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from absl import app, flags

from benchmarks.paired import table, take_turns
from benchmarks.random_batch import clean_batch, vocabulary

FLAGS = flags.FLAGS
flags.DEFINE_integer("rounds", 8, "Counted rounds.")

#        layers, heads, dim, rows, length, pieces
SMALL = (12, 4, 256, 32, 128, 32_000)
HALF = (12, 6, 384, 8, 512, 8_007)
MASKED_LM = [{"name": "masked_lm"}]
SPANS = [{"name": "masked_lm", "unit": "span"}]
ELECTRA = {"name": "electra", "embedding_dim": 128}
COMPARISONS = {
    "replaced token detection": (SMALL, {
        "masked LM": (ELECTRA, MASKED_LM),
        "replaced token": (ELECTRA, [{"name": "replaced_token"}]),
    }),
    "span boundary objective": (HALF, {
        "span masked LM": ({"name": "bert"}, SPANS),
        "span masked LM + boundary": ({"name": "bert"}, [*SPANS, {"name": "span_boundary"}]),
    }),
    "ALBERT": (SMALL, {
        "BERT": ({"name": "bert"}, MASKED_LM),
        "ALBERT": ({"name": "albert", "dropout": 0.1, "activation": "gelu"}, MASKED_LM),
    }),
}  # fmt: skip


def make_step(sizes: tuple[int, ...], model: dict, recipe: list[dict]):
    """A function that does one training step."""
    from kortf import models, objectives
    from kortf.train.loop.step import Trainer
    from kortf.train.optim.optimizers import make_optimizer
    from kortf.train.optim.schedule import make_schedule
    from kortf.train.programs.pretraining import Pretraining

    layers, heads, dim, rows, length, pieces = sizes
    encoder = models.build(
        **model,
        vocabulary_size=pieces,
        num_layers=layers,
        num_heads=heads,
        hidden_dim=dim,
        max_length=length,
        dtype="mixed_bfloat16",
    )
    built = objectives.build_all(recipe)
    for objective in built:
        objective.build(encoder, "mixed_bfloat16")
    program = Pretraining(encoder, built, vocabulary(pieces))
    optimizer = make_optimizer("adamw", program.variables())
    trainer = Trainer(program, optimizer, make_schedule(1e-4, 10**6), tf.distribute.get_strategy())
    clean = clean_batch(rows, length, pieces)
    features = program.corrupt(clean)
    batches = iter(tf.data.Dataset.from_tensors(features).repeat())
    count = iter(range(10**6))
    return lambda: trainer.train(batches, next(count), 1)


def main(argv) -> None:
    del argv
    for title, (sizes, sides) in COMPARISONS.items():
        steps = {name: make_step(sizes, *side) for name, side in sides.items()}
        times = take_turns(steps, FLAGS.rounds, warmup=2)
        print(f"\n{title}\n\n{table(times, next(iter(sides)))}", flush=True)


if __name__ == "__main__":
    app.run(main)
