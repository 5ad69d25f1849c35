"""Loading a published model: BERT base (440 MB) against transformers, in time and memory.

    python -m benchmarks.load_model [--rounds=7]

The directory is written by transformers, with weights at random. Both sides read it from memory
(the page cache), in turns; what importing takes is not counted. Memory is what the peak of a fresh
process grows by while it loads, as a multiple of the file.
"""

import argparse
import os
import subprocess
import sys
import tempfile

from benchmarks import paired

MEMORY = """
import resource, sys
{imports}
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
{before}
began = peak()
model = {load}
print(peak() - began)
"""
SIDES = {
    "kortf": {
        "imports": "import kortf, tensorflow as tf",
        "before": "tf.zeros([8]) + 1",
        "load": "kortf.from_pretrained(sys.argv[1])",
    },
    "transformers": {
        "imports": "import torch, transformers",
        "before": "transformers.BertModel",
        "load": "transformers.AutoModel.from_pretrained(sys.argv[1])",
    },
}


def grown(side: str, directory: str) -> int:
    """Bytes that the peak of a fresh process grows by while it loads."""
    command = [sys.executable, "-c", MEMORY.format(**SIDES[side]), directory]
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds

    import transformers

    import kortf

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as directory:
        transformers.BertModel(transformers.BertConfig()).save_pretrained(directory)
        size = os.path.getsize(os.path.join(directory, "model.safetensors"))
        rivals = {
            "kortf": lambda: kortf.from_pretrained(directory),
            "transformers": lambda: transformers.AutoModel.from_pretrained(directory),
        }
        print(paired.table(paired.take_turns(rivals, rounds), "kortf"))
        print(f"\n| | memory / the file's {size / 1e6:.0f} MB |\n|---|---|")
        for side in SIDES:
            print(f"| {side} | {grown(side, directory) / size:.2f} |")


if __name__ == "__main__":
    main()
