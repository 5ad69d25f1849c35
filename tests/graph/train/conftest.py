"""Trace the training graphs of this folder uncompiled: the kernels have tests of their own."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def traced_only(quick_graphs):
    """Apply `quick_graphs` to every module."""
