"""LM-kor's albert-kor-base: ALBERT-base with a WordPiece vocabulary, 256 tokens, batch 1,024.

    kortf vocab --input=… --output=vocab --size=42000 --unused=2000 --lowercase --remove=hanja,emoji
    kortf records --input=… --vocab=vocab --output=records --seq_length=256 --pairing=sentence_order
    kortf pretrain --config=albert_kor:base --records=records --vocab=vocab --workdir=DIR

Sizes: `smoke` (without sentence order, so it takes any records), `demo`, `mini`, `small`, `base`.
The optimizer is not published: `base` uses BERT's AdamW, without bias correction.
"""

from kortf.train.recipe import AS_PUBLISHED, Recipe, pretraining

BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 256},
    batch_size=1024,
    steps=900_000,
    learning_rate=5e-4,
    warmup_steps=10_000,
    optimizer=AS_PUBLISHED,
)
MODEL = {"name": "albert", "embedding_dim": 128, "activation": "gelu_tanh", "dropout": 0.0}


def get_config(size: str = "base"):
    """Return the config of a size."""
    objectives = [{"name": "masked_lm", "rate": 0.15, "unit": "ngram"}]
    if size != "smoke":
        objectives.append({"name": "sentence_order"})
    return pretraining(size, {"base": BASE}, MODEL, objectives, smoke={"embedding_dim": 8})
