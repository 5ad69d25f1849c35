"""A Korean ModernBERT of A.X-Encoder-base's shape: 22 layers, 50,000 pieces, 16,384 positions.

    kortf vocab --input=GLOB --output=runs/vocab --size=50000
    kortf records --input=GLOB --vocab=runs/vocab --output=DIR --seq_length=1024
    kortf pretrain --config=kor_modernbert:base --records=DIR --vocab=runs/vocab --workdir=DIR

Sizes and options are those of `modernbert`. The card of skt/A.X-Encoder-base gives the shape
(149M weights, ModernBERT, WordPiece of 50,000 pieces, rows of up to 16,384 tokens) and the score
(KoBEST 85.50), but not its text, learning rate or steps: those here are ModernBERT's.

Score: not trained.
"""

from kortf.train.modernbert_recipe import modernbert


def get_config(size: str = "small"):
    """Return the config of a size: `size`, `size,long` or `size,causal`."""
    return modernbert(size, long_length=16_384)
