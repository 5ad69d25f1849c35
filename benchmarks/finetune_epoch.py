"""One pass of fine-tuning against transformers' Trainer, in turns in one process.

    python -m benchmarks.finetune_epoch --task=nsmc --data=data/nsmc --vocab=DIR [--rows=6400]
    python -m benchmarks.finetune_epoch --task=korsts --data=data/kornlu/KorSTS --vocab=DIR
    python -m benchmarks.finetune_epoch --task=klue_ner --data=data/klue --vocab=DIR

A turn tokenises the same rows and trains one pass: kortf with batches of like length, the Trainer
with each batch padded to its longest row, and with every row padded to the greatest length. Both
sides: a BERT of 6 x 256 with random weights, AdamW, clipping, dropout 0.1, in bfloat16 or, where
the processor has no products in it, float32; freed memory stays with the process, as in every
training by kortf. Entities are learned by pieces, each tag alone, as transformers does it.
"""

import os
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import torch
import transformers
from absl import app, flags

from benchmarks.paired import Rivals, table, take_turns

FLAGS = flags.FLAGS
flags.DEFINE_enum("task", "nsmc", ["nsmc", "korsts", "klue_ner"], "Which benchmark.")
flags.DEFINE_string("data", "data/nsmc", "Directory of its files.")
flags.DEFINE_string("vocab", None, "WordPiece vocabulary directory.", required=True)
flags.DEFINE_string("train_file", None, "Name of the file to train on, if not the published one.")
flags.DEFINE_integer("rows", 6400, "Rows of the pass, at most.")
flags.DEFINE_integer("rounds", 3, "Counted rounds.")
flags.DEFINE_enum("dtype", "bfloat16", ["bfloat16", "float32"], "What both sides compute in.")

SIZES = {"num_layers": 6, "num_heads": 4, "hidden_dim": 256, "max_length": 128}
BATCH = {"nsmc": 64, "korsts": 32, "klue_ner": 32}
SETTINGS = {"klue_ner": {"label_at": "all", "crf": False}}
IGNORED = -100  # torch's mark of a token without a label


def make_kortf(name: str, rows: list[dict], vocab: str):
    """A function that trains one pass in kortf."""
    import tensorflow as tf

    from kortf import models, tasks
    from kortf.text.tokenizer.tokenizer import load_tokenizer
    from kortf.train.examples import EncodedExamples, steps_per_epoch, training_plan
    from kortf.train.loop.step import Trainer
    from kortf.train.optim.optimizers import make_optimizer
    from kortf.train.optim.schedule import make_schedule
    from kortf.train.programs.finetuning import Finetuning

    dtype = {"bfloat16": "mixed_bfloat16", "float32": "float32"}[FLAGS.dtype]
    batch = BATCH[name]
    tokenizer = load_tokenizer(vocab)
    size = tokenizer.vocabulary.size
    encoder = models.build("bert", vocabulary_size=size, dtype=dtype, **SIZES)
    task = tasks.build(name, **SETTINGS.get(name, {}))
    task.build(SIZES["hidden_dim"], 0.02, 0.1, dtype)
    program = Finetuning(encoder, task)
    optimizer = make_optimizer("adamw", program.variables())
    trainer = Trainer(program, optimizer, make_schedule(1e-4, 10**6), tf.distribute.get_strategy())

    def one_pass():
        encoded = EncodedExamples(task, tokenizer, rows, SIZES["max_length"])
        batches = encoded.dataset(lambda: training_plan(encoded.lengths, batch, seed=0), batch)
        trainer.train(iter(batches), 0, steps_per_epoch(len(encoded), batch))

    return one_pass


def make_trainer(name: str, rows: list[dict], vocab: str, dynamic: bool):
    """A function that trains one pass by transformers' Trainer."""
    tokenizer = transformers.BertTokenizerFast.from_pretrained(vocab)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=SIZES["hidden_dim"],
        num_hidden_layers=SIZES["num_layers"],
        num_attention_heads=SIZES["num_heads"],
        intermediate_size=4 * SIZES["hidden_dim"],
        max_position_embeddings=SIZES["max_length"],
        num_labels={"nsmc": 2, "korsts": 1, "klue_ner": 13}[name],
    )
    torch.manual_seed(0)
    kinds = transformers.BertForTokenClassification, transformers.BertForSequenceClassification
    model = kinds[name != "klue_ner"](config)
    padding = "longest" if dynamic else "max_length"
    collators = (
        transformers.DataCollatorForTokenClassification,
        transformers.DataCollatorWithPadding,
    )
    collate = collators[name != "klue_ner"](
        tokenizer, padding=padding, max_length=SIZES["max_length"]
    )
    arguments = transformers.TrainingArguments(
        tempfile.mkdtemp(), num_train_epochs=1, per_device_train_batch_size=BATCH[name],
        learning_rate=1e-4, bf16=FLAGS.dtype == "bfloat16", use_cpu=True, report_to=[],
        save_strategy="no", disable_tqdm=True, logging_strategy="no",
    )  # fmt: skip

    def one_pass():
        dataset = encode(name, rows, tokenizer)
        transformers.Trainer(model, arguments, collate, dataset).train()

    return one_pass


def encode(name: str, rows: list[dict], tokenizer) -> list[dict]:
    """Rows as transformers' examples tokenise them, all in one call."""
    texts = [[row[field] for row in rows] for field in ("text", "text_pair") if field in rows[0]]
    tagged = name == "klue_ner"
    found = tokenizer(
        *texts, truncation=True, max_length=SIZES["max_length"], return_offsets_mapping=tagged
    )
    offsets = found.pop("offset_mapping", None)
    columns = [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
    if not tagged:
        return [
            column | {"labels": row["label"]} for column, row in zip(columns, rows, strict=True)
        ]
    numbers = {tag: i for i, tag in enumerate(sorted({t for row in rows for t in row["tags"]}))}
    for column, row, places in zip(columns, rows, offsets, strict=True):
        tags = [numbers[tag] for tag in row["tags"]]
        column["labels"] = [tags[a] if b > a else IGNORED for a, b in places]
    return columns


def main(argv) -> None:
    del argv
    from kortf import tasks
    from kortf.train.loop.health.memory import keep_freed_memory

    keep_freed_memory()
    torch.set_num_threads(os.cpu_count())
    name = FLAGS.task
    task = tasks.build(name)
    path = os.path.join(FLAGS.data, FLAGS.train_file or task.train_file)
    rows = task.read(path)[: FLAGS.rows]
    rivals: Rivals = {
        "kortf": make_kortf(name, rows, FLAGS.vocab),
        "Trainer, dynamic padding": make_trainer(name, rows, FLAGS.vocab, dynamic=True),
        "Trainer, padded to 128": make_trainer(name, rows, FLAGS.vocab, dynamic=False),
    }
    times = take_turns(rivals, FLAGS.rounds)
    print(f"\n{name}, one pass over {len(rows):,} rows, 6 x 256, {FLAGS.dtype}\n")
    print(table(times, "kortf"))


if __name__ == "__main__":
    app.run(main)
