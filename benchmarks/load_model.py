"""Loading a published model: BERT base (440 MB) against transformers, in time and memory.

    python -m benchmarks.load_model [--rounds=7]

The directory is written by transformers, with weights at random. Both sides read it from memory
(the page cache), in turns; what importing takes is not counted. transformers maps the file, and so
reads it when the weights are first used: to load and to answer once are timed as well. Memory is
what the peak of a fresh process grows by while it does both, as a multiple of the file.
"""

import argparse
import functools
import os
import tempfile

import numpy as np

from benchmarks import paired
from benchmarks.peak_memory import growth

LENGTH = 16


class Kortf:
    """Loads and answers by kortf."""

    def __init__(self):
        import kortf

        self.load = kortf.from_pretrained
        self.batch = {
            "token_ids": np.ones((1, LENGTH), np.int32),
            "segment_ids": np.zeros((1, LENGTH), np.int32),
            "padding_mask": np.ones((1, LENGTH), np.int32),
        }

    def answer(self, directory: str) -> None:
        """Loads, and encodes a text."""
        self.load(directory)(self.batch)


class Transformers:
    """Loads and answers by transformers."""

    def __init__(self):
        import torch
        import transformers

        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        self.load = transformers.AutoModel.from_pretrained
        self.ids = torch.ones((1, LENGTH), dtype=torch.long)

    def answer(self, directory: str) -> None:
        """Loads, and encodes a text."""
        self.load(directory)(self.ids)


SIDES = {"kortf": Kortf, "transformers": Transformers}
# All that lies in memory when nothing is loaded yet, small models and their code included.
MEMORY = """
import sys
from benchmarks.load_model import SIDES
from benchmarks.peak_memory import measured
side = SIDES[sys.argv[1]]()
side.answer(sys.argv[2])
with measured():
    side.answer(sys.argv[3])
"""


def write(directory: str, **sizes) -> int:
    """Writes a BERT with weights at random; returns the size of its weights in bytes."""
    import transformers

    transformers.BertModel(transformers.BertConfig(**sizes)).save_pretrained(directory)
    return os.path.getsize(os.path.join(directory, "model.safetensors"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds

    sides = {name: side() for name, side in SIDES.items()}
    with tempfile.TemporaryDirectory() as root:
        base, small = os.path.join(root, "base"), os.path.join(root, "small")
        size = write(base)
        write(small, num_hidden_layers=1, hidden_size=12, intermediate_size=12)
        for what in ("load", "answer"):
            rivals = {
                name: functools.partial(getattr(side, what), base) for name, side in sides.items()
            }
            print(f"\n{what}\n\n" + paired.table(paired.take_turns(rivals, rounds), "kortf"))
        print(f"\n| | memory / the file's {size / 1e6:.0f} MB |\n|---|---|")
        for name in SIDES:
            grown = growth(["-c", MEMORY, name, small, base]).grown
            print(f"| {name} | {grown / size:.2f} |", flush=True)


if __name__ == "__main__":
    main()
