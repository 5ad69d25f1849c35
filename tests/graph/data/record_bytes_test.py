"""Bytes of records, against TensorFlow's writer."""

import subprocess
import sys

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from kortf.data.records.crc32c import masked_crc32c
from kortf.data.records.record import Record
from kortf.data.records.record_bytes import tfrecord_bytes

NUMBERS = st.one_of(st.integers(0, 127), st.integers(0, 20_000), st.integers(0, 2**31 - 1))
ROWS = st.lists(
    st.tuples(
        st.lists(NUMBERS, min_size=1, max_size=200),
        st.lists(NUMBERS, min_size=1, max_size=5),
        st.integers(0, 1),
    ),
    max_size=8,
)


def written_by_tensorflow(records, path):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            example = tf.train.Example()
            feature = example.features.feature
            feature["token_ids"].int64_list.value.extend(record.token_ids.tolist())
            feature["lengths"].int64_list.value.extend(record.lengths)
            if record.pair_label is not None:
                feature["pair_label"].int64_list.value.append(record.pair_label)
            writer.write(example.SerializeToString(deterministic=True))
    return path.read_bytes()


@settings(max_examples=80, deadline=None)
@given(rows=ROWS, paired=st.booleans())
def test_bytes_are_those_of_tensorflow(tmp_path_factory, rows, paired):
    path = tmp_path_factory.getbasetemp() / "by-tensorflow.tfrecord"
    records = [Record(np.array(i, np.int32), n, label if paired else None) for i, n, label in rows]
    assert tfrecord_bytes(records) == written_by_tensorflow(records, path)


def test_example_of_the_docstring():
    data = tfrecord_bytes([Record(np.array([2, 300]), [2])])
    assert data[-9:-4].hex(" ") == "0a 03 02 ac 02"


def test_known_checksum():
    data = np.frombuffer(b"?123456789?", np.uint8)
    found = masked_crc32c(data, np.array([1, 1, 2]), np.array([9, 0, 8]))
    assert found[0] == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF
    assert found[1] == 0xA282EAD8


def test_a_worker_needs_no_tensorflow():
    program = (
        "import sys\n"
        "from kortf.data.workers import records_builder\n"
        "from kortf.data.records.plan import RecordsSettings\n"
        "from kortf.text.vocabulary.vocabulary import Vocabulary\n"
        "pieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '가']\n"
        "vocabulary = Vocabulary('wordpiece', '\\n'.join(pieces).encode())\n"
        "records_builder(vocabulary, text_files=[], settings=RecordsSettings(), directory='.',\n"
        "                key='', advance=print).build\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
