"""Hugging Face's `megatron-bert`: BERT, normalised before each sub-layer and at the end."""

from kortf.pretrained.families import bert
from kortf.pretrained.family import norm


class MegatronBert(bert.Bert):
    """`MegatronBertModel` and its heads."""

    model_type = "megatron-bert"
    class_prefix = "MegatronBert"
    fixed = bert.FIXED | {"norm": "pre"}
    norms = (
        *norm("layers.layers.{i}.attention_norm", "encoder.layer.{i}.attention.ln"),
        *norm("layers.layers.{i}.output_norm", "encoder.layer.{i}.ln"),
    )
    single_norm = norm("layers.final_norm", "encoder.ln")
