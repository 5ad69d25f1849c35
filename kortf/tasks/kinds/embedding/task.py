"""Sentence embeddings: a vector for each text or each token, trained by comparing texts."""

import abc
from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
import tensorflow as tf

from kortf import files
from kortf.errors import InputError
from kortf.layers.contrastive import normalized
from kortf.layers.heads.lexical_part import LexicalPart, lexical_codes
from kortf.layers.heads.pooling import token_weights
from kortf.ranges import Choice, Count, NonNegative, Positive
from kortf.tasks.kinds.embedding import losses
from kortf.tasks.kinds.embedding.dimensions import sizes
from kortf.tasks.kinds.embedding.interaction import Interaction
from kortf.tasks.kinds.embedding.late import LateInteraction
from kortf.tasks.kinds.embedding.scores import retrieval_scores, similarity_scores
from kortf.tasks.kinds.embedding.single import SingleVectors
from kortf.tasks.kinds.embedding.texts import (
    by_row,
    encoder_features,
    text_numbers,
    texts_in,
    together,
)
from kortf.tasks.kinds.embedding.word_weights import token_shares
from kortf.tasks.kinds.embedding.word_weights import word_weights as weights_of_words
from kortf.tasks.kinds.file_task import FileTask
from kortf.tasks.kinds.text_task import Pooling
from kortf.text.tokenizer.rows.rows import Rows, rows_of_segments
from kortf.text.tokenizer.tokenizer import Tokenizer

LABEL = "label"
COUNTED = "counted"  # feature of the tokens that the head reads, where it does not read all
_LOSSES = (losses.AUTO, *losses.UNSCORED_LOSSES, *losses.SCORED_LOSSES)
Loss = Annotated[str, Choice(_LOSSES)]
SINGLE, LATE = SingleVectors.name, LateInteraction.name
InteractionName = Annotated[str, Choice((SINGLE, LATE))]
SMOOTHING = 1e-3  # of the weights of pieces in the lexical part


class EmbeddingTask(FileTask, abc.ABC):
    """A task that gives each text a vector, or with late interaction each token of it.

    Its examples have one text (`text`), two (`text_pair`: a positive, or any text with a similarity
    as `label`) or more (`negative1`, …: hard negatives). All examples of a part have the same
    fields. The loss is over all rows of the global batch.

    Args:
        pooling: `mean`, `cls` (the first token) or `max`.
        normalize: Whether vectors have length 1.
        word_weights: With `mean`, smoothing in `word_weights.py`; 0 for a plain mean.
        lexical_weight: Weight of the lexical part of a vector, as `share` in `lexical_part.py`; 0
            for vectors without one.
        loss: `contrastive` (in-batch negatives), for scored pairs `cosent` or `cosine`
            (regression); `auto` is the first that fits the train part.
        temperature: Divisor of the similarities in the loss.
        learn_temperature: Whether the temperature is trained, from `temperature` on.
        dimensions: Sizes of truncated vectors that are trained besides the whole one, for
            Matryoshka embeddings; a sequence, or commas between.
        interaction: `single` (one vector for each text) or `late` (one for each token, compared by
            MaxSim); it has no `pooling`, `normalize`, `word_weights`, `lexical_weight` and
            `dimensions`.
        token_width: Number of dimensions of a token's vector, with late interaction.
        skip_punctuation: Whether tokens that are punctuation do not count, with late interaction.
        settings: Names of files, as in `FileTask`.
    """

    kind = "embedding"
    text_fields = ("text",)
    main_metric = "spearman"
    metrics = ("spearman", "pearson", "mrr", "recall_at_1", "triplet_accuracy")
    needs_test = False
    couples_rows = True
    bounds: tuple[float, float]

    def __init__(
        self,
        pooling: Pooling = "mean",
        normalize: bool = True,
        word_weights: NonNegative = 0.0,
        lexical_weight: NonNegative = 0.0,
        loss: Loss = losses.AUTO,
        temperature: Positive = 0.05,
        learn_temperature: bool = False,
        dimensions: str | int | Sequence[int] = (),
        interaction: InteractionName = SINGLE,
        token_width: Count = 128,
        skip_punctuation: bool = False,
        **settings,
    ):
        super().__init__(**settings)
        self.pooling = pooling
        self.normalize = normalize
        self.word_weights = word_weights
        self.token_weights: np.ndarray | None = None  # of each piece
        self.lexical_weight = lexical_weight
        self._piece_weights: np.ndarray | None = None  # in the lexical part
        self.lexical_part: LexicalPart | None = None
        self.loss_name = loss
        self.temperature = temperature
        self.learn_temperature = learn_temperature
        self.dimensions = sizes(dimensions)
        self.token_width = token_width
        self.skip_punctuation = skip_punctuation
        self.interaction = self._interaction(interaction)

    def fields_of(self, examples: Sequence[dict]) -> tuple[str, ...]:
        return tuple(name for name in examples[0] if name != LABEL)

    def scorable(self, examples: Sequence[dict]) -> bool:
        return len(self.fields_of(examples)) > 1

    def metric_of(self, examples: Sequence[dict]) -> str:
        return self.main_metric if LABEL in examples[0] else "mrr"

    def adapt(self, examples: Sequence[dict]) -> None:
        scored = LABEL in examples[0]
        fitting = losses.SCORED_LOSSES if scored else losses.UNSCORED_LOSSES
        if self.loss_name == losses.AUTO:
            self.loss_name = fitting[0]
        elif self.loss_name not in fitting:
            problem = f"does not fit {'scored pairs' if scored else 'texts without scores'}"
            cure = f"choose {' or '.join(fitting)}"
            raise InputError(f"config.task.loss={self.loss_name}", problem, cure)
        odd = next((row for row in examples if list(row) != list(examples[0])), None)
        if odd is not None:
            problem = f"rows of {', '.join(examples[0])} and of {', '.join(odd)} in one part"
            raise InputError("config.task.train_file", problem, "name files of one form")

    def take_tokens(self, tokenizer: Tokenizer, examples: Sequence[dict]) -> None:
        if not self.word_weights and not self.lexical_weight:
            return
        texts = (row[name] for row in examples for name in self.fields_of(examples))
        shares, vocabulary = token_shares(tokenizer, texts), tokenizer.vocabulary
        if self.word_weights:
            self.token_weights = weights_of_words(shares, self.word_weights, vocabulary)
        if self.lexical_weight:
            self._piece_weights = weights_of_words(shares, SMOOTHING, vocabulary)

    def build(self, hidden_dim: int, init_scale: float, dropout: float, dtype=None) -> None:
        del dropout, dtype
        wrong = [size for size in self.dimensions if size > hidden_dim]
        if wrong:
            problem = f"more than the {hidden_dim} dimensions of the model"
            raise InputError(f"config.task.dimensions={wrong[0]}", problem, "choose smaller ones")
        self.head = self.interaction.make_head(
            init_scale, temperature=self.temperature, learn_temperature=self.learn_temperature
        )
        self.head.build(hidden_dim)
        if self._piece_weights is not None:
            codes = lexical_codes(self._piece_weights, hidden_dim, self.lexical_weight)
            self.lexical_part = LexicalPart(*codes)

    def encode(self, tokenizer: Tokenizer, texts: Sequence[tf.Tensor], max_length: int) -> Rows:
        packed = [
            rows_of_segments([tokenizer.tokenize(text)], max_length, tokenizer.vocabulary)
            for text in texts
        ]
        counted = [
            self.interaction.counted(tokenizer.vocabulary, rows.token_ids) for rows in packed
        ]
        if len(packed) == 1:
            return packed[0]._replace(features={} if counted[0] is None else {COUNTED: counted[0]})
        features = {}
        for i, rows in enumerate(packed):
            features[f"ids_{i}"] = rows.token_ids
            features[f"mask_{i}"] = tf.ones_like(rows.token_ids)
            if counted[i] is not None:
                features[f"{COUNTED}_{i}"] = counted[i]
        # The row of an example is that of its longest text: batches are padded to it.
        lengths = tf.stack([rows.token_ids.row_lengths() for rows in packed])  # [texts, batch]
        batch = tf.shape(lengths)[1]
        longest = tf.argmax(lengths, axis=0, output_type=tf.int32) * batch + tf.range(batch)
        ids, segments = (
            tf.gather(tf.concat([getattr(rows, name) for rows in packed], axis=0), longest)
            for name in ("token_ids", "segment_ids")
        )
        truncated = tf.reduce_max(tf.stack([rows.truncated for rows in packed]), axis=0)
        return Rows(ids, segments, tf.range(batch), features, truncated)

    def labels(self, examples: Sequence[dict], rows: Rows) -> np.ndarray:
        """Return the similarities float32 `[rows]`, or numbers of texts float32 `[rows, texts]`.

        Similarities are a share of the range of the scores. Equal texts have one number.
        """
        del rows
        if LABEL not in examples[0]:
            return text_numbers(examples, self.fields_of(examples))
        low, high = self.bounds
        scores = np.array([row[LABEL] for row in examples], np.float32)
        return (scores - low) / (high - low)

    def encoder_features(self, features: dict) -> dict:
        return encoder_features(features)

    def counted(self, features: dict) -> tf.Tensor:
        """Return which tokens of all texts the head reads, or their weights as float32."""
        if self.token_weights is not None:
            return token_weights(self.token_weights, encoder_features(features))
        if texts_in(features) == 1:
            return features.get(COUNTED, features["padding_mask"])
        return together(COUNTED if f"{COUNTED}_0" in features else "mask", features)

    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        """Return the vectors of all texts, float32 `[batch, texts, …, dim]`."""
        del seed
        vectors = self.head(outputs, self.counted(features))
        if self.lexical_weight:
            vectors = self.lexical_part(vectors, encoder_features(features))
            vectors = normalized(vectors) if self.normalize else vectors
        return by_row(vectors, texts_in(features))

    def batch_loss(self, vectors: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        """Return the loss of a whole batch times its number of real rows.

        Args:
            vectors: Vectors `[rows, texts, …, dim]`; of single texts both passes.
            labels: Labels of the rows.
            weights: 1, or 0 for a padding row, float32 `[rows]`.
        """
        dim = vectors.shape[-1]
        widths = list(dict.fromkeys((dim, *self.dimensions)))
        texts, measure = tf.unstack(vectors, axis=1), self.interaction.similarity
        return losses.batch_loss(
            self.loss_name, measure, texts, labels, weights, self.head.scale, widths
        )

    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        raise NotImplementedError("rows are compared with each other: batch_loss")

    def divergence(self, scores: tf.Tensor, others: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        raise NotImplementedError("there are no distributions to compare")

    def decide(self, scores: tf.Tensor, features: dict) -> dict[str, tf.Tensor]:
        labels = features.get("labels")  # there are none in a served graph
        return self.interaction.decide(scores, labels is not None and labels.shape.rank == 1)

    def numeric_answers(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return self.interaction.numeric_answers(found)

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        _check_compared(found)
        if LABEL in examples[0]:
            gold = np.array([row[LABEL] for row in examples], np.float32)
            return similarity_scores(self.interaction.similarities(found)[:, 0], gold)
        ranks = self.interaction.ranks(found, [row["text_pair"] for row in examples])
        return retrieval_scores(ranks, self.interaction.similarities(found))

    def details(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict:
        name, by_size = self.metric_of(examples), {}
        for size in self.dimensions:
            truncated = found | {"vectors": found["vectors"][..., :size]}
            by_size[str(size)] = self.score(truncated, examples)[name]
        return {"scores_by_dimension": by_size} if by_size else {}

    def rows_of_answers(
        self, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> Iterator[dict]:
        _check_compared(found)
        for example, gold, predicted in self._answers(found, examples):
            texts = {name: example[name] for name in self.fields_of(examples)}
            yield texts | {"gold": gold, "predicted": predicted, "score": None}

    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        path += ".jsonl"
        _check_compared(found)
        name, rows = self.interaction.measure, zip(examples, self._first(found), strict=True)
        files.write_json_lines(path, (example | {name: round(value, 6)} for example, value in rows))
        return path

    def settings(self) -> dict:
        own = {"pooling": self.pooling, "normalize": self.normalize}
        own |= {"word_weights": self.word_weights, "lexical_weight": self.lexical_weight}
        own |= {"loss": self.loss_name}
        own |= {"temperature": self.temperature, "learn_temperature": self.learn_temperature}
        own |= {"dimensions": list(self.dimensions), "interaction": self.interaction.name}
        own |= {"token_width": self.token_width, "skip_punctuation": self.skip_punctuation}
        return own | super().settings()

    def _interaction(self, name: str) -> Interaction:
        """Make the interaction; settings of the other one are refused."""
        if name == SINGLE:
            self._refuse(f"interaction={LATE}", token_width=128, skip_punctuation=False)
            if self.pooling != "mean":
                self._refuse("pooling=mean", word_weights=0.0)
            return SingleVectors(self.pooling, self.normalize)
        usual = {"pooling": "mean", "normalize": True, "dimensions": ()}
        usual |= {"word_weights": 0.0, "lexical_weight": 0.0}
        self._refuse(f"interaction={SINGLE}", **usual)
        return LateInteraction(self.token_width, self.skip_punctuation)

    def _refuse(self, needed: str, **usual) -> None:
        """Refuse settings that are not as usual: they are read with another setting only."""
        for key, value in usual.items():
            if getattr(self, key) != value:
                place = f"config.task.{key}={getattr(self, key)}"
                problem = f"is read with config.task.{needed} only"
                raise InputError(place, problem, f"leave it out, or set config.task.{needed}")

    def _first(self, found: dict[str, np.ndarray]) -> list[float]:
        """Return the similarity of the first two texts of each row."""
        return self.interaction.similarities(found)[:, 0].tolist()

    def _answers(self, found: dict[str, np.ndarray], examples: Sequence[dict]):
        """Yield `(example, gold, predicted)`.

        For scored pairs the similarity as a share of its range, and that of the model; otherwise 1
        and the rank of the positive.
        """
        if LABEL not in examples[0]:
            ranks = self.interaction.ranks(found, [row["text_pair"] for row in examples])
            for example, rank in zip(examples, ranks.tolist(), strict=True):
                yield example, 1, rank
            return
        low, high = self.bounds
        for example, value in zip(examples, self._first(found), strict=True):
            share = (example[LABEL] - low) / (high - low)
            yield example, round(share, 6), round(value, 6)


def _check_compared(found: dict[str, np.ndarray]) -> None:
    if not {"vectors", "similarity"} & set(found):
        problem = "single sentences: there is nothing to compare them with"
        raise InputError("--data", problem, "name a file of scored pairs, pairs or triples")
