"""Training steps of the Reformer against reformer-pytorch 1.4.4, in turns, a process for each.

    python -m benchmarks.reformer [--lengths=512,4096,16384] [--rounds=4] [--memory]

Both sides: 6 reversible layers of 512, 8 heads, buckets of 64, 4 hashes, masked LM on 15 % of 8,007
pieces, no dropout, AdamW included; there without its chunks of the feed-forward network, which cost
time. Both hash at every length and look one chunk back; kortf as it is made, which looks ahead as
well and at every key of short rows, is a row of its own.

`--memory` measures peak resident memory of three steps instead, a process for each; there
`--depths=6,24` shows how it grows with depth. What the steps add to what lies in memory before the
first, gradients taken off, are the activations; for torch, whose optimizer begins in the first
step, its state is in them.
"""

import contextlib
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from absl import app, flags

from benchmarks.elsewhere import elsewhere, serve
from benchmarks.paired import table, take_turns
from benchmarks.peak_memory import growth, measured

FLAGS = flags.FLAGS
flags.DEFINE_list("lengths", ["512", "4096", "16384"], "Tokens a row.")
flags.DEFINE_list("depths", ["6"], "Numbers of layers; more than one only with --memory.")
flags.DEFINE_integer("rounds", 4, "Counted rounds.")
flags.DEFINE_bool("memory", False, "Measure memory instead of time.")
flags.DEFINE_list("rivals", [], "Those of RIVALS that take part; all if empty.")
flags.DEFINE_string("one", "", "Only do three steps of this one; what --memory runs.")
flags.DEFINE_string("serve", "", "Do a step of this one for each line that comes.")

DIM, HEADS, PIECES, BUCKET, HASHES, RATE = 512, 8, 8007, 64, 4, 0.15
ROWS = {512: 4, 1024: 4}
HASHED = {"full_attention_length": 0, "look_ahead": False}


class Rival(NamedTuple):
    """One side.

    Attributes:
        step: does a training step.
        gradient_bytes: Size of the gradients of all its weights in float32.
    """

    step: Callable[[], None]
    gradient_bytes: int


def make_batch(length: int) -> dict[str, np.ndarray]:
    """Random ids with 15 % of the positions of each row masked."""
    rng = np.random.default_rng(0)
    rows, masked = ROWS.get(length, 1), round(length * RATE)
    ids = rng.integers(5, PIECES, (rows, length))
    positions = np.stack([rng.permutation(length)[:masked] for _ in range(rows)])
    return {"ids": ids, "positions": np.sort(positions, axis=1)}


def in_torch(length: int, depth: int, full: bool) -> Rival:
    """The side of reformer-pytorch."""
    import torch
    from reformer_pytorch import ReformerLM

    torch.manual_seed(0)
    model = ReformerLM(
        num_tokens=PIECES, dim=DIM, depth=depth, heads=HEADS, max_seq_len=length,
        bucket_size=BUCKET, n_hashes=HASHES, causal=False, use_full_attn=full, ff_chunks=1,
    ).train()  # fmt: skip
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    batch = make_batch(length)
    ids, positions = (torch.tensor(batch[name]) for name in ("ids", "positions"))
    targets = ids.gather(1, positions)

    def step():
        optimizer.zero_grad()
        logits = model(ids).gather(1, positions[:, :, None].expand(-1, -1, PIECES))
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward()
        optimizer.step()

    return Rival(step, 4 * sum(weights.numel() for weights in model.parameters()))


def in_kortf(length: int, depth: int, dtype: str, **settings) -> Rival:
    """The side of kortf."""
    import tensorflow as tf

    from kortf import models, objectives
    from kortf.train.loop.step import Trainer
    from kortf.train.optim.optimizers import make_optimizer
    from kortf.train.optim.schedule import make_schedule
    from kortf.train.programs.pretraining import Pretraining

    encoder = models.build(
        "reformer", vocabulary_size=PIECES, num_layers=depth, num_heads=HEADS, hidden_dim=DIM,
        max_length=length, bucket_size=BUCKET, num_hashes=HASHES, dropout=0.0, dtype=dtype,
        **settings,
    )  # fmt: skip
    recipe = [objectives.build("masked_lm")]
    recipe[0].build(encoder, dtype)
    program = Pretraining(encoder, recipe)
    optimizer = make_optimizer("adamw", program.variables())
    trainer = Trainer(program, optimizer, make_schedule(1e-4, 10**6), tf.distribute.get_strategy())
    batch = make_batch(length)
    ids, positions = (batch[name].astype(np.int32) for name in ("ids", "positions"))
    features = {
        "token_ids": ids,
        "segment_ids": np.zeros_like(ids),
        "padding_mask": np.ones_like(ids, dtype=bool),
        "draw_seed": np.zeros((len(ids), 2), np.int32),
        "mask_positions": positions,
        "mask_ids": np.take_along_axis(ids, positions, axis=1),
        "mask_weights": np.ones(positions.shape, np.float32),
        "mask_candidates": np.full(len(ids), length, np.int32),
    }
    batches = iter(tf.data.Dataset.from_tensors(features).repeat())
    count = iter(range(10**6))
    weights = sum(math.prod(variable.shape) for variable in program.variables().values())
    return Rival(lambda: trainer.train(batches, next(count), 1), 4 * weights)


RIVALS: dict[str, Callable[[int, int], Rival]] = {
    "kortf bfloat16": lambda n, depth: in_kortf(n, depth, "mixed_bfloat16", **HASHED),
    "kortf float32": lambda n, depth: in_kortf(n, depth, "float32", **HASHED),
    "kortf as made bfloat16": lambda n, depth: in_kortf(n, depth, "mixed_bfloat16"),
    "kortf full attention bfloat16": lambda n, depth: in_kortf(
        n, depth, "mixed_bfloat16", full_attention_length=n
    ),
    "reformer-pytorch float32": lambda n, depth: in_torch(n, depth, full=False),
    "reformer-pytorch full attention float32": lambda n, depth: in_torch(n, depth, full=True),
}


def taking_part(length: int) -> list[str]:
    """Names of the rivals; none looks at every key of rows for which memory would not do."""
    names = FLAGS.rivals or RIVALS
    return [name for name in names if "full" not in name or length <= 4096]


def compare_speed(length: int, depth: int) -> None:
    """Prints tokens a second."""
    names = taking_part(length)
    with contextlib.ExitStack() as processes:
        rivals = {
            name: processes.enter_context(elsewhere(_command("serve", name, length, depth)))
            for name in names
        }
        times = take_turns(rivals, FLAGS.rounds)
    tokens = length * ROWS.get(length, 1)
    print(f"\n{tokens // length} x {length} tokens, {depth} layers\n")
    print(table(times, next(iter(rivals)), tokens, "tokens/s"), flush=True)


def compare_memory(length: int) -> None:
    """Prints peak resident memory."""
    print(f"\nmemory, rows of {length}\n")
    print("| | layers | peak, GB | activations, GB |\n|---|---|---|---|")
    for name in taking_part(length):
        for depth in FLAGS.depths:
            before, grown = growth(_command("one", name, length, depth))
            sizes = f"{(before + grown) / 1e9:.2f} | {grown / 1e9:.2f}"
            print(f"| {name} | {depth} | {sizes} |", flush=True)


def _command(flag: str, name: str, length: int, depth: int | str) -> list[str]:
    sizes = [f"--lengths={length}", f"--depths={depth}"]
    return ["-m", "benchmarks.reformer", f"--{flag}={name}", *sizes]


def main(argv) -> None:
    del argv
    lengths, depths = map(int, FLAGS.lengths), list(map(int, FLAGS.depths))
    if FLAGS.one or FLAGS.serve:
        rival = RIVALS[FLAGS.one or FLAGS.serve](next(lengths), depths[0])
        if FLAGS.serve:
            return serve(rival.step)
        with measured(apart=rival.gradient_bytes):
            for _ in range(3):
                rival.step()
        return
    for length in lengths:
        if FLAGS.memory:
            compare_memory(length)
        else:
            compare_speed(length, depths[0])


if __name__ == "__main__":
    app.run(main)
