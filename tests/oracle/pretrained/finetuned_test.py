"""Classifiers that kortf fine-tunes by default load in transformers with equal scores."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.pretrained.directory.directory import save_pretrained
from kortf.tasks.benchmarks.nsmc import Nsmc
from kortf.train.finetune import make_program
from kortf.train.finetune_recipe import Recipe, finetuning
from kortf.train.inputs.finetuning_inputs import Inputs, Sources
from tests.harness.pretrained.random_models import BATCH, scatter

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

SIZES = {
    "vocab_size": 13, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 12,
}  # fmt: skip


OWN = {
    "Roberta": {"pad_token_id": 1, "max_position_embeddings": 10},
    "DebertaV2": {
        "relative_attention": True, "position_buckets": 4, "pos_att_type": "p2c|c2p",
        "max_position_embeddings": 10, "share_att_key": True, "position_biased_input": False,
    },
    "ModernBert": {
        "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1,
        "sep_token_id": 2,
    },
}  # fmt: skip
DISTILBERT = {"vocab_size": 13, "dim": 8, "n_layers": 2, "n_heads": 2, "hidden_dim": 12}


@pytest.mark.parametrize(
    "name", ["Bert", "Albert", "Electra", "Roberta", "DebertaV2", "DistilBert", "ModernBert"]
)
@pytest.mark.parametrize("kind", ["ForMaskedLM", "Model"])
def test_default_classifier_has_equal_scores(tmp_path, name, kind):
    settings = DISTILBERT if name == "DistilBert" else SIZES | OWN.get(name, {})
    config = getattr(transformers, f"{name}Config")(**settings)
    getattr(transformers, name + kind)(config).save_pretrained(tmp_path / "start")
    recipe = finetuning("small", {"name": "nsmc"}, {"small": Recipe(1, 2, 1e-3, dtype="float32")})
    inputs = Inputs(Nsmc(), {}, {}, Sources("", str(tmp_path / "start")), None)
    program = make_program(recipe, inputs, tf.distribute.get_strategy())
    for layer in (program.encoder, program.task.head):
        scatter(layer)
    save_pretrained(tmp_path / "tuned", program.encoder, heads={"classifier": program.task.head})
    theirs, told = transformers.AutoModelForSequenceClassification.from_pretrained(
        tmp_path / "tuned", output_loading_info=True
    )
    assert not told["missing_keys"] and not told["unexpected_keys"]
    ids = np.where(BATCH["padding_mask"], BATCH["token_ids"], config.pad_token_id)
    batch = BATCH | {"token_ids": ids, "segment_ids": np.zeros_like(ids)}
    ours = program.task.predict(program.encoder(batch), batch)
    with torch.no_grad():
        scores = theirs.eval()(
            input_ids=torch.tensor(ids).long(), attention_mask=torch.tensor(BATCH["padding_mask"])
        ).logits
    np.testing.assert_allclose(ours, scores.numpy(), atol=1e-5)


def test_special_ids_survive_without_a_readable_tokenizer(tmp_path):
    import kortf

    ids = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 3}
    config = transformers.GPT2Config(
        vocab_size=13, n_embd=8, n_layer=1, n_head=2, n_positions=8, **ids
    )
    transformers.GPT2LMHeadModel(config).save_pretrained(tmp_path / "theirs")
    kortf.from_pretrained(tmp_path / "theirs").save_pretrained(tmp_path / "ours")
    again = transformers.AutoConfig.from_pretrained(tmp_path / "ours")
    assert {key: getattr(again, key) for key in ids} == ids
