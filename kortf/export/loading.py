"""Load any model directory as functions of strings."""

from kortf.export.heads import continuation, embedding, fill_mask, task, token_vectors
from kortf.export.options import ExportOptions
from kortf.export.served import Served
from kortf.pretrained.directory.inference import has_masked_lm, is_causal, is_finetuned
from kortf.pretrained.sentence_transformers.reading import read_settings
from kortf.pretrained.sentence_transformers.settings import TokenSettings


def load_model(directory: str, options: ExportOptions | None = None) -> Served:
    """Load a model directory by its head.

    A sentence-transformers directory gives a vector for each text, or for each token of it,
    whatever heads it has. The head of a task answers as the task does, a causal model continues
    texts, a masked LM head fills gaps, and an encoder alone gives a vector for each text.

    Args:
        directory: Model directory, of kortf or of transformers.
        options: How to serve it.

    Raises:
        InputError: The directory or an option cannot be used.
    """
    options = options or ExportOptions()
    settings = read_settings(directory)
    if settings is not None:
        late = isinstance(settings, TokenSettings)
        return (token_vectors if late else embedding).load(directory, options)
    if is_finetuned(directory):
        return task.load(directory, options)
    if is_causal(directory):
        return continuation.load(directory, options)
    return (fill_mask if has_masked_lm(directory) else embedding).load(directory, options)
