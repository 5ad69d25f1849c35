"""Serve models over HTTP and gRPC, as TF Serving does, with a page to try them.

  kortf serve --model=nsmc=runs/nsmc/model
  kortf serve --model=nsmc=served/nsmc,ner=served/ner --port=8501 --grpc_port=8500

A directory is a SavedModel, a model directory, or holds versions of them (DIR/1, DIR/2): the newest
one answers, and a new one takes over without a failed request. Requests: TF Serving's REST and
gRPC, and the Open Inference Protocol under /v2. See docs/serving.md. Needs `pip install
'kortf[serve]'`.
"""

import os

from absl import flags

from kortf.cli.export import define_options, options_of
from kortf.cli.flags.model_paths import check_model
from kortf.errors import InputError


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf serve`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_list("model", None, "NAME=DIR of each model, separated by commas", **of)
    flags.DEFINE_string("host", "127.0.0.1", "address to bind to", **of)
    flags.DEFINE_integer("port", 8501, "HTTP port", lower_bound=0, upper_bound=65535, **of)
    flags.DEFINE_integer(
        "grpc_port", 8500, "gRPC port; 0 for none", lower_bound=0, upper_bound=65535, **of
    )
    flags.DEFINE_string("api_token", "", "token that requests must carry", **of)
    flags.DEFINE_boolean(
        "insecure", False, "allow requests of other machines without a token", **of
    )
    flags.DEFINE_float("poll_seconds", 5.0, "seconds between checks for new versions", **of)
    flags.DEFINE_integer(
        "max_batch", 32, "maximum number of rows computed together", lower_bound=1, **of
    )
    flags.DEFINE_float(
        "batch_wait_ms", 0.0, "milliseconds that a row waits for others", lower_bound=0.0, **of
    )
    flags.DEFINE_integer(
        "max_queue", 1024, "maximum number of rows that wait for a model", lower_bound=1, **of
    )
    flags.DEFINE_integer(
        "max_rows", 256, "maximum number of rows of a request", lower_bound=1, **of
    )
    flags.DEFINE_integer(
        "max_bytes", 4 << 20, "maximum size of a request in bytes", lower_bound=1, **of
    )
    flags.DEFINE_float("timeout_seconds", 30.0, "time limit of a request", lower_bound=0.001, **of)
    flags.DEFINE_enum(
        "engine", "tensorflow", ["tensorflow", "openvino"],
        "engine that computes the encoder of a model directory", **of,
    )  # fmt: skip
    flags.DEFINE_enum("weights", "float32", ["float32", "int8"], "weights of OpenVINO", **of)
    define_options(flag_values)
    flags.mark_flag_as_required("model", flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Serve until a signal comes."""
    for spec in flag_values.model:
        name, mark, directory = spec.partition("=")
        check_versions(directory if mark else name, f"--model={spec}")
    try:
        from kortf.export.serve.batcher import Limits
        from kortf.export.serve.model_store import parse_models
        from kortf.export.serve.server import ServerSettings, serve
    except ImportError as error:
        problem = f"needs a package that is not installed ({error.name})"
        raise InputError("kortf serve", problem, "pip install 'kortf[serve]'") from error
    from absl import logging

    logging.set_verbosity(logging.INFO)
    settings = ServerSettings(
        flag_values.host, flag_values.port, flag_values.grpc_port, flag_values.api_token,
        flag_values.insecure, flag_values.poll_seconds,
    )  # fmt: skip
    settings.check()
    limits = Limits(
        flag_values.max_batch, flag_values.batch_wait_ms / 1e3, flag_values.max_queue,
        flag_values.max_rows, flag_values.max_bytes, flag_values.timeout_seconds,
    )  # fmt: skip
    options = options_of(flag_values, engine=flag_values.engine, weights=flag_values.weights)
    serve(parse_models(flag_values.model), settings, limits, options)


def check_versions(directory: str, place: str) -> None:
    """Check that a model, or a directory of versions of it, exists, before TensorFlow is imported.

    Raises:
        InputError: Names the nearest directory that holds a model.
    """
    if not os.path.isdir(directory) or not any(name.isdigit() for name in os.listdir(directory)):
        check_model(directory, place)
