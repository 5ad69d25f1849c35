"""keras-hub's backbones: which of their weights are which of ours, and what they fix."""

import dataclasses

from kortf.models.encoder import Encoder

# Path of a layer of ours; `{i}` is the layer or the group.
_OURS = "layers.layers.{i}"
_PROJECTIONS = ("query", "key", "value")


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A backbone of keras-hub that computes what an encoder of ours does.

    Attributes:
        backbone: Its class in `keras_hub.models`.
        sizes: Our setting to its argument.
        fixed: Settings that it has no argument for.
        tokenizer: The class of its tokenizer; None if it takes a kind that kortf does not write.
        kind: Kind of the vocabulary that this takes, as in `Vocabulary.kind`.
        special: Tokens that a vocabulary must have for it.
        layer: Name of its layers.
        attention: Name of the attention in them.
        embedding: Prefix of the names of its token and position vectors.
        segments: Whether it has segment vectors. Where it has none, the one that is added to each
            token is added to the positions.
        projection: Name of the product behind the embedding, if it has one.
        pools: Whether it has a dense tanh layer over the first position.
        final_norm: Name of the normalisation behind the last layer, if it has one.
    """

    backbone: str
    sizes: dict[str, str]
    fixed: dict
    tokenizer: str | None = None
    kind: str = "wordpiece"
    special: tuple[str, ...] = ("[CLS]", "[SEP]", "[PAD]", "[MASK]")
    layer: str = "transformer_layer_{i}"
    attention: str = "self_attention_layer"
    embedding: str = ""
    segments: bool = True
    projection: str | None = None
    pools: bool = True
    final_norm: str | None = None

    @property
    def positions(self) -> str:
        """Return the path of its position vectors."""
        return f"{self.embedding}position_embedding/embeddings"

    def weights(self, encoder: Encoder) -> dict[str, str]:
        """Return the path of each of its weights to the path of ours.

        Left out are what one of the two does not have: `pooled_dense` where the encoder has no
        pooler, a pooler where it has no `pooled_dense`, and the positions where it has no segments.
        """
        names = {f"{self.embedding}token_embedding/embeddings": "token_embedding.embeddings"}
        if self.segments:
            names |= {
                self.positions: "embedding.positions",
                "segment_embedding/embeddings": "embedding.segments",
            }
        elif not encoder.settings["num_segments"]:
            names[self.positions] = "embedding.positions"
        if encoder.settings["norm"] == "post":
            names |= _norm("embeddings_layer_norm", "embedding.norm")
        if self.pools and encoder.pooler is not None:
            names |= _dense("pooled_dense", "pooler.")
        if self.projection and encoder.embedding_projection is not None:
            names |= _dense(self.projection, "embedding_projection.")
        if self.final_norm:
            names |= _norm(self.final_norm, "layers.final_norm")
        for i in range(encoder.settings["num_groups"] or encoder.settings["num_layers"]):
            names |= self._layer_weights(i)
        return names

    def _layer_weights(self, i: int) -> dict[str, str]:
        ours, theirs = _OURS.format(i=i), self.layer.format(i=i)
        attention, names = f"{theirs}/{self.attention}", {}
        for part in _PROJECTIONS:
            names |= _dense(f"{attention}/{part}", f"{ours}.attention.{part}_")
        return names | {
            **_dense(f"{attention}/attention_output", f"{ours}.attention.output_"),
            **_norm(f"{theirs}/self_attention_layer_norm", f"{ours}.attention_norm"),
            **_norm(f"{theirs}/feedforward_layer_norm", f"{ours}.output_norm"),
            **_dense(
                f"{theirs}/feedforward_intermediate_dense", f"{ours}.feed_forward.intermediate_"
            ),
            **_dense(f"{theirs}/feedforward_output_dense", f"{ours}.feed_forward.output_"),
        }


def _dense(theirs: str, ours: str) -> dict[str, str]:
    return {f"{theirs}/kernel": f"{ours}kernel", f"{theirs}/bias": f"{ours}bias"}


def _norm(theirs: str, ours: str) -> dict[str, str]:
    return {f"{theirs}/gamma": f"{ours}.gamma", f"{theirs}/beta": f"{ours}.beta"}


_SIZES = {
    "vocabulary_size": "vocabulary_size",
    "num_layers": "num_layers",
    "num_heads": "num_heads",
    "hidden_dim": "hidden_dim",
    "intermediate_dim": "intermediate_dim",
    "max_length": "max_sequence_length",
    "dropout": "dropout",
}
_WITH_SEGMENTS = _SIZES | {"num_segments": "num_segments"}
_FIXED = {
    "activation": "gelu_tanh",
    "norm": "post",
    "norm_epsilon": 1e-12,
    "positions": "learned",
    "position_offset": 0,
    "feed_forward": "mlp",
}
_UNSHARED = {"num_groups": None}
ARCHITECTURES = {
    "bert": Architecture(
        "BertBackbone", _WITH_SEGMENTS, _FIXED | _UNSHARED | {"pooler": True}, "BertTokenizer"
    ),
    "albert": Architecture(
        "AlbertBackbone",
        _WITH_SEGMENTS | {"embedding_dim": "embedding_dim", "num_groups": "num_groups"},
        _FIXED | {"pooler": True},
        layer="group_{i}_inner_layer_0",
        projection="embedding_projection",
    ),
    "electra": Architecture(
        "ElectraBackbone",
        _WITH_SEGMENTS | {"embedding_dim": "embedding_dim", "vocabulary_size": "vocab_size"},
        _FIXED | _UNSHARED,
        "ElectraTokenizer",
        projection="embeddings_projection",
    ),
    "roberta": Architecture(
        "RobertaBackbone",
        _SIZES,
        {key: value for key, value in _FIXED.items() if key != "position_offset"}
        | _UNSHARED
        | {"activation": "gelu", "norm_epsilon": 1e-5, "num_segments": 1},
        "RobertaTokenizer",
        "bpe",
        ("<s>", "</s>", "<pad>", "<mask>"),
        embedding="embeddings/",
        segments=False,
        pools=False,
    ),
    "gpt": Architecture(
        "GPT2Backbone",
        _SIZES,
        _FIXED
        | _UNSHARED
        | {"norm": "pre", "norm_epsilon": 1e-5, "num_segments": 0, "pooler": False},
        "GPT2Tokenizer",
        "bpe",
        ("<|endoftext|>",),
        attention="self_attention",
        segments=False,
        pools=False,
        final_norm="layer_norm",
    ),
}
