"""Serve a fine-tuned model: strings in, the answers of its task out."""

from kortf import tasks
from kortf.export.embedding import embedding_function
from kortf.export.encoding import encoder_function, one_row_each, windows
from kortf.export.options import EMBEDDING, TOKENS, ExportOptions
from kortf.export.served import Served
from kortf.export.tokens import tokens_function
from kortf.pretrained.directory.inference import load_finetuned
from kortf.text.tokenizer.tokenizer import load_tokenizer


def load(directory: str, options: ExportOptions) -> Served:
    """Load a fine-tuned model directory as a function of strings.

    It takes one string tensor for each of the task's `text_fields` and returns what the task's
    `decode` does: of a classifier `label`, `score` and `probabilities`.

    Raises:
        InputError: The directory or an option cannot be used.
    """
    model = load_finetuned(directory, tasks.build, pair=options.pair)
    tokenizer, task = load_tokenizer(directory), model.task
    pad_id, encode = tokenizer.vocabulary.pad_id, encoder_function(model.encoder, options)
    max_length = options.length(model.max_length)

    def decide(features):
        return task.decide(
            task.predict(encode(task.encoder_features(features)), features), features
        )

    def serve(*texts):
        rows = task.encode(tokenizer, texts, max_length)
        decisions = (windows if task.several_rows else one_row_each)(decide, rows, pad_id)
        return task.decode(task.collect(decisions, rows, texts))

    description = {"kind": task.kind, "task": task.name, "max_length": max_length}
    classes = list(getattr(task, "classes", ()))
    if classes:
        description["classes"] = classes
    fields = getattr(task, "source_fields", ())
    if fields and tuple(fields) != tuple(task.text_fields):
        description["fields"] = list(fields)
    tokens = tokens_function(task, encode, tokenizer.vocabulary)
    embedding = embedding_function(directory, encode, tokenizer, max_length)
    return Served(
        serve,
        task.text_fields,
        tokenizer,
        description,
        tokens if TOKENS in options.signatures else None,
        embedding if EMBEDDING in options.signatures else None,
    )
