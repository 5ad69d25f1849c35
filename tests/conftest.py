"""Fixtures that many tests share: each is made once a session, through the command line's door."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before anything imports TensorFlow

import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402

from kortf.cli.main import run_verb  # noqa: E402

# Two devices in every test, so that one replica can be held against two.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


def run(verb: str, *argv: str) -> None:
    """Runs `kortf VERB` in this process and expects it to succeed."""
    status = run_verb(verb, argv)
    assert status == 0, f"kortf {verb} {' '.join(argv)} ended with status {status}"


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Directory of the sample: kowiki/, nsmc/, korquad/, klue/."""
    directory = tmp_path_factory.mktemp("sample")
    run("sample", f"--output={directory}")
    return directory


@pytest.fixture(scope="session")
def vocabulary_dir(sample, tmp_path_factory):
    """Directory of a WordPiece vocabulary of 600 pieces, trained on the sample."""
    directory = tmp_path_factory.mktemp("vocabulary")
    text = f"{sample}/kowiki/*.txt,{sample}/nsmc/reviews.txt"
    run("vocab", f"--input={text}", f"--output={directory}", "--size=600", "--lowercase")
    return directory


@pytest.fixture(scope="session")
def records_dir(sample, vocabulary_dir, tmp_path_factory):
    """Directory of unpaired records of 32 tokens, made of the sample."""
    directory = tmp_path_factory.mktemp("records")
    text = f"{sample}/kowiki/*.txt,{sample}/nsmc/reviews.txt"
    run(
        "records",
        f"--input={text}",
        f"--vocab={vocabulary_dir}",
        f"--output={directory}",
        "--seq_length=32",
        "--shards=2",
        "--workers=1",
    )
    return directory
