"""Tokenizers of every published form, and random strings that are hard for them."""

import io
import json
import random
import unicodedata

from tests.harness.text.korean import CORPUS, NASTY, random_documents

# `deberta` is `unigram` under a class whose steps transformers 5 makes anew, without the file's;
# `deberta 5` is what that class itself writes.
KINDS = (
    "wordpiece", "wordpiece uncased", "unigram", "fairseq", "metaspace bpe", "byte-level bpe",
    "deberta 5", "deberta 5 uncased", "wordpiece added", "unigram added", "metaspace bpe added",
    "byte-level bpe added",
)  # fmt: skip
_ROLES = ("pad", "unk", "cls", "sep", "mask")
# Blocks that are hard: jamo, old Hangul, compatibility and half-width forms, private use,
# invisible characters, variation selectors, marks, controls, other scripts, emoji.
_BLOCKS = [
    (0x1100, 0x11FF), (0x3131, 0x318E), (0xA960, 0xA97C), (0xD7B0, 0xD7FB), (0xAC00, 0xD7A3),
    (0xFFA0, 0xFFDC), (0xE000, 0xE020), (0xF0000, 0xF0005), (0x200B, 0x200F), (0x2028, 0x202E),
    (0xFE00, 0xFE0F), (0x300, 0x315), (0x0, 0x20), (0x7F, 0xA0), (0x4E00, 0x4E40),
    (0xF900, 0xF920), (0x1F600, 0x1F610), (0x1F1E6, 0x1F1F0), (0xFF01, 0xFF20), (0x3041, 0x3050),
]  # fmt: skip
_JOINED = ["👨\u200d👩\u200d👧", "❤\ufe0f", "\u302e", "\u115f", "\u3164", "\ufeff", "\u00ad", "ﬁ"]


def strings(count: int, seed: int = 0) -> list[str]:
    """Draw strings of Korean text and of hard characters, a part of them decomposed."""
    draw = random.Random(seed)
    ordinary, nasty = "".join(CORPUS), "".join(NASTY)
    words = " ".join(CORPUS).split()
    found = []
    for _ in range(count):
        parts = []
        for _ in range(draw.randint(1, 12)):
            kind = draw.random()
            if kind < 0.4:
                parts.append(draw.choice(words) + draw.choice(["", " ", "  "]))
            elif kind < 0.6:
                parts.append("".join(draw.choices(ordinary, k=3)))
            elif kind < 0.75:
                parts.append("".join(draw.choices(nasty, k=2)))
            elif kind < 0.8:
                parts.append(draw.choice(_JOINED))
            else:
                parts.append(chr(draw.randint(*draw.choice(_BLOCKS))))
        text = "".join(parts)
        found.append(unicodedata.normalize("NFD", text) if draw.random() < 0.2 else text)
    return found


def write(directory, kind: str) -> None:
    """Write the tokenizer files of a kind, or of a class of `published_classes`.

    They are trained on the small corpus; `added` at the end of a kind: tokens are added to it.
    """
    texts = [sentence for (sentence,) in random_documents(300)]
    texts += [text for text in NASTY if text.isprintable() and len(text) < 100]
    own = {
        "fairseq": _write_fairseq, "kobert": _write_kobert, "kobert port": _write_kobert_port,
        "characters": _write_characters, "sub-characters": _write_sub_characters,
    }  # fmt: skip
    if kind in own:
        settings = own[kind](directory, texts)
    elif kind.startswith("deberta 5"):
        _deberta(texts, kind.endswith("uncased")).save_pretrained(directory)
        return
    else:
        settings = _write_json(directory, texts, kind)
    settings = {"model_max_length": 512} | settings
    (directory / "tokenizer_config.json").write_text(json.dumps(settings))


def _write_json(directory, texts, kind: str) -> dict:
    makers = {
        "unigram": _unigram, "deberta": _unigram, "metaspace bpe": _metaspace,
        "byte-level bpe": _byte_level, "wordpiece": _wordpiece,
        "wordpiece uncased": lambda texts: _wordpiece(texts, lowercase=True),
    }  # fmt: skip
    plain = kind.removesuffix(" added")
    made = makers[plain](texts)
    if plain != kind:
        _add_tokens(made)
    made.save(str(directory / "tokenizer.json"))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast"}
    if kind == "deberta":
        settings["tokenizer_class"] = "DebertaV2Tokenizer"
    if plain == "byte-level bpe":
        return settings | {f"{role}_token": "<|endoftext|>" for role in ("bos", "eos", "unk")}
    return settings | {f"{role}_token": f"[{role.upper()}]" for role in _ROLES}


def _add_tokens(made) -> None:
    """Add words of the corpus with all flags, and a special token."""
    import tokenizers

    flags = ({}, {"single_word": True}, {"lstrip": True}, {"rstrip": True}, {"normalized": False})
    words = ("훈민정음", "서울에서", "재미", "the", "기차")
    made.add_tokens([tokenizers.AddedToken(w, **f) for w, f in zip(words, flags, strict=True)])
    made.add_special_tokens(["ㅋㅋ"])


def _write_fairseq(directory, texts) -> dict:
    (directory / "sentencepiece.bpe.model").write_bytes(_sentencepiece(texts))
    return {"tokenizer_class": "XLMRobertaTokenizer"}


def _write_kobert(directory, texts) -> dict:
    special = {
        "unk_id": 0, "unk_piece": "[UNK]", "pad_id": 1, "pad_piece": "[PAD]", "bos_id": -1,
        "eos_id": -1, "control_symbols": ["[CLS]", "[SEP]", "[MASK]"],
    }  # fmt: skip
    data = _sentencepiece(texts, **special)
    (directory / "spiece.model").write_bytes(data)
    roles = {f"{role}_token": f"[{role.upper()}]" for role in _ROLES}
    own = {"do_lower_case": False, "keep_accents": False, "remove_space": True}
    return roles | own | {"tokenizer_class": "KoBERTTokenizer"}


def _write_kobert_port(directory, texts) -> dict:
    data = _sentencepiece(texts)
    (directory / "tokenizer_78b3253a26.model").write_bytes(data)
    names = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]", *(n for n, _ in _scores(data)[5:])]
    (directory / "vocab.txt").write_text("\n".join(names) + "\n")
    return {"do_lower_case": False}


def _write_characters(directory, texts) -> dict:
    plain = sorted(c for c in set("".join(texts)) if c == " " or not c.isspace() and c != "▁")
    (directory / "vocab.txt").write_text("\n".join([*_special(), *plain]) + "\n")
    return {"do_lower_case": False}


def _write_sub_characters(directory, texts) -> dict:
    made = _wordpiece([unicodedata.normalize("NFKD", text) for text in texts])
    ids = made.get_vocab()
    (directory / "vocab.txt").write_text("\n".join(sorted(ids, key=ids.get)) + "\n")
    return {"do_lower_case": False, "tokenizer_class": "BertTokenizer"}


def _special() -> list[str]:
    return [f"[{role.upper()}]" for role in _ROLES]


def _wordpiece(texts, lowercase: bool = False):
    import tokenizers

    made = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    strip = None if lowercase else False
    made.normalizer = tokenizers.normalizers.BertNormalizer(
        lowercase=lowercase, strip_accents=strip
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    trainer = tokenizers.trainers.WordPieceTrainer(
        vocab_size=600, special_tokens=_special(), show_progress=False
    )
    made.train_from_iterator(texts, trainer)
    return made


def _sentencepiece(texts, **special) -> bytes:
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text for text in texts if text.strip()), model_writer=model,
        vocab_size=400, hard_vocab_limit=False, character_coverage=1.0, minloglevel=2,
        **special,
    )  # fmt: skip
    return model.getvalue()


def _scores(data: bytes) -> list[tuple[str, float]]:
    """Return the special tokens and the pieces of a model, with their scores."""
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(model_proto=data)
    scores = [(model.id_to_piece(i), model.get_score(i)) for i in range(model.get_piece_size())]
    return [*((name, 0.0) for name in _special()), *scores[3:]]


def _deberta(texts, lowercase: bool):
    import transformers

    made = transformers.DebertaV2TokenizerFast(
        vocab=_scores(_sentencepiece(texts)), do_lower_case=lowercase
    )
    made.add_tokens(["국민청원", "세종  대왕 ", "ABC"])
    made.add_special_tokens({"additional_special_tokens": ["<말>"]})
    return made


def _unigram(texts):
    import tokenizers
    from sentencepiece import sentencepiece_model_pb2

    data = _sentencepiece(texts)
    rules = sentencepiece_model_pb2.ModelProto.FromString(data).normalizer_spec
    names = _special()
    made = tokenizers.Tokenizer(tokenizers.models.Unigram(_scores(data), unk_id=1))
    made.normalizer = tokenizers.normalizers.Sequence([
        tokenizers.normalizers.Precompiled(rules.precompiled_charsmap),
        tokenizers.normalizers.Replace(tokenizers.Regex(" {2,}"), " "),
    ])  # fmt: skip
    made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace(prepend_scheme="always")
    made.add_special_tokens(names)
    return made


def _metaspace(texts):
    import tokenizers

    made = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.NFKC()
    made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace(prepend_scheme="always")
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=500, special_tokens=_special(), show_progress=False
    )
    made.train_from_iterator(texts, trainer)
    return made


def _byte_level(texts):
    import tokenizers

    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=700, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    made.train_from_iterator(texts, trainer)
    return made
