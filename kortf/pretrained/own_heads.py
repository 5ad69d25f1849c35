"""Heads that Hugging Face's class for a model does not have: a file of their own beside its file.

`kortf_heads.safetensors` holds them under our own names: `span_boundary.dense.kernel`.
"""

from kortf.pretrained.family import Tensor, linear
from kortf.pretrained.tensors import FILE, HEADS_FILE
from kortf.pretrained.variables import paths


def rows(heads: dict) -> list[tuple]:
    """Layer, tensor and name of all that is to stand in that file."""
    return [
        (head, tensor, tensor.theirs)
        for name, head in heads.items()
        for tensor in _table(name, head)
    ]


def candidates(name: str, head) -> list[tuple[str, tuple[Tensor, ...]]]:
    """Files in which a head may stand, and its tensors there."""
    found = [(HEADS_FILE, _table(name, head))]
    if name == "classifier" and head.pooling != "cls":  # where kortf 0.1 wrote it
        found.append((FILE, linear("dense.", "kortf_classifier")))
    return found


def _table(name: str, head) -> tuple[Tensor, ...]:
    # What one pooling has learned does not stand for another.
    pooling = getattr(head, "pooling", None)
    prefix = name if pooling is None else f"{name}_{pooling}"
    return tuple(Tensor(path, f"{prefix}.{path}") for path in paths(head))
