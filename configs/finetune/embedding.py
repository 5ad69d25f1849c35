"""Sentence embeddings: a vector for each text, or for each token of it, for similarity and search.

    kortf finetune --config=embedding:small,simcse --data=DIR \\
        --config.task.train_file=sentences.txt --init_from=MODEL_DIR --workdir=DIR

A text file with a sentence a line is enough (unsupervised SimCSE). Tables are recognized by their
columns: pairs (`anchor`, `positive`), triples (and `negative`), scored pairs (`sentence1`,
`sentence2`, `score`), NLI rows (`sentence1`, `sentence2`, `gold_label`), as `.tsv`, `.jsonl` or
`.json`. A dev part and a test part are optional:

    --config.task.train_file=nli.tsv --config.task.dev_file=sts-dev.tsv \\
    --config.task.test_file=sts-test.tsv

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (12 layers, 768 wide).
Options choose the recipe: `simcse` for sentences, `pairs` for pairs, triples and NLI rows (the
default), `sts` for scored pairs. The loss follows from the data; `config.task.loss=cosine` is a
regression of the cosine. A large batch fits by chunks: `config.batch_size=1024` with
`config.accumulate=32` has the gradient of the whole batch.

`config.task.interaction=late` is ColBERT's late interaction: a vector for each token, and texts
compared by MaxSim.
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "pairs": {"small": Recipe(3, 64, 2e-4), "base": Recipe(3, 64, 3e-5)},
    "simcse": {"small": Recipe(1, 64, 1e-4), "base": Recipe(1, 64, 3e-5)},
    "sts": {"small": Recipe(6, 32, 2e-4), "base": Recipe(4, 32, 3e-5)},
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the config of a size, `size` or `size,option`."""
    size, _, option = size.partition(",")
    option = option or "pairs"
    if option not in RECIPES:
        raise ValueError(f"option '{option}': there are {', '.join(RECIPES)}")
    task = {
        "name": "embedding",
        "train_file": "train.tsv",
        "dev_file": "",  # rows of the train part are held back if they can be scored
        "test_file": "",  # none: the dev part is scored
        "columns": "",  # of .tsv files without a header, or NAME=MEANING
        "low": 0.0,  # least score of scored pairs
        "high": 5.0,
        "pooling": "mean",
        "normalize": True,
        "word_weights": 0.0,  # smoothing of weights by frequency in the mean, such as 1e-3
        "lexical_weight": 0.0,  # weight of a lexical part of the vectors, such as 0.2
        "loss": "auto",  # contrastive, cosent or cosine
        "temperature": 0.05,
        "learn_temperature": False,
        "dimensions": "",  # Matryoshka sizes, such as 128,64
        "interaction": "single",  # late: a vector for each token
        "token_width": 128,  # dimensions of a token's vector; late only
        "skip_punctuation": False,  # whether punctuation does not count; late only
    }
    return finetuning(size, task, RECIPES[option], pooled=False)
