"""Runs the benchmarks, each in a process of its own: `python -m benchmarks [NAME …]`."""

import pathlib
import pkgutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
PARTS = (
    "__main__",
    "paired",
    "peak_memory",
    "bert_records",
    "cluster",
    "elsewhere",
    "equal_compute_config",
    "first_prediction",
    "hlo_run",
    "hlo_step",
    "nsmc_stars",
    "random_batch",
    "serving_rivals",
)  # what benchmarks and docs/log.md are made of


def names() -> list[str]:
    """Names of all benchmarks."""
    found = [module.name for module in pkgutil.iter_modules([str(HERE)])]
    return sorted(name for name in found if name not in PARTS)


def main(wanted: list[str]) -> int:
    """Runs the wanted ones, or all; the exit status is 1 when one failed."""
    unknown = set(wanted) - set(names())
    if unknown:
        print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names())}")
        return 2
    failed = False
    for name in wanted or names():
        print(f"# {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=HERE.parent)
        failed = failed or done.returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
