"""The training step of masked LM against transformers + torch, in turns, a process for each.

    python -m benchmarks.train_step [--sizes=small,base] [--rounds=8] [--rivals=kortf,compiled]

Both sides: bfloat16 (autocast there, mixed_bfloat16 here), AdamW, clipping, dropout 0.1, the same
shapes. Torch runs three times: with the head on the masked positions only (`gathered`), the same
under torch.compile (`compiled`), and as transformers ships it, with the head on all (`shipped`). A
rival that takes more than `--limit` seconds for a turn, set-up included, is ended.
"""

import functools
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import torch
from absl import app, flags
from transformers import BertConfig, BertForMaskedLM

from benchmarks.paired import lazy, table, take_turns

FLAGS = flags.FLAGS
flags.DEFINE_list(
    "sizes", ["small", "base"], "Of small (6 x 256, 32 rows) and base (12 x 768, 8 rows)."
)
flags.DEFINE_integer("rounds", 8, "Counted rounds.")
flags.DEFINE_integer("length", 128, "Tokens a row.")
flags.DEFINE_integer("vocabulary", 32_000, "Pieces.")
flags.DEFINE_bool("bfloat16", True, "Mixed precision on both sides; float32 otherwise.")
flags.DEFINE_float("limit", 300.0, "Longest turn of a rival in seconds, set-up included.")

#        layers, heads, dim, rows
SIZES = {"small": (6, 4, 256, 32), "base": (12, 12, 768, 8)}


def make_batch(rows: int) -> dict[str, np.ndarray]:
    """Return random ids with 15 % of the positions of each row masked."""
    rng = np.random.default_rng(0)
    masked = -(-FLAGS.length * 15 // 100)
    ids = rng.integers(5, FLAGS.vocabulary, (rows, FLAGS.length))
    positions = np.stack([rng.permutation(FLAGS.length)[:masked] for _ in range(rows)])
    return {"ids": ids, "positions": np.sort(positions, axis=1)}


def torch_step(size: str, batch: dict[str, np.ndarray], gathered: bool, compiled: bool = False):
    """Return a function that does one training step in torch."""
    layers, heads, dim, _ = SIZES[size]
    torch.manual_seed(0)
    model = BertForMaskedLM(
        BertConfig(
            vocab_size=FLAGS.vocabulary,
            hidden_size=dim,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            intermediate_size=4 * dim,
            max_position_embeddings=FLAGS.length,
        )
    ).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    ids, positions = torch.tensor(batch["ids"]), torch.tensor(batch["positions"])
    targets = ids.gather(1, positions)
    labels = torch.full_like(ids, -100).scatter(1, positions, targets)
    mask = torch.ones_like(ids)

    def loss():
        if not gathered:
            return model(ids, attention_mask=mask, labels=labels).loss
        hidden = model.bert(ids, attention_mask=mask)[0]
        hidden = hidden.gather(1, positions[:, :, None].expand(-1, -1, dim))
        logits = model.cls(hidden).float()
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())

    forward = torch.compile(loss) if compiled else loss

    def step():
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=FLAGS.bfloat16):
            value = forward()
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def kortf_step(size: str, batch: dict[str, np.ndarray]):
    """Return a function that does one training step in kortf."""
    import tensorflow as tf

    from kortf import models, objectives
    from kortf.train.loop.health.memory import keep_freed_memory
    from kortf.train.loop.step import Trainer
    from kortf.train.optim.optimizers import make_optimizer
    from kortf.train.optim.schedule import make_schedule
    from kortf.train.programs.pretraining import Pretraining

    keep_freed_memory()  # as `kortf pretrain` does
    layers, heads, dim, rows = SIZES[size]
    dtype = "mixed_bfloat16" if FLAGS.bfloat16 else "float32"
    encoder = models.build(
        "bert",
        vocabulary_size=FLAGS.vocabulary,
        num_layers=layers,
        num_heads=heads,
        hidden_dim=dim,
        max_length=FLAGS.length,
        dtype=dtype,
    )
    recipe = [objectives.build("masked_lm")]
    recipe[0].build(encoder, dtype)
    program = Pretraining(encoder, recipe)
    optimizer = make_optimizer("adamw", program.variables())
    trainer = Trainer(program, optimizer, make_schedule(1e-4, 10**6), tf.distribute.get_strategy())
    ids, positions = batch["ids"].astype(np.int32), batch["positions"].astype(np.int32)
    features = {
        "token_ids": ids,
        "segment_ids": np.zeros_like(ids),
        "padding_mask": np.ones_like(ids, dtype=bool),
        "mask_positions": positions,
        "mask_ids": np.take_along_axis(ids, positions, axis=1),
        "mask_weights": np.ones(positions.shape, np.float32),
        "mask_candidates": np.full(rows, FLAGS.length, np.int32),
    }
    batches = iter(tf.data.Dataset.from_tensors(features).repeat())
    count = iter(range(10**6))
    return lambda: trainer.train(batches, next(count), 1)


RIVALS = {
    "kortf": kortf_step,
    "gathered": functools.partial(torch_step, gathered=True),
    "compiled": functools.partial(torch_step, gathered=True, compiled=True),
    "shipped": functools.partial(torch_step, gathered=False),
}
flags.DEFINE_list("rivals", list(RIVALS), "Those that take part.")


def main(argv) -> None:
    del argv
    torch.set_num_threads(os.cpu_count())
    if unknown := set(FLAGS.rivals) - set(RIVALS):
        raise app.UsageError(f"--rivals: no {', '.join(sorted(unknown))} among {', '.join(RIVALS)}")
    for size in FLAGS.sizes:
        layers, _, dim, rows = SIZES[size]
        batch = make_batch(rows)
        rivals = {n: lazy(functools.partial(RIVALS[n], size, batch)) for n in FLAGS.rivals}
        times = take_turns(rivals, FLAGS.rounds, warmup=2, limit=FLAGS.limit)
        precision = "bfloat16" if FLAGS.bfloat16 else "float32"
        print(f"\n{size}: {layers} x {dim}, {rows} x {FLAGS.length} tokens, {precision}\n")
        print(table(times, FLAGS.rivals[0]), flush=True)


if __name__ == "__main__":
    app.run(main)
