import errno
import importlib
import pathlib
import signal
import subprocess
import sys

import pytest
from absl import flags

import kortf
from kortf.cli import main as command_line
from kortf.cli import sample as sample_verb
from kortf.errors import InputError

ROOT = pathlib.Path(__file__).parents[3]
VERBS = command_line.verbs()


def one_line(capsys) -> str:
    """What stands on stderr: exactly one line; and nothing on stdout."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1 and err.endswith("\n")
    return err.rstrip("\n")


def failing(monkeypatch, error):
    def main(flag_values):
        raise error

    monkeypatch.setattr(sample_verb, "main", main)
    return command_line.run(["sample", "--output=there"])


def test_without_a_verb_it_lists_the_verbs(capsys):
    assert command_line.run([]) == 0
    listing = capsys.readouterr().out
    assert all(f"\n  {verb} " in listing for verb in VERBS)
    assert command_line.run(["--help"]) == 0
    assert capsys.readouterr().out == listing


def test_version(capsys):
    assert command_line.run(["--version"]) == 0
    assert capsys.readouterr().out == f"{kortf.__version__}\n"


def test_every_verb_is_a_whole_one():
    for verb in VERBS:
        assert command_line._summary(verb).endswith("."), f"{verb}: the first line is its help"


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_every_verb_describes_its_flags(verb, capsys):
    assert command_line.run([verb, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"kortf {verb}: ")
    described = text.split("\nflags:\n")[1].split("\n")
    assert verb == "completion" or any(line.startswith("  --") for line in described)
    assert max(map(len, described)) <= 100


def test_help_shows_values_defaults_and_switches():
    flag_values = flags.FlagValues()
    flags.DEFINE_bool("deep", False, "Whether deep.", flag_values=flag_values)
    flags.DEFINE_enum("kind", "a", ["a", "b"], "The kind.", flag_values=flag_values)
    flags.DEFINE_integer("size", None, "The\n  size.", required=True, flag_values=flag_values)
    lines = command_line._help("sample", sample_verb, flag_values).split("flags:\n")[1].split("\n")
    assert lines == [
        "  --[no]deep",
        "      Whether deep. (default: false)",
        "  --kind=a|b",
        "      The kind. (default: a)",
        "  --size=…",
        "      The size. (required)",
    ]


def test_an_unknown_verb_gets_the_nearest_one(capsys):
    assert command_line.run(["sampel", "--output=x"]) == 2
    assert one_line(capsys) == "kortf sampel: there is no such verb; did you mean 'sample'?"


@pytest.mark.parametrize(
    "argv, message",
    [
        (["--output=x", "--sed=1"], "there is no flag --sed, did you mean --seed?"),
        (["--output=x", "--zzz"], "there is no flag --zzz"),
        ([], "--output is missing"),
        (["--output=x", "--seed=two"], "--seed=two: invalid literal for int() with base 10: 'two'"),
        (["--output=x", "--seed=-1"], "--seed=-1: -1 is not a non-negative integer"),
        (["--output=x", "extra"], "'extra': is not a flag"),
    ],
)
def test_a_wrong_flag_is_one_line(argv, message, capsys):
    assert command_line.run(["sample", *argv]) == 2
    assert one_line(capsys) == f"kortf sample: {message}; see kortf sample --help"


@pytest.mark.parametrize(
    "verb, argument, meant",
    [
        ("finetune", "--model=m", "init_from"),
        ("predict", "--init_from=m", "model"),
        ("finetune", "--epochs=3", "config.epochs"),
        ("pretrain", "--learning_rate=1e-3", "config.optimizer.learning_rate"),
    ],
)
def test_a_flag_by_another_name(verb, argument, meant, capsys):
    config = {"finetune": ["--config=nsmc"], "pretrain": ["--config=bert:mini"]}.get(verb, [])
    assert command_line.run([verb, *config, argument]) == 2
    name = argument[2:].split("=")[0]
    line = f"there is no flag --{name}, did you mean --{meant}?; see kortf {verb} --help"
    assert one_line(capsys) == f"kortf {verb}: {line}"


def test_bad_input_is_one_line(monkeypatch, capsys):
    error = InputError("a.tsv, line 3", "2 fields where\n 3 are expected", "re-export the file")
    assert failing(monkeypatch, error) == 2
    line = "kortf sample: a.tsv, line 3: 2 fields where 3 are expected; re-export the file"
    assert one_line(capsys) == line


def test_a_full_disk_is_one_line(monkeypatch, capsys):
    error = OSError(errno.ENOSPC, "No space left on device", "out/records.tfrecord")
    assert failing(monkeypatch, error) == 2
    assert one_line(capsys) == (
        "kortf sample: out/records.tfrecord: no space left on the disk; "
        "free some and run the same command again"
    )


def test_a_full_disk_under_tensorflow_is_one_line(monkeypatch, capsys):
    class ResourceExhaustedError(Exception):
        __module__ = "tensorflow.python.framework.errors_impl"

    words = "records-00000.tfrecord; No space left on device"
    assert failing(monkeypatch, ResourceExhaustedError(words)) == 2
    assert "no space left on the disk" in one_line(capsys)


def test_a_forbidden_path_is_one_line(monkeypatch, capsys):
    error = PermissionError(errno.EACCES, "Permission denied", "/out")
    assert failing(monkeypatch, error) == 2
    line = "kortf sample: /out: Permission denied; check the path and its permissions"
    assert one_line(capsys) == line


@pytest.mark.parametrize("verb", VERBS)
def test_helps_of_flags_are_phrases(verb):
    flag_values = flags.FlagValues()
    importlib.import_module(f"kortf.cli.{verb}").define(flag_values, [])
    for name in flag_values:
        help = " ".join((flag_values[name].help or name).split())
        first = help.removeprefix("<").split()[0].strip(",:;")
        assert not first.istitle() or first in ("Python", "Apache"), (name, help)
        assert not help.endswith(".") and ". " not in help.replace("e.g. ", ""), (name, help)


@pytest.fixture
def usual_signals():
    """The handlers of a program in the foreground; jobs in the background ignore SIGINT."""
    handlers = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    yield handlers
    for number, handler in before.items():
        signal.signal(number, handler)


def sent(monkeypatch, number, then=KeyboardInterrupt):
    """Run a verb that a signal ends with an exception."""

    def main(flag_values):
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt:
            raise then from None

    monkeypatch.setattr(sample_verb, "main", main)
    return command_line.run(["sample", "--output=there"])


@pytest.mark.parametrize("number, word", [(signal.SIGINT, "interrupted"), (15, "terminated")])
@pytest.mark.parametrize("then", [KeyboardInterrupt, ImportError("initialization failed")])
def test_signals_are_one_line_with_their_own_status(
    usual_signals, monkeypatch, capsys, number, word, then
):
    assert sent(monkeypatch, number, then) == 128 + number
    assert one_line(capsys) == f"kortf sample: {word}"
    assert {number: signal.getsignal(number) for number in usual_signals} == usual_signals


def test_a_signal_that_is_ignored_stays_ignored(usual_signals, monkeypatch):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert sent(monkeypatch, signal.SIGINT) == 0


def test_an_interruption_is_one_line_with_its_own_status(monkeypatch, capsys):
    assert failing(monkeypatch, KeyboardInterrupt()) == 130
    assert one_line(capsys) == "kortf sample: interrupted"


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    with pytest.raises(ZeroDivisionError):
        failing(monkeypatch, ZeroDivisionError("ours"))


def test_an_output_that_is_a_file_is_named(tmp_path, capsys):
    (tmp_path / "taken").write_text("here")
    assert command_line.run(["sample", f"--output={tmp_path}/taken"]) == 2
    assert f"{tmp_path}/taken" in one_line(capsys)
    assert (tmp_path / "taken").read_text() == "here"


@pytest.mark.parametrize(
    "program",
    [["-m", "kortf"], ["-c", "import kortf.cli.main as m; import sys; sys.exit(m.run())"]],
)
def test_the_exit_status_reaches_the_shell(program):
    command = [sys.executable, *program, "sample", "--nothing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "kortf sample: there is no flag --nothing; see kortf sample --help\n"


@pytest.mark.parametrize("script", ["run_pretraining.py", "run_finetune.py"])
def test_the_entry_scripts_are_the_verbs(script):
    verb = {"run_pretraining.py": "pretrain", "run_finetune.py": "finetune"}[script]
    command = [sys.executable, script, "--nothing=1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == f"kortf {verb}: there is no flag --nothing; see kortf {verb} --help\n"


def test_home_directories_are_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    expand = command_line._expand_home
    assert expand("--output=~/out") == f"--output={tmp_path}/out"
    assert expand("--input=~/a,b,~/c") == f"--input={tmp_path}/a,b,{tmp_path}/c"
    for unchanged in ("--output=a~b", "--prompt=~/네", "--lowercase", "~"):
        assert expand(unchanged) == unchanged
    assert command_line.run(["sample", "--output=~/made"]) == 0
    assert (tmp_path / "made" / "kowiki").is_dir()


def test_a_failed_verb_leaves_no_empty_directory(tmp_path, monkeypatch, capsys):
    def main(flag_values):
        pathlib.Path(flag_values.output, "inner").mkdir(parents=True)
        raise InputError("x", "y", "z")

    monkeypatch.setattr(sample_verb, "main", main)
    assert command_line.run(["sample", f"--output={tmp_path}/a/b"]) == 2
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "a").mkdir()  # the user's own directory stays
    assert command_line.run(["sample", f"--output={tmp_path}/a"]) == 2
    assert (tmp_path / "a").is_dir()


def test_a_failed_verb_keeps_files(tmp_path, monkeypatch):
    def main(flag_values):
        pathlib.Path(flag_values.output).mkdir()
        pathlib.Path(flag_values.output, "done").write_text("")
        raise InputError("x", "y", "z")

    monkeypatch.setattr(sample_verb, "main", main)
    assert command_line.run(["sample", f"--output={tmp_path}/a"]) == 2
    assert (tmp_path / "a" / "done").exists()


def test_bytes_that_are_not_utf_8_are_one_line():
    command = [sys.executable, "-m", "kortf", "sample", b"--output=\xff\xfe"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True)
    assert done.returncode == 2
    assert done.stderr.startswith(b"kortf sample: argument ") and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("verb, resumes", [("sample", False), ("records", True)])
def test_an_interruption_names_the_next_step_where_there_is_one(verb, resumes, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "_call", interrupt)
    assert command_line.run([verb]) == 130
    assert ("run the same command again" in one_line(capsys)) is resumes
