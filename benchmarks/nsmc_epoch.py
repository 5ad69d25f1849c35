"""Fine-tuning on NSMC against the same model in transformers + torch, in turns in one process.

    python -m benchmarks.nsmc_epoch --data=data/nsmc --vocab=DIR [--rows=6400] [--rounds=3]

A turn trains one pass over the same rows, tokenising included: kortf with batches of like length,
torch with every row padded to 128, and with each batch padded to its longest row (what
DataCollatorWithPadding does). Both sides: bfloat16, AdamW, clipping, dropout 0.1, batch 64.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import torch
from absl import app, flags
from tokenizers import Tokenizer
from tokenizers.implementations import BertWordPieceTokenizer
from transformers import BertConfig, BertForSequenceClassification

from benchmarks.paired import table, take_turns

FLAGS = flags.FLAGS
flags.DEFINE_string("data", "data/nsmc", "Directory of ratings_train.txt.")
flags.DEFINE_string("vocab", None, "WordPiece vocabulary directory, lower case.")
flags.DEFINE_integer("rows", 6400, "Rows of the pass.")
flags.DEFINE_integer("rounds", 3, "Counted rounds.")

LAYERS, HEADS, DIM, LENGTH, BATCH = 6, 4, 256, 128, 64


def make_torch(rows: list[dict], tokenizer: Tokenizer, size: int, dynamic: bool):
    """A function that trains one pass in torch."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=size,
        hidden_size=DIM,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=4 * DIM,
        max_position_embeddings=LENGTH,
    )
    model = BertForSequenceClassification(config).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    tokenizer.enable_truncation(LENGTH)
    tokenizer.no_padding()

    def one_pass():
        encoded = [e.ids for e in tokenizer.encode_batch([row["text"] for row in rows])]
        order = np.random.default_rng(0).permutation(len(rows))
        for at in range(0, len(order), BATCH):
            chosen = order[at : at + BATCH]
            length = max(len(encoded[i]) for i in chosen) if dynamic else LENGTH
            ids = torch.zeros(len(chosen), length, dtype=torch.long)
            for row, i in enumerate(chosen):
                ids[row, : len(encoded[i])] = torch.tensor(encoded[i])
            labels = torch.tensor([rows[i]["label"] for i in chosen])
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):
                loss = model(ids, attention_mask=(ids != 0).long(), labels=labels).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()

    return one_pass


def make_kortf(rows: list[dict], vocab: str):
    """A function that trains one pass in kortf."""
    import tensorflow as tf

    from kortf import models, tasks
    from kortf.text.tokenizer import load_tokenizer
    from kortf.train.examples import EncodedExamples, steps_per_epoch, training_plan
    from kortf.train.finetuning import Finetuning
    from kortf.train.optimizer import make_optimizer
    from kortf.train.schedule import make_schedule
    from kortf.train.step import Trainer

    dtype = "mixed_bfloat16"
    tokenizer = load_tokenizer(vocab)
    encoder = models.build(
        "bert",
        vocabulary_size=tokenizer.vocabulary.size,
        num_layers=LAYERS,
        num_heads=HEADS,
        hidden_dim=DIM,
        max_length=LENGTH,
        dtype=dtype,
    )
    task = tasks.build("nsmc")
    task.build(DIM, 0.02, 0.1, dtype)
    program = Finetuning(encoder, task)
    optimizer = make_optimizer("adamw", program.variables())
    trainer = Trainer(program, optimizer, make_schedule(1e-4, 10**6), tf.distribute.get_strategy())
    steps = steps_per_epoch(len(rows), BATCH)

    def one_pass():
        encoded = EncodedExamples(task, tokenizer, rows, LENGTH)
        batches = encoded.dataset(lambda: training_plan(encoded.lengths, BATCH, seed=0), BATCH)
        trainer.train(iter(batches), 0, steps)

    return one_pass


def main(argv) -> None:
    del argv
    from kortf import tasks

    torch.set_num_threads(os.cpu_count())
    rows = tasks.build("nsmc").read(os.path.join(FLAGS.data, "ratings_train.txt"))[: FLAGS.rows]
    tokenizer = BertWordPieceTokenizer(
        os.path.join(FLAGS.vocab, "vocab.txt"), lowercase=True, strip_accents=False
    )
    size = tokenizer.get_vocab_size()
    rivals = {
        "kortf": make_kortf(rows, FLAGS.vocab),
        "torch, padded to 128": make_torch(rows, tokenizer, size, dynamic=False),
        "torch, dynamic padding": make_torch(rows, tokenizer, size, dynamic=True),
    }
    times = take_turns(rivals, FLAGS.rounds)
    print(f"\nNSMC, one pass over {len(rows):,} rows, {LAYERS} x {DIM}, bfloat16\n")
    print(table(times, "kortf"))


if __name__ == "__main__":
    flags.mark_flag_as_required("vocab")
    app.run(main)
