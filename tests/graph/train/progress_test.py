"""What a run tells: metrics.jsonl, its perplexities, its warnings."""

import io
import json
import math
import re
import sys

import pytest

from kortf.train.loop.progress import Progress, with_perplexities


def lines(workdir):
    def no_constant(name):
        raise AssertionError(f"{name} is not JSON")

    text = (workdir / "metrics.jsonl").read_text(encoding="utf-8")
    return [json.loads(line, parse_constant=no_constant) for line in text.splitlines()]


def test_language_model_losses_have_perplexities():
    values = with_perplexities({"masked_lm_loss": 3.0, "next_sentence_loss": 0.5})
    assert values.keys() == {"masked_lm_loss", "next_sentence_loss", "masked_lm_perplexity"}
    assert values["masked_lm_perplexity"] == pytest.approx(20.0855, abs=1e-4)
    assert with_perplexities({"causal_lm_loss": 1e9})["causal_lm_perplexity"] > 1e300


def test_an_interval_and_a_warning_are_written_and_printed(tmp_path, capsys):
    progress = Progress(str(tmp_path), 20)
    values = {"loss": 2.5, "masked_lm_loss": 2.0, "rtd_recall": 0.25, "rtd_auc": math.nan}
    progress.train(10, values, seconds=2.0, done=10, tokens=100.0, places=200.0)
    progress.warn(10, "masked_share", "masked_share is 0.100; look there")
    progress.evaluation(10, {"masked_lm_loss": 1.0})
    interval, warning, evaluation = lines(tmp_path)
    assert interval["masked_lm_perplexity"] == pytest.approx(7.389056)
    assert interval["rtd_auc"] is None and interval["tokens_per_second"] == 50
    assert warning["warning"] == "masked_share" and "look there" in warning["text"]
    assert evaluation["eval/masked_lm_perplexity"] == pytest.approx(math.e)
    printed = capsys.readouterr().err.splitlines()
    assert "masked_lm_perplexity 7.4" in printed[0] and "rtd_recall 0.2500" in printed[0]
    assert printed[1] == "step 10 | warning: masked_share is 0.100; look there"


def test_going_on_drops_the_lines_beyond(tmp_path):
    progress = Progress(str(tmp_path), 20)
    for step in (5, 10, 15):
        progress.warn(step, "kind", "text")
    Progress(str(tmp_path), 20, first_step=10)
    assert [line["step"] for line in lines(tmp_path)] == [5, 10]


class Terminal(io.StringIO):
    """A terminal as far as `isatty` goes."""

    def isatty(self):
        return True


@pytest.mark.parametrize("columns", [20, 80])
def test_a_bar_fits_the_terminal_and_reports_stay_below_each_other(tmp_path, monkeypatch, columns):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", "24")
    progress = Progress(str(tmp_path), 20)
    progress.train(10, {"loss": 2.5, "masked_accuracy": 0.25}, 2.0, 10, 100.0, 200.0)
    progress.step(10)
    progress.evaluation(10, {"masked_lm_loss": 1.0})
    progress.close()
    drawn = re.sub(r"\x1b\[\w", "", sys.stderr.getvalue())
    bars = [line for line in re.split(r"[\r\n]", drawn) if "/20 " in line]
    assert bars and all(len(bar) <= columns for bar in bars)
    assert "eval/masked_lm_loss 1.0000" in drawn


def test_a_log_gets_a_line_when_nothing_was_reported_for_a_while(tmp_path, monkeypatch, capsys):
    progress = Progress(str(tmp_path), 20)
    progress.step(1)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("kortf.train.loop.progress.QUIET_SECONDS", -1.0)
    progress.step(2)
    assert capsys.readouterr().err == "step 2/20\n"
