"""Positions that an enhanced mask decoder adds to its queries."""

import logging

from keras import ops

from kortf.layers.embeddings import TokenEmbedding, pack_positions

FEATURE = "query_positions"


class DecoderPositions(TokenEmbedding):
    """A vector for each absolute position, which only the decoder reads.

    The layers of DeBERTa see distances alone. Its enhanced mask decoder adds the absolute positions
    where masked pieces are predicted (He et al. 2021, section 3.2).
    """

    @classmethod
    def over(cls, encoder, dtype=None) -> "DecoderPositions":
        """Return the vectors for an encoder, with their weights made.

        Raises:
            ValueError: The encoder has no such decoder, or embeds absolute positions already.
        """
        if not encoder.decodes:
            problem = f"{type(encoder).__name__} has no enhanced mask decoder"
            raise ValueError(f"enhanced_decoder=True: {problem}; set it to False")
        settings = encoder.settings
        if settings["absolute_positions"]:
            problem = "the embeddings hold the positions already (absolute_positions=True)"
            raise ValueError(f"enhanced_decoder=True: {problem}; set one of them to False")
        table = cls(
            settings["max_length"],
            encoder.hidden_dim,
            settings["init_scale"],
            name="decoder_positions",
            dtype=dtype,
        )
        table.build()
        return table

    def tell_of_new_start(self) -> None:
        """Log that a model directory gives no weights to the decoder."""
        logging.warning(
            "enhanced_decoder: its positions and the vocabulary head start anew, since model "
            "directories hold neither"
        )

    def added(self, features: dict) -> dict:
        """Return features with `query_positions`, float `[batch or 1, seq, dim]`.

        Positions restart in each packed example.

        Args:
            features: With `token_ids`, and `pack_ids` where rows are packed; int32 `[batch, seq]`.
        """
        if "pack_ids" in features:
            positions = pack_positions(features["pack_ids"])
        else:
            positions = ops.arange(ops.shape(features["token_ids"])[1])[None, :]  # [1, seq]
        return features | {FEATURE: self(positions)}
