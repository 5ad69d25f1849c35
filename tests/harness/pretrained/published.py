"""The configs, tokenizer settings and tensor names of published Korean models, made small."""

import io
import json

BERT = {
    "attention_probs_dropout_prob": 0.1,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "hidden_size": 16,
    "initializer_range": 0.02,
    "intermediate_size": 24,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 32,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "type_vocab_size": 2,
}
GOOGLE = {  # what Google's multilingual model has left in many a config
    "directionality": "bidi",
    "pooler_fc_size": 768,
    "pooler_num_attention_heads": 12,
    "pooler_num_fc_layers": 3,
    "pooler_size_per_head": 128,
    "pooler_type": "first_token_transform",
}
ELECTRA = BERT | {
    "model_type": "electra",
    "architectures": ["ElectraForPreTraining"],
    "embedding_size": 16,
    "pad_token_id": 0,
    "summary_activation": "gelu",
    "summary_last_dropout": 0.1,
    "summary_type": "first",
    "summary_use_proj": True,
}
CASED = {"do_lower_case": False, "model_max_length": 512}
# Config, settings of the tokenizer, kind of its vocabulary, how the weights are stored.
MODELS = {
    "kykim/bert-kor-base": (
        BERT | GOOGLE | {"model_type": "bert", "architectures": ["BertForMaskedLM"],
                         "pad_token_id": 0},
        {"do_lower_case": True, "strip_accents": False, "tokenize_chinese_chars": True,
         "model_max_length": 512},
        "lowercase", "zip",
    ),
    "kykim/albert-kor-base": (
        BERT | {"model_type": "albert", "architectures": ["AlbertForMaskedLM"],
                "attention_probs_dropout_prob": 0, "hidden_dropout_prob": 0, "bos_token_id": 2,
                "eos_token_id": 3, "pad_token_id": 0, "classifier_dropout_prob": 0.1,
                "down_scale_factor": 1, "embedding_size": 8, "gap_size": 0, "inner_group_num": 1,
                "net_structure_type": 0, "num_hidden_groups": 1, "num_memory_blocks": 0},
        {"do_lower_case": True, "strip_accents": False, "tokenizer_class": "BertTokenizer"},
        "lowercase", "zip",
    ),
    "kykim/electra-kor-base": (
        ELECTRA, {"do_lower_case": True, "strip_accents": False}, "lowercase", "safetensors",
    ),
    "monologg/koelectra-base-v3-discriminator": (ELECTRA, CASED, "cased", "old"),
    "monologg/koelectra-small-v3-discriminator": (
        ELECTRA | {"embedding_size": 8}, CASED, "cased", "old",
    ),
    "skt/kobert-base-v1": (
        BERT | {"model_type": "bert", "architectures": ["BertModel"], "pad_token_id": 1,
                "gradient_checkpointing": False, "position_embedding_type": "absolute",
                "use_cache": True},
        {"do_lower_case": False, "remove_space": True, "keep_accents": False,
         "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
         "mask_token": {"content": "[MASK]", "lstrip": True}, "bos_token": "[CLS]",
         "eos_token": "[SEP]", "tokenizer_class": "KoBERTTokenizer"},
        "kobert", "zip",
    ),
    "bert-base-multilingual-cased": (
        BERT | GOOGLE | {"model_type": "bert", "architectures": ["BertForMaskedLM"]},
        CASED, "multilingual", "gamma",
    ),
    "klue/bert-base": (
        BERT | {"model_type": "bert", "architectures": ["BertForMaskedLM"], "pad_token_id": 0,
                "position_embedding_type": "absolute", "use_cache": True},
        CASED | {"strip_accents": None, "tokenize_chinese_chars": True,
                 "tokenizer_class": "BertTokenizer"},
        "cased", "safetensors",
    ),
    "klue/roberta-base": (
        BERT | {"model_type": "roberta", "architectures": ["RobertaForMaskedLM"],
                "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1, "layer_norm_eps": 1e-5,
                "type_vocab_size": 1, "tokenizer_class": "BertTokenizer"},
        CASED | {"bos_token": "[CLS]", "eos_token": "[SEP]", "tokenizer_class": "BertTokenizer"},
        "roberta", "zip",
    ),
}  # fmt: skip
TEXTS = [
    "세종대왕이 한글을 만들었다.",
    "BERT는 좋다! 漢字 ㅋㅋㅋ ㅠㅠ",
    "아버지가방에들어가신다, 2026년 11월",
    "뷁",
    "",
]
_PIECES = sorted(set("".join(TEXTS).replace(" ", ""))) + [
    "##" + c for c in "종대왕이글을들었다버지가방에"
]
_PIECES += ["세종대왕", "bert", "BERT", "##는", "##6", "##다", "좋", "한글", "b", "e", "r", "t"]
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def wordpieces(kind: str) -> list[str]:
    """A vocabulary with the special tokens where the published one has them."""
    pieces = [piece for piece in dict.fromkeys(_PIECES) if piece != "뷁"]
    if kind == "lowercase":
        return list(dict.fromkeys(_SPECIAL + [piece.lower() for piece in pieces]))
    if kind == "multilingual":
        return ["[PAD]", *(f"[unused{i}]" for i in range(1, 100)), *_SPECIAL[1:], *pieces]
    if kind == "roberta":
        return ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]", *pieces]
    return _SPECIAL + pieces


def sentencepiece_model() -> bytes:
    """A vocabulary with KoBERT's special tokens."""
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([text for text in TEXTS if text] * 20), model_writer=model,
        vocab_size=75, unk_id=0, unk_piece="[UNK]", pad_id=1, pad_piece="[PAD]", bos_id=-1,
        eos_id=-1, control_symbols=["[CLS]", "[SEP]", "[MASK]"], hard_vocab_limit=False,
        minloglevel=2,
    )  # fmt: skip
    return model.getvalue()


def make(directory, name: str):
    """Writes a directory as the published one is, with weights at random.

    Returns:
        The model of transformers.
    """
    import torch
    import transformers

    config, settings, kind, stored = MODELS[name]
    directory.mkdir()
    if kind == "kobert":
        data = sentencepiece_model()
        (directory / "spiece.model").write_bytes(data)
        size = 90
    else:
        pieces = wordpieces(kind)
        (directory / "vocab.txt").write_text("\n".join(pieces) + "\n")
        size = len(pieces) + 1  # as some have it, padded
    config = config | {"vocab_size": size}
    (directory / "config.json").write_text(json.dumps(config))
    (directory / "tokenizer_config.json").write_text(json.dumps(settings))
    torch.manual_seed(5)
    cls = getattr(transformers, config["architectures"][0])
    model = cls(transformers.AutoConfig.from_pretrained(directory)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    if stored == "safetensors":
        model.save_pretrained(directory / "saved")
        (directory / "saved" / "model.safetensors").rename(directory / "model.safetensors")
        return model
    state = model.state_dict()
    if stored == "gamma":
        state = {
            key.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
                "LayerNorm.bias", "LayerNorm.beta"
            ): value
            for key, value in state.items()
        }
    if stored in ("gamma", "old"):  # as old versions kept it
        prefix = cls.base_model_prefix
        state[f"{prefix}.embeddings.position_ids"] = torch.arange(32)[None]
    torch.save(
        state, directory / "pytorch_model.bin", _use_new_zipfile_serialization=stored != "old"
    )
    return model
