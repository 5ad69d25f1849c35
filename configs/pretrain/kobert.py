"""KoBERT: BERT-base with a SentencePiece vocabulary of 8,002 pieces.

    kortf vocab --input=… --output=vocab --type=sentencepiece --size=8002
    kortf records --input=… --vocab=vocab --output=records --seq_length=512 --pairing=next_sentence
    kortf pretrain --config=kobert:base --records=records --vocab=vocab --workdir=DIR

Sizes: `smoke`, `demo`, `mini`, `small`, `base`. `kobert:mini,nonsp` leaves next sentence prediction
out and takes records without pairing; so does `smoke`.

Sizes and vocabulary of `base` are published (Wikipedia, 54M words). Its batch size, steps, learning
rate and optimizer are not: they are BERT's, and it differs from BERT's training as `bert` does.
"""

from kortf.train.recipe import AS_PUBLISHED, Recipe, pretraining

BASE = Recipe(
    model={
        "num_layers": 12, "num_heads": 12, "hidden_dim": 768, "intermediate_dim": 3072,
        "max_length": 512,
    },
    batch_size=256,
    steps=1_000_000,
    learning_rate=1e-4,
    warmup_steps=10_000,
    optimizer=AS_PUBLISHED,
)  # fmt: skip


def get_config(size: str = "base"):
    """Return the config of a size, `size` or `size,nonsp`."""
    size, _, option = size.partition(",")
    if option not in ("", "nonsp"):
        raise ValueError(f"option '{option}': there is only nonsp")
    objectives = [{"name": "masked_lm", "rate": 0.15, "unit": "token"}]
    if not option and size != "smoke":
        objectives.append({"name": "next_sentence"})
    return pretraining(size, {"base": BASE}, {"name": "bert"}, objectives)
