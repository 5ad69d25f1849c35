"""Fine-tune a model on a suite of benchmarks, and write one table beside published scores.

Example:
    kortf benchmark --model=runs/bert/model --suite=kobest --data=data \\
        --workdir=runs/kobest --seeds=1,2,3

Suites: klue, kobest, koelectra, and any benchmarks: `nsmc+korsts`, `kobest+klue_ynat:base`. A
benchmark whose files are missing is skipped and counted. The cheapest one runs first, each in a
process of its own. Run the same command again to continue: finished runs are skipped. Writes
results.md, results.json and index.html. `--config.epochs=1` sets a key of every config that has it.
"""

from absl import flags

from kortf.errors import InputError
from kortf.stage import show_stage

SETTING = "config."
# Command that usually follows, with values of flags.
NEXT = "open {workdir}/index.html"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory to start from", required=True, **of)
    flags.DEFINE_string(
        "suite", None, "klue, kobest, koelectra or benchmarks, joined by +", required=True, **of
    )
    flags.DEFINE_string("data", None, "directory of all data sets", required=True, **of)
    flags.DEFINE_string(
        "workdir", None, "directory for the runs and the table", required=True, **of
    )
    flags.DEFINE_list("seeds", ["1"], "seeds of each benchmark", **of)
    flags.DEFINE_string("size", "small", "size of configs that are named without one", **of)
    flags.DEFINE_string(
        "protocol", "honest", "part that chooses the epoch: honest (dev) or koelectra (test)", **of
    )
    flags.DEFINE_boolean("skip_bad_rows", False, "as in finetune", **of)
    flags.DEFINE_boolean("allow_unknown", False, "as in finetune", **of)
    flags.DEFINE_string("strategy", "auto", "as in finetune", **of)
    flags.DEFINE_boolean("mlflow", False, "report each run to MLflow", **of)
    flags.DEFINE_boolean("dry_run", False, "print the plan, and stop", **of)
    for argument in argv[1:]:
        name = argument.lstrip("-").partition("=")[0]
        if argument.startswith("-") and name.startswith(SETTING) and name not in flag_values:
            flags.DEFINE_string(name, None, "", **of)


def main(flag_values: flags.FlagValues) -> int:
    """Run the suite, and write its results after each run."""
    from kortf.suite.plan import make_plan
    from kortf.suite.results import collect, write_results
    from kortf.suite.runs import Suite, ended_by_signal, launch_process, run_suite

    benchmarks = _benchmarks(flag_values)
    seeds = _seeds(flag_values.seeds)
    show_stage("loading TensorFlow")
    from kortf import tasks

    honest = flag_values.protocol == "honest"
    plan = make_plan(benchmarks, flag_values.data, tasks.build, honest)
    say(f"{len(plan.planned)} of {len(benchmarks)} benchmarks, {len(seeds)} seeds each")
    for name, reason in plan.missing.items():
        say(f"skipped: {name}: {reason}")
    for planned in plan.planned:
        say(f"planned: {planned.name}: {planned.data}, scored on {planned.scored_on}")
    if not plan.planned:
        cure = "kortf download fetches some of them; docs/benchmarks.md names the others"
        raise InputError(f"--data={flag_values.data}", "no benchmark has its files here", cure)
    if flag_values.dry_run:
        return 0
    suite = Suite(
        flag_values.model, flag_values.workdir, seeds, _passed_on(flag_values), flag_values.protocol
    )
    failed: dict[str, int] = {}
    paths: list[str] = []
    for name, status in run_suite(plan, suite, launch_process, say):
        if ended_by_signal(status):
            return status if status > 0 else 128 - status
        if status:
            failed[name] = status
            say(f"failed: {name}: exit status {status}; the reason is above")
        paths = write_results(flag_values.workdir, collect(plan, suite, failed))
    skipped = f", {len(plan.missing)} skipped" if plan.missing else ""
    finished = len(plan.planned) - len(failed)
    say(f"benchmarks: {finished} finished, {len(failed)} failed{skipped}")
    say(f"written: {', '.join(paths)}")
    return max(failed.values(), default=0)


def say(line: str) -> None:
    """Print a line at once: the lines of the runs follow it."""
    print(line, flush=True)


def _benchmarks(flag_values: flags.FlagValues) -> list:
    """Return the benchmarks of the suite with their configs."""
    from kortf.cli.flags.config_files import find_config, packaged
    from kortf.suite.plan import Benchmark
    from kortf.suite.suites import parse_suite

    known = [key.partition("/")[2] for key in packaged() if key.startswith("finetune/")]
    settings = [
        f"--{name}={flag_values[name].value}" for name in flag_values if name.startswith(SETTING)
    ]
    found, taken = [], set()
    for part in parse_suite(flag_values.suite, known):
        name, _, size = part.partition(":")
        file = find_config(f"{name}:{size or flag_values.size}", "finetune")
        own = [setting for setting in settings if _has(file, setting)]
        taken.update(own)
        stem = name.rpartition("/")[2].removesuffix(".py")
        found.append(Benchmark(stem, file, _config(file, own), tuple(own)))
    for setting in settings:
        if setting not in taken:
            _config(found[0].config_file, [setting])  # raises the error of this key
        for benchmark in found:
            if setting not in benchmark.overrides:
                say(f"{benchmark.name} has no {setting.partition('=')[0]}")
    return found


def _config(file: str, overrides: list[str]):
    from kortf.cli.flags.config import check_overrides
    from kortf.train.settings.config import define_config

    values = flags.FlagValues()
    argv = ["kortf benchmark", f"--config={file}", *overrides]
    define_config(values, argv, file)
    check_overrides(values, argv)
    values(argv)
    return values.config


def _has(file: str, setting: str) -> bool:
    from kortf.cli.flags.config import has_key

    return has_key(_config(file, []), setting.removeprefix(f"--{SETTING}").partition("=")[0])


def _seeds(words: list[str]) -> list[int]:
    from kortf.cli.finetune import parse_seed

    seeds = [parse_seed(word) for word in words]
    if not seeds or len(set(seeds)) != len(seeds):
        raise InputError("--seeds", "no seed, or one twice", "write --seeds=1,2,3")
    return seeds


def _passed_on(flag_values: flags.FlagValues) -> list[str]:
    """Return the flags that every run gets."""
    switches = ("skip_bad_rows", "allow_unknown", "mlflow")
    found = [f"--{name}" for name in switches if flag_values[name].value]
    return [*found, f"--strategy={flag_values.strategy}"]
