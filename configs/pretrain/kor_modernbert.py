"""A Korean ModernBERT of A.X-Encoder-base's shape: 22 layers, 50,000 pieces, 16,384 positions.

    kortf vocab --input=GLOB --output=runs/vocab --size=50000
    kortf records --input=GLOB --vocab=runs/vocab --output=DIR --seq_length=1024
    kortf pretrain --config=kor_modernbert:base --records=DIR --vocab=runs/vocab --workdir=DIR

Sizes and options are those of `modernbert`. The card of skt/A.X-Encoder-base gives the shape
(149M weights, ModernBERT, WordPiece of 50,000 pieces, rows of up to 16,384 tokens) and the score
(KoBEST 85.50), but not its text, learning rate or steps: those here are ModernBERT's.

Score: not trained.
"""

import importlib.util
import pathlib

MAX_LENGTH = 16_384


def get_config(size: str = "small"):
    """Return the config of a size: `size` or `size,long`."""
    beside = pathlib.Path(__file__).with_name("modernbert.py")
    spec = importlib.util.spec_from_file_location("modernbert", beside)
    modernbert = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(modernbert)
    config = modernbert.get_config(size)
    if size.endswith(",long"):
        config.model.max_length = MAX_LENGTH
    return config
