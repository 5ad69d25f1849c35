"""KoBERT: BERT-base over a SentencePiece vocabulary of 8,002 pieces.

    kortf vocab --input=… --output=vocab --type=sentencepiece --size=8002
    kortf records --input=… --vocab=vocab --output=records --seq_length=512 --pairing=next_sentence
    kortf pretrain --config=configs/pretrain/kobert.py:base --records=records --vocab=vocab \\
        --workdir=DIR

Its sizes and its vocabulary are published (Wikipedia, 54M words), its batch and learning rate are
not: these are BERT's. Sizes: `smoke`, `demo`, `mini`, `small`, `base`. For records without pairing,
`kobert.py:mini,nonsp` leaves next sentence prediction away; `smoke`, which takes any records, does
so as well.
"""

from kortf.train.recipe import Recipe, pretraining

BASE = Recipe(
    model={
        "num_layers": 12, "num_heads": 12, "hidden_dim": 768, "intermediate_dim": 3072,
        "max_length": 512,
    },
    batch_size=256,
    steps=1_000_000,
    learning_rate=1e-4,
    warmup_steps=10_000,
)  # fmt: skip


def get_config(size: str = "base"):
    """The recipe at a size, `size` or `size,nonsp`."""
    size, _, option = size.partition(",")
    if option not in ("", "nonsp"):
        raise ValueError(f"option '{option}': there is only nonsp")
    objectives = [{"name": "masked_lm", "rate": 0.15, "unit": "token"}]
    if not option and size != "smoke":
        objectives.append({"name": "next_sentence"})
    return pretraining(size, {"base": BASE}, {"name": "bert"}, objectives)
