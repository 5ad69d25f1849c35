"""BERT (Devlin et al. 2019): masked LM, with next sentence prediction where the records have pairs.

    kortf pretrain --config=configs/pretrain/bert.py:base --records=DIR --vocab=DIR --workdir=DIR

Sizes: `smoke` and `demo` (seconds, minutes), `mini` and `small` (two cores), `base` (as published).
`bert.py:base,nsp` adds next sentence prediction. `bert.py:mini,causal` is an early start for small
machines: the same transformer learns causal LM first, which has a target at every token, and
masked LM goes on from there (docs/results.md):

    kortf pretrain --config=configs/pretrain/bert.py:mini,causal … --workdir=runs/causal
    kortf pretrain --config=configs/pretrain/bert.py:mini … --init_from=runs/causal/model \\
        --workdir=runs/bert
"""

from kortf.train.recipe import Recipe, pretraining

BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=256,
    steps=1_000_000,
    learning_rate=1e-4,
    warmup_steps=10_000,
)


def get_config(size: str = "small"):
    """The recipe at a size, `size` or `size,option`."""
    size, _, option = size.partition(",")
    if option not in ("", "nsp", "causal"):
        raise ValueError(f"option '{option}': there are nsp and causal")
    if option == "causal":
        model = {"name": "gpt", "activation": "gelu", "num_segments": 2, "norm_epsilon": 1e-12}
        return pretraining(size, {"base": BASE}, model, [{"name": "causal_lm"}])
    objectives = [{"name": "masked_lm", "rate": 0.15, "unit": "token"}]
    if option:
        objectives.append({"name": "next_sentence"})
    return pretraining(size, {"base": BASE}, {"name": "bert"}, objectives)
