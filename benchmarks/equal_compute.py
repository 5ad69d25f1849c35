"""Which objective is worth its time? All of them get the same compute, then a fine-tuning each.

    python -m benchmarks.equal_compute --text='data/nsmc/reviews.txt,data/kowiki/kowiki_04.txt' \\
        --vocab=runs/vocab --data=data/nsmc --workdir=runs/equal --minutes=15

First the steps of all recipes are timed, in turns in one process; the number of steps that each
gets is what it would do in so many minutes. Each then pretrains for that many steps and is
fine-tuned for one epoch. A call that was stopped goes on where it was. Writes `table.md`,
`loss.svg` and `accuracy.svg`.
"""

import json
import os
import statistics
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from absl import app, flags

from benchmarks.equal_compute_config import RECIPES, get_config
from benchmarks.paired import take_turns

FLAGS = flags.FLAGS
flags.DEFINE_string("text", None, "Text to pretrain on, as kortf records takes it.", required=True)
flags.DEFINE_string("vocab", None, "Vocabulary directory.", required=True)
flags.DEFINE_string("data", None, "Directory of NSMC.", required=True)
flags.DEFINE_string("workdir", None, "Takes everything that is made.", required=True)
flags.DEFINE_list("recipes", list(RECIPES), "Which of the recipes, in this order.")
flags.DEFINE_float("minutes", 15.0, "Pretraining of each, on this machine when it is quiet.")
flags.DEFINE_string("size", "mini", "Of the encoder.")
flags.DEFINE_integer("rounds", 8, "Of timing.")
flags.DEFINE_integer("seed", 0, "Of pretraining and fine-tuning.")

# What is plotted for each recipe.
ACCURACY = {"rtd": "rtd_auc", "causal_lm": "causal_lm_accuracy"}
CONFIG = os.path.join(os.path.dirname(__file__), "equal_compute_config.py")
FINETUNE = os.path.join(os.path.dirname(__file__), "..", "configs", "finetune", "nsmc.py")


def path(*parts: str) -> str:
    return os.path.join(FLAGS.workdir, *parts)


def kortf(verb: str, **arguments) -> None:
    """Runs a command of kortf and stops when it fails."""
    argv = [f"--{name}={value}" for name, value in arguments.items()]
    subprocess.run([sys.executable, "-m", "kortf", verb, *argv], check=True)


def make_records() -> None:
    """Records of the same text for each pairing; what is there already is kept."""
    for pairing in sorted({RECIPES[recipe][2] for recipe in FLAGS.recipes}):
        kortf(
            "records", input=FLAGS.text, vocab=FLAGS.vocab, output=path(f"records-{pairing}"),
            seq_length=128, pairing=pairing, workers=2,
        )  # fmt: skip


def make_step(recipe: str):
    """A function that does one training step of a recipe, on its own records."""
    from kortf.train.assembly import make_trainer
    from kortf.train.inputs.pretraining_inputs import Sources, open_inputs
    from kortf.train.loop.devices.strategy import make_strategy
    from kortf.train.optim.schedule import make_schedule
    from kortf.train.pretrain import make_program

    config = get_config(f"{recipe},{FLAGS.size}")
    inputs = open_inputs(config, Sources(path(f"records-{RECIPES[recipe][2]}"), FLAGS.vocab))
    one = make_strategy("one")
    program = make_program(config, inputs, one)
    trainer = make_trainer(config, program, one, lambda rate: make_schedule(rate, 10**6))
    batches = iter(one.experimental_distribute_dataset(inputs.batches(config, program.corrupt, 0)))
    count = iter(range(10**6))
    return lambda: trainer.train(batches, next(count), 1)


def plan_steps() -> dict[str, int]:
    """Steps of each recipe; measured once, then kept in `steps.json`."""
    if not os.path.exists(path("steps.json")):
        times = take_turns({r: make_step(r) for r in FLAGS.recipes}, FLAGS.rounds, warmup=2)
        seconds = {recipe: statistics.median(values) for recipe, values in times.items()}
        steps = {recipe: round(60 * FLAGS.minutes / s) for recipe, s in seconds.items()}
        with open(path("steps.json"), "w") as file:
            json.dump({"seconds": seconds, "steps": steps}, file, indent=2)
    with open(path("steps.json")) as file:
        return json.load(file)["steps"]


def train(recipe: str, steps: int) -> None:
    """Pretrains and fine-tunes one recipe."""
    if not _done(recipe, steps):
        kortf(
            "pretrain", config=f"{CONFIG}:{recipe},{FLAGS.size}", vocab=FLAGS.vocab,
            records=path(f"records-{RECIPES[recipe][2]}"), workdir=path(recipe),
            **{"config.steps": steps, "config.seed": FLAGS.seed},
        )  # fmt: skip
    if not os.path.exists(path(f"{recipe}-nsmc", "eval.json")):
        kortf(
            "finetune", config=f"{FINETUNE}:small", data=FLAGS.data,
            init_from=path(recipe, "model"), workdir=path(f"{recipe}-nsmc"),
            **{"config.epochs": 1, "config.seed": FLAGS.seed, "config.optimizer.name": "adamw"},
        )  # fmt: skip


def _done(recipe: str, steps: int) -> bool:
    """Whether it was pretrained to the end; a run that was stopped leaves a model as well."""
    if not os.path.exists(path(recipe, "model", "config.json")):
        return False
    return curve(recipe)[-1]["step"] == steps


def curve(recipe: str) -> list[dict]:
    """The lines of `metrics.jsonl` with the millions of tokens read so far, padding left out."""
    with open(path(recipe, "metrics.jsonl")) as file:
        lines = [line for line in map(json.loads, file) if "loss" in line]
    places = get_config(f"{recipe},{FLAGS.size}").batch_size * 128 / 1e6
    step, tokens = 0, 0.0
    for line in lines:
        tokens += (line["step"] - step) * places * (1 - line["padding"])
        step, line["tokens"] = line["step"], tokens
    return lines


def report(steps: dict[str, int]) -> None:
    """Writes `table.md` and the plots."""
    with open(path("steps.json")) as file:
        seconds = json.load(file)["seconds"]
    rows = ["| recipe | step / MLM | steps | tokens | loss | own accuracy | NSMC dev | NSMC test |"]
    rows.append("|---|---|---|---|---|---|---|---|")
    for recipe in FLAGS.recipes:
        last = curve(recipe)[-1]
        with open(path(f"{recipe}-nsmc", "eval.json")) as file:
            result = json.load(file)
        name = ACCURACY.get(recipe, "masked_accuracy")
        scores = f"{result['dev']['accuracy']:.4f} | {result['scores']['accuracy']:.4f}"
        rows.append(
            f"| {recipe} | {seconds[recipe] / seconds[FLAGS.recipes[0]]:.2f} | {steps[recipe]:,} "
            f"| {last['tokens']:.1f}M | {last['loss']:.3f} | {name} {last[name]:.3f} | {scores} |"
        )
    with open(path("table.md"), "w") as file:
        file.write("\n".join(rows) + "\n")
    print("\n".join(rows))
    plot()


def plot() -> None:
    """`loss.svg` and `accuracy.svg`: over tokens, a line a recipe."""
    from kortf.report.charts.chart import Line, line_chart

    loss, accuracy = [], []
    for colour, recipe in enumerate(FLAGS.recipes):
        lines, name = curve(recipe), ACCURACY.get(recipe, "masked_accuracy")
        first = lines[0]["loss"]
        drop = [(line["tokens"], line["loss"] / first) for line in lines]
        own = [(line["tokens"], line[name]) for line in lines]
        loss.append(Line(recipe, drop, colour=colour))
        accuracy.append(Line(f"{recipe}: {name}", own, colour=colour))
    for file, title, lines in (
        ("loss", "loss / loss at the start", loss),
        ("accuracy", "own accuracy", accuracy),
    ):
        with open(path(f"{file}.svg"), "w", encoding="utf-8") as out:
            out.write(line_chart(title, "million tokens", lines))


def main(argv) -> None:
    del argv
    os.makedirs(FLAGS.workdir, exist_ok=True)
    make_records()
    steps = plan_steps()
    for recipe in FLAGS.recipes:
        train(recipe, steps[recipe])
    report(steps)


if __name__ == "__main__":
    app.run(main)
