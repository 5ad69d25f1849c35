"""The Reformer (Kitaev et al. 2020), for long rows: masked LM, replaced tokens or causal LM.

    kortf records … --seq_length=4096
    kortf pretrain --config=reformer:long4096 --records=DIR --vocab=DIR --workdir=DIR
    kortf pretrain --config=reformer:mini4096,causal …
    kortf generate --model=WORKDIR/model --prompt='세종대왕은' --top_p=0.9

Sizes: `smoke`, `demo`, `mini`, `small`; `small512` (6 x 512, 8 heads, batches of 128 rows of 512),
`long4096` and `long16k`, as many weights for longer rows, and `mini4096`, half an hour on two cores.
`SIZE,rtd` detects replaced tokens and `SIZE,causal` reads from left to right. Rows of up to 2 x
num_hashes x bucket_size tokens look at every key, which costs no more than hashing;
config.model.full_attention_length sets another limit.

Where rows are long, positions are rotary and half of the heads look at what stands near: what is
hidden looks like all else that is, and would be hashed to it. A causal model looks at the
bucket_size keys of its bucket that come before, so with few buckets it sees enough of short texts;
num_buckets x bucket_size is about how far it looks back (docs/log.md has what that changes).

Masked LM and replaced tokens learn much faster from a causal Reformer, which learns at every token:
--init_from=CAUSAL/model, and --config.model.num_segments=0 at sizes other than mini4096.

`SIZE,hugging_face` or `SIZE,causal,hugging_face` trains what Hugging Face's class computes, so that
its model directory is one of `ReformerModel`; rows must be short enough to look at every key.
"""  # noqa: E501

import dataclasses
from typing import Any

from ml_collections.config_dict import placeholder

from kortf.train.recipe import SMALL, Recipe, pretraining

OBJECTIVES = {
    "": ("reformer", {"name": "masked_lm", "rate": 0.15, "unit": "token"}),
    "rtd": (
        "reformer",
        {"name": "replaced_token", "rate": 0.15, "generator_size": 0.25, "weight": 50.0},
    ),
    "causal": ("causal_reformer", {"name": "causal_lm"}),
}
HASHING = {"num_hashes": 4, "bucket_size": 64, "num_local_heads": 0, "look_ahead": True}
CAUSAL_BUCKETS = {4096: 8, 16_384: 32}  # by length, where rows are long
# Numbers that are found where none is set.
FOUND = (
    "num_buckets", "full_attention_length", "axial_rows", "axial_columns", "attention_chunks",
    "feed_forward_chunks",
)  # fmt: skip
HUGGING_FACE = "hugging_face"
OWN_FORM = {"streams": "mean", "attention_bias": True}
THEIR_FORM = {
    "streams": "concatenated", "attention_bias": False, "num_segments": 0, "pooler": False,
}  # fmt: skip


def _long(length: int, heads: int) -> dict[str, Any]:
    return {"max_length": length, "positions": "rotary", "num_local_heads": heads // 2}


BODY = {"num_layers": 6, "num_heads": 8, "hidden_dim": 512}
MINI = SMALL["mini"]
SIZES = {
    "small512": Recipe(BODY | {"max_length": 512}, 128, 100_000, 5e-4, 5_000),
    "long4096": Recipe(BODY | _long(4096, 8), 16, 100_000, 5e-4, 5_000),
    "long16k": Recipe(BODY | _long(16_384, 8), 4, 100_000, 5e-4, 5_000),
    "mini4096": dataclasses.replace(
        MINI,
        # No segments, so that masked LM and replaced tokens go on from a causal one.
        model=MINI.model | _long(4096, 4) | {"num_segments": 0},
        batch_size=1,
        steps=1_380,
        warmup_steps=100,
    ),
}


def get_config(size: str = "small512"):
    """Return the config of a size: `size`, `size,option` or `size,option,option`."""
    size, *options = size.split(",")
    theirs = HUGGING_FACE in options
    options = [option for option in options if option != HUGGING_FACE] or [""]
    if len(options) > 1 or options[0] not in OBJECTIVES:
        known = ", ".join(name for name in OBJECTIVES if name)
        raise ValueError(f"option '{','.join(options)}': choose one of {known}, {HUGGING_FACE}")
    name, objective = OBJECTIVES[options[0]]
    model = {"name": name, "norm": "pre", "positions": "axial", **HASHING, **OWN_FORM}
    model["num_segments"] = 0 if options[0] == "causal" else 2
    model |= {key: placeholder(int) for key in FOUND}
    length = SIZES[size].model["max_length"] if size in SIZES else None
    if options[0] == "causal" and length in CAUSAL_BUCKETS:
        model["num_buckets"] = CAUSAL_BUCKETS[length]
    # Small enough to hash rows of any records.
    smoke = {"bucket_size": 8, "num_hashes": 2, "full_attention_length": 0}
    if theirs:
        model |= THEIR_FORM
        smoke = {}
        if length in CAUSAL_BUCKETS:
            raise ValueError(f"option '{HUGGING_FACE}': {size} hashes its rows; choose small512")
    return pretraining(size, SIZES, model, [objective], smoke)
