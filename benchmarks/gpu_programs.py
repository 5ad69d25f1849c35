"""Write what `benchmarks/gpu_run.py` runs on a GPU: training steps as XLA programs, and rows.

    python -m benchmarks.gpu_programs --records=DIR --vocab=DIR --output=DIR

BERT base at 128 and 512 tokens and ModernBERT base at 1,024 and 8,192, each 32,768 tokens a step,
and a ModernBERT of 12 x 384 that learns from the records. All in mixed bfloat16. Weights are drawn
there. `--tiny` writes programs that a CPU runs in seconds, in float32.
"""

import dataclasses
import importlib
import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from absl import app, flags

from benchmarks.hlo_step import rows_of, write_step
from kortf.train.inputs.pretraining_inputs import Sources, open_inputs

FLAGS = flags.FLAGS  # --records, --vocab and --output are those of hlo_step
flags.DEFINE_bool("tiny", False, "Write tiny programs, to try the script on a CPU.")

TOKENS = 32_768  # of a step
#         recipe, tokens a row
TIMED = {
    "bert_128": ("bert", 128),
    "bert_512": ("bert", 512),
    "modernbert_1024": ("modernbert", 1024),
    "modernbert_8192": ("modernbert", 8192),
}
TINY = {"bert_32": ("bert", 32), "modernbert_256": ("modernbert", 256)}
TRAINED = {"num_layers": 12, "num_heads": 6, "hidden_dim": 384, "intermediate_dim": 1024}


def recipe(kind: str, size: str, length: int):
    """Return the config of a recipe for rows of one length, without its batch warm-up."""
    config = importlib.import_module(f"configs.pretrain.{kind}").get_config(size)
    tiny = size == "smoke"
    config.batch_size, config.batch_warmup = (256 if tiny else TOKENS) // length, ()
    config.dtype = "float32" if tiny else "mixed_bfloat16"
    return config


def write_timed(name: str, kind: str, length: int, sources: Sources, tiny: bool) -> None:
    """Write the program of a case, and its sizes as `case.json`."""
    config = recipe(kind, "smoke" if tiny else "base", length)
    inputs = open_inputs(config, sources)
    info = dataclasses.replace(inputs.info, seq_length=length)  # rows of random ids, not of these
    inputs = dataclasses.replace(inputs, info=info)
    directory = os.path.join(FLAGS.output, name)
    write_step(config, inputs, directory, drawn=True)
    vocabulary = inputs.vocabulary
    case = {
        "kind": kind, "length": length, "rows": config.batch_size, "bfloat16": not tiny,
        "rate": config.objectives[0]["rate"], "clip_norm": config.optimizer.clip_norm,
        "vocabulary_size": vocabulary.size, "cls_id": vocabulary.cls_id,
        "special_ids": list(map(int, vocabulary.special_ids)), "model": config.model.to_dict(),
    }  # fmt: skip
    with open(os.path.join(directory, "case.json"), "w") as file:
        json.dump(case, file, indent=1)


def write_trained(sources: Sources, tiny: bool) -> None:
    """Write the program of the model that is trained, and the rows of the records."""
    config = recipe("modernbert", "smoke" if tiny else "mini", 128)
    inputs = open_inputs(config, sources)
    if not tiny:
        config.model.update(TRAINED)
        config.steps, config.batch_size = 100_000, TOKENS // inputs.info.seq_length
    directory = os.path.join(FLAGS.output, "train")
    write_step(config, inputs, directory, drawn=True)
    np.save(os.path.join(directory, "rows.npy"), rows_of(inputs))


def main(argv) -> None:
    del argv
    sources = Sources(FLAGS.records, FLAGS.vocab)
    for name, (kind, length) in (TINY if FLAGS.tiny else TIMED).items():
        write_timed(name, kind, length, sources, FLAGS.tiny)
        print(f"{name}: written", flush=True)
    write_trained(sources, FLAGS.tiny)


if __name__ == "__main__":
    flags.mark_flags_as_required(["records", "vocab", "output"])
    app.run(main)
