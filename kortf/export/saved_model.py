"""Write SavedModels: strings in, answers out, and nothing of kortf needed to run them."""

import os

import tensorflow as tf
from absl import logging

import kortf
from kortf import files
from kortf.atomic_directory import stage
from kortf.errors import InputError
from kortf.export.encoders.encoding import ROWS_AT_ONCE
from kortf.export.loading import load_model
from kortf.export.options import EMBEDDING, SERVING, TOKENS, ExportOptions
from kortf.text.tokenizer.unknown import UnknownCounter

FILE = "saved_model.pb"
# SavedModel's own place for what is not part of the graph.
EXTRA = "assets.extra"
DESCRIPTION_FILE = os.path.join(EXTRA, "kortf.json")
SIGNATURE = SERVING
WARMUP_FILE = "tf_serving_warmup_requests"
# Field numbers of PredictionLog, PredictLog, PredictRequest, ModelSpec and a map's entry.
_PREDICT_LOG, _REQUEST = 6, 1
_MODEL_SPEC, _INPUTS = 1, 2
_NAME, _SIGNATURE = 1, 3
_KEY, _VALUE = 1, 2
_SHORT_TEXTS = 32
TEXTS = {
    "text": "배우들의 연기가 훌륭하고 결말도 감동적이다",
    "text_pair": "아주 즐겁게 봤다",
    "question": "한글은 누가 만들었나?",
    "context": "한글은 세종대왕이 만들었다.",
}


def export(model: str, output: str, options: ExportOptions | None = None) -> dict:
    """Write a model directory as a SavedModel; the command `kortf export`.

    Args:
        model: Model directory.
        output: Directory of the SavedModel; an older one is replaced.
        options: How to serve the model.

    Returns:
        The description written beside it: kind of model, labels, inputs and outputs.

    Raises:
        InputError: The model directory or an option cannot be used, or `output` is a file, that
            directory, or a directory of something else.
    """
    _check_output(model, output)
    options = options or ExportOptions()
    served = load_model(model, options)
    _warn_of_unknown(served, model)
    functions = {SERVING: served.serve, TOKENS: served.tokens, EMBEDDING: served.embedding}
    functions = {
        name: function.get_concrete_function()
        for name, function in functions.items()
        if function is not None and name in options.signatures
    }
    if not functions:
        problem = f"a model of this kind has none of {', '.join(options.signatures)}"
        raise InputError("--signatures", problem, f"add {SERVING}")
    description = served.description | {"version": kortf.__version__, "dtype": options.dtype}
    description["signatures"] = {name: _interface(f) for name, f in functions.items()}
    main = description["signatures"].get(SERVING) or next(iter(description["signatures"].values()))
    description |= main
    _check_read(description, options)
    with stage(output, last=FILE) as beside:
        # A served model is never trained: without gradients no XLA op is left in it.
        save = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
        tf.saved_model.save(served, beside, functions, save)
        files.write_json(os.path.join(beside, DESCRIPTION_FILE), description)
        if SERVING in functions:
            batches = warmup_batches(description)
            _write_warmup(os.path.join(beside, EXTRA), SERVING, batches)
    return description


def example_texts(description: dict) -> dict[str, str]:
    """Return one example text for each string input of a model."""
    texts = TEXTS.copy()
    if description.get("kind") == "fill_mask":
        texts["text"] = f"대한민국의 수도는 {description['mask']}이다"
    inputs = description["inputs"]
    return {name: texts.get(name, TEXTS["text"]) for name in inputs}


def warmup_batches(description: dict) -> list[dict[str, list[str]]]:
    """Return requests that prepare a runtime: many texts, one of few tokens, and one text.

    The first call with few, some or many tokens is slow: it lays out the weights for their number.
    The most usual request is the last one, so that its weights and code are in the caches.
    """
    texts = example_texts(description).items()
    many, one = ({name: [text] * rows for name, text in texts} for rows in (2 * ROWS_AT_ONCE, 1))
    return [many, short_requests(description)[0], one]


def short_requests(description: dict) -> list[dict[str, list[str]]]:
    """Return requests of one text each, of growing length: from few tokens to some thirty.

    The first text of each number of tokens is slower than later ones.
    """
    word, names = description.get("mask", "가"), example_texts(description)
    return [{name: [word + " 가" * more] for name in names} for more in range(_SHORT_TEXTS)]


def example(description: dict, output: str) -> str:
    """Return lines of Python that call an exported model."""
    name = next(iter(description["signatures"]))
    if name == TOKENS:
        given = "token_ids=…, segment_ids=…, padding_mask=…"
    else:
        texts = example_texts(description)
        given = ", ".join(f'{key}=tf.constant(["{text}"])' for key, text in texts.items())
    return (
        "import tensorflow as tf, tensorflow_text\n"
        f'model = tf.saved_model.load("{output}")\n'
        f'model.signatures["{name}"]({given})'
    )


def check_no_options(directory: str, options: ExportOptions | None) -> None:
    """Refuse options for a SavedModel: they were fixed when it was exported.

    Raises:
        InputError: An option is not the default.
    """
    for name, value in options.changed().items() if options else ():
        problem = f"a SavedModel was exported with its own options, --{name} included"
        cure = "name its model directory, or export that again with the option"
        raise InputError(f"{directory}, --{name}={value}", problem, cure)


def _check_read(description: dict, options: ExportOptions) -> None:
    """Refuse options that a model of this kind does not read."""
    read = {name: name in description for name in ("top_k", "max_tokens")}
    read["pair"] = "text_pair" in description["inputs"]
    for name, value in options.changed().items():
        if not read.get(name, True):
            problem = f"a model that answers with {description['kind']} does not read it"
            raise InputError(f"--{name}={value}", problem, "leave the flag out")


def _check_output(model: str, output: str) -> None:
    if files.is_remote(output):
        return
    if os.path.isfile(output):
        raise InputError(output, "is a file, not a directory", "name another directory")
    if os.path.realpath(output) == os.path.realpath(model):
        raise InputError(output, "is the model directory itself", "name another directory")
    holds_other = os.path.isdir(output) and os.listdir(output)
    if holds_other and not os.path.exists(os.path.join(output, FILE)):
        problem = "holds other files and no SavedModel"
        raise InputError(output, problem, "name a new directory")


def _warn_of_unknown(served, model: str) -> None:
    """Warn if the vocabulary knows little of common Korean text: it may be another model's."""
    counter = UnknownCounter(served.tokenizer.vocabulary)
    texts = list(TEXTS.values())
    counter.add(served.tokenizer.tokenize(tf.constant(texts)), texts)
    if counter.warning():
        logging.warning("%s: common Korean text is hardly known: %s", model, counter.warning())


def _interface(function) -> dict:
    """Inputs and outputs of a signature, spelled for readers."""
    inputs = tf.nest.flatten(function.structured_input_signature)
    return {
        "inputs": {spec.name: _spell(spec) for spec in inputs},
        "outputs": {name: _spell(spec) for name, spec in function.structured_outputs.items()},
    }


def _spell(spec: tf.TensorSpec) -> str:
    """dtype and shape, such as `string [batch]`."""
    sizes = ["batch", *("?" if size is None else str(size) for size in spec.shape[1:])]
    return f"{spec.dtype.name} [{', '.join(sizes)}]"


def _write_warmup(directory: str, signature: str, batches: list[dict[str, list[str]]]) -> None:
    """Write the requests that TF Serving runs before it takes others.

    The first request of a new shape is 0.4 to 3 s late without them. The file holds one
    `tensorflow.serving.PredictionLog` a record. Its few fields are encoded here: the stubs are in
    `tensorflow-serving-api`, which an exporting machine does not need otherwise.

    Args:
        directory: `assets.extra` of a SavedModel.
        signature: Signature that is called.
        batches: Texts for each input, a request each.
    """
    files.makedirs(directory)
    with tf.io.TFRecordWriter(os.path.join(directory, WARMUP_FILE)) as writer:
        for batch in batches:
            writer.write(_prediction_log(signature, batch))


def _prediction_log(signature: str, batch: dict[str, list[str]]) -> bytes:
    request = _field(_MODEL_SPEC, _field(_NAME, b"model") + _field(_SIGNATURE, signature.encode()))
    for name, texts in batch.items():
        value = tf.make_tensor_proto([text.encode() for text in texts], tf.string, [len(texts)])
        entry = _field(_KEY, name.encode()) + _field(_VALUE, value.SerializeToString())
        request += _field(_INPUTS, entry)
    return _field(_PREDICT_LOG, _field(_REQUEST, request))


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field of a protocol buffer."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
