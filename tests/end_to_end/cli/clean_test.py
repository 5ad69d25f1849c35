"""`kortf clean` is killed and continues."""

import os
import pathlib
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).parents[3]


def test_it_can_be_killed_and_continues(tmp_path):
    """The whole process group is killed after the first finished part."""
    text = tmp_path / "text.txt"
    lines = (f"문장 {i % 9000}. 그리고 문장 {i}이다! (참고 {i}. 하라)\n\n" for i in range(40_000))
    text.write_text("".join(lines), encoding="utf-8")

    def command(output):
        argv = [f"--input={text}", f"--output={output}", "--workers=1", "--sentences=rules"]
        argv.append("--config.duplicates.lines=True")
        return [sys.executable, "-m", "kortf", "clean", *argv]

    out = tmp_path / "out"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": ROOT}
    process = subprocess.Popen(command(out), start_new_session=True, **quiet)
    while process.poll() is None and not list(out.glob(".work-*/part-*.json")):
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    done = {path: path.stat().st_mtime_ns for path in out.glob(".work-*/part-*.json")}
    assert done and not (out / "clean.json").exists()
    continued = subprocess.run(command(out), check=True, **quiet)
    assert f"{len(done)} of ".encode() in continued.stderr
    subprocess.run(command(tmp_path / "fresh"), check=True, **quiet)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == {
        p.name: p.read_bytes() for p in (tmp_path / "fresh").iterdir()
    }
