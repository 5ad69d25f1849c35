"""Options of an exported model."""

import dataclasses

from kortf.errors import InputError
from kortf.precision import AUTO

SERVING = "serving_default"
TOKENS = "tokens"
EMBEDDING = "embedding"
# Inputs of the signature `tokens`.
FEATURES = ("token_ids", "segment_ids", "padding_mask")
SIGNATURES = (SERVING, TOKENS, EMBEDDING)
DTYPES = ("float32", "bfloat16")
# Where a model answers on the machine that loads it, `auto` is the fastest that it has there.
COMPUTED_DTYPES = (*DTYPES, AUTO)
ENGINES = ("tensorflow", "openvino")


@dataclasses.dataclass(frozen=True)
class ExportOptions:
    """Settings of the export of a model directory.

    Attributes:
        max_length: Maximum length of a row in tokens; the model's own if None.
        top_k: Number of candidates for a gap.
        max_tokens: Maximum number of generated tokens.
        dtype: Dtype of weights and matrix products, one of `COMPUTED_DTYPES`. A SavedModel, which
            other machines compute, has one of `DTYPES`.
        signatures: Signatures to export, of `SIGNATURES`; a model has only those that fit it.
        pair: Whether a published classifier takes two texts.
        engine: Which library computes the encoder, `tensorflow` or `openvino`.
        weights: Weights of OpenVINO, `float32` or `int8`.
    """

    max_length: int | None = None
    top_k: int = 5
    max_tokens: int = 64
    dtype: str = "float32"
    signatures: tuple[str, ...] = SIGNATURES
    pair: bool = False
    engine: str = "tensorflow"
    weights: str = "float32"

    def __post_init__(self):
        for name in ("max_length", "top_k", "max_tokens"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"--{name}={value}", "must be at least 1", "give a larger number")
        if self.dtype not in COMPUTED_DTYPES:
            cure = f"use one of {', '.join(COMPUTED_DTYPES)}"
            raise InputError(f"--dtype={self.dtype}", "not supported", cure)
        unknown = [name for name in self.signatures if name not in SIGNATURES]
        if unknown or not self.signatures:
            told = f"there is no signature '{unknown[0]}'" if unknown else "no signature is named"
            raise InputError("--signatures", told, f"choose from {', '.join(SIGNATURES)}")
        if self.engine != "openvino" and self.weights != "float32":
            problem = f"not supported with --engine={self.engine}"
            raise InputError(f"--weights={self.weights}", problem, "use --engine=openvino")

    def changed(self) -> dict:
        """Return the options that are not the default, by name."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        usual = {field.name: field.default for field in dataclasses.fields(self)}
        return {name: value for name, value in values.items() if value != usual[name]}

    def check_computation(self, model: str) -> None:
        """Refuse options for a model that TensorFlow alone computes, in float32.

        Raises:
            InputError: `dtype` or `engine` is another one.
        """
        for name, value in self.changed().items():
            if name in ("dtype", "engine") and value != AUTO:
                cure = f"use --{name}={getattr(ExportOptions, name)}"
                raise InputError(f"--{name}={value}", f"not supported for {model}", cure)

    def length(self, limit: int) -> int:
        """Return the row length for a model with `limit` positions.

        Raises:
            InputError: The option leaves no room for text, or exceeds the model.
        """
        if self.max_length is None:
            return limit
        if not 8 <= self.max_length <= limit:
            problem = "not between 8 and the model's number of positions"
            raise InputError(f"--max_length={self.max_length}", problem, f"use at most {limit}")
        return self.max_length
