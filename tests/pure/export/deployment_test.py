"""The files of containers agree with the command and with each other."""

import pathlib
import re

import yaml
from absl import flags

from kortf.cli import serve

ROOT = pathlib.Path(__file__).parents[3]
KUBERNETES = ROOT / "examples" / "serving" / "kubernetes.yaml"


def known_flags() -> set[str]:
    values = flags.FlagValues()
    serve.define(values, [])
    return set(values)


def test_containers_give_flags_that_exist():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    given = compose["services"]["kortf"]["command"]
    given += re.findall(r'"(--[^"]+)"\]', (ROOT / "Dockerfile.serve").read_text())
    names = {flag.removeprefix("--").partition("=")[0] for flag in given}
    assert names - {"help"} <= known_flags() and {"model", "host", "api_token"} <= names


def test_kubernetes_mounts_what_the_server_reads():
    deployment, service = yaml.safe_load_all(KUBERNETES.read_text())
    pod = deployment["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    mounted = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    options = dict(arg.removeprefix("--").split("=") for arg in container["args"] if "=" in arg)
    for path in (options["model_base_path"], options["batching_parameters_file"]):
        assert str(pathlib.PurePosixPath(path).parent) in mounted
    assert {volume["name"] for volume in pod["spec"]["volumes"]} == set(mounted.values())
    assert service["spec"]["selector"] == pod["metadata"]["labels"]
    config = pathlib.PurePosixPath(options["batching_parameters_file"]).name
    assert "max_batch_size" in (KUBERNETES.parent / config).read_text()
