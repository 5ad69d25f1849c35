"""Set up TensorFlow and an installed wheel for the tests of whole commands and runs."""

import pytest

from tests.harness.devices import free_functions  # noqa: F401
from tests.harness.wheel import build, install


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Path of a wheel of the sources."""
    pytest.importorskip("setuptools")
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """`bin` of a fresh environment with the wheel."""
    return install(wheel, tmp_path_factory.mktemp("fresh") / "environment")
