"""Plug-ins are found by the name of their module; no other module is imported."""

import subprocess
import sys

import pytest

from kortf import discovery
from kortf.errors import InputError

ENCODERS = ["albert", "bert", "causal_reformer", "electra", "gpt", "reformer", "roberta"]
PLUGIN = "from kortf import errors\n\n\nclass Base: ...\n\n\nclass Mine(Base): ...\n"


def test_names_are_read_from_sources_without_import():
    program = (
        "import sys\nfrom kortf import discovery\n"
        "print(*discovery.names('kortf.models'))\n"
        "bad = [name for name in sys.modules if name.startswith(('kortf.models', 'tensorflow'))]\n"
        "sys.exit(f'imported: {bad}' if bad else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert set(ENCODERS) <= set(done.stdout.split())


def test_bases_and_private_modules_are_no_plugins(tmp_path, monkeypatch):
    package = tmp_path / "plugged"
    package.mkdir()
    sources = {
        "__init__": "", "good": PLUGIN, "_hidden": PLUGIN, "function": "def f(): ...\n",
        "base": "import abc\n\n\nclass A(abc.ABC): ...\n",
    }  # fmt: skip
    for name, source in sources.items():
        (package / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    assert discovery.names("plugged") == ("good",)


@pytest.mark.parametrize("name", ["outside", "deep.inside.outside"])
def test_a_module_on_the_path_is_found(tmp_path, monkeypatch, name):
    folder = tmp_path.joinpath(*name.split(".")[:-1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "outside.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("outside", "deep", "deep.inside", name):
        sys.modules.pop(module, None)
    assert discovery.load("kortf.models", name, "encoder").Mine.__name__ == "Mine"
    assert discovery.names("kortf.models") == discovery.names("kortf.models", object)


def test_another_module_is_never_imported(tmp_path, monkeypatch):
    ran = tmp_path / "ran"
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "__init__.py").write_text(f"open({str(ran)!r}, 'w')\n")
    (tmp_path / "evil" / "code.py").write_text(f"open({str(ran)!r}, 'w')\nclass A(dict): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("evil", "evil.code", "evil.nothing", "os.path", "a..b", "evil/code", ""):
        with pytest.raises(InputError) as caught:
            discovery.load("kortf.models", name, "encoder")
        assert caught.value.parts[0] == f"encoder '{name}'"
    assert not ran.exists()


def test_a_near_name_is_suggested():
    with pytest.raises(InputError, match="did you mean 'roberta'"):
        discovery.load("kortf.models", "robarta", "encoder")


@pytest.mark.parametrize("name", ["x" * 5000, "x.y" * 5000, "\ud800"])
def test_a_name_that_can_be_no_file_is_refused(name):
    with pytest.raises(InputError):
        discovery.load("kortf.models", name, "encoder")
