"""ALBERT (Lan et al. 2020): shared layers, small token vectors, n-gram masks and sentence order.

    kortf records … --pairing=sentence_order --seq_length=512
    kortf pretrain --config=configs/pretrain/albert.py:base --records=DIR --vocab=DIR --workdir=DIR

Sizes: `smoke`, `demo`, `mini`, `small`, `base` (as published). For records without pairing,
`albert.py:mini,nosop` leaves the sentence order away; `smoke`, which takes any records, does so as
well.
"""

from kortf.train.recipe import Recipe, pretraining

BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=4096,
    steps=125_000,
    learning_rate=1.76e-3,
    warmup_steps=3_125,
    optimizer={"name": "lamb"},
)
MODEL = {"name": "albert", "embedding_dim": 128, "activation": "gelu_tanh", "dropout": 0.0}


def get_config(size: str = "small"):
    """The recipe at a size, `size` or `size,nosop`."""
    size, _, option = size.partition(",")
    if option not in ("", "nosop"):
        raise ValueError(f"option '{option}': there is only nosop")
    objectives = [{"name": "masked_lm", "rate": 0.15, "unit": "ngram"}]
    if not option and size != "smoke":
        objectives.append({"name": "sentence_order"})
    return pretraining(size, {"base": BASE}, MODEL, objectives, smoke={"embedding_dim": 8})
