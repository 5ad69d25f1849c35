"""The recipes of `benchmarks.equal_compute`: one encoder, one size, six objectives."""

from kortf.train.recipe import pretraining

BERT, GPT = {"name": "bert"}, {"name": "gpt", "activation": "gelu"}
MASKED_LM = {"name": "masked_lm", "rate": 0.2, "unit": "token"}
#  recipe: encoder, objectives, pairing of the records
RECIPES = {
    "mlm": (BERT, [MASKED_LM], "none"),
    "rtd": (BERT, [{"name": "replaced_token", "rate": 0.2}], "none"),
    "span_sbo": (BERT, [MASKED_LM | {"unit": "span"}, {"name": "span_boundary"}], "none"),
    "causal_lm": (GPT, [{"name": "causal_lm"}], "none"),
    "mlm_nsp": (BERT, [MASKED_LM, {"name": "next_sentence"}], "next_sentence"),
    "mlm_sop": (BERT, [MASKED_LM, {"name": "sentence_order"}], "sentence_order"),
}


def get_config(recipe: str):
    """The config of a recipe at size `mini`, or `RECIPE,SIZE`."""
    recipe, _, size = recipe.partition(",")
    model, objectives, _ = RECIPES[recipe]
    config = pretraining(size or "mini", {}, model, objectives)
    config.optimizer.name = "adamw"  # for all the same: it is the objectives that differ
    config.log_every = 20
    return config
