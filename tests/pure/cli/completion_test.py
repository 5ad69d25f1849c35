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


ZSH_STUBS = """
compdef() {{ :; }}
compset() {{ PREFIX=${{PREFIX#--*=}} }}
compadd() {{ print -l -- "$@" }}
_files() {{ print -- FILES }}
{script}
words=({words}) CURRENT={index} PREFIX='{last}'
_kortf
"""


def offers(words: list[str]) -> list[str]:
    """Return the words among which zsh would look for the last one."""
    quoted = " ".join(f"'{word}'" for word in words)
    program = ZSH_STUBS.format(script=script("zsh"), words=quoted, index=len(words), last=words[-1])
    done = subprocess.run(["zsh", "-f", "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_zsh_offers_verbs_flags_configs_and_files():
    assert set(verbs()) <= set(offers(["kortf", "pre"]))
    assert set(flags_of("sample")) <= set(offers(["kortf", "sample", "--ou"]))
    found = offers(["kortf", "pretrain", "--config=be"])
    assert {"bert", "modernbert", "FILES"} <= set(found) and "nsmc" not in found
    assert offers(["kortf", "vocab", "--input=cor"]) == ["FILES"]


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
