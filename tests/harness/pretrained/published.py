"""Directories in the form of the published Korean models, with random weights."""

import io
import json
import unicodedata

from tests.harness.pretrained.published_models import MODELS

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
# Kinds of vocabularies whose class is no part of transformers.
OWN_CLASS = ("kobert", "kobert port", "characters")


def wordpieces(kind: str) -> list[str]:
    """Return a vocabulary with the special tokens in the published order."""
    pieces = [piece for piece in dict.fromkeys(_PIECES) if piece != "뷁"]
    unused = [f"[unused{i}]" for i in range(1, 100)]
    if kind == "lowercase":
        return list(dict.fromkeys(_SPECIAL + [piece.lower() for piece in pieces]))
    if kind == "multilingual":
        return ["[PAD]", *unused, *_SPECIAL[1:], *pieces]
    if kind == "multilingual uncased":  # Hangul is spelled in jamo
        jamo = sorted(set(unicodedata.normalize("NFD", "".join(TEXTS)).lower().replace(" ", "")))
        return ["[PAD]", *unused, *_SPECIAL[1:], *jamo, *(f"##{letter}" for letter in jamo)]
    if kind == "roberta":
        return ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]", *pieces]
    if kind == "bigbird":
        return [*_SPECIAL, "<s>", "</s>", *pieces]
    if kind == "characters":
        plain = sorted(set("".join(TEXTS)) - {"뷁"})
        return [*_SPECIAL, *plain]
    return _SPECIAL + pieces


def sentencepiece_model(**settings) -> bytes:
    """Return a Unigram model with KoBERT's special tokens, or with those of the settings."""
    import sentencepiece

    model = io.BytesIO()
    kobert = {
        "unk_id": 0, "unk_piece": "[UNK]", "pad_id": 1, "pad_piece": "[PAD]", "bos_id": -1,
        "eos_id": -1, "control_symbols": ["[CLS]", "[SEP]", "[MASK]"],
    }  # fmt: skip
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([text for text in TEXTS if text] * 20), model_writer=model,
        vocab_size=75, hard_vocab_limit=False, minloglevel=2, **(settings or kobert),
    )  # fmt: skip
    return model.getvalue()


def _pieces_of(model: bytes) -> list[tuple[str, float]]:
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    size = processor.get_piece_size()
    return [(processor.id_to_piece(i), processor.get_score(i)) for i in range(size)]


def write_vocabulary(directory, kind: str) -> int:
    """Write the tokenizer files of a kind and return the number of pieces."""
    if kind == "kobert":
        data = sentencepiece_model()
        (directory / "spiece.model").write_bytes(data)
        return len(_pieces_of(data))
    if kind == "kobert port":
        data = sentencepiece_model(unk_id=0, bos_id=1, eos_id=2)
        names = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]"]
        names += [piece for piece, _ in _pieces_of(data)[3:]]
        (directory / "tokenizer_78b3253a26.model").write_bytes(data)
        (directory / "vocab.txt").write_text("\n".join(names) + "\n")
        return len(names)
    if kind == "fairseq":
        data = sentencepiece_model(unk_id=0, bos_id=1, eos_id=2)
        (directory / "sentencepiece.bpe.model").write_bytes(data)
        return len(_pieces_of(data)) + 2
    if kind.endswith("json"):
        made = {"wordpiece json": _wordpiece_json, "unigram json": _unigram_json}
        made = made.get(kind, _bpe_json)()
        made.save(str(directory / "tokenizer.json"))
        return made.get_vocab_size()
    pieces = wordpieces(kind)
    (directory / "vocab.txt").write_text("\n".join(pieces) + "\n")
    return len(pieces)


def _wordpiece_json():
    import tokenizers

    ids = {piece: i for i, piece in enumerate(wordpieces("cased"))}
    made = tokenizers.Tokenizer(tokenizers.models.WordPiece(ids, unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.BertNormalizer(strip_accents=False, lowercase=False)
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    made.add_special_tokens(_SPECIAL)
    return made


def _unigram_json():
    import transformers

    scores = _pieces_of(sentencepiece_model(unk_id=0, bos_id=1, eos_id=2))[3:]
    names = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    listed = [*((name, 0.0) for name in names), *scores, ("[MASK]", 0.0)]
    return transformers.DebertaV2TokenizerFast(vocab=listed).backend_tokenizer


def _bpe_json():
    import tokenizers

    made = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<unk>"))
    made.normalizer = tokenizers.normalizers.NFKC()
    made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace(prepend_scheme="always")
    special = ["<s>", "</s>", "<usr>", "<pad>", "<sys>", "<unk>", "<mask>"]
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=120, special_tokens=special, show_progress=False
    )
    made.train_from_iterator([text for text in TEXTS if text] * 3, trainer)
    return made


def make(directory, name: str):
    """Write a directory in the form of a published model, with random weights.

    Returns:
        The model of transformers.
    """
    import torch
    import transformers

    config, settings, kind, stored = MODELS[name]
    directory.mkdir()
    size = write_vocabulary(directory, kind) + 1  # as some have it, padded
    config = config | {"vocab_size": size}
    (directory / "config.json").write_text(json.dumps(config))
    if kind == "bpe json":
        settings = settings | {
            "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>",
            "mask_token": "<mask>",
        }  # fmt: skip
    elif kind.endswith("json"):
        roles = ("pad", "unk", "cls", "sep", "mask")
        settings = settings | {f"{role}_token": f"[{role.upper()}]" for role in roles}
    (directory / "tokenizer_config.json").write_text(json.dumps(settings))
    torch.manual_seed(5)
    cls = getattr(transformers, config["architectures"][0])
    model = cls(transformers.AutoConfig.from_pretrained(directory)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    _store(model, directory, stored)
    return model


def _store(model, directory, stored: str) -> None:
    """Write the weights in the form of transformers 4 and 5, or of older versions."""
    import torch

    if stored == "safetensors":
        model.save_pretrained(directory / "saved")
        (directory / "saved" / "model.safetensors").rename(directory / "model.safetensors")
        return
    state = model.state_dict()
    if stored == "gamma":
        state = {
            key.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
                "LayerNorm.bias", "LayerNorm.beta"
            ): value
            for key, value in state.items()
        }
    if stored in ("gamma", "old") and model.config.model_type != "distilbert":
        prefix = "" if type(model).__name__ == "BertModel" else f"{model.base_model_prefix}."
        state[f"{prefix}embeddings.position_ids"] = torch.arange(32)[None]
    torch.save(
        state, directory / "pytorch_model.bin", _use_new_zipfile_serialization=stored != "old"
    )
