"""The Reformer by the command line: from records to a text, and sizes that cannot be."""

import json
import pathlib

import numpy as np
import pytest

from kortf.cli.main import run_verb

CONFIG = pathlib.Path(__file__).parents[3] / "configs/pretrain/reformer.py"


def pretrain(option, records_dir, vocabulary_dir, workdir, *overrides) -> int:
    flags = {
        "config": f"{CONFIG}:smoke{option}", "records": records_dir, "vocab": vocabulary_dir,
        "workdir": workdir, "config.steps": 2, "config.schedule.warmup_steps": 1,
        "config.batch_size": 2,
    }  # fmt: skip
    given = [f"--{name}={value}" for name, value in flags.items()]
    return run_verb("pretrain", [*given, *(f"--config.model.{each}" for each in overrides)])


@pytest.mark.exhaustive
def test_a_text_goes_on_as_the_whole_row_would_be_read(
    records_dir, vocabulary_dir, tmp_path, capsys
):
    from kortf.pretrained.directory.inference import load_causal_lm
    from kortf.text.tokenizer.decoding import decode
    from kortf.text.tokenizer.tokenizer import load_tokenizer

    scale = "init_scale=0.3"  # so that texts do not all end alike
    assert pretrain(",causal", records_dir, vocabulary_dir, tmp_path, scale) == 0
    capsys.readouterr()
    model, prompts = str(tmp_path / "model"), ("영화", "대한민국의 수도는")
    flags = [f"--model={model}", "--max_tokens=6", "--temperature=0"]
    assert run_verb("generate", [*flags, *(f"--prompt={text}" for text in prompts)]) == 0
    texts = [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()]

    encoder, head = load_causal_lm(model)
    assert encoder.settings["max_length"] > encoder.full_attention_length == 0  # it hashes
    tokenizer = load_tokenizer(model)
    vocabulary, length = tokenizer.vocabulary, encoder.settings["max_length"]
    barred = [i for i in vocabulary.special_ids if i != vocabulary.sep_id]
    for prompt, text in zip(prompts, texts, strict=True):
        ids = [vocabulary.cls_id, *tokenizer.tokenize([prompt])[0].numpy().tolist()]
        count = len(ids) - 1
        for _ in range(6):
            row = np.array([ids + [vocabulary.pad_id] * (length - len(ids))], np.int32)
            mask = np.arange(length)[None] < len(ids)
            x = encoder({"token_ids": row, "padding_mask": mask})["sequence"]
            scores = head(x[:, len(ids) - 1]).numpy()[0]
            scores[barred] = -np.inf
            best = int(scores.argmax())
            if best == vocabulary.sep_id:
                break
            ids.append(best)
        given, whole = decode(vocabulary, ids[: 1 + count]), decode(vocabulary, ids)
        assert whole.startswith(given) and text == prompt + whole.removeprefix(given)


@pytest.mark.parametrize(
    "overrides, reason",
    [
        (
            ("axial_rows=4", "axial_columns=5"),
            "config.model: axial_rows=4 times axial_columns=5 are 20 positions where "
            "max_length=128: choose axial_rows=8 and axial_columns=16;",
        ),
        (
            ("num_heads=3",),
            "config.model: num_heads=3 does not divide hidden_dim=16: choose num_heads among 1, 2, "
            "4, 8, 16;",
        ),
        (
            ("bucket_size=200",),
            "config.model: bucket_size=200 is more than max_length=128: choose bucket_size=16 or "
            "less, or full_attention_length=128;",
        ),
        (
            ("num_buckets=7",),
            "config.model: num_buckets=7 is neither even nor 1: choose 6 or 8;",
        ),
    ],
)
def test_sizes_that_contradict_each_other_are_named(
    records_dir, vocabulary_dir, tmp_path, capsys, overrides, reason
):
    assert pretrain("", records_dir, vocabulary_dir, tmp_path / "run", *overrides) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line
    assert not (tmp_path / "run" / "model").exists()


@pytest.mark.parametrize(
    "size, reason",
    [
        ("mini,sop", "option 'sop': choose one of rtd, causal, hugging_face"),
        ("mini,rtd,causal", "option 'rtd,causal': choose one of"),
        ("long4096,hugging_face", "long4096 hashes its rows; choose small512"),
        ("huge", "size 'huge': choose one of smoke, demo"),
    ],
)
def test_sizes_that_there_are_not_are_named(tmp_path, capsys, size, reason):
    flags = [f"--config={CONFIG}:{size}", "--records=/no", "--vocab=/no", f"--workdir={tmp_path}"]
    assert run_verb("pretrain", flags) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line


@pytest.mark.oracle
@pytest.mark.parametrize("option", ["", ",causal"])
def test_what_is_trained_for_hugging_face_s_class_is_a_directory_of_it(
    records_dir, vocabulary_dir, tmp_path, option
):
    from tests.harness.pretrained.torch_models import load

    assert pretrain(f"{option},hugging_face", records_dir, vocabulary_dir, tmp_path) == 0
    assert type(load("AutoModel", tmp_path / "model")).__name__ == "ReformerModel"
