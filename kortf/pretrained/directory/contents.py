"""Contents of the files of a model directory."""

import kortf
from kortf.models.encoder import Encoder
from kortf.pretrained.directory import own_heads
from kortf.pretrained.family import Family, Layout, is_outside, module_of


def main_rows(family: Family, layout: Layout, encoder: Encoder, heads: dict) -> list[tuple]:
    """Layer, tensor and name of all that is to stand in the main file."""
    table = family.encoder_tensors(encoder)
    if not layout.pooler:  # nothing has trained it, and its class would not know it
        table = [tensor for tensor in table if not tensor.ours.startswith("pooler.")]
    prefix = family.prefix if layout.heads else ""
    rows = [(encoder, tensor, prefix + tensor.theirs) for tensor in table]
    for name in layout.heads:
        own = family.head_tensors(name, heads[name], encoder.settings)
        rows += [(heads[name], tensor, tensor.theirs) for tensor in own]
    return rows


def own_rows(family: Family, layout: Layout, encoder: Encoder, heads: dict) -> list[tuple]:
    """Return the same of the file of our own names."""
    rows = []
    for name, head in heads.items():
        theirs = ()
        if name in layout.heads:
            theirs = family.head_tensors(name, head, encoder.settings)
        rows += [(head, tensor, tensor.theirs) for tensor in own_heads.table(name, head, theirs)]
    return rows


def config(family: Family, layout: Layout, encoder, vocabulary, heads: dict, extra: dict) -> dict:
    """Return the content of `config.json`; `extra` overrides it."""
    said = {"architectures": [layout.architecture]} if layout.architecture else {}
    said |= {"model_type": family.model_type} | family.config(encoder, vocabulary)
    said |= family.head_config({name: heads[name] for name in layout.heads})
    said["dtype"] = "float32"
    sizes = [head.num_classes for head in heads.values() if hasattr(head, "num_classes")]
    for size in sizes:
        labels = {i: f"LABEL_{i}" for i in range(size)}
        said["id2label"] = labels
        said["label2id"] = {label: i for i, label in labels.items()}
    ours = {"version": kortf.__version__}
    if is_outside(family):
        ours["family"] = module_of(family)
    ours = ours | said.pop("kortf", {}) | extra.get("kortf", {})
    return said | extra | {"kortf": ours}
