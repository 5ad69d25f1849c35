"""`kortf doctor`: each check on machines that fit and that do not."""

import importlib.metadata

import pytest
from packaging.specifiers import SpecifierSet

from kortf.cli import doctor
from kortf.cli.doctor import FAIL, OK, WARN
from kortf.cli.main import run


@pytest.mark.parametrize(
    "version, state", [((3, 10), FAIL), ((3, 11), OK), ((3, 13), OK), ((3, 14), FAIL)]
)
def test_python(version, state):
    assert doctor.check_python(version).state == state


def installed(monkeypatch, versions):
    def version(name):
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(importlib.metadata, "version", version)


@pytest.mark.parametrize(
    "versions, name, state",
    [
        ({"keras": "3.15.1"}, "keras", OK),
        ({"keras": "3.14.0"}, "keras", FAIL),
        ({}, "keras", FAIL),
        ({"tensorflow-tpu": "2.19.1"}, "tensorflow", OK),
        ({"tensorflow-tpu": "2.19.1"}, "tensorflow-text", WARN),
        ({}, "tensorflow", FAIL),
        ({}, "tensorflow-text", FAIL),
    ],
)
def test_versions(versions, name, state, monkeypatch):
    installed(monkeypatch, versions)
    check = doctor.check_version(name, SpecifierSet(">=3.15,<3.16"))
    assert check.state == state and bool(check.cure) == (state != OK)


def test_packages_that_clash_are_named(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: ["keras>=3.15"])
    installed(monkeypatch, {"keras": "3.15.0", "tensorflow-addons": "0.23.0"})
    found = {check.name: check for check in doctor.check_packages()}
    assert found["keras"].state == OK
    assert found["tensorflow-addons"].state == WARN and found["tensorflow-addons"].cure


@pytest.mark.parametrize("available, state", [(8 << 20, OK), (1 << 20, WARN)])
def test_memory(available, state, tmp_path):
    path = tmp_path / "meminfo"
    path.write_text(f"MemTotal:       16000000 kB\nMemAvailable: {available} kB\n")
    assert doctor.check_memory(str(path)).state == state
    assert doctor.check_memory(str(tmp_path / "none")).state == OK


def test_disk(monkeypatch, tmp_path):
    assert "GiB free" in doctor.check_disk(str(tmp_path)).value
    monkeypatch.setattr(doctor, "LITTLE_DISK", 1 << 80)
    assert doctor.check_disk(str(tmp_path)).state == WARN


def test_the_exit_status_says_whether_a_check_failed(monkeypatch, capsys):
    for state, status in ((OK, 0), (WARN, 0), (FAIL, 1)):
        monkeypatch.setattr(
            doctor, "checks", lambda speed, s=state: [doctor.Check("x", "y", s, "z")]
        )
        assert run(["doctor", "--nospeed"]) == status
        assert capsys.readouterr().out.split() == [state, "x", "y;", "z"]
