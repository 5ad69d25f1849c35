"""Arrays of a request that the model would fail on are refused with their field."""

import numpy as np
import pytest
import tensorflow as tf

pytest.importorskip("starlette")

from kortf.export.options import FEATURES  # noqa: E402
from kortf.export.serve.batcher import Limits  # noqa: E402
from kortf.export.serve.errors import RequestError  # noqa: E402
from kortf.export.serve.input_checks import check_inputs  # noqa: E402
from kortf.export.serve.loaded_model import Signature  # noqa: E402

LIMITS = Limits(max_rows=3)
TOKENS = Signature(
    lambda **ids: {}, {name: tf.TensorSpec([None, None], tf.int32) for name in FEATURES}, {}
)
DESCRIPTION = {"max_length": 4, "vocabulary_size": 9, "num_segments": 2}


def ids(**changes) -> dict[str, np.ndarray]:
    usual = {"token_ids": [[1, 8], [0, 0]], "segment_ids": [[0, 1], [0, 0]]}
    values = usual | {"padding_mask": [[1, 1], [1, 0]]} | changes
    return {name: np.array(value, np.int32) for name, value in values.items()}


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"token_ids": [[1, 9], [0, 0]]}, r"token_ids\[0\]\[1\]"),
        ({"token_ids": [[1, 2], [-1, 0]]}, r"token_ids\[1\]\[0\]"),
        ({"segment_ids": [[0, 2], [0, 0]]}, r"segment_ids\[0\]\[1\]"),
        ({"segment_ids": [[0], [0]]}, "segment_ids"),
        ({"padding_mask": [[1, 1, 1], [1, 1, 1]]}, "padding_mask"),
        ({name: np.zeros((2, 0)) for name in FEATURES}, "token_ids"),
        ({name: np.zeros((2, 5)) for name in FEATURES}, "token_ids"),
        ({name: np.zeros((4, 2)) for name in FEATURES}, "token_ids"),
        ({"token_ids": np.zeros((0, 2))}, "0"),
    ],
)
def test_ids_that_the_model_does_not_have(changes, field):
    with pytest.raises(RequestError, match=field):
        check_inputs(ids(**changes), TOKENS, DESCRIPTION, LIMITS)


def test_what_the_description_does_not_tell_is_not_checked():
    check_inputs(ids(), TOKENS, DESCRIPTION, LIMITS)
    check_inputs(ids(token_ids=[[1, 99], [0, 0]]), TOKENS, {}, LIMITS)
    with pytest.raises(RequestError, match="token_ids"):
        check_inputs(ids(token_ids=[[1, -1], [0, 0]]), TOKENS, {}, LIMITS)
