"""The rival of the GPU benchmark is transformers' function, and its products are counted right."""

import pytest
import torch
import transformers
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.gpu_run import masked_of, work_of
from benchmarks.torch_encoders import MaskedLM

LENGTH, ROWS, PIECES, LAYERS = 20, 3, 50, 4
SETTINGS = {
    "vocabulary_size": PIECES, "num_layers": LAYERS, "num_heads": 2, "hidden_dim": 16,
    "intermediate_dim": 24, "max_length": LENGTH, "dropout": 0.0, "window": 8, "global_every": 3,
    "global_base": 160_000.0, "local_base": 10_000.0,
}  # fmt: skip
NAMES = {
    "bert.embeddings.word_embeddings": "encoder.tokens",
    "bert.embeddings.position_embeddings": "encoder.positions",
    "bert.embeddings.token_type_embeddings": "encoder.segments",
    "bert.embeddings.LayerNorm": "encoder.norm", "bert.encoder.layer": "encoder.layers",
    "attention.output.dense": "attention.outputs",
    "attention.output.LayerNorm": "attention_norm", "intermediate.dense": "inner",
    "output.dense": "outer", "output.LayerNorm": "norm", "cls.predictions.transform.": "",
    "LayerNorm": "norm", "cls.predictions.bias": "bias",
    "model.embeddings.tok_embeddings": "encoder.tokens", "model.embeddings.norm": "encoder.norm",
    "model.": "encoder.", "attn.Wqkv": "attention.inputs", "attn.Wo": "attention.outputs",
    "attn_norm": "attention_norm", "mlp_norm": "norm", "mlp.Wi": "inner", "mlp.Wo": "outer",
    "head.": "", "decoder.bias": "bias",
}  # fmt: skip


def published(kind: str):
    torch.manual_seed(0)
    sizes = {
        "vocab_size": PIECES, "num_hidden_layers": LAYERS, "num_attention_heads": 2,
        "hidden_size": 16, "intermediate_size": 24, "max_position_embeddings": LENGTH,
    }  # fmt: skip
    if kind == "bert":
        model = transformers.BertForMaskedLM(transformers.BertConfig(**sizes))
    else:
        roles = {f"{role}_token_id": 0 for role in ("pad", "bos", "eos", "cls", "sep")}
        config = transformers.ModernBertConfig(**sizes, **roles, local_attention=8)
        model = transformers.ModernBertForMaskedLM(config)
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model.eval()


def renamed(theirs) -> dict:
    """Return the weights of transformers under our names."""
    found: dict[str, torch.Tensor] = {}
    for name, value in theirs.named_parameters():
        parts = [name.replace(f"self.{part}", "inputs") for part in ("query", "key", "value")]
        name = next((part for part in parts if part != name), name)
        for old, new in NAMES.items():
            name = name.replace(old, new)
        found[name] = torch.cat([found[name], value]) if name in found else value
    return found


@pytest.mark.parametrize("kind", ["bert", "modernbert"])
def test_scores_are_those_of_transformers(kind):
    theirs, ours = published(kind), MaskedLM(kind, SETTINGS, LENGTH).eval()
    ours.load_state_dict(renamed(theirs))
    ids = torch.randint(PIECES, (ROWS, LENGTH))
    positions = torch.rand(ROWS, LENGTH).argsort()[:, :5]
    expected = theirs(ids).logits.gather(1, positions[:, :, None].expand(-1, -1, PIECES))
    torch.testing.assert_close(ours(ids, positions), expected.flatten(0, 1), atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", ["bert", "modernbert"])
def test_the_products_of_a_step_are_those_that_torch_counts(kind):
    settings = SETTINGS | {"window": 2 * LENGTH}  # torch counts what a window hides as well
    case = {
        "kind": kind, "length": LENGTH, "rows": ROWS, "rate": 0.25, "vocabulary_size": PIECES,
        "model": settings,
    }  # fmt: skip
    model, ids = MaskedLM(kind, settings, LENGTH), torch.randint(PIECES, (ROWS, LENGTH))
    positions = torch.arange(masked_of(case)).expand(ROWS, -1)
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        model(ids, positions).sum().backward()
    assert work_of(case) == counter.get_total_flops()


def test_a_window_saves_products():
    case = {"length": LENGTH, "rows": 1, "rate": 0.25, "vocabulary_size": PIECES}
    case |= {"kind": "modernbert", "model": SETTINGS}
    whole = work_of(case | {"model": SETTINGS | {"window": 2 * LENGTH}})
    # Layers 1 and 2 of 4 see 9 keys of 20: forward pass and twice as much for the gradients.
    assert whole - work_of(case) == 3 * 2 * (20 - 9) * LENGTH * 4 * 16
