"""Run benchmarks, each in a process of its own: `python -m benchmarks NAME … | all`."""

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
    "dask_cluster",  # needs the environment of make test-beam
    "elsewhere",
    "equal_compute_config",
    "first_prediction",
    "gpu_programs",
    "gpu_run",
    "hlo_run",
    "hlo_step",
    "nsmc_stars",
    "random_batch",
    "sentence_pairs",
    "serving_rivals",
    "torch_encoders",
)  # what benchmarks and docs/log.md are made of


def names() -> list[str]:
    """Return the names of all benchmarks."""
    found = [module.name for module in pkgutil.iter_modules([str(HERE)])]
    return sorted(name for name in found if name not in PARTS)


def main(wanted: list[str]) -> int:
    """Run the benchmarks of these names, or `all`; list them where no name is given.

    Returns:
        Exit status: 0, 1 if a benchmark failed, 2 for an unknown name.
    """
    if not wanted:
        print("\n".join(["python -m benchmarks NAME …, or all:", *names()]))
        return 0
    if wanted == ["all"]:
        wanted = names()
    unknown = set(wanted) - set(names())
    if unknown:
        print(f"no benchmark {', '.join(sorted(unknown))}; choose from {', '.join(names())}")
        return 2
    failed = False
    for name in wanted:
        print(f"# {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=HERE.parent)
        failed = failed or done.returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
