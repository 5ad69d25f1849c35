"""Settings of an embedding: the steps behind the encoder."""

import dataclasses

import numpy as np

from kortf.errors import InputError

POOLINGS = ("cls", "mean", "max")
ACTIVATIONS = ("identity", "tanh", "relu", "gelu", "sigmoid", "silu")


@dataclasses.dataclass(frozen=True, eq=False)
class Dense:
    """A dense layer behind the pooling, or of each token.

    Attributes:
        kernel: float32 `[in, out]`.
        bias: float32 `[out]`; None for a layer without.
        activation: One of `ACTIVATIONS`.
    """

    kernel: np.ndarray
    bias: np.ndarray | None = None
    activation: str = "tanh"


class _Table:
    """A frozen dataclass with arrays, compared by their content."""

    def __eq__(self, other):
        return type(self) is type(other) and all(
            np.array_equal(value, getattr(other, name)) for name, value in vars(self).items()
        )

    __hash__ = None


@dataclasses.dataclass(frozen=True, eq=False)
class WordWeights(_Table):
    """Weights of tokens in the mean of a text.

    Attributes:
        pieces: Pieces of the vocabulary, by id.
        values: Weight of each, float32 `[pieces]`.
    """

    pieces: tuple[str, ...] = dataclasses.field(repr=False)
    values: np.ndarray

    def of_ids(self, number: int, directory: str) -> np.ndarray:
        """Return the weight of each id of a vocabulary, float32 `[number]`.

        Args:
            number: Size of the vocabulary.
            directory: Model directory, for messages.

        Raises:
            InputError: There are fewer weights than ids.
        """
        _check_number(len(self.values), number, directory)
        return self.values[:number]


@dataclasses.dataclass(frozen=True, eq=False)
class Lexical(_Table):
    """Tables of a lexical part of vectors, as in `kortf/layers/heads/lexical_part.py`.

    Attributes:
        pieces: Pieces of the vocabulary, by id.
        codes: Code of each, float32 `[pieces, dim]`.
        squares: Square of the weight of each, float32 `[pieces]`.
    """

    pieces: tuple[str, ...] = dataclasses.field(repr=False)
    codes: np.ndarray = dataclasses.field(repr=False)
    squares: np.ndarray

    def of_ids(self, number: int, directory: str) -> tuple[np.ndarray, np.ndarray]:
        """Return `codes` and `squares` of the ids of a vocabulary, as `WordWeights.of_ids`."""
        _check_number(len(self.squares), number, directory)
        return self.codes[:number], self.squares[:number]


def _check_number(found: int, number: int, directory: str) -> None:
    if found < number:
        problem = f"weights of {found:,} pieces for a vocabulary of {number:,}"
        raise InputError(directory, problem, "copy or download the directory again")


@dataclasses.dataclass(frozen=True)
class EmbeddingSettings:
    """Steps from the token vectors of an encoder to one vector for each text.

    The order is: prompt, tokenization, encoder, pooling, dense layers, lexical part, normalization,
    truncation of the vector.

    Attributes:
        pooling: `cls` (the last layer's vector of the first token, not the encoder's `pooled`),
            `mean` or `max` over the tokens.
        normalize: Whether to divide each vector by its length.
        max_length: Maximum number of tokens of a text; the model's own if None.
        do_lower_case: Whether to lower-case texts, besides what the vocabulary does.
        dense: Dense layers between the pooling and the normalization.
        prompts: Texts by name; sentence-transformers puts one before each text.
        default_prompt: Name of the prompt of texts for which none is named; None for no prompt.
        dim: Number of leading dimensions that are kept of a vector; all if None.
        similarity: `cosine`, `dot`, `euclidean` or `manhattan`; None means `cosine`.
        word_weights: Weights of tokens in the mean; None if each counts alike.
        lexical: Tables of the lexical part; None if vectors have none.
    """

    pooling: str = "mean"
    normalize: bool = False
    max_length: int | None = None
    do_lower_case: bool = False
    dense: tuple[Dense, ...] = ()
    prompts: dict[str, str] = dataclasses.field(default_factory=dict)
    default_prompt: str | None = None
    dim: int | None = None
    similarity: str | None = None
    word_weights: WordWeights | None = None
    lexical: Lexical | None = None

    def __post_init__(self):
        if self.pooling not in POOLINGS:
            raise ValueError(f"pooling '{self.pooling}' is not one of {', '.join(POOLINGS)}")

    @property
    def prompt(self) -> str:
        """Text before each text."""
        return self.prompts[self.default_prompt] if self.default_prompt else ""


@dataclasses.dataclass(frozen=True)
class TokenSettings:
    """Steps from the token vectors of an encoder to those of late interaction.

    The order is: tokenization, encoder, dense layers, normalization. Queries and documents take the
    same steps.

    Attributes:
        dense: Dense layers of each token.
        skipped: Pieces that do not count, as the vocabulary spells them.
        max_length: Maximum number of tokens of a text; the model's own if None.
        do_lower_case: Whether to lower-case texts, besides what the vocabulary does.
    """

    dense: tuple[Dense, ...] = ()
    skipped: tuple[str, ...] = ()
    max_length: int | None = None
    do_lower_case: bool = False
