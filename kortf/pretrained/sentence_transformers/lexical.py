"""The lexical part of vectors as modules of sentence-transformers.

It has no module that appends. But a Pooling with the modes `cls` and `mean_sqrt_len_tokens` appends
a sum of token vectors to `cls_token_embeddings`, and modules can fill both:

    WordEmbeddings  the code of each piece, divided by the square of its weight, as token vectors
    WordWeights     multiplies them by the squares, and adds these up for the pooling
    Dense           copies the vector so far to `cls_token_embeddings`
    Pooling         appends the sum of the codes, divided by the root of the sum of the squares

It needs version 5.4: in older ones a Dense cannot write another place than it reads.
"""

import os

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.sentence_transformers.parts import (
    CURE,
    POOLING_MODES,
    check,
    read_dense,
    read_object,
    read_pooling,
    read_table,
    read_word_weights,
)
from kortf.pretrained.sentence_transformers.parts_writing import (
    write_dense,
    write_table,
    write_word_weights,
)
from kortf.pretrained.sentence_transformers.settings import Dense, Lexical, WordWeights

MODULES = ("WordEmbeddings", "WordWeights", "Dense", "Pooling")
FIRST_TOKEN = "cls_token_embeddings"
_MODES = ["cls", "mean_sqrt_len_tokens"]
_CONFIG = "wordembedding_config.json"
_WORDS = "whitespacetokenizer_config.json"  # of a tokenizer that is not used behind a Transformer
_TOKENIZER = "sentence_transformers.models.tokenizer.WhitespaceTokenizer"


def write_lexical(folders: dict[str, str], lexical: Lexical, dim: int) -> None:
    """Write the modules.

    Args:
        folders: Folder of each module, already made.
        lexical: Tables.
        dim: Number of dimensions of the vector so far.
    """
    folder = folders["WordEmbeddings"]
    files.write_json(os.path.join(folder, _CONFIG), {
        "tokenizer_class": _TOKENIZER, "update_embeddings": False, "max_seq_length": 1_000_000,
    })  # fmt: skip
    words = {"vocab": list(lexical.pieces), "stop_words": [], "do_lower_case": False}
    files.write_json(os.path.join(folder, _WORDS), words)
    squares = lexical.squares[:, None]
    table = np.divide(lexical.codes, squares, out=np.zeros_like(lexical.codes), where=squares > 0)
    write_table(folder, table)
    write_word_weights(folders["WordWeights"], WordWeights(lexical.pieces, lexical.squares))
    copy = Dense(np.eye(dim, dtype=np.float32), None, "identity")
    write_dense(folders["Dense"], copy, output=FIRST_TOKEN)
    pooling = {"word_embedding_dimension": lexical.codes.shape[1]}
    pooling |= {key: mode in _MODES for key, mode in POOLING_MODES.items()}
    files.write_json(os.path.join(folders["Pooling"], "config.json"), pooling)


def read_lexical(folders: dict[str, str]) -> Lexical:
    """Read the modules.

    Args:
        folders: Folder of each module.

    Raises:
        InputError: A file is missing or broken, or the modules do not make a lexical part.
    """
    path = os.path.join(folders["WordEmbeddings"], _CONFIG)
    known = ("tokenizer_class", "update_embeddings", "max_seq_length")
    check(read_object(path), dict.fromkeys(known), path)
    squares = read_word_weights(folders["WordWeights"])
    table = read_table(folders["WordEmbeddings"], len(squares.values))
    if squares.values.min(initial=0.0) < 0:
        raise InputError(folders["WordWeights"], "a negative weight is not supported", CURE)
    copy = read_dense(folders["Dense"], output=FIRST_TOKEN)
    same = np.array_equal(copy.kernel, np.eye(len(copy.kernel))) and copy.bias is None
    if not same or copy.activation != "identity":
        problem = f"a layer before {FIRST_TOKEN} that changes the vector is not supported"
        raise InputError(folders["Dense"], problem, CURE)
    read_pooling(os.path.join(folders["Pooling"], "config.json"), [_MODES])
    return Lexical(squares.pieces, table * squares.values[:, None], squares.values)
