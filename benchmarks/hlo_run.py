"""Runs the steps that `benchmarks.hlo_step` wrote; needs NumPy and JAX, nothing of kortf.

    python benchmarks/hlo_run.py DIR --steps=1000
    python benchmarks/hlo_run.py DIR --seconds=300 --init=OTHER/weights

Leaves `weights/` and `metrics.jsonl` in DIR or `--output`. The rows are shuffled anew in each pass.
The config's schedule is stretched over the steps: those given, or as many as the seconds allow by
the speed of the first ones.
"""

import argparse
import json
import os
import re
import time

import jax
import jax.numpy as jnp
import numpy as np
from jax._src.interpreters import mlir
from jax.extend import core
from jaxlib import _jax
from jaxlib.mlir import ir
from jaxlib.mlir.dialects import func

KINDS = {
    "f32": np.float32,
    "bf16": jnp.bfloat16,
    "s32": np.int32,
    "u32": np.uint32,
    "pred": np.bool_,
}


# What the conversion leaves in another dialect, or says of sizes that are static anyway.
REWRITES = (
    (r"module @\S+ attributes \{.*\} \{\n", "module @step {\n"),
    (r" \{mhlo\.frontend_attributes = \{[^}]*\}\}", ""),
    (r"mhlo\.copy (%\S+) : (\S+)", r"stablehlo.reshape \1 : (\2) -> \2"),
    (r"mhlo\.erf (%\S+) : (\S+)", r"chlo.erf \1 : \2 -> \2"),
    (
        r"stablehlo\.set_dimension_size (%\S+), %\S+, dim = \d+ : \((tensor<\S+>), .*\) -> \2",
        r"stablehlo.reshape \1 : (\2) -> \2",
    ),
)


def load_step(program: bytes, outputs: list):
    """The program as a JAX function of flat arguments."""
    with mlir.make_ir_context():
        module = ir.Module.parse(_jax.mlir.hlo_to_stablehlo(program))
        text = module.operation.get_asm()
    for pattern, new in REWRITES:
        text = re.sub(pattern, new, text)
    left = re.search(r"mhlo\.\w+.*|set_dimension_size.*", text)
    if left:
        raise SystemExit(f"not StableHLO: {left[0][:200]}")
    step = core.Primitive("step")
    step.multiple_results = True
    step.def_abstract_eval(lambda *_: [jax.core.ShapedArray(o.shape, o.dtype) for o in outputs])

    def lower(context, *values):
        whole, own = context.module_context, ir.Module.parse(text)
        kinds = next(f.type.results for f in own.body.operations if f.name.value == "main")
        name = mlir.merge_mlir_modules(whole.module, "step", own, dst_symtab=whole.symbol_table)
        return func.CallOp(kinds, ir.FlatSymbolRefAttr.get(name), values).results

    mlir.register_lowering(step, lower)
    return step.bind


def read_values(directory: str) -> dict[str, np.ndarray]:
    """The arrays of a directory by variable: `model.encoder.bias.npy` is `model/encoder/bias`."""
    return {
        name[:-4].replace(".", "/"): np.load(os.path.join(directory, name))
        for name in os.listdir(directory)
        if name.endswith(".npy")
    }


def write_values(directory: str, values: dict[str, np.ndarray]) -> None:
    """Writes them as `read_values` reads them."""
    os.makedirs(directory, exist_ok=True)
    for name, value in values.items():
        np.save(os.path.join(directory, name.replace("/", ".") + ".npy"), np.asarray(value))


class Step:
    """A step that `benchmarks.hlo_step` wrote, as a JAX function.

    Args:
        directory: Its directory.

    Attributes:
        plan: Contents of `plan.json`.
        shapes: Shape and dtype of each variable.
    """

    def __init__(self, directory: str):
        self.directory = directory
        with open(os.path.join(directory, "plan.json")) as file:
            self.plan = json.load(file)
        with open(os.path.join(directory, "step.hlo"), "rb") as file:
            program = file.read()
        arguments, outputs = (
            [jax.ShapeDtypeStruct(sizes, KINDS[kind]) for kind, sizes in self.plan[side]]
            for side in ("arguments", "outputs")
        )
        self._run = load_step(program, outputs)
        self.shapes = dict(zip(self.plan["parameters"], arguments[4:], strict=True))

    def start(self, init: str | None = None) -> dict[str, jax.Array]:
        """Return the variables before the first step.

        Args:
            init: Directory of weights of another run, for what has the same name and shape.
        """
        start, rng = read_values(os.path.join(self.directory, "state")), np.random.default_rng(0)
        for name, (mean, deviation) in self.plan.get("drawn", {}).items():
            start[name] = mean + deviation * rng.standard_normal(self.shapes[name].shape, "f")
        if init:
            other = read_values(init)
            fitting = {
                name: value
                for name, value in other.items()
                if name in self.shapes and value.shape == self.shapes[name].shape
            }
            print(f"{len(fitting)} of {len(other)} weights from {init}")
            start |= fitting
        return {
            name: jnp.asarray(start[name], each.dtype) if name in start else jnp.zeros_like(each)
            for name, each in self.shapes.items()
        }

    def __call__(self, state, going, ids, number, clock):
        """Return the state, the flags of its health and the metrics after a step.

        Args:
            state: Variables by name.
            going: Whether all was finite so far (1 or 0), and the last such step, float32 `[2]`.
            ids: Token ids, int32 `[batch, seq]`.
            number: Number of the step, from which masks are drawn.
            clock: Step of the schedule.
        """
        found = self._run(ids, number, clock, going, *(state[name] for name in self.shapes))
        places, metrics = self.plan["results"], len(self.plan["metrics"])
        new = {name: found[places[name]] if name in places else state[name] for name in state}
        return new, found[metrics], jnp.stack(found[:metrics])


class Clock:
    """Return the step of the config's schedule that a step of this run stands for."""

    def __init__(self, plan: dict, steps: int | None, seconds: float | None, every: int):
        self.warmup, self.whole = plan["warmup_steps"], plan["steps"]
        self.every, self.seconds = every, seconds
        self.steps = steps or (None if seconds else self.whole)

    def of(self, first: int) -> np.ndarray:
        """Steps of the config's schedule for `every` steps from `first` on; int32."""
        step = first + np.arange(self.every)
        if self.steps is None:  # not known yet: the warm-up is as it is
            return np.minimum(step, self.warmup).astype(np.int32)
        stretch = (self.whole - self.warmup) / max(self.steps - self.warmup, 1)
        later = self.warmup + (step - self.warmup) * stretch
        return np.where(step < self.warmup, step, later).astype(np.int32)

    def settle(self, first: int, since: float, of_them: int) -> None:
        """Chooses the number of steps once the speed is known, `of_them` steps in `since` s."""
        if self.steps is None and of_them:
            more = int(self.seconds / since * of_them)
            self.steps = first + more // self.every * self.every


def main() -> None:
    """Runs the steps and writes what they leave."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory")
    parser.add_argument("--output", help="where the results go; DIR if missing")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seconds", type=float, help="of training, instead of --steps")
    parser.add_argument("--within", type=float, help="seconds after which all of it ends")
    parser.add_argument("--init", help="weights of another run, for what has the same name")
    parser.add_argument("--every", type=int, default=100, help="steps on the device at a time")
    parser.add_argument("--rows", help="rows.npy, where it lies elsewhere")
    args = parser.parse_args()
    began, within = time.time(), args.within or float("inf")
    output = args.output or args.directory
    os.makedirs(output, exist_ok=True)
    step = Step(args.directory)
    plan, state = step.plan, step.start(args.init)
    rows = np.load(args.rows or os.path.join(args.directory, "rows.npy"))
    rows = jax.device_put(rows)
    batch = plan["batch_size"]
    a_pass = len(rows) // batch

    @jax.jit
    def shuffled(number):
        return jax.random.permutation(jax.random.key(plan["seed"] + number), len(rows))

    def advance(state, going, order, first, clock, rows):
        def one(carry, each):
            (state, going), (i, clock) = carry, each
            taken = jax.lax.dynamic_slice_in_dim(order, (first + i) % a_pass * batch, batch)
            ids = rows[taken].astype(jnp.int32)
            state, going, metrics = step(state, going, ids, first + i, clock)
            return (state, going), metrics

        steps = (jnp.arange(args.every, dtype=jnp.int32), clock)
        (state, going), metrics = jax.lax.scan(one, (state, going), steps)
        return state, going, metrics.sum(0)

    advance = jax.jit(advance, donate_argnums=0)
    going = jnp.array([1.0, 0.0], jnp.float32)
    clock = Clock(plan, args.steps, args.seconds, args.every)
    print(
        f"{jax.devices()[0].device_kind}: {len(rows):,} rows, {a_pass:,} steps a pass", flush=True
    )
    with open(os.path.join(output, "metrics.jsonl"), "w") as file:
        first, order, of, end, began = 0, None, None, began + within, time.time()
        while first < (clock.steps or first + 1):
            if of != first // a_pass:
                of = first // a_pass
                order = shuffled(of)
            chosen = jnp.asarray(clock.of(first))
            state, going, sums = advance(state, going, order, jnp.int32(first), chosen, rows)
            sums = np.asarray(sums)
            if first == 0:
                print(f"compiled and begun in {time.time() - began:.1f} s", flush=True)
                began = time.time()
                if clock.seconds:
                    clock.seconds = max(0.0, min(clock.seconds, end - began))
            else:
                clock.settle(first + args.every, time.time() - began, first)
            first += args.every
            means = {k: float(a / b) for k, (a, b) in zip(plan["metrics"], sums, strict=True) if b}
            means = {"step": first, "seconds": round(time.time() - began, 2), **means}
            file.write(json.dumps(means) + "\n")
            file.flush()
            if first % (10 * args.every) == 0 or first == 2 * args.every:
                print(
                    {k: float(f"{v:.4g}") for k, v in means.items()}, "of", clock.steps, flush=True
                )
            if float(going[0]) == 0:
                print(f"not finite after step {int(going[1])}")
                break
            if time.time() > end:
                print(f"ended after step {first} of {clock.steps}: no time is left", flush=True)
                break
    write_values(
        os.path.join(output, "weights"), {k: v for k, v in state.items() if k[:6] == "model/"}
    )


if __name__ == "__main__":
    main()
