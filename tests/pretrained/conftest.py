"""What tests of this folder share."""

import pytest
from absl import logging


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """What is written to the log."""
    lines = []
    monkeypatch.setattr(logging, "log", lambda level, text, *parts: lines.append(text % parts))
    monkeypatch.setattr(logging, "info", lambda text, *parts: lines.append(text % parts))
    return lines
