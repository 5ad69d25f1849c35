"""The GPU benchmark on a CPU at tiny sizes: programs are written, timed beside torch, trained."""

import json
import math
import os
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("jax", reason="needs JAX: pip install jax")
pytestmark = pytest.mark.exhaustive

ROOT = pathlib.Path(__file__).parents[3]
CASES = ("bert_32", "modernbert_256")


@pytest.fixture(scope="module")
def programs(tmp_path_factory, records_dir, vocabulary_dir):
    directory = tmp_path_factory.mktemp("gpu")
    command = [sys.executable, "-m", "benchmarks.gpu_programs", "--tiny"]
    command += [f"--records={records_dir}", f"--vocab={vocabulary_dir}", f"--output={directory}"]
    subprocess.run(command, cwd=ROOT, check=True)
    return directory


def run(directory, *flags: str) -> tuple[dict[tuple[str, str], list[str]], list[str]]:
    """Run the benchmark in a folder without kortf; return cells by case and side, and all lines.

    torch does not compile here, which would take minutes.
    """
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    environment["TORCH_COMPILE_DISABLE"] = "1"
    command = [sys.executable, str(ROOT / "benchmarks/gpu_run.py"), str(directory), *flags]
    done = subprocess.run(
        command, cwd=directory, env=environment, check=True, capture_output=True, text=True
    )
    lines = done.stdout.splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {tuple(row[:2]): row[2:] for row in rows if row[0] in CASES}, lines


def test_both_sides_are_timed_and_the_model_is_trained(programs):
    rows, lines = run(programs, "--seconds=500", "--train=3", "--peak=1")
    assert list(rows) == [(case, side) for case in CASES for side in ("kortf", "torch.compile")]
    for case, side in rows:
        sizes = json.loads((programs / case / "case.json").read_text())
        took, rate, share = rows[case, side]
        tokens = sizes["length"] * sizes["rows"]
        assert float(rate.replace(",", "")) == pytest.approx(1e3 * tokens / float(took), rel=0.1)
        assert share.endswith("%")
    assert lines[-1] == "training: done"
    metrics = [json.loads(line) for line in (programs / "train/metrics.jsonl").open()]
    # The start is drawn as kortf draws it, so the first steps know nothing of 600 pieces.
    assert metrics[0]["masked_lm_loss"] == pytest.approx(math.log(600), abs=0.3)
    assert metrics[-1]["masked_lm_loss"] < metrics[0]["masked_lm_loss"]
    plan = json.loads((programs / "train/plan.json").read_text())
    weights = {path.stem for path in (programs / "train/weights").iterdir()}
    assert weights == {n.replace("/", ".") for n in plan["parameters"] if n.startswith("model/")}


def test_a_rival_has_the_weights_of_the_program(programs):
    from benchmarks.torch_encoders import MaskedLM

    for name in CASES:
        case = json.loads((programs / name / "case.json").read_text())
        plan = json.loads((programs / name / "plan.json").read_text())
        shapes = [shape for _, shape in plan["arguments"][4:]]
        pairs = zip(plan["parameters"], shapes, strict=True)
        # Masked LM does not use BERT's pooler.
        own = {n: math.prod(s) for n, s in pairs if n.startswith("model/") and "pooler" not in n}
        settings = case["model"] | {"vocabulary_size": case["vocabulary_size"]}
        rival = MaskedLM(case["kind"], settings, case["length"])
        assert sum(own.values()) == sum(p.numel() for p in rival.parameters()), own


def test_a_side_that_fails_leaves_the_other(programs, tmp_path):
    for name in CASES[:1]:
        (tmp_path / name).mkdir()
        for file in (programs / name).iterdir():
            if file.name != "step.hlo":
                (tmp_path / name / file.name).symlink_to(file)
    rows, lines = run(tmp_path, "--seconds=300", "--train=1")
    assert rows["bert_32", "kortf"][0].startswith("failed")
    assert float(rows["bert_32", "torch.compile"][0]) > 0
    assert lines[-1] == "training: failed"


def test_what_takes_too_long_is_reported(programs):
    rows, lines = run(programs, "--seconds=3", "--train=1")
    assert {cells[0] for cells in rows.values()} == {"not done in its time"}
    assert lines[-1] == "training: not done in its time"
