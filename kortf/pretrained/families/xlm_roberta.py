"""Hugging Face's `xlm-roberta` (Conneau et al. 2020): RoBERTa under another name."""

from kortf.pretrained.families import roberta


class XlmRoberta(roberta.Roberta):
    """`XLMRobertaModel` and its heads. Read only: kortf writes the encoder as `roberta`."""

    model_type = "xlm-roberta"
    class_prefix = "XLMRoberta"
