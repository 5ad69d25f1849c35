"""Measure signing for near duplicates: rensa as kortf uses it, and datasketch.

    python -m benchmarks.near_duplicates --input=wiki.txt [--rounds=3]

Each library runs in a process of its own, in turns. MB of text for each second of processor time:
5-character shingles, 128 permutations. Shingles are hashed by NumPy for both.
"""

import argparse
import subprocess
import sys
import time

SHINGLE, PERMUTATIONS = 5, 128


def documents(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return [text for text in file.read().split("\n\n") if len(text) >= 100]


def rensa(texts: list[str]) -> None:
    from kortf.clean.near_duplicates.signature import Signer
    from kortf.clean.settings import from_config

    near = {"threshold": 0.8, "shingle": SHINGLE, "permutations": PERMUTATIONS}
    signer = Signer(from_config({"near": near}).values)
    for start in range(0, len(texts), 100):
        signer.sign(texts[start : start + 100])


def datasketch(texts: list[str]) -> None:
    import numpy as np
    from datasketch import MinHash

    from kortf.clean.near_duplicates.signature import shingles

    empty = MinHash(PERMUTATIONS, seed=1, hashfunc=int, scheme="affine32")
    for text in texts:
        found = np.unique(shingles(text, "char", SHINGLE) >> np.uint64(32))
        minima = empty.copy()
        minima.update_batch(found.tolist())


RIVALS = {"rensa": rensa, "datasketch": datasketch}


def measure(name: str, path: str) -> float:
    """Return MB for each second of processor time."""
    texts = documents(path)
    RIVALS[name](texts[:10])  # imports
    begin = time.process_time()
    RIVALS[name](texts)
    size = sum(len(text.encode()) for text in texts)
    return size / 1e6 / (time.process_time() - begin)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--input", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=RIVALS)
    options = parser.parse_args()
    if options.only:
        print(measure(options.only, options.input))
        return
    found: dict[str, list[float]] = {name: [] for name in RIVALS}
    for _ in range(options.rounds):
        for name in RIVALS:
            argv = [sys.executable, "-m", "benchmarks.near_duplicates", f"--only={name}"]
            done = subprocess.run(
                [*argv, f"--input={options.input}"], capture_output=True, text=True, check=True
            )
            found[name].append(float(done.stdout))
    for name, rates in found.items():
        print(f"{name:<12} {', '.join(f'{rate:.1f}' for rate in sorted(rates))} MB/s a core")


if __name__ == "__main__":
    main()
