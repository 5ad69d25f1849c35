"""BERT (Devlin et al. 2019): a bidirectional transformer encoder."""

from kortf.models.transformer import TransformerEncoder


class Bert(TransformerEncoder):
    """BERT's encoder; the defaults are BERT-base. RoBERTa and SpanBERT are this encoder as well."""

    families = ("bert", "megatron_bert", *TransformerEncoder.families, "distilbert")
