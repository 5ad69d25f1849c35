"""The training step as one XLA program (HLO), for an accelerator whose machine has no TensorFlow.

    python -m benchmarks.hlo_step write --config=… --records=DIR --vocab=DIR --output=DIR
    python benchmarks/hlo_run.py DIR --steps=1000           # there: needs only JAX
    python -m benchmarks.hlo_step read --config=… --records=DIR --vocab=DIR --output=DIR

`write` compiles what `kortf pretrain` does in a step (draws masks, forward and backward pass,
clipping, the optimizer's update) with TensorFlow and writes it beside the rows of the records.
`hlo_run.py` shuffles the rows, runs the steps, and leaves the weights; `read` makes the model
directory of them. The program is that of the CPU: the same operations in the same precision.
"""

import json
import os
import re

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow would fold the initial zeros of all gradients into constants: gigabytes at base size.
os.environ.setdefault("TF_XLA_FLAGS", "--tf_xla_disable_constant_folding=true")

import numpy as np
import tensorflow as tf
from absl import app, flags
from ml_collections import config_flags

from kortf.data.pipeline import draw_seeds, parse
from kortf.train.assembly import all_state
from kortf.train.inputs.pretraining_inputs import Inputs, Sources, open_inputs
from kortf.train.loop.step import means
from kortf.train.pretrain import make_program, trainer_of

FLAGS = flags.FLAGS
config_flags.DEFINE_config_file("config", None, "As kortf pretrain takes it.")
flags.DEFINE_string("records", None, "Records directory, made with --pairing=none.")
flags.DEFINE_string("vocab", None, "Vocabulary directory.")
flags.DEFINE_string("eval_records", None, "Held-back records, scored by `read`.")
flags.DEFINE_string("init_from", None, "Model directory whose weights are the start.")
flags.DEFINE_string("output", None, "Directory of the program and its results.")
flags.DEFINE_bool(
    "rows", True, "Whether to write the rows of the records too: once is enough for one vocabulary."
)


def clean(token_ids: tf.Tensor, cls_id: int, pad_id: int) -> dict[str, tf.Tensor]:
    """Clean features of packed rows `[batch, seq]`: each packed example begins with [CLS]."""
    mask = token_ids != pad_id
    packs = tf.cumsum(tf.cast(token_ids == cls_id, tf.int32), axis=1) * tf.cast(mask, tf.int32)
    return {
        "token_ids": token_ids,
        "padding_mask": mask,
        "pack_ids": packs,
        "segment_ids": tf.zeros_like(packs),
    }


def inputs_of(config) -> Inputs:
    """Open what the command line names."""
    return open_inputs(
        config, Sources(FLAGS.records, FLAGS.vocab, FLAGS.eval_records, FLAGS.init_from)
    )


def assemble(config, inputs: Inputs):
    """Make program and trainer as `kortf pretrain` does."""
    devices = tf.distribute.get_strategy()
    program = make_program(config, inputs, devices)
    return program, trainer_of(config, program, devices)


def rows_of(inputs) -> np.ndarray:
    """Token ids of all records, uint16 `[records, seq]`."""
    vocabulary = inputs.vocabulary
    records = tf.data.TFRecordDataset(inputs.info.shard_paths(inputs.sources.records)).batch(4096)
    found = []
    for features in records.map(lambda rows: parse(rows, inputs.info), num_parallel_calls=2):
        again = clean(features["token_ids"], vocabulary.cls_id, vocabulary.pad_id)
        for name, value in again.items():
            np.testing.assert_array_equal(value, features[name], name)
        found.append(features["token_ids"].numpy().astype(np.uint16))
    return np.concatenate(found)


def write(config) -> None:
    """Write the step, and the rows as `rows.npy`."""
    inputs = inputs_of(config)
    write_step(config, inputs, FLAGS.output)
    if FLAGS.rows:
        np.save(os.path.join(FLAGS.output, "rows.npy"), rows_of(inputs))


def write_step(config, inputs: Inputs, output: str, drawn: bool = False) -> None:
    """Write `step.hlo`, `plan.json` and the start.

    Args:
        config: Config of a pretraining.
        inputs: Its inputs; rows have the length that `inputs.info` tells.
        output: Directory.
        drawn: Write only mean and deviation of each variable, from which `hlo_run.py` draws the
            start. Otherwise the start is written as `state/*.npy`.
    """
    program, trainer = assemble(config, inputs)
    schedule = trainer.schedule
    vocabulary, batch = inputs.vocabulary, config.batch_size
    shape = [batch, inputs.info.seq_length]
    metrics: list[str] = []

    def step(token_ids, number, clock, going):
        trainer.schedule = lambda _: schedule(clock)
        features = clean(token_ids, vocabulary.cls_id, vocabulary.pad_id)
        features["draw_seed"] = draw_seeds(config.seed, number, batch)
        totals, going = trainer._run_one(program.corrupt(features), number, going)
        metrics[:] = sorted(totals)
        return [totals[name] for name in metrics], going

    step = tf.function(step, jit_compile=True, autograph=False)
    scalar = tf.TensorSpec([], tf.int32)
    spec = [tf.TensorSpec(shape, tf.int32), scalar, scalar, tf.TensorSpec([2])]
    compiled = step.experimental_get_compiler_ir(*spec)
    text = compiled("hlo")
    header, entry = text.split("\n", 1)[0], text[text.index("\nENTRY") :].split("\n", 2)[1]
    results = re.findall(r"\{(\d+)\}: \((\d+), \{\}", header)

    named = all_state(trainer)
    names = {id(v.handle): name for name, v in named.items()}
    captured = step.get_concrete_function(*spec).captured_inputs
    order = [names[id(handle)] for handle in captured]
    plan = {
        "batch_size": batch,
        "steps": config.steps,
        "warmup_steps": config.schedule.get("warmup_steps", 0),
        "seed": config.seed,
        "parameters": order,
        "results": {order[int(p) - len(spec)]: int(output) for output, p in results},
        "arguments": kinds(entry.split("->")[0]),
        "outputs": kinds(entry.split("->")[1]),
        "metrics": metrics,
    }
    state = os.path.join(output, "state")
    os.makedirs(state, exist_ok=True)
    # Moments begin at 0: no need to carry them.
    values = {name: v.numpy() for name, v in named.items() if np.any(v.numpy())}
    if drawn:
        plan["drawn"] = {n: [float(v.mean()), float(v.std())] for n, v in values.items()}
        values = {}
    for name, value in values.items():
        np.save(os.path.join(state, name.replace("/", ".")) + ".npy", value)
    with open(os.path.join(output, "step.hlo"), "wb") as file:
        file.write(compiled("hlo_serialized"))
    with open(os.path.join(output, "plan.json"), "w") as file:
        json.dump(plan, file, indent=1)


def kinds(text: str) -> list[tuple[str, list[int]]]:
    """Types and sizes of the arguments or results that an HLO signature lists.

    Example:
        >>> kinds("(arg0: s32[4,128], arg1: f32[])")
        [("s32", [4, 128]), ("f32", [])]
    """
    found = re.findall(r"\b(f32|bf16|s32|u32|pred)\[([\d,]*)\]", text)
    return [(kind, [int(n) for n in sizes.split(",") if n]) for kind, sizes in found]


def read(config) -> None:
    """Puts the weights that a run left into a model directory, and scores them."""
    inputs = inputs_of(config)
    program, trainer = assemble(config, inputs)
    for name, variable in program.variables().items():
        file = f"model/{name}.npy".replace("/", ".")
        variable.assign(np.load(os.path.join(FLAGS.output, "weights", file)))
    program.save(os.path.join(FLAGS.output, "model"))
    if FLAGS.eval_records:
        held_back = means(trainer.evaluate(inputs.held_out(config, program.corrupt)))
        print(json.dumps({name: round(value, 4) for name, value in held_back.items()}))


def main(argv: list[str]) -> None:
    """Does what the first argument says."""
    {"write": write, "read": read}[argv[1]](FLAGS.config)


if __name__ == "__main__":
    flags.mark_flags_as_required(["config", "records", "vocab", "output"])
    app.run(main)
