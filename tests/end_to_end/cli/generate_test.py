"""`kortf generate`: prompts in, JSON lines out."""

import json

import pytest

from kortf import objectives
from kortf.cli.main import run_verb

pytestmark = pytest.mark.usefixtures("quick_graphs")


@pytest.fixture(scope="module")
def causal_dir(vocabulary_dir, tmp_path_factory):
    """Model directory of a causal model with random weights."""
    from kortf import models
    from kortf.pretrained.directory.directory import save_pretrained
    from kortf.text.vocabulary.loading import load_vocabulary

    vocabulary = load_vocabulary(str(vocabulary_dir))
    encoder = models.build(
        "gpt", vocabulary_size=vocabulary.size, num_layers=1, num_heads=2, hidden_dim=16,
        max_length=32, init_scale=0.3,
    )  # fmt: skip
    objective = objectives.build("causal_lm")
    objective.build(encoder)
    directory = tmp_path_factory.mktemp("causal") / "model"
    save_pretrained(directory, encoder, vocabulary, {"causal_lm": objective.heads[0]})
    return directory


def generate(capsys, *argv) -> list[dict]:
    assert run_verb("generate", argv) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_texts_go_on_where_prompts_end(causal_dir, capsys):
    flags = (f"--model={causal_dir}", "--prompt=영화", "--prompt=", "--max_tokens=8")
    texts = generate(capsys, *flags)
    assert [text["prompt"] for text in texts] == ["영화", ""]
    assert texts[0]["text"].startswith("영화")
    assert all(0 < text["tokens"] <= 8 or text["finished"] for text in texts)
    assert generate(capsys, *flags) == texts
    assert generate(capsys, *flags, "--seed=1") != texts
    assert generate(capsys, *flags, "--batch_size=1")[0] == texts[0]


def test_prompts_come_from_a_file_and_go_to_one(causal_dir, tmp_path):
    (tmp_path / "in.txt").write_text("영화\n음악\n")
    flags = [f"--model={causal_dir}", f"--input={tmp_path}/in.txt", f"--output={tmp_path}/out"]
    assert run_verb("generate", [*flags, "--samples=2", "--max_tokens=3", "--temperature=0"]) == 0
    rows = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert [row["prompt"] for row in rows] == ["영화", "영화", "음악", "음악"]
    assert rows[0] == rows[1]  # greedy


@pytest.mark.parametrize(
    "argv, reason",
    [
        ((), "nothing to continue"),
        (("--prompt=영화 " * 40,), "positions"),
        (("--prompt=영화", "--top_p=0"), "leaves no token"),
        (("--input=/no/such/file",), "no such file"),
    ],
)
def test_bad_input_is_one_line(causal_dir, capsys, argv, reason):
    assert run_verb("generate", [f"--model={causal_dir}", *argv]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and reason in lines[0]


def test_a_bidirectional_model_writes_no_texts(pretrained_dir, capsys):
    assert run_verb("generate", [f"--model={pretrained_dir}", "--prompt=영화"]) == 2
    assert "not a causal model" in capsys.readouterr().err
