"""Time and size of a checkpoint of BERT base (110M weights and both of AdamW's moments).

    python -m benchmarks.checkpoint [--rounds=5] [--minutes=5]

Written and read by kortf and by `tf.train.Checkpoint`, in turns; kortf checks each tensor when it
reads, and waits until the disk has what it wrote. The share is of training that writes one every
`--minutes`. Memory is what the peak of a fresh process grows by while it writes and reads, as a
multiple of the file.
"""

import argparse
import functools
import glob
import os
import statistics
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks import paired
from benchmarks.peak_memory import growth


class Kortf:
    """Checkpoints as a training of kortf writes them."""

    def __init__(self, directory: str):
        import tensorflow as tf

        from kortf import models, objectives
        from kortf.train.assembly import make_checkpoints
        from kortf.train.loop.step import Trainer
        from kortf.train.optim.optimizers import make_optimizer
        from kortf.train.optim.schedule import make_schedule
        from kortf.train.programs.pretraining import Pretraining

        encoder = models.build("bert", vocabulary_size=32_000)
        recipe = [objectives.build("masked_lm")]
        recipe[0].build(encoder, "float32")
        program = Pretraining(encoder, recipe)
        optimizer = make_optimizer("adamw", program.variables())
        schedule = make_schedule(1e-4, 10**6)
        trainer = Trainer(program, optimizer, schedule, tf.distribute.get_strategy())
        self.checkpoints = make_checkpoints(directory, trainer, keep=1)
        self.step = 0

    def write(self) -> None:
        """Writes a checkpoint; the one before it goes."""
        from kortf.train.loop.checkpoint import RunState

        self.step += 1
        self.checkpoints.save(RunState(step=self.step))

    def read(self) -> None:
        """Restores the newest."""
        self.checkpoints.restore_latest()


class TensorFlow(Kortf):
    """The same variables by `tf.train.CheckpointManager`."""

    def __init__(self, directory: str):
        import tensorflow as tf

        super().__init__(directory)
        checkpoint = tf.train.Checkpoint(variables=list(self.checkpoints.variables.values()))
        self.manager = tf.train.CheckpointManager(checkpoint, directory, max_to_keep=1)

    def write(self) -> None:
        self.manager.save()

    def read(self) -> None:
        self.manager.restore_or_initialize()


SIDES = {"kortf": Kortf, "tf.train.Checkpoint": TensorFlow}
MEMORY = """
import sys
from benchmarks.checkpoint import SIDES
from benchmarks.peak_memory import measured
side = SIDES[sys.argv[1]](sys.argv[2])
with measured():
    side.write()
    side.read()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        where = {name: os.path.join(root, name) for name in SIDES}
        sides = {name: side(where[name]) for name, side in SIDES.items()}
        for what in ("write", "read"):
            rivals = {name: functools.partial(getattr(side, what)) for name, side in sides.items()}
            times = paired.take_turns(rivals, arguments.rounds)
            print(f"\n{what}\n\n" + paired.table(times, "kortf"), flush=True)
            if what == "write":
                share = statistics.median(times["kortf"]) / (60 * arguments.minutes)
                print(f"\none every {arguments.minutes:g} minutes: {share:.2%} of the time")
        written = glob.glob(os.path.join(where["kortf"], "checkpoints", "*.safetensors"))
        size = sum(map(os.path.getsize, written))
        print(f"\n| | memory / the file's {size / 1e6:,.0f} MB |\n|---|---|")
        for name in SIDES:
            grown = growth(["-c", MEMORY, name, where[name]]).grown
            print(f"| {name} | {grown / size:.2f} |", flush=True)


if __name__ == "__main__":
    main()
