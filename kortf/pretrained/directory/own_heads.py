"""A file for heads that Hugging Face's class for a model does not have.

`kortf_heads.safetensors` holds them under our own names: `span_boundary.dense.kernel`.
"""

from collections.abc import Iterable

from kortf.pretrained.directory.variables import paths
from kortf.pretrained.family import Tensor, linear


def table(name: str, head, elsewhere: Iterable[Tensor] = ()) -> tuple[Tensor, ...]:
    """Return the tensors of a head in that file, but for those that stand elsewhere."""
    # The weights of one pooling do not fit another.
    parts = (name, getattr(head, "pooling", None), getattr(head, "hidden", None))
    prefix = "_".join(part for part in parts if part)
    there = {tensor.ours for tensor in elsewhere}
    return tuple(Tensor(path, f"{prefix}.{path}") for path in paths(head) if path not in there)


def old_table(name: str, head) -> tuple[Tensor, ...]:
    """Return the tensors of a classifier as kortf 0.1 wrote it, in the main file."""
    if name != "classifier" or head.pooling == "cls":
        return ()
    return linear("dense.", "kortf_classifier")
