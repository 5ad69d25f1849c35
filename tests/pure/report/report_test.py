"""kortf report, from the command line and from its parts."""

import html.parser
import json
import re
import xml.etree.ElementTree

import numpy as np
import pytest
import safetensors.numpy

from kortf.cli.main import run_verb
from kortf.errors import InputError
from kortf.report.charts.curves import _told_apart, all_curves
from kortf.report.errors.calibration import calibration_bins
from kortf.report.run import read_run
from kortf.report.runs import read_runs
from kortf.report.sections.csv_link import csv_text
from kortf.report.sections.differences import differences
from kortf.report.sections.headlines import headlines
from kortf.report.tables.measures import mean_loss, seconds, tokens
from kortf.report.tables.seeds import group_name, group_seeds, spread
from kortf.report.tables.sizes import describe_model, in_millions
from kortf.report.tables.table import Table
from kortf.workdir import read_metrics


def report(output, *workdirs, **flags):
    argv = [*map(str, workdirs), f"--output={output}"]
    assert run_verb("report", argv + [f"--{k}={v}" for k, v in flags.items()]) == 0
    return (output / "report.md").read_text(encoding="utf-8")


def rows(markdown: str, title: str) -> list[dict]:
    """The rows of a table, by the names of its columns."""
    part = markdown.split(f"## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    cells = [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


class Page(html.parser.HTMLParser):
    """Counts tags and holds what would be fetched."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.fetched = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in ("a", "use"):
            self.fetched += [value for name, value in attributes if name in ("src", "href")]


def test_the_tables_say_what_the_files_do(make_pretraining, make_finetuning, tmp_path):
    bert = make_pretraining()
    markdown = report(tmp_path / "out", make_finetuning(init_from=bert / "model"))
    assert rows(markdown, "Fine-tuning") == [{
        "run": "nsmc", "model": "bert 6 × 256, 4 heads", "pretrained by": "masked_lm",
        "pretraining steps": "100", "tokens": "0.040 M", "task": "nsmc", "pooling": "max",
        "epoch": "2 of 2", "loss": "0.3000", "score": "accuracy 0.8000",
        "other scores": "macro_f1 0.7000", "dev": "0.9000", "protocol": "honest", "seeds": "1",
        "minutes": "1.5", "state": "finished",
    }]  # fmt: skip
    assert rows(markdown, "Pretraining") == [{
        "run": "bert", "model": "bert 6 × 256, 4 heads", "weights": "0.000 M",
        "objectives": "masked_lm", "steps": "100", "batch": "4", "tokens": "0.040 M",
        "loss": "4.000", "own scores": "masked_accuracy 0.2500", "seeds": "0", "minutes": "0.7",
        "state": "finished",
    }]  # fmt: skip
    assert "Protocol honest: the dev part chose the epoch." in markdown


def test_seeds_become_one_row(make_finetuning, tmp_path):
    runs = [make_finetuning(f"nsmc-{s}", s, a)
            for s, a in ((1, 0.8), (2, 0.82), (3, 0.84))]  # fmt: skip
    other = make_finetuning("other", 1, 0.5, batch_size=8)
    found = rows(report(tmp_path / "out", *runs, other), "Fine-tuning")
    assert [row["run"] for row in found] == ["nsmc (3 seeds)", "other"]
    assert found[0]["score"] == "accuracy 0.8200 ± 0.0200 (3)"
    assert found[0]["seeds"] == "1, 2, 3" and found[1]["seeds"] == "1"


def test_the_same_seed_twice_is_not_averaged(make_finetuning):
    runs = [read_run(str(make_finetuning(name))) for name in ("a", "b")]
    assert [len(group) for group in group_seeds(runs)] == [1, 1]
    assert len(read_runs([runs[0].path, runs[0].path + "/"]).finetunings) == 1


def test_a_directory_of_seeds_stands_for_them(make_finetuning, tmp_path):
    (tmp_path / "seeds").mkdir()
    for seed in (1, 2):
        make_finetuning(f"seeds/seed-{seed}", seed)
    found = rows(report(tmp_path / "out", tmp_path / "seeds"), "Fine-tuning")
    assert [row["seeds"] for row in found] == ["1, 2"]


def test_new_weights_are_not_called_pretrained(make_pretraining, make_finetuning, tmp_path):
    bert = make_pretraining()
    scratch = make_finetuning(init_from=bert / "model", reinitialize=True)
    markdown = report(tmp_path / "out", scratch)
    row = rows(markdown, "Fine-tuning")[0]
    assert row["pretraining steps"] == "0" and row["pretrained by"].startswith("nothing")
    assert row["model"] == "bert 6 × 256, 4 heads"
    assert "## Pretraining" not in markdown


def test_a_run_under_way_is_shown_as_such(make_pretraining, make_finetuning, tmp_path, capsys):
    under_way = make_pretraining(done=50)
    with open(under_way / "metrics.jsonl", "a") as file:
        file.write('{"step": 75, "lo')
    markdown = report(tmp_path / "out", under_way)
    assert "No run has ended yet" in markdown
    row = rows(markdown, "Pretraining")[0]
    assert row["state"] == "unfinished: step 50 of 100"
    # 4 rows of 128 tokens a step, until a checkpoint has counted them.
    assert row["tokens"] == in_millions(50 * 4 * 128)
    finetuning = make_finetuning()
    (finetuning / "eval.json").unlink()
    row = rows(report(tmp_path / "out", finetuning), "Fine-tuning")[0]
    assert row["state"] == "unfinished: step 80" and row["epoch"] == "– of 2"
    assert row["dev"] == "accuracy 0.9000"


def test_the_page_needs_nothing_else(make_pretraining, make_finetuning, tmp_path):
    bert = make_pretraining()
    out = tmp_path / "out"
    report(out, make_finetuning(init_from=bert / "model"), data=tmp_path)
    page = Page((out / "index.html").read_text(encoding="utf-8"))
    assert page.fetched == [] and "script" not in page.tags and "link" not in page.tags
    assert len(list(out.glob("*.svg"))) == 5
    assert page.tags.count("svg") == 2 * 5  # for wide and for narrow screens
    for path in out.glob("*.svg"):
        assert xml.etree.ElementTree.parse(path).getroot().tag.endswith("svg")


def test_the_same_runs_give_the_same_bytes(make_pretraining, make_finetuning, tmp_path):
    runs = [make_pretraining(), make_finetuning("a", 1)]
    outs = [tmp_path / "one", tmp_path / "two"]
    for out in outs:
        report(out, *runs, data=tmp_path)
    names = sorted(path.name for path in outs[0].iterdir())
    assert names == sorted(path.name for path in outs[1].iterdir())
    assert all((outs[0] / n).read_bytes() == (outs[1] / n).read_bytes() for n in names)


@pytest.mark.parametrize("axis, title", [("tokens", "tokens"), ("minutes", "minutes of training")])
def test_pretrainings_are_drawn_over_what_they_cost(axis, title, make_pretraining, tmp_path):
    runs = [make_pretraining("a"), make_pretraining("b", loss=3.0, seed=0, done=75)]
    out = tmp_path / "out"
    report(out, *runs, axis=axis)
    assert f">{title}</text>" in (out / "pretraining-masked_lm_loss.svg").read_text()


def test_faults_are_one_line(make_pretraining, make_finetuning, tmp_path, capsys):
    def fails(*workdirs, words):
        argv = [*map(str, workdirs), f"--output={tmp_path}/out"]
        assert run_verb("report", argv) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.count("\n") == 1 and words in err
        assert not (tmp_path / "out").exists()

    fails(words="no work directory is named")
    fails(tmp_path / "nothing", words="no such directory")
    bert = make_pretraining()
    fails(bert, f"--data={tmp_path}/nothing", words="nothing: no such directory")
    fails(bert / "model", words="is not a work directory")
    fails(make_pretraining("fresh", done=0), words="no run has measured anything yet")
    lines = (bert / "metrics.jsonl").read_text().splitlines()
    lines[1] = lines[1][:20]
    (bert / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    fails(bert, words=f"{bert}/metrics.jsonl, line 2: not a JSON object")
    broken = make_finetuning()
    (broken / "eval.json").write_text('{"scores": ')
    fails(broken, words=f"{broken}/eval.json, ")


def test_only_the_last_line_of_metrics_may_break_off(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1, "loss": 2.5}\n{"step": 2, "lo')
    assert read_metrics(str(tmp_path)) == [{"step": 1, "loss": 2.5}]
    path.write_text('{"step": 1, "loss": 2.5}\n{"step": 2, "lo\n')
    with pytest.raises(InputError, match=r"metrics.jsonl, line 2"):
        read_metrics(str(tmp_path))
    assert read_metrics(str(tmp_path / "nothing")) == []


def test_loss_is_that_of_the_epoch(make_finetuning):
    run = read_run(str(make_finetuning()))
    # Epoch 1 ends at step 40: 30 steps of 0.6 and 10 of 0.4; epoch 2: 20 of 0.4 and 20 of 0.2.
    assert mean_loss(run, 1) == pytest.approx(0.55)
    assert mean_loss(run, 2) == pytest.approx(0.3)
    assert mean_loss(run) == 0.2


def test_cost_without_a_checkpoint(make_pretraining):
    run = read_run(str(make_pretraining(done=50)))
    assert tokens(run) == 50 * 4 * 128
    assert seconds(run) == pytest.approx(50 * 4 * 128 / 1000)


def test_a_loss_that_was_not_finite_is_left_out(make_pretraining, tmp_path):
    bert = make_pretraining()
    lines = [json.loads(line) for line in (bert / "metrics.jsonl").read_text().splitlines()]
    lines[1]["masked_lm_loss"] = lines[3]["loss"] = None
    (bert / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    row = rows(report(tmp_path / "out", bert), "Pretraining")[0]
    assert row["loss"] == "5.000"
    svg = (tmp_path / "out" / "pretraining-masked_lm_loss.svg").read_text()
    assert "nan" not in svg.lower() and "None" not in svg


def test_examples_of_the_docstrings(make_finetuning):
    runs = [read_run(str(make_finetuning(f"nsmc-{i}", i))) for i in (1, 2, 3)]
    read_runs([run.path for run in runs])
    assert group_name(runs) == "nsmc (3 seeds)"
    keys = [("masked_lm", "bert", "max"), ("new weights", "bert", "max")]
    assert _told_apart(keys) == ["masked_lm", "new weights"]
    assert spread([0.8, 0.82, 0.84]) == "0.8200 ± 0.0200 (3)"
    assert spread([0.8]) == "0.8000" and spread([None]) == "–"
    sizes = {"name": "bert", "num_layers": 6, "hidden_dim": 256, "num_heads": 4}
    assert describe_model(sizes) == "bert 6 × 256, 4 heads"
    written = {"model_type": "bert", "num_hidden_layers": 6, "hidden_size": 256, "kortf": {}}
    assert describe_model(written) == "bert 6 × 256"
    written = {"kortf": {"model": "reformer", "settings": {"num_layers": 2, "hidden_dim": 8}}}
    assert describe_model(written) == "reformer 2 × 8"
    assert in_millions(20_356_741) == "20.4 M" and in_millions(4_700) == "0.005 M"


def test_a_model_is_named_by_what_it_is():
    """Also where Hugging Face has no name for it, and where the directory has one of theirs."""
    settings = {"num_layers": 4, "hidden_dim": 256, "num_heads": 4}
    ours = {"model_type": "kortf", "kortf": {"model": "electra", "settings": settings}}
    theirs = {"num_hidden_layers": 4, "hidden_size": 256, "num_attention_heads": 4}
    assert describe_model(ours) == "electra 4 × 256, 4 heads"
    assert describe_model({"model_type": "electra", **theirs}) == describe_model(ours)
    assert describe_model({"model_type": "kortf"}) == "kortf" and describe_model({}) == "model"


def test_scores_are_drawn_over_what_pretraining_cost(make_pretraining, make_finetuning, tmp_path):
    short, long = make_pretraining("short"), make_pretraining("long", objective="span_boundary")
    state = {"step": 100, "seconds": 80.0, "tokens": 80_000.0}
    write_state(long / "checkpoints", state)
    runs = [
        make_finetuning("scratch", init_from=short / "model", accuracy=0.7, reinitialize=True),
        make_finetuning("one-1", 1, init_from=short / "model", accuracy=0.8),
        make_finetuning("one-2", 2, init_from=short / "model", accuracy=0.9),
        make_finetuning("two", init_from=long / "model", accuracy=0.95),
    ]
    curve = all_curves(read_runs([str(run) for run in runs]), "tokens")[-1]
    assert curve.name == "nsmc-over-pretraining"
    assert {line.name: list(line.points) for line in curve.lines} == {
        "new weights": [(0.0, 0.7)],
        "masked_lm": [(40_000.0, pytest.approx(0.85))],
        "span_boundary": [(80_000.0, 0.95)],
    }
    alone = all_curves(read_runs([str(runs[1])]), "tokens")
    assert not any(curve.name.endswith("over-pretraining") for curve in alone)


def write_state(directory, state):
    (path,) = directory.glob("*.safetensors")
    path.write_bytes(safetensors.numpy.save({"w": np.zeros(1)}, {"state": json.dumps(state)}))


def test_files_of_metrics_with_long_names_can_be_written(make_pretraining, tmp_path):
    run = make_pretraining()
    lines = [json.dumps({"step": step, "가" * 300 + "_loss": 0.5}) for step in (1, 2)]
    with open(f"{run}/metrics.jsonl", "a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    report(tmp_path / "report", run)
    names = [path.name for path in (tmp_path / "report").iterdir()]
    assert any("가" * 10 in name for name in names) and max(map(len, names)) < 100


def test_curves_tell_dev_from_test_on_axes_of_scores(make_finetuning):
    curves = {c.name: c for c in all_curves(read_runs([str(make_finetuning())]), "tokens")}
    accuracy = curves["nsmc-accuracy"]
    assert accuracy.axes.limits == (0.0, 1.0) and accuracy.axes.whole
    assert accuracy.note == "dashed: dev, star: test"
    stars = [line.points for line in accuracy.lines if line.star]
    assert stars == [[(2.0, 0.8)]]
    assert curves["nsmc-task_loss"].axes.limits is None


def test_one_value_is_no_curve(make_finetuning):
    directory = make_finetuning()
    lines = (directory / "metrics.jsonl").read_text().splitlines()
    (directory / "metrics.jsonl").write_text("\n".join(lines[:2]) + "\n")
    assert all_curves(read_runs([str(directory)]), "tokens") == []


def test_headlines_have_mean_split_and_protocol(make_finetuning):
    runs = [str(make_finetuning(f"nsmc-{s}", s, a)) for s, a in ((1, 0.8), (2, 0.82), (3, 0.84))]
    (headline,) = headlines(read_runs(runs))
    assert (headline.metric, headline.value) == ("accuracy", "0.8200 ± 0.0200 (3)")
    assert headline.detail.startswith("test, 3 examples; honest")


def test_only_settings_that_differ_are_shown(make_finetuning):
    runs = read_runs([str(make_finetuning("a", 1)), str(make_finetuning("b", 2, batch_size=8))])
    table = differences(runs.finetunings)
    assert table.rows == [["batch_size", "4", "8"]] and table.header[1:] == ["a", "b"]
    assert differences(runs.finetunings[:1]).rows == []


def test_calibration_bins():
    rows = [
        {"gold": "a", "predicted": answer, "score": score}
        for answer, score in (("a", 0.75), ("b", 0.75), ("a", 1.0), ("a", None))
    ]
    bins = calibration_bins(rows)
    assert [(b.confidence, b.accuracy, b.count) for b in bins] == [(0.75, 0.5, 2), (1.0, 1.0, 1)]
    assert calibration_bins([{"gold": 1.0, "predicted": 2.0, "score": 0.5}]) == []


def test_csv_has_the_table_and_no_formulas():
    assert csv_text(Table(["run", "a"], [["n,1", "=1+1"]])) == 'run,a\r\n"n,1",\'=1+1\r\n'


def test_the_command_and_versions_of_a_run_are_shown(make_finetuning, tmp_path):
    directory = make_finetuning()
    config = json.loads((directory / "config.json").read_text())
    config |= {"command": "kortf finetune --config=nsmc '<x>'", "versions": {"kortf": "0.2.0"}}
    (directory / "config.json").write_text(json.dumps(config))
    report(tmp_path / "out", directory)
    text = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "<pre>kortf finetune --config=nsmc &#x27;&lt;x&gt;&#x27;</pre>" in text
    assert "kortf 0.2.0" in text and "href='../nsmc/config.json'" in text


def test_a_run_that_ended_early_by_another_score_is_read_by_its_step(make_finetuning, tmp_path):
    directory = make_finetuning(eval_every=10)
    lines = [
        {"step": step, "eval/accuracy": accuracy, "eval/macro_f1": macro}
        for step, accuracy, macro in ((10, 0.9, 0.5), (20, 0.6, 0.8))
    ]
    lines.append({"step": 20, "task_loss": 0.6, "loss": 0.6, "tokens_per_second": 10.0})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (directory / "metrics.jsonl").write_text(text)
    evaluation = json.loads((directory / "eval.json").read_text())
    evaluation |= {"main_metric": "accuracy", "metric": "macro_f1", "dev": {"macro_f1": 0.8}}
    evaluation |= {"step": 20, "epoch": 1, "steps_per_epoch": 40}
    (directory / "eval.json").write_text(json.dumps(evaluation))
    (row,) = rows(report(tmp_path / "out", directory), "Fine-tuning")
    assert row["dev"] == "0.6000"  # accuracy of the chosen step, not the best one
    assert (row["epoch"], row["loss"]) == ("1 of 2", "0.6000")
