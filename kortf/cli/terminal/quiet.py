"""Silence TensorFlow's start-up messages: stderr is for the one line of an error."""

import importlib.abc
import importlib.util
import os
import sys

from kortf.quiet import without_stderr


def hush_tensorflow() -> None:
    """Silence the first import of TensorFlow in this process.

    Its C++ side writes some lines before it reads any setting, so no setting turns them off. With
    TF_CPP_MIN_LOG_LEVEL=0 in the environment, all of them are shown.
    """
    # 3: its logged errors are choices of kernels; true errors are exceptions.
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "0":
        return
    if "tensorflow" not in sys.modules and not any(isinstance(f, _Finder) for f in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _QuietLoader(spec.loader)
        return spec


class _QuietLoader(importlib.abc.Loader):
    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        with without_stderr():
            self._loader.exec_module(module)
            # Listing devices logs messages where there is no GPU; it sets nothing up.
            module.config.list_physical_devices()
