"""A fine-tuned model as a function of strings."""

from kortf import tasks
from kortf.export.served import Served, features
from kortf.pretrained.inference import load_finetuned
from kortf.text.segments import pack_segments
from kortf.text.tokenizer import load_tokenizer

INPUTS = ("text", "text_pair")


def load(directory: str) -> Served:
    """The function of a fine-tuned model directory.

    It takes `text` (and `text_pair`, if the task has two texts) and returns what the task's
    `decode` does: for a classifier `label`, `score` and `probabilities`.

    Raises:
        InputError: the directory cannot be used.
    """
    model, tokenizer = load_finetuned(directory, tasks.build), load_tokenizer(directory)
    vocabulary, task = tokenizer.vocabulary, model.task
    inputs = INPUTS[: len(task.text_fields)]

    def serve(*texts):
        pieces = [tokenizer.tokenize(text) for text in texts]
        rows = pack_segments(pieces, model.max_length, vocabulary.cls_id, vocabulary.sep_id)
        batch = features(*rows, vocabulary.pad_id)
        return task.decode(task.predict(model.encoder(batch), batch))

    description = {"kind": "task", "task": task.name, "max_length": model.max_length}
    classes = list(getattr(task, "classes", ()))
    if classes:
        description |= {"kind": "classifier", "classes": classes}
    return Served(serve, inputs, tokenizer, description)
