"""Do labels survive the way from text to pieces and back, on the real files?

    python -m benchmarks.label_trip --data=data --vocab=DIR

Not a race: each token is given the label that it learns, and what comes out is held against the
file. It tells how much a model could score at most.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_string("data", "data", "Directory of the benchmarks.")
flags.DEFINE_string("vocab", None, "Vocabulary directory.", required=True)

TAGGED = (
    ("klue_ner", {"label_at": "character"}, "klue", ["klue-ner-v1.1_dev.tsv"]),
    ("klue_ner", {"label_at": "all"}, "klue", ["klue-ner-v1.1_dev.tsv"]),
    *(
        (
            "kmou_ner",
            {"label_at": label_at},
            "kmou_ner/KMOU_BIO",
            [f"{part}.words.txt" for part in ("train", "testa", "testb")],
        )
        for label_at in ("all", "first")
    ),
)
ASKED = ("KorQuAD_v1.0_dev.json", "KorQuAD_v1.0_train.json")


def tagged(name: str, settings: dict, directory: str, files: list[str], tokenizer) -> str:
    """A row of the table: sentences whose tags come out as they went in, and the F1."""
    import tensorflow as tf

    from kortf import tasks
    from kortf.train.examples import EncodedExamples

    task = tasks.build(name, **settings)
    examples = [
        row for file in files for row in task.read(os.path.join(FLAGS.data, directory, file))
    ]
    encoded = EncodedExamples(task, tokenizer, examples, 256)
    labels = tf.maximum(encoded.labels.to_tensor(0), 0)
    decisions = {"tags": labels, "probabilities": tf.ones(tf.shape(labels))}
    found = task.collect(decisions, encoded.rows, encoded.texts)
    found = {key: value.numpy() for key, value in found.items()}
    pairs = zip(task.predicted_tags(found, examples), examples, strict=True)
    same = sum(tags == example["tags"] for tags, example in pairs)
    score = task.score(found, examples)[task.main_metric]
    return (
        f"| {name}, {settings['label_at']} | {same:,} of {len(examples):,} sentences "
        f"| {task.main_metric} {score:.4f} |"
    )


def asked(file: str, tokenizer) -> str:
    """A row of the table: questions whose answer comes out, character by character."""
    from kortf import tasks
    from kortf.train.examples import EncodedExamples

    task = tasks.build("korquad")
    examples = task.read(os.path.join(FLAGS.data, "korquad", file))
    encoded = EncodedExamples(task, tokenizer, examples, 384)
    owners, features = encoded.rows.owners.numpy(), encoded.rows.features
    starts, ends = (features[name].to_tensor().numpy() for name in ("starts", "ends"))
    answers: list[set] = [set() for _ in examples]
    inside = set()
    for row, (first, last, before, behind) in enumerate(encoded.labels):
        if first:
            owner = owners[row]
            span = slice(starts[row, first] + before, ends[row, last] - behind)
            answers[owner].add(examples[owner]["context"][span])
            inside.update([owner] if behind else [])
    golds = [example["answers"][0] for example in examples]
    exact = sum(found == {gold} for found, gold in zip(answers, golds, strict=True))
    bare = sum(found == {gold.strip()} for found, gold in zip(answers, golds, strict=True))
    return (
        f"| korquad, {file} | {exact:,} of {len(examples):,} answers, {bare:,} without white space "
        f"at their ends | {len(inside):,} end inside a piece |"
    )


def main(argv) -> None:
    del argv
    from kortf.text.tokenizer.tokenizer import load_tokenizer

    tokenizer = load_tokenizer(FLAGS.vocab)
    print("| task | come out as they went in | |\n|---|---|---|")
    for row in TAGGED:
        print(tagged(*row, tokenizer))
    for file in ASKED:
        print(asked(file, tokenizer))


if __name__ == "__main__":
    app.run(main)
