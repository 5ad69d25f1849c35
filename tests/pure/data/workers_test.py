"""Worker processes: as many as the text is worth."""

import pytest

from kortf.data import workers


@pytest.mark.parametrize(
    "size, number", [(0, 1), ((4 << 20) - 1, 1), (4 << 20, 2), (9 << 20, 3), (1 << 40, 8)]
)
def test_little_text_gets_few_processes(size, number, monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 8)
    assert workers.worker_count(size) == number
