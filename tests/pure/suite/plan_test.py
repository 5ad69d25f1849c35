"""Plan of a suite: data directories, missing files, order."""

import pytest

from kortf.errors import InputError
from kortf.suite.plan import DEV_AS_TEST, make_plan
from tests.pure.suite.conftest import FILES, build, make_benchmark


def test_the_cheapest_benchmark_is_first(plan, data):
    assert [each.name for each in plan.planned] == ["nsmc", "kobest_copa", "text_pair"]
    assert plan.missing == {}
    dear = [make_benchmark(name, epochs=100 if name == "nsmc" else 1) for name in FILES]
    order = [each.name for each in make_plan(dear, str(data), build).planned]
    assert order == ["kobest_copa", "text_pair", "nsmc"]


def test_folders_of_benchmark_family_and_any_name_are_found(plan, data):
    found = {each.name: each.data for each in plan.planned}
    assert found == {
        "nsmc": str(data / "films"),
        "kobest_copa": str(data / "kobest"),
        "text_pair": str(data / "text_pair"),
    }
    assert [each.scored_on for each in plan.planned] == [
        "ratings_test.txt", "COPA/test.tsv", "test.tsv",
    ]  # fmt: skip


def test_a_missing_benchmark_is_named_with_its_file(data):
    (data / "films" / "ratings_test.txt").unlink()
    (data / "text_pair" / "train.tsv").unlink()
    plan = make_plan([make_benchmark(name) for name in FILES], str(data), build)
    assert [each.name for each in plan.planned] == ["kobest_copa"]
    assert "ratings_test.txt" in plan.missing["nsmc"]
    assert "train.tsv" in plan.missing["text_pair"]


def test_files_with_common_names_are_not_taken_from_other_folders(data):
    (data / "text_pair").rename(data / "other")
    assert "text_pair" in make_plan([make_benchmark("text_pair")], str(data), build).missing


def test_two_folders_with_the_same_file_are_refused(data):
    (data / "copy").mkdir()
    (data / "copy" / "ratings_train.txt").write_text("가")
    with pytest.raises(InputError) as caught:
        make_plan([make_benchmark("nsmc")], str(data), build)
    assert caught.value.parts[0] == f"--data={data}"


def test_the_dev_part_is_scored_where_the_test_part_is_missing(data):
    (data / "kobest" / "COPA" / "test.tsv").unlink()
    (planned,) = make_plan([make_benchmark("kobest_copa")], str(data), build).planned
    assert planned.scored_on == f"COPA/dev.tsv: {DEV_AS_TEST}"
    assert planned.overrides == (
        "--config.task.test_file=COPA/dev.tsv", "--config.task.dev_file=",
    )  # fmt: skip
    # Without a dev part that chooses the epoch, there is nothing honest to score on.
    missing = make_plan([make_benchmark("kobest_copa")], str(data), build, needs_dev=False).missing
    assert "test.tsv" in missing["kobest_copa"]


def test_a_missing_data_directory_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        make_plan([], str(tmp_path / "none"), build)
    assert caught.value.parts[0] == f"--data={tmp_path / 'none'}"
