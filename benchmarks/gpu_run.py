"""Kortf's training steps against torch.compile on one GPU, then a training; at most nine minutes.

    python benchmarks/gpu_run.py DIR [--seconds=540] [--train=300] [--peak=989]

DIR is what `benchmarks.gpu_programs` wrote. Needs NumPy, JAX and torch, nothing of kortf. For each
case one process runs the XLA program and one torch with sdpa, bfloat16 and torch.compile. Both
compile at the same time, then take turns. The share of the peak counts the products that a step
cannot do without, the same for both; `--peak` is in TFLOP/s, by default that of the data sheet.
A side that fails or is not ready in the time of its case is reported as such.

The training runs `hlo_run.py` over DIR/train and leaves `weights`; `python -m benchmarks.hlo_step
read` makes a model directory of them, from which `kortf finetune --config=nsmc` starts.
"""

import argparse
import json
import math
import multiprocessing
import os
import statistics
import subprocess
import sys
import time

import numpy as np

PEAKS = {"H100": 989, "H200": 989, "A100": 312, "L40": 362, "L4": 121}  # dense bf16 TFLOP/s
ROUNDS, STEPS = 5, 4  # turns of each side, and steps a turn
WEIGHTS_SECONDS = 10  # to write the weights of the training


def work_of(case: dict) -> float:
    """Return the FLOPs of the products of a training step, thrice those of its forward pass."""
    model, length = case["model"], case["length"]
    dim, layers = model["hidden_dim"], range(model["num_layers"])
    inner = model.get("intermediate_dim") or 4 * dim
    modern = case["kind"] == "modernbert"
    dense = len(layers) * (4 * dim**2 + (3 if modern else 2) * dim * inner)
    seen = [length for _ in layers]  # keys of a query
    if modern:
        near = min(length, model["window"] + 1)
        seen = [near if i % model["global_every"] else length for i in layers]
    head = masked_of(case) / length * dim * (dim + case["vocabulary_size"])
    position = 2 * (dense + head) + 4 * dim * sum(seen)
    return 3.0 * position * length * case["rows"]


def masked_of(case: dict) -> int:
    """Return the number of masked positions of a row."""
    return math.ceil(case["rate"] * case["length"])


def draw_rows(case: dict) -> np.ndarray:
    """Return rows of random ids, each one packed example; int32 `[rows, seq]`."""
    ordinary = np.setdiff1d(np.arange(case["vocabulary_size"]), case["special_ids"])
    ids = np.random.default_rng(0).choice(ordinary, (case["rows"], case["length"]))
    ids[:, 0] = case["cls_id"]
    return ids.astype(np.int32)


def kortf_step(directory: str, case: dict):
    """Return a function that does one step of the XLA program."""
    import jax
    import jax.numpy as jnp
    from hlo_run import Step

    program = Step(directory)
    advance = jax.jit(program, donate_argnums=0)
    state, going = program.start(), jnp.array([1.0, 0.0], jnp.float32)
    ids, one = jnp.asarray(draw_rows(case)), jnp.int32(1)

    def step():
        nonlocal state, going
        state, going, metrics = advance(state, going, ids, one, one)
        jax.block_until_ready(metrics)
        if not going[0]:
            raise SystemExit("a step is not finite")

    return step


def torch_step(directory: str, case: dict):
    """Return a function that does one step in torch."""
    import torch
    from torch_encoders import MaskedLM

    del directory
    device = "cuda" if torch.cuda.is_available() else "cpu"
    settings = case["model"] | {"vocabulary_size": case["vocabulary_size"]}
    model = MaskedLM(case["kind"], settings, case["length"]).to(device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    ids = torch.tensor(draw_rows(case), dtype=torch.long, device=device)
    order = torch.rand(ids.shape, generator=torch.Generator().manual_seed(0)).argsort()
    positions = order[:, : masked_of(case)].sort().values.to(device)
    targets = ids.gather(1, positions).flatten()

    @torch.compile
    def loss():
        return torch.nn.functional.cross_entropy(model(ids, positions).float(), targets)

    def step():
        optimizer.zero_grad()
        with torch.autocast(device, torch.bfloat16, enabled=case["bfloat16"]):
            value = loss()
        value.backward()
        if case["clip_norm"]:
            torch.nn.utils.clip_grad_norm_(model.parameters(), case["clip_norm"])
        optimizer.step()
        value.item()  # waits for the device

    return step


SIDES = {"kortf": kortf_step, "torch.compile": torch_step}


def serve(side: str, directory: str, case: dict, pipe) -> None:
    """Compile a side, and send the seconds of a step at each turn."""
    step = SIDES[side](directory, case)
    for _ in range(3):
        step()
    pipe.send(None)
    while True:
        pipe.recv()
        began = time.perf_counter()
        for _ in range(STEPS):
            step()
        pipe.send((time.perf_counter() - began) / STEPS)


def compare(directory: str, case: dict, until: float) -> dict[str, list[float] | str]:
    """Return the seconds of a step of each side in each turn, or the reason why there are none.

    Args:
        directory: Directory of the case.
        case: Its sizes.
        until: Value of `time.monotonic` at which both end.
    """
    spawn = multiprocessing.get_context("spawn")  # neither JAX nor CUDA survives a fork
    pipes, processes = {}, []
    for side in SIDES:
        pipes[side], other = spawn.Pipe()
        processes.append(spawn.Process(target=serve, args=(side, directory, case, other)))
        processes[-1].start()
        other.close()
    found: dict[str, list[float] | str] = {side: [] for side in SIDES}

    def answer(side: str) -> float | None:
        if not pipes[side].poll(max(0.0, until - time.monotonic())):
            raise TimeoutError("not done in its time")
        return pipes[side].recv()

    def ask(side: str) -> None:
        pipes[side].send(None)
        found[side].append(answer(side))

    try:
        for act in [answer, *[ask] * ROUNDS]:
            for side in SIDES:
                try:
                    if not isinstance(found[side], str):
                        act(side)
                except TimeoutError as error:
                    found[side] = str(error)
                except (EOFError, OSError):
                    found[side] = "failed; see its errors above"
    finally:
        for process in processes:
            process.kill()
            process.join()
    return found


def device_name() -> str:
    """Return the name of JAX's device, asked in a process that leaves the device free."""
    code = "import jax; print(jax.devices()[0].device_kind)"
    return subprocess.check_output([sys.executable, "-c", code], text=True).strip()


def report(name: str, case: dict, found: dict, peak: float | None) -> None:
    """Print the rows of a case."""
    for side, times in found.items():
        if isinstance(times, str):
            print(f"| {name} | {side} | {times} | | |", flush=True)
            continue
        took = statistics.median(times)
        share = f"{work_of(case) / took / peak / 1e12:.1%}" if peak else ""
        rate = case["rows"] * case["length"] / took
        print(f"| {name} | {side} | {took * 1e3:.1f} | {rate:,.0f} | {share} |", flush=True)


def train(directory: str, seconds: float, until: float) -> None:
    """Train the model of `directory`, and end even if it does not."""
    left = until - time.monotonic()
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hlo_run.py")
    command = [sys.executable, program, directory, f"--seconds={seconds}"]
    try:
        done = subprocess.run([*command, f"--within={left - WEIGHTS_SECONDS}"], timeout=left)
    except subprocess.TimeoutExpired:
        print("training: not done in its time", flush=True)
    else:
        print("training: done" if done.returncode == 0 else "training: failed", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory")
    parser.add_argument("--seconds", type=float, default=540, help="of everything")
    parser.add_argument("--train", type=float, default=300, help="of them for the training")
    parser.add_argument("--peak", type=float, help="TFLOP/s of the device in bfloat16")
    args = parser.parse_args()
    end = time.monotonic() + args.seconds
    # Two processes share the device.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    device = device_name()
    peak = args.peak or next((PEAKS[name] for name in PEAKS if name in device), None)
    cases = {}
    for name in sorted(os.listdir(args.directory)):
        path = os.path.join(args.directory, name, "case.json")
        if os.path.exists(path):
            with open(path) as file:
                cases[name] = json.load(file)
    print(f"{device}\n\n| | side | ms a step | tokens/s | of the bf16 peak |\n{'|---' * 5}|")
    for number, (name, case) in enumerate(cases.items()):
        now = time.monotonic()  # time that a case leaves is shared by the later ones
        until = now + (end - args.train - now) / (len(cases) - number)
        found = compare(os.path.join(args.directory, name), case, until)
        report(name, case, found, peak)
    train(os.path.join(args.directory, "train"), args.train, end)


if __name__ == "__main__":
    main()
