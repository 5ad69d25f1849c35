"""The dtype of a device: chosen, refused, and named as slow."""

import pytest

from kortf import precision
from kortf.errors import InputError


@pytest.fixture
def cpu(monkeypatch):
    """Set the flags of a CPU that TensorFlow finds no other device beside."""
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [])
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: [])
    precision.bfloat16_support.cache_clear()
    yield lambda *flags: monkeypatch.setattr(precision, "cpu_flags", lambda: frozenset(flags))
    precision.bfloat16_support.cache_clear()


@pytest.mark.parametrize("flag", ["avx512_bf16", "amx_bf16"])
def test_a_cpu_with_bfloat16_units_mixes(cpu, flag):
    cpu("avx2", flag)
    policy, reason = precision.resolve_dtype("auto")
    assert policy == "mixed_bfloat16" and flag in reason


def test_a_cpu_without_them_computes_in_float32_and_names_a_slow_choice(cpu):
    cpu("avx2", "avx512f")
    assert precision.resolve_dtype("auto")[0] == "float32"
    policy, reason = precision.resolve_dtype("mixed_bfloat16")
    assert policy == "mixed_bfloat16" and "slower" in reason
    assert precision.resolve_dtype("float32") == ("float32", "")


@pytest.mark.parametrize("capability, policy", [((7, 5), "float32"), ((8, 0), "mixed_bfloat16")])
def test_gpus_by_their_generation(cpu, monkeypatch, capability, policy):
    import tensorflow as tf

    details = {"compute_capability": capability}
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: ["a GPU"])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    assert precision.resolve_dtype("auto")[0] == policy


@pytest.mark.parametrize("name", ["float16", "mixed_float16", "int8", ""])
def test_other_dtypes_are_refused(name):
    with pytest.raises(InputError, match=f"config.dtype={name}"):
        precision.check_dtype("config.dtype", name)


def test_flags_are_read_from_the_file_of_the_system(tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text("processor\t: 0\nflags\t\t: fpu avx2 amx_bf16\n\n")
    assert precision.cpu_flags(str(path)) == {"fpu", "avx2", "amx_bf16"}
    assert precision.cpu_flags(str(tmp_path / "none")) == frozenset()
