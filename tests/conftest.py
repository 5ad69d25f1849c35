"""Fixtures that all tiers share. Nothing here imports TensorFlow before a test asks for it."""

import contextlib
import gc
import os
import pathlib
import resource
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before anything imports TensorFlow
# Kernels run for a moment here: optimising them would take longer.
os.environ.setdefault(
    "XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
)

# Imports and graphs make many objects that live long: a collection finds little for its time.
gc.set_threshold(100_000, 20, 100)

import pytest  # noqa: E402

from tests import prepared  # noqa: E402

TESTS = pathlib.Path(__file__).parent
LIMIT_MB = 3_000
PEAKS: dict[str, int] = {}


def pytest_collection_modifyitems(items):
    """Mark each test with the tier that its folder names."""
    for item in items:
        item.add_marker(item.path.relative_to(TESTS).parts[0])


def pytest_collection_finish(session):
    """Refuse a run of the pure tier alone that has imported TensorFlow already."""
    tiers = {item.path.relative_to(TESTS).parts[0] for item in session.items}
    if tiers == {"pure"} and "tensorflow" in sys.modules:
        raise pytest.UsageError("tests/pure: a module imports TensorFlow when it is collected")


def pytest_sessionfinish(session):
    """Send the peak memory of this worker to the process that reports it."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["peak_mb"] = _peak_mb()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """Collect the peak memory of the workers."""
    output = getattr(node, "workeroutput", {})
    if "peak_mb" in output:
        PEAKS[node.gateway.id] = output["peak_mb"]


def pytest_terminal_summary(terminalreporter):
    """Print the peak memory of each worker, and name those above the limit."""
    peaks = PEAKS or {"this process": _peak_mb()}
    for name, peak in sorted(peaks.items()):
        above = f", above the limit of {LIMIT_MB:,} MB" if peak > LIMIT_MB else ""
        terminalreporter.write_line(f"peak memory of {name}: {peak:,} MB{above}")


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@pytest.fixture(scope="session")
def sample():
    """Directory of the sample."""
    return prepared.sample_dir()


@pytest.fixture(scope="session")
def vocabulary_dir():
    """Directory of a vocabulary trained on the sample."""
    return prepared.vocabulary()


@pytest.fixture(scope="session")
def records_dir():
    """Directory of unpaired records made of the sample."""
    return prepared.records()


@pytest.fixture(scope="session")
def records():
    """Pairing to records directory."""
    return {pairing: str(prepared.records(pairing)) for pairing in prepared.PAIRINGS}


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """Lines written to absl's log."""
    from absl import logging

    lines = []
    monkeypatch.setattr(logging, "log", lambda level, text, *parts: lines.append(text % parts))
    monkeypatch.setattr(logging, "info", lambda text, *parts: lines.append(text % parts))
    return lines


@contextlib.contextmanager
def _quick():
    import tensorflow as tf

    from kortf.layers import kernels

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    with kernels.uncompiled():
        yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


@pytest.fixture(scope="module")
def quick_graphs():
    """Graphs run as they are traced, for tests that make many; kernels have tests of their own."""
    with _quick():
        yield


@pytest.fixture
def quick_graph():
    """`quick_graphs` for one test of a module."""
    with _quick():
        yield


@pytest.fixture(scope="session")
def untrained(vocabulary_dir):
    """`(encoder, vocabulary)` with random weights, so large that texts get different answers."""
    import keras

    from kortf import models
    from kortf.text.vocabulary.loading import load_vocabulary

    keras.utils.set_random_seed(0)  # every worker has the weights of the shared directories
    vocabulary = load_vocabulary(str(vocabulary_dir))
    sizes = {"num_layers": 2, "num_heads": 2, "hidden_dim": 16, "max_length": 24, "init_scale": 0.3}
    return models.build("bert", vocabulary_size=vocabulary.size, **sizes), vocabulary


@pytest.fixture(scope="session")
def pretrained_dir(untrained):
    """Model directory with a vocabulary head."""

    def make(directory):
        from kortf import objectives
        from kortf.pretrained.directory.directory import save_pretrained

        encoder, vocabulary = untrained
        masked_lm = objectives.build("masked_lm")
        masked_lm.build(encoder)
        save_pretrained(directory, encoder, vocabulary, {"masked_lm": masked_lm.heads[0]})

    return prepared.shared("pretrained", make, prepared.MODEL_CODE)


@pytest.fixture(scope="session")
def finetuned_dir(untrained):
    """Model directory of an NSMC classifier, as fine-tuning writes it."""

    def make(directory):
        from kortf import tasks
        from kortf.text.tokenizer.tokenizer import Tokenizer
        from kortf.train.evaluation.scoring import Scorer
        from kortf.train.results.finetuning_results import save_finetuned

        encoder, vocabulary = untrained
        task = tasks.build("nsmc", pooling="mean")
        task.build(encoder.hidden_dim, 0.3, 0.1)
        save_finetuned(directory, Scorer(encoder, task, Tokenizer(vocabulary), max_length=20))

    return prepared.shared("finetuned", make, prepared.MODEL_CODE)


@pytest.fixture(scope="session")
def saved_model_dir(finetuned_dir):
    """SavedModel of that classifier."""

    def make(directory):
        prepared.run("export", f"--model={finetuned_dir}", f"--output={directory}")

    return prepared.shared("saved_model", make, prepared.MODEL_CODE)
