"""BERT (Devlin et al. 2019): masked LM, with next sentence prediction where the records have pairs.

    kortf pretrain --config=bert:base --records=DIR --vocab=DIR --workdir=DIR

Sizes: `smoke` (seconds), `demo` (minutes), `mini` (about an hour on two cores), `small` (days on
two cores), `base` (published size and hyperparameters). `bert:base,nsp` adds next sentence
prediction and needs records made with `--pairing=next_sentence`.

`bert:mini,causal` is an early start for small machines. The same transformer learns causal LM
first, which has a target at every token; masked LM continues from there:

    kortf pretrain --config=bert:mini,causal … --workdir=runs/causal
    kortf pretrain --config=bert:mini … --init_from=runs/causal/model --workdir=runs/bert

Two options train in phases (docs/records.md, Mixtures). `lengths` trains 90 % of the steps on short
rows, the rest on rows of 512 tokens, as BERT was trained:

    kortf records --seq_length=128 … --output=runs/short
    kortf records --seq_length=512 … --output=runs/long
    kortf pretrain --config=bert:base,lengths --records=runs/short,runs/long …

`anneal` mixes two sources in equal parts. In the last tenth of the steps it reads the second source
alone, while the learning rate decays to 0:

    kortf pretrain --config=bert:base,anneal --records=runs/web,runs/best …

Score: one hour of masked LM on two cores, then one epoch of NSMC: 0.8409 on its test file
(docs/log.md).

`base` differs from the published training: masks are drawn anew in each pass, not ten times
beforehand; all rows have the length of the records, unless `lengths` is given; masked tokens are
chosen by tokens, without a limit of 76 a row.
"""

from kortf.train.recipe import AS_PUBLISHED, Recipe, pretraining

BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=256,
    steps=1_000_000,
    learning_rate=1e-4,
    warmup_steps=10_000,
    optimizer=AS_PUBLISHED,
)


def get_config(size: str = "small"):
    """Return the config of a size, `size` or `size,option`."""
    size, _, option = size.partition(",")
    if option not in ("", "nsp", "causal", "lengths", "anneal"):
        raise ValueError(f"option '{option}': there are nsp, causal, lengths and anneal")
    if option == "causal":
        model = {"name": "gpt", "activation": "gelu", "num_segments": 2, "norm_epsilon": 1e-12}
        return pretraining(size, {"base": BASE}, model, [{"name": "causal_lm"}])
    objectives = [{"name": "masked_lm", "rate": 0.15, "unit": "token"}]
    if option == "nsp":
        objectives.append({"name": "next_sentence"})
    config = pretraining(size, {"base": BASE}, {"name": "bert"}, objectives)
    if option == "lengths":
        config.mixture = [
            {"until_share": 0.9, "weights": [1, 0], "seq_length": 128},
            {"weights": [0, 1], "seq_length": 512},
        ]
    elif option == "anneal":
        config.mixture = [
            {"until_share": 0.9, "weights": [1, 1]},
            {"weights": [0, 1], "decay": "linear"},
        ]
        config.schedule.name = "constant"
    return config
