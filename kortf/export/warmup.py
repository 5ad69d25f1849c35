"""Write the requests that TF Serving runs before it takes others.

The first request of a new shape is 0.4 to 3 s late without them. The file holds one
`tensorflow.serving.PredictionLog` a record. Its few fields are encoded here: the stubs are in
`tensorflow-serving-api`, which an exporting machine does not need otherwise.
"""

import os

import tensorflow as tf

from kortf import files

FILE = "tf_serving_warmup_requests"
BATCHES = (1, 8)
# Field numbers of PredictionLog, PredictLog, PredictRequest, ModelSpec and a map's entry.
_PREDICT_LOG, _REQUEST = 6, 1
_MODEL_SPEC, _INPUTS = 1, 2
_NAME, _SIGNATURE = 1, 3
_KEY, _VALUE = 1, 2


def write_warmup(directory: str, signature: str, texts: dict[str, str]) -> None:
    """Write warm-up requests of one and of several rows.

    Args:
        directory: `assets.extra` of a SavedModel.
        signature: Signature that is called.
        texts: One text for each input.
    """
    files.makedirs(directory)
    with tf.io.TFRecordWriter(os.path.join(directory, FILE)) as writer:
        for batch in BATCHES:
            writer.write(_prediction_log(signature, texts, batch))


def _prediction_log(signature: str, texts: dict[str, str], batch: int) -> bytes:
    request = _field(_MODEL_SPEC, _field(_NAME, b"model") + _field(_SIGNATURE, signature.encode()))
    for name, text in texts.items():
        value = tf.make_tensor_proto([text.encode()] * batch, tf.string, [batch])
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
