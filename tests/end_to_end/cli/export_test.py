"""kortf export, from the command line."""

from kortf.cli.main import run_verb


def test_signature_is_printed(finetuned_dir, tmp_path, capsys):
    output = f"{tmp_path}/out"
    assert run_verb("export", [f"--model={finetuned_dir}", f"--output={output}"]) == 0
    printed = capsys.readouterr().out
    for words in ("serving_default", "text           string [batch]", "negative, positive", output):
        assert words in printed
    assert 'model.signatures["serving_default"](text=' in printed


def test_faults_are_one_line(tmp_path, capsys):
    assert run_verb("export", [f"--model={tmp_path}/absent", f"--output={tmp_path}/out"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "there is no such model directory" in error
    assert run_verb("export", [f"--model={tmp_path}"]) == 2
    assert "--output is missing" in capsys.readouterr().err
