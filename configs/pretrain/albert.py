"""ALBERT (Lan et al. 2020): shared layers, small token vectors, n-gram masks and sentence order.

    kortf records … --pairing=sentence_order --seq_length=512
    kortf pretrain --config=albert:base --records=DIR --vocab=DIR --workdir=DIR

Sizes: `smoke`, `demo`, `mini`, `small`, `base` (published size and hyperparameters).
`albert:mini,nosop` leaves sentence order out and takes records without pairing; so does `smoke`.

`base` differs from the published training: masks are drawn anew in each pass, and all rows have the
length of the records, where ALBERT shortens one row in ten.
"""

from kortf.train.recipe import AS_PUBLISHED, Recipe, pretraining

BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=4096,
    steps=125_000,
    learning_rate=1.76e-3,
    warmup_steps=3_125,
    optimizer={"name": "lamb", **AS_PUBLISHED},
)
MODEL = {"name": "albert", "embedding_dim": 128, "activation": "gelu_tanh", "dropout": 0.0}


def get_config(size: str = "small"):
    """Return the config of a size, `size` or `size,nosop`."""
    size, _, option = size.partition(",")
    if option not in ("", "nosop"):
        raise ValueError(f"option '{option}': there is only nosop")
    objectives = [{"name": "masked_lm", "rate": 0.15, "unit": "ngram"}]
    if not option and size != "smoke":
        objectives.append({"name": "sentence_order"})
    return pretraining(size, {"base": BASE}, MODEL, objectives, smoke={"embedding_dim": 8})
