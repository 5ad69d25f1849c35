"""`kortf doctor` on this machine."""

from kortf.cli import doctor
from kortf.cli.doctor import FAIL
from kortf.cli.main import run


def test_devices_and_speed_are_reported(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "SPEED_SECONDS", 0.1)
    monkeypatch.setattr(doctor, "SIZES", {"num_layers": 1, "num_heads": 1, "hidden_dim": 8})
    run(["doctor"])
    lines = [line.split(None, 2) for line in capsys.readouterr().out.splitlines()]
    found = {name: (state, value) for state, name, value in lines}
    for name in ("Python", "memory", "disk", "GPU", "TPU", "CPU", "dtype", "speed"):
        assert found[name][0] != FAIL, name
    assert "tokens/s" in found["speed"][1]
