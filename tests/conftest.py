"""Fixtures that many tests share: each is made once a session, through the command line's door."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before anything imports TensorFlow
# Kernels run for a moment here: to optimise them would take longer.
os.environ.setdefault(
    "XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
)

import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402

from tests.prepared import (  # noqa: E402
    make_records,
    make_sample,
    make_vocabulary,
    prepared,
    run,
)

# Two devices in every test, so that one replica can be held against two.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


@pytest.fixture(scope="module")
def quick_graphs():
    """Graphs as they are traced, for tests that make many: kernels are tested elsewhere."""
    from kortf.layers import kernels as kernels

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    with kernels.uncompiled():
        yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Directory of the sample."""
    directory = prepared("sample")
    if directory is None:
        directory = tmp_path_factory.mktemp("sample")
        make_sample(directory)
    return directory


@pytest.fixture(scope="session")
def vocabulary_dir(request, tmp_path_factory):
    """Directory of a vocabulary trained on the sample."""
    directory = prepared("vocabulary")
    if directory is None:
        directory = tmp_path_factory.mktemp("vocabulary")
        make_vocabulary(request.getfixturevalue("sample"), directory)
    return directory


@pytest.fixture(scope="session")
def records_dir(request, vocabulary_dir, tmp_path_factory):
    """Directory of unpaired records made of the sample."""
    directory = prepared("none")
    if directory is None:
        directory = tmp_path_factory.mktemp("records")
        make_records(request.getfixturevalue("sample"), vocabulary_dir, directory, "none")
    return directory


@pytest.fixture(scope="session")
def untrained(vocabulary_dir):
    """`(encoder, vocabulary)` with random weights, so large that texts get different answers."""
    from kortf import models
    from kortf.text.vocabulary.vocabulary import load_vocabulary

    vocabulary = load_vocabulary(str(vocabulary_dir))
    sizes = {"num_layers": 2, "num_heads": 2, "hidden_dim": 16, "max_length": 24, "init_scale": 0.3}
    return models.build("bert", vocabulary_size=vocabulary.size, **sizes), vocabulary


@pytest.fixture(scope="session")
def pretrained_dir(untrained, tmp_path_factory):
    """Model directory with a vocabulary head."""
    from kortf import objectives
    from kortf.pretrained.directory.directory import save_pretrained

    encoder, vocabulary = untrained
    masked_lm = objectives.build("masked_lm")
    masked_lm.build(encoder)
    directory = tmp_path_factory.mktemp("pretrained") / "model"
    save_pretrained(directory, encoder, vocabulary, {"masked_lm": masked_lm.heads[0]})
    return directory


@pytest.fixture(scope="session")
def finetuned_dir(untrained, tmp_path_factory):
    """Model directory of an NSMC classifier, as fine-tuning writes it."""
    from kortf import tasks
    from kortf.text.tokenizer.tokenizer import Tokenizer
    from kortf.train.evaluation.scoring import Scorer
    from kortf.train.finetune import save_finetuned

    encoder, vocabulary = untrained
    task = tasks.build("nsmc", pooling="mean")
    task.build(encoder.hidden_dim, 0.3, 0.1)
    directory = tmp_path_factory.mktemp("finetuned") / "model"
    save_finetuned(directory, Scorer(encoder, task, Tokenizer(vocabulary), max_length=20))
    return directory


@pytest.fixture(scope="session")
def saved_model_dir(finetuned_dir, tmp_path_factory):
    """SavedModel of that classifier."""
    directory = tmp_path_factory.mktemp("exported") / "saved_model"
    run("export", f"--model={finetuned_dir}", f"--output={directory}")
    return directory
