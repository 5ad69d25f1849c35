"""LM-kor's bert-kor-base: BERT-base, whole-eojeol masking, 512 tokens, batch 256.

    kortf vocab --input=… --output=vocab --size=42000 --unused=2000 --lowercase --remove=hanja,emoji
    kortf records --input=… --vocab=vocab --output=records --seq_length=512
    kortf pretrain --config=bert_kor:base --records=records --vocab=vocab --workdir=DIR

Published for 70 GB of text. Sizes: `smoke`, `demo`, `mini`, `small`, `base`. The learning rate and
the optimizer are not published: they are BERT's, and `base` differs from BERT's training as `bert`
does.
"""

from kortf.train.recipe import AS_PUBLISHED, Recipe, pretraining

BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=256,
    steps=1_900_000,
    learning_rate=1e-4,
    warmup_steps=10_000,
    optimizer=AS_PUBLISHED,
)


def get_config(size: str = "base"):
    """Return the config of a size."""
    objectives = [{"name": "masked_lm", "rate": 0.15, "unit": "word"}]
    return pretraining(size, {"base": BASE}, {"name": "bert"}, objectives)
