"""`kortf completion`: scripts that the shells take, with every verb, flag and config."""

import shutil
import subprocess

import pytest

from kortf.cli.completion import flags_of, script
from kortf.cli.main import run, verbs

SIMULATION = """
COMP_WORDS=({words}) COMP_CWORD={index}
compopt() {{ :; }}
_kortf
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def complete(words: list[str]) -> list[str]:
    """Complete the last word as bash does."""
    quoted = " ".join(f"'{word}'" for word in words)
    program = script("bash") + SIMULATION.format(words=quoted, index=len(words) - 1)
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_verbs_flags_and_configs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert complete(["kortf", "pre"]) == ["predict", "pretrain"]
    assert complete(["kortf", "sample", "--ou"]) == ["--output="]
    assert complete(["kortf", "pretrain", "--config", "=", "be"]) == ["bert", "bert_kor"]
    assert "nsmc" in complete(["kortf", "finetune", "--config", "="])
    (tmp_path / "corpus.txt").write_text("")
    assert complete(["kortf", "vocab", "--input", "=", "cor"]) == ["corpus.txt"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_zsh_takes_the_script():
    done = subprocess.run(["zsh", "-n"], input=script("zsh"), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_scripts_hold_every_verb_and_flag(shell, capsys):
    assert run(["completion", shell]) == 0
    text = capsys.readouterr().out
    for verb in verbs():
        (line,) = [
            each
            for each in text.splitlines()
            if each.strip().startswith(f"{verb}) ") and "--help" in each
        ]
        assert set(flags_of(verb)) <= set(line.replace("'", " ").split())


def test_flags_are_as_they_are_typed():
    assert {"--output=", "--help"} <= set(flags_of("sample"))
    assert {"--speed", "--nospeed"} <= set(flags_of("doctor"))


@pytest.mark.parametrize("argv", [[], ["fish"], ["bash", "zsh"]])
def test_other_shells_are_refused(argv, capsys):
    assert run(["completion", *argv]) == 2
    assert capsys.readouterr().err.startswith("kortf completion: SHELL: ")
