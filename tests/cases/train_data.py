"""Cases of gold that is read, cut and scored."""

import json
import pathlib
import random
import unicodedata

from tests import prepared
from tests.cases.bench import Bench, check, equal_or_refused, load, want


def _found(task, decided: dict, rows, texts) -> dict:
    return {name: value.numpy() for name, value in task.collect(decided, rows, texts).items()}


@check("train/04")
def klue_strict(bench: Bench):
    import numpy as np
    import tensorflow as tf

    from kortf import tasks

    tokenizer = load(prepared.vocabulary())
    task = tasks.build("klue_ner", crf=False)
    text = "김철수가서울로"
    gold = ["B-PS", "I-PS", "I-PS", "O", "B-LC", "I-LC", "O"]
    raw = ["I-PS", "I-PS", "I-PS", "O", "I-LC", "I-LC", "O"]
    units = [(place, place + 1) for place in range(len(text))]
    examples = [{"id": "1", "text": text, "units": units, "tags": gold}]
    rows = task.encode(tokenizer, [tf.constant([text])], 64)
    tags = np.zeros((1, rows.token_ids.row_lengths().numpy()[0]), np.int32)
    tags[0, 1 : 1 + len(raw)] = [task.classes.index(tag) for tag in raw]
    decided = {"tags": tf.constant(tags), "probabilities": tf.ones(tags.shape)}
    found = _found(task, decided, rows, [tf.constant([text])])
    scores = {name: round(float(value), 3) for name, value in task.score(found, examples).items()}
    want(0.0 in scores.values() and 0.805 in scores.values(), scores)
    return scores


@check("train/07")
def empty_label(bench: Bench):
    files = [f"--config.task.{part}_file=el2.jsonl" for part in ("train", "test")]
    return [
        bench.refuses("text_classification", bench.case, says="7"),
        bench.refuses("token_classification", bench.case, *files, says="line 1"),
    ]


@check("train/08")
def duplicate_ids(bench: Bench):
    files = ["--config.task.train_file=train.jsonl", "--config.task.test_file=dup.jsonl"]
    ran = bench.finetune("question_answering", bench.case, *files)
    if ran.status == 2:
        return f"refused: {ran.output.strip().splitlines()[-1]}"
    want(ran.status == 0, ran.output[-300:])
    (path,) = (bench.work / "w").rglob("predictions*.json")
    answers = json.loads(path.read_text("utf-8"))
    want(len(answers) == 20, f"{len(answers)} answers")
    return f"{len(answers)} answers"


@check("train/11")
def windows_overlap(bench: Bench):
    """Each answer of the sample stands in a window, at the recipe's stride and short rows."""
    import tensorflow as tf

    from kortf import tasks

    tokenizer, seen = load(prepared.vocabulary()), []
    path = next(pathlib.Path(prepared.sample_dir(), "korquad").glob("*dev.json"))
    for stride, length in ((128, 128), (64, 128), (128, 64)):
        task = tasks.build("korquad", stride=stride)
        examples = task.read(str(path))[:200]
        for example in examples:  # longer contexts: several windows
            filler = "그 나라의 수도는 남쪽에 있다. " * 15
            example["context"] = filler + example["context"] + filler
            example["start"] += len(filler)
        texts = [[example[name] for example in examples] for name in ("question", "context")]
        rows = task.encode(tokenizer, [tf.constant(text) for text in texts], length)
        want(len(rows.owners) > 2 * len(examples), "one window each")
        lost = task.lost(examples, rows)["answers in no window"]
        want(lost == 0, f"stride {stride}, length {length}: {lost} of {len(examples)} lost")
        seen.append(f"{stride}/{length}: 0 of {len(examples)} lost")
    return seen


FRAGMENTS = [
    "세종대왕이", "한국어", "\u200b", "K-POP", "(世宗)", "《책》", "ㅋㅋ", "각",
    unicodedata.normalize("NFD", "한별이다"), "😀", "👨‍👩‍👧", "e\u0301", "ﬁ", "㎏", "１２",
    "İ", "ß", "가나다라마바사", "...", "·", "𝄞", "\ufeff", "\u00ad", "힣", "\u115f", "1,234",
]  # fmt: skip
INVISIBLE = {"\u200b", "\ufeff", "\u00ad", "\u115f"}


@check("train/13")
def invisible_first_word(bench: Bench):
    import tensorflow as tf

    from kortf import tasks

    tokenizer, random_ = load(prepared.vocabulary()), random.Random(2)
    task = tasks.build("token_classification", entity_labels="LC")
    words = {"tokens": ["\u200b", "서울", "왔다"], "tags": ["B-LC", "I-LC", "O"]}
    labels = _labels(task, tokenizer, [task.example(words, "x")], 64)[0]
    first = [tag for tag in labels if tag != "-"][0]
    want(first == "B-LC", labels)
    failures, rows = [], 0
    for where in ("all", "first", "character"):
        task = tasks.build("token_classification", label_at=where, entity_labels="PS,LC")
        examples = [_example(task, random_) for _ in range(60)]
        text = tf.constant([example["text"] for example in examples])
        encoded = task.encode(tokenizer, [text], 64)
        gold = tf.maximum(task.labels(examples, encoded).to_tensor(0), 0)
        decided = {"tags": gold, "probabilities": tf.ones(gold.shape)}
        tags = task.predicted_tags(_found(task, decided, encoded, [text]), examples)
        for example, ours in zip(examples, tags, strict=True):
            rows += 1
            right, found = _visible(example, example["tags"]), _visible(example, ours)
            bad = [pair for pair in zip(right, found, strict=True) if pair[0] != pair[1]]
            if bad:
                failures.append((where, bad[:3]))
    want(not failures, f"{len(failures)} of {rows}: {ascii(failures[:3])}")
    return f"{labels}; {rows} random rows"


def _visible(example: dict, tags: list[str]) -> list[str]:
    """Return the visible words with their tags; a begin on an invisible word moves to the next."""
    seen, begins = [], False
    for (a, b), tag in zip(example["units"], tags, strict=True):
        word = example["text"][a:b]
        begins = tag != "O" and (begins or tag.startswith("B-"))
        if not set(word) <= INVISIBLE:
            seen.append(f"{word}/{('B' if begins else tag[0]) + tag[1:]}")
            begins = False
    return seen


def _labels(task, tokenizer, examples, length) -> list[list[str]]:
    import tensorflow as tf

    rows = task.encode(tokenizer, [tf.constant([e["text"] for e in examples])], length)
    numbers = task.labels(examples, rows).to_list()
    return [[task.classes[i] if i >= 0 else "-" for i in row] for row in numbers]


def _example(task, random_: random.Random) -> dict:
    words, tags, before = [], [], "O"
    for _ in range(random_.randint(1, 14)):
        words.append(random_.choice(FRAGMENTS))
        draw = random_.random()
        if draw < 0.4:
            before = "O"
        elif draw < 0.7 or before == "O":
            before = "B-" + random_.choice(["PS", "LC"])
        else:
            before = "I-" + before[2:]
        tags.append(before)
    return task.example({"tokens": words, "tags": tags}, "x")


@check("train/15")
def nbsp(bench: Bench):
    from kortf import tasks

    path = str(bench.case / "nbsp.conll")
    (example,) = tasks.build("token_classification").read(path)
    words = [example["text"][a:b] for a, b in example["units"]]
    want(words[0].split() == ["서울", "시"] and len(words) == 2, words)
    return words


@check("train/16")
def docstart(bench: Bench):
    from kortf import tasks

    path = str(bench.case / "doc.conll")
    return equal_or_refused(lambda: len(tasks.build("token_classification").read(path)), 1)
