"""The quality model: it learns, is the same every time, and refuses other files."""

import json
import random

import numpy as np
import pytest

from kortf.clean.quality.model import QualityModel, buckets
from kortf.clean.quality.training import train_quality
from kortf.cli.main import run
from kortf.errors import InputError


def made_of(words: str, seed: int) -> str:
    return " ".join(random.Random(seed).choices(words.split(), k=12))


PROSE = "봄이 왔다. 그는 부산에서 태어났다. 학교를 졸업하고 시를 썼다. 강은 바다로 흐른다."
ADVERTISING = "클릭 특가 할인 구매 무료 이벤트 쿠폰 최저가 배송 문의 바로가기"
GOOD = [made_of(PROSE, seed) for seed in range(60)]
BAD = [made_of(ADVERTISING, seed) for seed in range(40)]


def test_it_tells_good_from_bad():
    model, report = train_quality(GOOD, BAD, 1)
    assert report["precision"] == report["recall"] == 1.0
    assert report["held_out"] == 10
    unseen = ["바다에서 시를 썼다. 봄이 강은 흐른다.", "무료 쿠폰 클릭 이벤트 구매"]
    assert (model.score(unseen) > 0.5).tolist() == [True, False]


def test_training_is_a_function_of_the_seed():
    one, again = (train_quality(GOOD, BAD, 3)[0] for _ in range(2))
    assert (one.weights == again.weights).all() and one.bias == again.bias


def test_a_model_comes_back_from_its_file(tmp_path):
    model = train_quality(GOOD, BAD, 1)[0]
    path = str(tmp_path / "quality.npz")
    model.save(path)
    texts = GOOD[:3] + BAD[:3]
    assert QualityModel.load(path).score(texts).tolist() == model.score(texts).tolist()


def test_scores_do_not_depend_on_what_is_scored_along():
    model = train_quality(GOOD, BAD, 1)[0]
    together = model.score([*GOOD[:5], *BAD[:5], "", "가"])
    alone = [model.score([text])[0] for text in [*GOOD[:5], *BAD[:5], "", "가"]]
    assert together.tolist() == alone


def test_digits_are_one_character():
    assert buckets("1년").tolist() == buckets("9년").tolist() != buckets("가년").tolist()


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04broken", b"\x93NUMPY"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "m.npz"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        QualityModel.load(str(path))
    assert caught.value.parts[0] == str(path)


def test_a_model_of_another_size_is_refused(tmp_path):
    path = tmp_path / "m.npz"
    np.savez(path, weights=np.zeros(3), bias=0.0)
    with pytest.raises(InputError):
        QualityModel.load(str(path))


def test_too_few_documents_are_refused():
    with pytest.raises(InputError) as caught:
        train_quality(GOOD, BAD[:3], 0)
    assert caught.value.parts[0] == "--train_quality"


def test_the_command_line_trains_and_uses_a_model(tmp_path, capsys):
    for name, texts in (("good", GOOD), ("bad", BAD), ("mixed", [*GOOD[:3], *BAD[:2]])):
        (tmp_path / f"{name}.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
    argv = [f"--input={tmp_path}/good.txt", f"--output={tmp_path}/model", "--format=lines"]
    assert run(["clean", *argv, f"--train_quality={tmp_path}/bad.txt"]) == 0
    report = json.loads((tmp_path / "model" / "quality.json").read_text(encoding="utf-8"))
    assert report["recall"] == 1.0 and report["bad"] == 40
    argv = [f"--input={tmp_path}/mixed.txt", f"--output={tmp_path}/out", "--format=lines"]
    model = f"--config.quality.model={tmp_path}/model/quality.npz"
    assert run(["clean", *argv, "--workers=1", model]) == 0
    counts = json.loads((tmp_path / "out" / "clean.json").read_text(encoding="utf-8"))
    assert counts["rules"]["quality"]["dropped"] == 2
