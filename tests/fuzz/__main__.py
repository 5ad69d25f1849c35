"""`make fuzz`: mutate the input of every reader until the time is over.

python -m tests.fuzz --seconds=600 --target=safetensors --seed=0

Failing inputs are written to build/fuzz/TARGET-SEED; the exit status is 1 if there are any.
"""

import argparse
import pathlib
import sys
import time

from tests.fuzz.run import ROOT, content, fuzz
from tests.fuzz.targets import targets

ROUND = 200


def main() -> int:
    """Run rounds of all targets; return the exit status."""
    parser = argparse.ArgumentParser(description="Mutate the input of every reader.")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--target", choices=sorted(targets()), action="append")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    arguments = parser.parse_args()
    names = arguments.target or sorted(targets())
    end, first, failed, tried = time.monotonic() + arguments.seconds, arguments.seed, 0, 0
    output = ROOT / "build" / "fuzz"
    while time.monotonic() < end:
        for failure in fuzz(names, first, ROUND):
            failed += 1
            output.mkdir(parents=True, exist_ok=True)
            path = pathlib.Path(output, f"{failure.target}-{failure.seed}")
            path.write_bytes(content(failure.target, failure.seed))
            print(f"{path.relative_to(ROOT)}: {failure.problem}", flush=True)
        first += ROUND
        tried += ROUND * len(names)
        print(f"{tried:,} inputs, {failed} failures", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
