"""Published configs with options that kortf does not compute are refused by name."""

import json

import pytest

from kortf.errors import InputError
from kortf.pretrained.directory.config_file import encoder_settings, read_config

MODERNBERT = {"model_type": "modernbert", "num_hidden_layers": 4}
DEBERTA = {
    "model_type": "deberta-v2", "vocab_size": 13, "hidden_size": 16, "intermediate_size": 20,
    "num_hidden_layers": 4, "num_attention_heads": 4, "relative_attention": True,
    "pos_att_type": "p2c|c2p",
}  # fmt: skip
LOCAL, GLOBAL = "sliding_attention", "full_attention"


@pytest.mark.parametrize(
    "config, changes, key",
    [
        (MODERNBERT, {"attention_bias": True}, "attention_bias"),
        (MODERNBERT, {"norm_bias": True}, "norm_bias"),
        (MODERNBERT, {"hidden_activation": "silu"}, "hidden_activation"),
        (MODERNBERT, {"layer_types": [GLOBAL, LOCAL, GLOBAL, GLOBAL]}, "layer_types"),
        (MODERNBERT, {"layer_types": [LOCAL] * 4}, "layer_types"),
        (MODERNBERT, {"layer_types": "all"}, "layer_types"),
        (MODERNBERT, {"global_attn_every_n_layers": 0}, "global_attn_every_n_layers"),
        (
            MODERNBERT,
            {"rope_parameters": {GLOBAL: {"rope_type": "yarn", "rope_theta": 1e4}}},
            "rope_parameters",
        ),
        (MODERNBERT, {"rope_parameters": {LOCAL: {"rope_theta": 0}}}, "rope_parameters"),
        (DEBERTA, {"relative_attention": False}, "relative_attention"),
        (DEBERTA, {"pos_att_type": "c2p"}, "pos_att_type"),
        (DEBERTA, {"pos_att_type": None}, "pos_att_type"),
        (DEBERTA, {"conv_kernel_size": 3}, "conv_kernel_size"),
        (DEBERTA, {"position_biased_input": "false"}, "position_biased_input"),
        (DEBERTA, {"embedding_size": 8}, "embedding_size"),
    ],
)
def test_an_option_that_is_not_computed_is_named(tmp_path, config, changes, key):
    (tmp_path / "config.json").write_text(json.dumps(config | changes))
    with pytest.raises(InputError, match=key):
        encoder_settings(read_config(str(tmp_path)), str(tmp_path))


def test_the_form_of_transformers_4_is_read(tmp_path):
    former = {"global_attn_every_n_layers": 2, "global_rope_theta": 5e4, "local_rope_theta": 2e4}
    (tmp_path / "config.json").write_text(json.dumps(MODERNBERT | former))
    name, settings = encoder_settings(read_config(str(tmp_path)), str(tmp_path))
    assert name == "modernbert" and settings["global_every"] == 2
    assert (settings["global_base"], settings["local_base"]) == (5e4, 2e4)
