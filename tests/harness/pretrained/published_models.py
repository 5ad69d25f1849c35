"""The configs and tokenizer settings of published Korean models, made small.

The keys and their values are those of the published files; sizes are small, and the vocabulary size
is filled in.
"""

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
GOOGLE = {  # left by Google's multilingual model in many configs
    "directionality": "bidi",
    "pooler_fc_size": 768,
    "pooler_num_attention_heads": 12,
    "pooler_num_fc_layers": 3,
    "pooler_size_per_head": 128,
    "pooler_type": "first_token_transform",
}
MASKED_BERT = BERT | {"model_type": "bert", "architectures": ["BertForMaskedLM"]}
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
GENERATOR = ELECTRA | {"architectures": ["ElectraForMaskedLM"]}
ROBERTA = BERT | {
    "model_type": "roberta", "architectures": ["RobertaForMaskedLM"], "bos_token_id": 0,
    "eos_token_id": 2, "pad_token_id": 1, "layer_norm_eps": 1e-5, "type_vocab_size": 1,
    "tokenizer_class": "BertTokenizer", "gradient_checkpointing": False,
}  # fmt: skip
MODERNBERT = {
    "architectures": ["ModernBertForMaskedLM"], "attention_bias": False, "attention_dropout": 0.0,
    "bos_token_id": 2, "classifier_activation": "gelu", "classifier_bias": False,
    "classifier_dropout": 0.0, "classifier_pooling": "mean", "cls_token_id": 2,
    "decoder_bias": True, "deterministic_flash_attn": False, "embedding_dropout": 0.0,
    "eos_token_id": 3, "global_attn_every_n_layers": 3, "global_rope_theta": 160000.0,
    "gradient_checkpointing": False, "hidden_activation": "gelu", "hidden_size": 16,
    "initializer_cutoff_factor": 2.0, "initializer_range": 0.02, "intermediate_size": 24,
    "layer_norm_eps": 1e-5, "local_attention": 4, "local_rope_theta": 10000.0,
    "max_position_embeddings": 64, "mlp_bias": False, "mlp_dropout": 0.0,
    "model_type": "modernbert", "norm_bias": False, "norm_eps": 1e-5, "num_attention_heads": 4,
    "num_hidden_layers": 4, "pad_token_id": 0, "position_embedding_type": "absolute",
    "reference_compile": False, "repad_logits_with_grad": False, "sep_token_id": 3,
    "sparse_pred_ignore_index": -100, "sparse_prediction": False,
}  # fmt: skip
DEBERTA = BERT | {
    "model_type": "deberta-v2", "architectures": ["DebertaV2ForMaskedLM"], "layer_norm_eps": 1e-7,
    "max_relative_positions": -1, "norm_rel_ebd": "layer_norm", "pad_token_id": 0,
    "pooler_dropout": 0, "pooler_hidden_act": "gelu", "pooler_hidden_size": 16,
    "pos_att_type": ["p2c", "c2p"], "position_biased_input": False, "position_buckets": 6,
    "relative_attention": True, "share_att_key": True, "type_vocab_size": 0,
}  # fmt: skip
GPT2 = {
    "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
    "bos_token_id": 0, "embd_pdrop": 0.1, "eos_token_id": 1, "gradient_checkpointing": False,
    "initializer_range": 0.02, "layer_norm_epsilon": 1e-5, "model_type": "gpt2", "n_ctx": 32,
    "n_embd": 16, "n_head": 4, "n_inner": None, "n_layer": 2, "n_positions": 32,
    "resid_pdrop": 0.1, "scale_attn_weights": True, "summary_activation": None,
    "summary_first_dropout": 0.1, "summary_proj_to_labels": True, "summary_type": "cls_index",
    "summary_use_proj": True, "use_cache": True,
}  # fmt: skip
BIG_BIRD = BERT | {
    "model_type": "big_bird", "architectures": ["BigBirdForPreTraining"],
    "attention_type": "block_sparse", "block_size": 2, "bos_token_id": 5, "eos_token_id": 6,
    "gradient_checkpointing": False, "hidden_act": "gelu_new", "num_random_blocks": 3,
    "pad_token_id": 0, "position_embedding_type": "absolute", "rescale_embeddings": False,
    "sep_token_id": 3, "tokenizer_class": "BertTokenizer", "use_bias": True, "use_cache": True,
}  # fmt: skip
DISTILBERT = {
    "activation": "gelu", "architectures": ["DistilBertForMaskedLM"], "attention_dropout": 0.1,
    "dim": 16, "dropout": 0.1, "hidden_dim": 24, "initializer_range": 0.02,
    "max_position_embeddings": 32, "model_type": "distilbert", "n_heads": 4, "n_layers": 3,
    "output_hidden_states": True, "pad_token_id": 1, "qa_dropout": 0.1,
    "seq_classif_dropout": 0.2, "sinusoidal_pos_embds": True, "tie_weights_": True,
}  # fmt: skip
FUNNEL = {
    "activation_dropout": 0.0, "architectures": ["FunnelForMaskedLM"], "attention_dropout": 0.1,
    "attention_type": "relative_shift", "block_repeats": [1, 1, 1], "block_sizes": [6, 6, 6],
    "d_head": 64, "d_inner": 3072, "d_model": 768, "hidden_act": "gelu_new", "hidden_dropout": 0.1,
    "initializer_range": 0.1, "layer_norm_eps": 1e-9, "max_position_embeddings": 512,
    "model_type": "funnel", "n_head": 12, "num_decoder_layers": 2, "pool_q_only": True,
    "pooling_type": "mean", "rel_attn_type": "factorized", "separate_cls": True,
    "truncate_seq": True, "type_vocab_size": 3, "vocab_size": 42000,
}  # fmt: skip

CASED = {"do_lower_case": False, "model_max_length": 512}
KLUE = CASED | {"tokenizer_class": "BertTokenizer", "strip_accents": None}
LM_KOR = {"do_lower_case": True, "strip_accents": False}
KOBERT = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]"}

# Config, settings of the tokenizer, kind of its vocabulary, form of the weights.
MODELS = {
    "skt/A.X-Encoder-base": (
        MODERNBERT, {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 16384},
        "wordpiece json", "safetensors",
    ),
    "kakaobank/kf-deberta-base": (DEBERTA, KLUE, "cased", "zip"),
    "team-lucid/deberta-v3-base-korean": (
        DEBERTA | {"architectures": ["DebertaV2Model"], "pos_att_type": "p2c|c2p"},
        {"tokenizer_class": "DebertaV2TokenizerFast"}, "unigram json", "safetensors",
    ),
    "klue/bert-base": (
        MASKED_BERT | {"pad_token_id": 0, "position_embedding_type": "absolute", "use_cache": True},
        KLUE | {"tokenize_chinese_chars": True}, "cased", "safetensors",
    ),
    "klue/roberta-small": (
        ROBERTA, KLUE | {"bos_token": "[CLS]", "eos_token": "[SEP]"}, "roberta", "zip",
    ),
    "klue/roberta-base": (
        ROBERTA, KLUE | {"bos_token": "[CLS]", "eos_token": "[SEP]"}, "roberta", "zip",
    ),
    "klue/roberta-large": (
        ROBERTA | {"num_hidden_layers": 3, "hidden_size": 24},
        KLUE | {"bos_token": "[CLS]", "eos_token": "[SEP]"}, "roberta", "safetensors",
    ),
    "kykim/bert-kor-base": (
        MASKED_BERT | GOOGLE | {"pad_token_id": 0},
        LM_KOR | {"tokenize_chinese_chars": True, "model_max_length": 512}, "lowercase", "zip",
    ),
    "kykim/albert-kor-base": (
        BERT | {"model_type": "albert", "architectures": ["AlbertForMaskedLM"],
                "attention_probs_dropout_prob": 0, "hidden_dropout_prob": 0, "bos_token_id": 2,
                "eos_token_id": 3, "pad_token_id": 0, "classifier_dropout_prob": 0.1,
                "down_scale_factor": 1, "embedding_size": 8, "gap_size": 0, "inner_group_num": 1,
                "net_structure_type": 0, "num_hidden_groups": 1, "num_memory_blocks": 0},
        LM_KOR | {"tokenizer_class": "BertTokenizer"}, "lowercase", "zip",
    ),
    "kykim/electra-kor-base": (ELECTRA, LM_KOR, "lowercase", "safetensors"),
    "kykim/gpt3-kor-small_based_on_gpt2": (
        GPT2, LM_KOR | {"tokenizer_class": "BertTokenizer"}, "lowercase", "zip",
    ),
    "monologg/kobert": (
        BERT | {"model_type": "bert", "architectures": ["BertModel"], "pad_token_id": 1},
        KOBERT | CASED, "kobert port", "old",
    ),
    "monologg/distilkobert": (DISTILBERT, KOBERT | CASED, "kobert port", "old"),
    "monologg/koelectra-base-v3-discriminator": (ELECTRA, CASED, "cased", "old"),
    "monologg/koelectra-base-v3-generator": (
        GENERATOR | {"hidden_size": 8, "num_attention_heads": 2}, CASED, "cased", "old",
    ),
    "monologg/koelectra-small-v3-discriminator": (
        ELECTRA | {"embedding_size": 8}, CASED, "cased", "old",
    ),
    "monologg/koelectra-small-v3-generator": (
        GENERATOR | {"embedding_size": 8}, CASED, "cased", "old",
    ),
    "monologg/kobigbird-bert-base": (BIG_BIRD, KLUE, "bigbird", "zip"),
    "monologg/kocharelectra-base-discriminator": (ELECTRA, CASED, "characters", "old"),
    "monologg/kocharelectra-small-discriminator": (
        ELECTRA | {"embedding_size": 8}, CASED, "characters", "old",
    ),
    "skt/kobert-base-v1": (
        BERT | {"model_type": "bert", "architectures": ["BertModel"], "pad_token_id": 1,
                "gradient_checkpointing": False, "position_embedding_type": "absolute",
                "use_cache": True},
        KOBERT | {"do_lower_case": False, "remove_space": True, "keep_accents": False,
                  "mask_token": {"content": "[MASK]", "lstrip": True}, "bos_token": "[CLS]",
                  "eos_token": "[SEP]", "tokenizer_class": "KoBERTTokenizer"},
        "kobert", "zip",
    ),
    "skt/kogpt2-base-v2": (
        GPT2 | {"pad_token_id": 3}, {"tokenizer_class": "PreTrainedTokenizerFast"}, "bpe json",
        "zip",
    ),
    "beomi/kcbert-base": (
        MASKED_BERT | GOOGLE | {"max_position_embeddings": 30, "pad_token_id": 0},
        {"do_lower_case": False, "max_len": 300}, "cased", "zip",
    ),
    "beomi/KcELECTRA-base": (
        ELECTRA, CASED | {"strip_accents": False, "tokenizer_class": "ElectraTokenizer"}, "cased",
        "zip",
    ),
    "snunlp/KR-ELECTRA-discriminator": (ELECTRA, CASED, "cased", "zip"),
    "snunlp/KR-ELECTRA-generator": (GENERATOR, CASED, "cased", "zip"),
    "google-bert/bert-base-multilingual-cased": (
        MASKED_BERT | GOOGLE, CASED, "multilingual", "gamma",
    ),
    "google-bert/bert-base-multilingual-uncased": (
        MASKED_BERT | GOOGLE, {"do_lower_case": True, "model_max_length": 512},
        "multilingual uncased", "gamma",
    ),
    "FacebookAI/xlm-roberta-base": (
        ROBERTA | {"model_type": "xlm-roberta", "architectures": ["XLMRobertaForMaskedLM"]},
        {"tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 512}, "fairseq",
        "safetensors",
    ),
}  # fmt: skip
del MODELS["FacebookAI/xlm-roberta-base"][0]["tokenizer_class"]
# Published configs that kortf refuses, and the key that it names.
REFUSED = {"kykim/funnel-kor-base": (FUNNEL, "model_type")}
