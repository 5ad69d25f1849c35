"""ModernBERT's training step against transformers, in turns, a process for each.

    python -m benchmarks.modernbert [--lengths=1024,4096] [--rounds=4] [--rivals=kortf,compiled]
        [--memory | --varied]

Both sides: 6 x 384, 6 heads, 32,000 pieces, masked LM on 30 % of the tokens, no dropout, AdamW,
clipping, one row. transformers attends by sdpa, and does not unpad on a CPU: its unpadding needs
flash-attn. It runs as `shipped` (which scores every position) and with the head on the masked
positions alone: `gathered`, and `compiled` by torch.compile. A rival that takes more than `--limit`
seconds for a turn, set-up included, is ended and reported as such.

`--memory` measures peak resident memory of three steps instead, a process for each.
`--varied` packs documents of varied lengths into the row (log-normal, as Wikipedia's) and counts
tokens that are not padding; a full row is the other rival.
"""

import functools
import subprocess
from collections.abc import Callable

import numpy as np
from absl import app, flags

from benchmarks.paired import lazy, ratio, table, take_turns
from benchmarks.peak_memory import growth, measured

FLAGS = flags.FLAGS
flags.DEFINE_list("lengths", ["1024", "4096"], "Tokens a row.")
flags.DEFINE_integer("rounds", 4, "Counted rounds.")
flags.DEFINE_integer("layers", 6, "Layers.")
flags.DEFINE_integer("dim", 384, "Size of the vectors; a head has 64 numbers.")
flags.DEFINE_integer("vocabulary", 32_000, "Pieces.")
flags.DEFINE_bool("bfloat16", False, "Mixed precision on both sides; float32 otherwise.")
flags.DEFINE_bool("memory", False, "Measure memory instead of time.")
flags.DEFINE_bool("varied", False, "Compare packed documents of varied lengths with a full row.")
flags.DEFINE_float("limit", 300.0, "Longest turn of a rival in seconds, set-up included.")
flags.DEFINE_string("one", "", "Only do three steps of this one; what --memory runs.")

RATE = 0.3
Step = Callable[[], None]


def make_batch(length: int, varied: bool = False) -> dict[str, np.ndarray]:
    """Return a row of random ids, its packed documents, and 30 % of masked positions."""
    rng = np.random.default_rng(0)
    ids = rng.integers(5, FLAGS.vocabulary, (1, length))
    packs, end = np.ones((1, length), np.int64), length
    if varied:
        packs, end = np.zeros((1, length), np.int64), 0
        sizes = np.clip(rng.lognormal(5.5, 1.0, length), 16, length).astype(int)
        for number, size in enumerate(sizes, 1):
            if end + size > length:  # the packer fills the gap with a shorter document
                size = next((s for s in sizes[number:] if end + s <= length), 0)
            if not size:
                break
            packs[0, end : end + size] = number
            end += size
    masked = round(length * RATE)
    positions = np.sort(rng.permutation(end)[: min(masked, end)])[None]
    return {"ids": ids * (packs > 0), "packs": packs, "positions": positions}


def in_torch(length: int, gathered: bool, compiled: bool = False) -> Step:
    """Return a function that does one training step of transformers."""
    import torch
    from transformers import ModernBertConfig, ModernBertForMaskedLM

    torch.manual_seed(0)
    config = ModernBertConfig(
        vocab_size=FLAGS.vocabulary, hidden_size=FLAGS.dim, num_hidden_layers=FLAGS.layers,
        num_attention_heads=FLAGS.dim // 64, intermediate_size=FLAGS.dim * 3 // 2,
        max_position_embeddings=length, attn_implementation="sdpa", pad_token_id=0,
        bos_token_id=2, eos_token_id=3, cls_token_id=2, sep_token_id=3,
    )  # fmt: skip
    model = ModernBertForMaskedLM(config).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    batch = make_batch(length)
    ids, positions = torch.tensor(batch["ids"]), torch.tensor(batch["positions"])
    targets = ids.gather(1, positions)
    labels = torch.full_like(ids, -100).scatter(1, positions, targets)
    mask = torch.ones_like(ids)

    def loss():
        if not gathered:
            return model(ids, attention_mask=mask, labels=labels).loss
        hidden = model.model(ids, attention_mask=mask)[0]
        hidden = hidden.gather(1, positions[:, :, None].expand(-1, -1, FLAGS.dim))
        logits = model.decoder(model.head(hidden)).float()
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())

    value = torch.compile(loss) if compiled else loss

    def step():
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=FLAGS.bfloat16):
            found = value()
        found.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def in_kortf(length: int, varied: bool = False, **settings) -> Step:
    """Return a function that does one training step of kortf."""
    import tensorflow as tf

    from kortf import models, objectives
    from kortf.train.loop.health.memory import keep_freed_memory
    from kortf.train.loop.step import Trainer
    from kortf.train.optim.optimizers import make_optimizer
    from kortf.train.optim.schedule import make_schedule
    from kortf.train.programs.pretraining import Pretraining

    keep_freed_memory()  # as `kortf pretrain` does
    dtype = "mixed_bfloat16" if FLAGS.bfloat16 else "float32"
    encoder = models.build(
        "modernbert", vocabulary_size=FLAGS.vocabulary, num_layers=FLAGS.layers,
        num_heads=FLAGS.dim // 64, hidden_dim=FLAGS.dim, intermediate_dim=FLAGS.dim * 3 // 2,
        max_length=length, dtype=dtype, **settings,
    )  # fmt: skip
    recipe = [objectives.build("masked_lm")]
    recipe[0].build(encoder, dtype)
    program = Pretraining(encoder, recipe)
    optimizer = make_optimizer("adamw", program.variables())
    trainer = Trainer(program, optimizer, make_schedule(1e-4, 10**6), tf.distribute.get_strategy())
    batch = {name: value.astype(np.int32) for name, value in make_batch(length, varied).items()}
    ids, positions = batch["ids"], batch["positions"]
    features = {
        "token_ids": ids,
        "segment_ids": np.zeros_like(ids),
        "padding_mask": batch["packs"] > 0,
        "pack_ids": batch["packs"],
        "mask_positions": positions,
        "mask_ids": np.take_along_axis(ids, positions, axis=1),
        "mask_weights": np.ones(positions.shape, np.float32),
        "mask_candidates": np.full(1, length, np.int32),
    }
    batches = iter(tf.data.Dataset.from_tensors(features).repeat())
    count = iter(range(10**6))
    return lambda: trainer.train(batches, next(count), 1)


RIVALS: dict[str, Callable[[int], Step]] = {
    "kortf": in_kortf,
    "shipped": lambda length: in_torch(length, gathered=False),
    "gathered": lambda length: in_torch(length, gathered=True),
    "compiled": lambda length: in_torch(length, gathered=True, compiled=True),
}
flags.DEFINE_list("rivals", list(RIVALS), "Those that take part.")


def measure_memory(names: list[str], length: int) -> None:
    """Print the peak resident memory of three steps of each rival."""
    sizes = [f"--{key}={getattr(FLAGS, key)}" for key in ("layers", "dim", "bfloat16")]
    for name in names:
        command = ["-m", "benchmarks.modernbert", f"--one={name}", *sizes, f"--lengths={length}"]
        try:
            found = growth(command, FLAGS.limit)
        except subprocess.TimeoutExpired:
            print(f"{name}: ended, over {FLAGS.limit:g} s", flush=True)
            continue
        peak = (found.before + found.grown) / 1e6
        print(f"{name}: {peak:,.0f} MB, {found.grown / 1e6:,.0f} MB of them the steps", flush=True)


def compare_varied(length: int) -> None:
    """Print the steps of a full row and of a row of packed documents, and their real tokens/s."""
    real = {
        "full row": length,
        "varied documents": int((make_batch(length, varied=True)["packs"] > 0).sum()),
    }
    rivals = {
        "full row": lazy(lambda: in_kortf(length)),
        "varied documents": lazy(lambda: in_kortf(length, varied=True)),
    }
    times = take_turns(rivals, FLAGS.rounds, warmup=2, limit=FLAGS.limit)
    print(table(times, "varied documents"))
    share = real["varied documents"] / length * ratio(times, "varied documents", "full row")
    print(f"\n{real['varied documents']} of {length} positions of the varied row are tokens;")
    print(f"real tokens/s are {share:.3f} of those of the full row", flush=True)


def main(argv) -> None:
    del argv
    lengths = [int(length) for length in FLAGS.lengths]
    if FLAGS.one:
        step = RIVALS[FLAGS.one](lengths[0])
        with measured():
            for _ in range(3):
                step()
        return
    if unknown := set(FLAGS.rivals) - set(RIVALS):
        raise app.UsageError(f"--rivals: no {', '.join(sorted(unknown))} among {', '.join(RIVALS)}")
    shape = f"{FLAGS.layers} x {FLAGS.dim}, {'bfloat16' if FLAGS.bfloat16 else 'float32'}"
    for length in lengths:
        print(f"\n{shape}, 1 x {length} tokens\n", flush=True)
        if FLAGS.memory:
            measure_memory(FLAGS.rivals, length)
        elif FLAGS.varied:
            compare_varied(length)
        else:
            rivals = {n: lazy(functools.partial(RIVALS[n], length)) for n in FLAGS.rivals}
            times = take_turns(rivals, FLAGS.rounds, warmup=2, limit=FLAGS.limit)
            print(table(times, FLAGS.rivals[0], unit=length, label="tokens/s"), flush=True)


if __name__ == "__main__":
    app.run(main)
