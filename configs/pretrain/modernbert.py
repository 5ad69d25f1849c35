"""ModernBERT (Warner et al. 2024): masked LM on long rows, local and global attention.

    kortf records … --seq_length=1024
    kortf pretrain --config=modernbert:base --records=DIR --vocab=DIR --workdir=runs/short
    kortf records … --seq_length=8192
    kortf pretrain --config=modernbert:base,long --records=DIR --vocab=DIR \\
        --init_from=runs/short/model --workdir=runs/long

As published: 30 % masking, no dropout, a trapezoidal schedule, StableAdamW and a batch warm-up.

Sizes: `smoke` (seconds), `demo` (minutes), `mini` (about an hour on two cores), `small` (days on
two cores), `base` and `large` (published sizes and hyperparameters). `SIZE,long` is the second
phase: rows of 8,192 tokens, the rotary base of the global layers raised from 10,000 to 160,000, a
constant learning rate and a decay by `1 - sqrt`. The small sizes take fewer rows there.

`modernbert:mini,causal` is an early start for small machines, as `bert:mini,causal` is: the same
layers learn causal LM first, which has a target at every token. Masked LM continues from there:

    kortf pretrain --config=modernbert:mini,causal … --workdir=runs/causal
    kortf pretrain --config=modernbert:mini … --init_from=runs/causal/model --workdir=runs/masked

Records are packed, and a packed example attends to itself alone, so only padding at the end of a
row is computed in vain.

Score: `mini`, half an hour of masked LM on one core after 2,000 steps of causal LM, then one epoch
of NSMC: 0.870 on its test file, where `bert:mini` has 0.863 in equal time (docs/log.md).

`base` and `large` differ from the published training: the batch warm-up has three stages where
it has many, weights of `large` are not tiled from `base`, its learning rate does not fall to 5e-5
after 900B tokens, and steps are counted in rows, not in real tokens.
"""

from kortf.train.modernbert_recipe import modernbert


def get_config(size: str = "small"):
    """Return the config of a size: `size`, `size,long` or `size,causal`."""
    return modernbert(size)
