"""Masked LM of BERT and ModernBERT in torch alone, with sdpa: the rival in `gpu_run.py`.

The same function as transformers', to which tests compare it; the head scores the masked positions
alone. Settings have kortf's names.
"""

import torch
from torch import nn
from torch.nn import functional


class Attention(nn.Module):
    """Multi-head self-attention with one product for queries, keys and values."""

    def __init__(self, settings: dict, bias: bool, dropout: float = 0.0):
        super().__init__()
        dim = settings["hidden_dim"]
        self.heads, self.dropout = settings["num_heads"], dropout
        self.inputs = nn.Linear(dim, 3 * dim, bias=bias)
        self.outputs = nn.Linear(dim, dim, bias=bias)

    def forward(self, x, turn=None, mask=None):
        """Return `[batch, seq, dim]`.

        Args:
            x: `[batch, seq, dim]`.
            turn: Cosines and sines of the rotary positions, each `[seq, head_dim]`.
            mask: True where a query looks at a key, bool `[seq, seq]`.
        """
        parts = self.inputs(x).unflatten(-1, (3, self.heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # [batch, heads, seq, head_dim]
        if turn is not None:
            query, key = rotate(query, turn), rotate(key, turn)
        rate = self.dropout if self.training else 0.0
        found = functional.scaled_dot_product_attention(query, key, value, mask, rate)
        return self.outputs(found.transpose(1, 2).flatten(2))


def rotate(x, turn):
    """Rotate the two halves of each head (Su et al. 2021), in float32."""
    one, other = x.float().chunk(2, -1)
    cosines, sines = turn
    return (x * cosines + torch.cat([-other, one], -1) * sines).to(x.dtype)


class BertLayer(nn.Module):
    """Attention and feed-forward network, each normalized behind its sum."""

    def __init__(self, settings: dict):
        super().__init__()
        dim, rate = settings["hidden_dim"], settings["dropout"]
        inner = settings.get("intermediate_dim") or 4 * dim
        self.attention = Attention(settings, True, rate)
        self.attention_norm = nn.LayerNorm(dim, 1e-12)
        self.inner, self.outer = nn.Linear(dim, inner), nn.Linear(inner, dim)
        self.norm = nn.LayerNorm(dim, 1e-12)
        self.dropout = nn.Dropout(rate)

    def forward(self, x):
        x = self.attention_norm(x + self.dropout(self.attention(x)))
        return self.norm(x + self.dropout(self.outer(functional.gelu(self.inner(x)))))


class Bert(nn.Module):
    """BERT's encoder: int64 `[batch, seq]` to `[batch, seq, dim]`."""

    def __init__(self, settings: dict, length: int):
        super().__init__()
        dim = settings["hidden_dim"]
        self.tokens = nn.Embedding(settings["vocabulary_size"], dim)
        self.positions = nn.Embedding(max(settings["max_length"], length), dim)
        self.segments = nn.Embedding(2, dim)
        self.norm = nn.LayerNorm(dim, 1e-12)
        self.dropout = nn.Dropout(settings["dropout"])
        self.layers = nn.ModuleList(BertLayer(settings) for _ in range(settings["num_layers"]))

    def forward(self, ids):
        x = self.tokens(ids) + self.positions.weight[: ids.shape[1]] + self.segments.weight[0]
        x = self.dropout(self.norm(x))
        for layer in self.layers:
            x = layer(x)
        return x


class ModernBertLayer(nn.Module):
    """Attention and gated feed-forward network, each behind a normalization, without biases."""

    def __init__(self, settings: dict, first: bool):
        super().__init__()
        dim, inner = settings["hidden_dim"], settings["intermediate_dim"]
        self.attention_norm = nn.Identity() if first else nn.LayerNorm(dim, bias=False)
        self.attention = Attention(settings, False)
        self.norm = nn.LayerNorm(dim, bias=False)
        self.inner = nn.Linear(dim, 2 * inner, bias=False)
        self.outer = nn.Linear(inner, dim, bias=False)

    def forward(self, x, turn, mask):
        x = x + self.attention(self.attention_norm(x), turn, mask)
        value, gate = self.inner(self.norm(x)).chunk(2, -1)
        return x + self.outer(functional.gelu(value) * gate)


class ModernBert(nn.Module):
    """ModernBERT's encoder: int64 `[batch, seq]` to `[batch, seq, dim]`."""

    def __init__(self, settings: dict, length: int):
        super().__init__()
        dim, layers = settings["hidden_dim"], range(settings["num_layers"])
        self.tokens = nn.Embedding(settings["vocabulary_size"], dim)
        self.norm = nn.LayerNorm(dim, bias=False)
        self.layers = nn.ModuleList(ModernBertLayer(settings, i == 0) for i in layers)
        self.final_norm = nn.LayerNorm(dim, bias=False)
        self.local = [i % settings["global_every"] != 0 for i in layers]
        index, half = torch.arange(length), dim // settings["num_heads"] // 2
        for kind in ("global", "local"):
            rates = settings[f"{kind}_base"] ** (-torch.arange(half) / half)
            angles = (index[:, None] * rates).repeat(1, 2)  # [seq, head_dim]
            turn = torch.stack([angles.cos(), angles.sin()])
            self.register_buffer(f"{kind}_turn", turn, persistent=False)
        near = (index[:, None] - index).abs() <= settings["window"] // 2
        self.register_buffer("near", near, persistent=False)

    def forward(self, ids):
        x = self.norm(self.tokens(ids))
        for layer, local in zip(self.layers, self.local, strict=True):
            x = layer(x, *((self.local_turn, self.near) if local else (self.global_turn, None)))
        return self.final_norm(x)


class MaskedLM(nn.Module):
    """An encoder with the head that predicts masked pieces, tied to its token table.

    Args:
        kind: `bert` or `modernbert`.
        settings: Settings of the encoder, with `vocabulary_size`.
        length: Tokens a row.
    """

    def __init__(self, kind: str, settings: dict, length: int):
        super().__init__()
        modern, dim = kind == "modernbert", settings["hidden_dim"]
        self.encoder = (ModernBert if modern else Bert)(settings, length)
        self.dense = nn.Linear(dim, dim, bias=not modern)
        self.norm = nn.LayerNorm(dim, 1e-5 if modern else 1e-12, bias=not modern)
        self.bias = nn.Parameter(torch.zeros(settings["vocabulary_size"]))
        nn.init.normal_(self.encoder.tokens.weight, std=0.02)

    def forward(self, ids, positions):
        """Return the scores of the pieces, `[batch * masked, vocabulary_size]`.

        Args:
            ids: int64 `[batch, seq]`.
            positions: Masked positions, int64 `[batch, masked]`.
        """
        x = self.encoder(ids)
        x = x.gather(1, positions[:, :, None].expand(-1, -1, x.shape[2])).flatten(0, 1)
        x = self.norm(functional.gelu(self.dense(x)))
        return functional.linear(x, self.encoder.tokens.weight, self.bias)
