"""Models of transformers, for the oracle tests."""

import numpy as np

from tests.harness.pretrained.random_models import BATCH


def load(name: str, directory):
    """A model by transformers, which must have nothing to say about the directory."""
    import transformers

    model, info = getattr(transformers, name).from_pretrained(directory, output_loading_info=True)
    told = {key: found for key, found in info.items() if found}
    assert told == {}, told
    return model.eval()


def make(directory, kind: str, head: str, **config):
    """A random model of transformers, saved."""
    import torch
    import transformers

    torch.manual_seed(3)
    config = getattr(transformers, f"{kind}Config")(**config)
    model = getattr(transformers, f"{kind}{head}")(config).eval()
    with torch.no_grad():  # norms and biases start as ones and zeros, which would hide a mistake
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.2 * torch.randn_like(parameter))
    model.save_pretrained(directory)
    return model


def run(model, features: dict | None = None, **more):
    """Outputs of a model for a batch of ours."""
    import torch

    features = BATCH if features is None else features
    inputs = {"input_ids": "token_ids", "attention_mask": "padding_mask"}
    if model.config.model_type not in ("gpt2", "reformer"):  # which have no segments
        inputs["token_type_ids"] = "segment_ids"
    if model.config.model_type == "roberta":
        # It has one segment, and knows padding by its id.
        padding = model.config.pad_token_id
        features = dict(features, segment_ids=0 * features["segment_ids"])
        features["token_ids"] = np.where(features["padding_mask"], features["token_ids"], padding)
    with torch.no_grad():
        batch = {key: torch.tensor(features[ours]).long() for key, ours in inputs.items()}
        return model(**batch, **more)


def assert_close(ours, theirs, kept=None):
    """Ours and torch's values are the same in float32, where `kept` is true."""
    ours, theirs = np.asarray(ours), theirs.numpy()
    if kept is not None:
        ours, theirs = ours[kept], theirs[kept]
    assert theirs.std() > 0.01  # else nothing is seen
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
