"""Set up the client of an MLflow tracking server or store."""

import logging
import os
import pathlib
import re

from kortf import files
from kortf.errors import InputError

STORE = "mlruns"  # where runs go without MLFLOW_TRACKING_URI

_USUAL = {
    # MLflow 3 keeps runs in plain files only on request.
    "MLFLOW_ALLOW_FILE_STORE": "true",
    # By default it retries for minutes, and sends telemetry.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # By default it prints the address with its password.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


def local_store(workdir: str) -> str:
    """Return the address of the store inside a work directory.

    Raises:
        InputError: when the work directory is remote.
    """
    if files.is_remote(workdir):
        cure = "set MLFLOW_TRACKING_URI to a server or to a local directory"
        raise InputError(f"--workdir={workdir}", "MLflow keeps no runs at such an address", cure)
    return pathlib.Path(os.path.abspath(workdir), STORE).as_uri()


def connect(uri: str):
    """Return an `MlflowClient` for an address, without a request to its server.

    Raises:
        InputError: MLflow is not installed, or does not know such addresses.
    """
    for name, value in _USUAL.items():
        os.environ.setdefault(name, value)
    try:
        import mlflow
        from mlflow.exceptions import MlflowException
    except ImportError as error:
        problem = f"MLflow cannot be imported ({error})"
        raise InputError("--mlflow", problem, "pip install 'kortf[mlflow]'") from error
    # Its retries and hints would mix with the lines of the training.
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("mlflow.utils.async_logging").setLevel(logging.CRITICAL)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        return mlflow.MlflowClient(tracking_uri=uri)
    except MlflowException as error:
        place = f"MLFLOW_TRACKING_URI={without_password(uri)}"
        raise InputError(place, first_line(error), "correct it, or leave it out") from error


def without_password(text: str) -> str:
    """Return a text without the passwords of its addresses.

    Example:
        >>> without_password("https://kim:secret@tracking.example.org/mlflow")
        'https://tracking.example.org/mlflow'
    """
    return re.sub(r"//[^/\s]+@", "//", text)


def first_line(error: BaseException | None) -> str:
    """Return the first line of an error, without passwords."""
    if "ConnectionPool(" in str(error):  # a page about sockets and retries
        return "it does not answer"
    lines = without_password(str(error)).strip().splitlines() or [type(error).__name__]
    return lines[0][:200]
