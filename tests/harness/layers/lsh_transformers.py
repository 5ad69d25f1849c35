"""A small LSH layer of transformers, for tests that hold ours against it."""

HEADS, DIM, SIZE, LENGTH = 2, 16, 4, 24
HEAD_DIM, CHUNKS, SEED = DIM // HEADS, LENGTH // SIZE, 7
NOWHERE = 10**6


def end_at_the_edges(layer, rounds: int, monkeypatch) -> None:
    """Lets the first chunk of the layer look at nothing, where it looked at the last one."""
    import torch

    def look_adjacent(vectors, before, after):
        parts = vectors.reshape(*vectors.shape[:2], rounds, CHUNKS, *vectors.shape[3:])
        fill = 0 if vectors.is_floating_point() else NOWHERE
        nothing = torch.full_like(parts[:, :, :, :1], fill)
        found = [torch.cat([nothing, parts[:, :, :, :-1]], 3)] * before + [parts]
        found += [torch.cat([parts[:, :, :, 1:], nothing], 3)] * after
        return torch.cat(found, 4).flatten(2, 3)

    def mask(query, key, attention_mask, shape, full):
        seen = (key < NOWHERE)[..., None, :].expand(shape)
        return seen & (query[..., :, None] >= key[..., None, :]) if layer.is_decoder else seen

    monkeypatch.setattr(layer, "_look_adjacent", look_adjacent)
    monkeypatch.setattr(layer, "_compute_attn_mask", mask)
