"""kortf: from raw Korean text to a served Korean language model, in TensorFlow."""

__version__ = "0.2.0"

_PUBLIC = {
    "load_tokenizer": "kortf.text.tokenizer.tokenizer",
    "from_pretrained": "kortf.pretrained.directory.directory",
    "load": "kortf.export.predictor",
}


def __getattr__(name: str):
    # Lazy, so that `import kortf` costs nothing and training never loads tensorflow_text.
    if name in _PUBLIC:
        import importlib

        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'kortf' has no attribute {name!r}")
