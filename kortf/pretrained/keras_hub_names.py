"""keras-hub's BERT and ALBERT: which of their weights are which of ours, and what they fix."""

import dataclasses

from kortf.models.encoder import Encoder

# Where a sub-layer of ours and one of theirs stand; `{i}` is the layer or the group.
_OURS = "layers.layers.{i}"
_PROJECTIONS = ("query", "key", "value")


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A backbone of keras-hub that computes what an encoder of ours does.

    Attributes:
        backbone: its class in `keras_hub.models`.
        tokenizer: the class of its tokenizer, which takes a WordPiece vocabulary; None if it takes
            another.
        layer: what its layers are called.
        sizes: our setting to its argument.
        fixed: settings that it has no argument for.
        projects: whether it has a product behind the embedding.
    """

    backbone: str
    tokenizer: str | None
    layer: str
    sizes: dict[str, str]
    fixed: dict
    projects: bool

    def weights(self, encoder: Encoder) -> dict[str, str]:
        """The path of each of its weights to the path of ours."""
        settings = encoder.settings
        names = {
            "token_embedding/embeddings": "token_embedding.embeddings",
            "position_embedding/embeddings": "embedding.positions",
            "segment_embedding/embeddings": "embedding.segments",
            **_norm("embeddings_layer_norm", "embedding.norm"),
            **_dense("pooled_dense", "pooler."),
        }
        if self.projects:
            names |= _dense("embedding_projection", "embedding_projection.")
        for i in range(settings["num_groups"] or settings["num_layers"]):
            ours, theirs = _OURS.format(i=i), self.layer.format(i=i)
            for part in _PROJECTIONS:
                names |= _dense(
                    f"{theirs}/self_attention_layer/{part}", f"{ours}.attention.{part}_"
                )
            names |= {
                **_dense(
                    f"{theirs}/self_attention_layer/attention_output", f"{ours}.attention.output_"
                ),
                **_norm(f"{theirs}/self_attention_layer_norm", f"{ours}.attention_norm"),
                **_norm(f"{theirs}/feedforward_layer_norm", f"{ours}.output_norm"),
                **_dense(
                    f"{theirs}/feedforward_intermediate_dense",
                    f"{ours}.feed_forward.intermediate_",
                ),
                **_dense(f"{theirs}/feedforward_output_dense", f"{ours}.feed_forward.output_"),
            }
        return names


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
    "num_segments": "num_segments",
    "dropout": "dropout",
}
_FIXED = {
    "activation": "gelu_tanh",
    "norm": "post",
    "norm_epsilon": 1e-12,
    "positions": "learned",
    "position_offset": 0,
    "feed_forward": "mlp",
    "pooler": True,
}
ARCHITECTURES = {
    "bert": Architecture(
        "BertBackbone", "BertTokenizer", "transformer_layer_{i}", _SIZES,
        _FIXED | {"num_groups": None}, projects=False,
    ),
    "albert": Architecture(
        "AlbertBackbone", None, "group_{i}_inner_layer_0",
        _SIZES | {"embedding_dim": "embedding_dim", "num_groups": "num_groups"}, _FIXED,
        projects=True,
    ),
}  # fmt: skip
