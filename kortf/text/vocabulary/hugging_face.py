"""The twin of a vocabulary in the `tokenizers` library, as `tokenizer.json` holds it."""

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

from kortf.text.unicode import code_points, removal
from kortf.text.vocabulary.vocabulary import Vocabulary

# In the syntax of Oniguruma, which `tokenizers` uses.
_REMOVED = tokenizers.Regex("[" + code_points.REMOVED.replace(r"\p{Co}", r"\p{Private_Use}") + "]")
_SPACES = tokenizers.Regex(r"[\t\n\r\p{Z}]")


def to_tokenizers(vocabulary: Vocabulary, special_tokens: bool = True) -> tokenizers.Tokenizer:
    """Makes the `tokenizers.Tokenizer` that gives the same ids as `kortf.text.tokenizer.tokenizer`.

    Args:
        vocabulary: WordPiece, SentencePiece (unigram and BPE) or BPE over bytes.
        special_tokens: whether special tokens are found in a text (`[MASK]`) and set around it, as
            transformers does. Without, the ids are those of the text alone.

    Raises:
        ValueError: a SentencePiece model that has no such twin.
    """
    if vocabulary.kind == "wordpiece":
        twin = _wordpiece(vocabulary)
    elif vocabulary.kind == "bpe":
        twin = _byte_level(vocabulary)
    else:
        twin = _sentencepiece(vocabulary)
    if special_tokens:
        _add_special_tokens(twin, vocabulary)
    return twin


def _wordpiece(vocabulary: Vocabulary) -> tokenizers.Tokenizer:
    ids = {piece: i for i, piece in enumerate(vocabulary.pieces)}
    unknown = vocabulary.pieces[vocabulary.unk_id]
    twin = tokenizers.Tokenizer(
        models.WordPiece(ids, unk_token=unknown, max_input_chars_per_word=100)
    )
    clean = normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=True,
        strip_accents=False,
        lowercase=vocabulary.lowercase,
    )
    twin.normalizer = normalizers.Sequence([*_removing(vocabulary), normalizers.NFC(), clean])
    twin.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    twin.decoder = decoders.WordPiece()
    return twin


def _byte_level(vocabulary: Vocabulary) -> tokenizers.Tokenizer:
    pairs = vocabulary.byte_pairs
    twin = tokenizers.Tokenizer(models.BPE(pairs.ids, pairs.merges))
    composing = [normalizers.NFC()] if pairs.composes else []
    twin.normalizer = normalizers.Sequence([*_removing(vocabulary), *composing])
    twin.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=pairs.add_prefix_space)
    twin.decoder = decoders.ByteLevel()
    return twin


def _removing(vocabulary: Vocabulary) -> list[normalizers.Normalizer]:
    if not vocabulary.remove:
        return []
    return [normalizers.Replace(tokenizers.Regex(removal.pattern(vocabulary.remove)), "")]


def _sentencepiece(vocabulary: Vocabulary) -> tokenizers.Tokenizer:
    from sentencepiece import sentencepiece_model_pb2 as format

    proto = format.ModelProto.FromString(vocabulary.data)
    if proto.trainer_spec.model_type == format.TrainerSpec.UNIGRAM:
        scores = [(piece.piece, piece.score) for piece in proto.pieces]
        fallback = proto.trainer_spec.byte_fallback
        model = models.Unigram(scores, unk_id=vocabulary.unk_id, byte_fallback=fallback)
    elif proto.trainer_spec.model_type == format.TrainerSpec.BPE:
        model = _bpe(proto, vocabulary)
    else:
        raise ValueError("neither a unigram nor a BPE model")
    steps = [
        *_removing(vocabulary),
        normalizers.NFC(),
        normalizers.Replace(_REMOVED, ""),
        normalizers.Replace(_SPACES, " "),
    ]
    if vocabulary.lowercase:
        steps.append(normalizers.Lowercase())
    if proto.normalizer_spec.precompiled_charsmap:
        steps.append(normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap))
    if proto.normalizer_spec.remove_extra_whitespaces:
        steps += [normalizers.Replace(tokenizers.Regex(" {2,}"), " "), normalizers.Strip()]
    scheme = "always" if proto.normalizer_spec.add_dummy_prefix else "never"
    twin = tokenizers.Tokenizer(model)
    twin.normalizer = normalizers.Sequence(steps)
    twin.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    twin.decoder = decoders.Metaspace(prepend_scheme=scheme)
    return twin


def _bpe(proto, vocabulary: Vocabulary) -> models.BPE:
    """BPE from a SentencePiece model: every way to make a piece of two, the best piece first."""
    normal = {p.piece: i for i, p in enumerate(proto.pieces) if p.type == p.NORMAL}
    merges = []
    for piece in sorted(normal, key=lambda piece: -proto.pieces[normal[piece]].score):
        halves = ((piece[:cut], piece[cut:]) for cut in range(1, len(piece)))
        found = [pair for pair in halves if pair[0] in normal and pair[1] in normal]
        merges += sorted(found, key=lambda pair: (normal[pair[0]], normal[pair[1]]))
    return models.BPE(
        {piece: i for i, piece in enumerate(vocabulary.pieces)},
        merges,
        unk_token=vocabulary.pieces[vocabulary.unk_id],
        fuse_unk=True,
        byte_fallback=proto.trainer_spec.byte_fallback,
    )


def _add_special_tokens(twin: tokenizers.Tokenizer, vocabulary: Vocabulary) -> None:
    # A WordPiece text cannot hold an unused slot by accident: its brackets are split off.
    roles = [vocabulary.pad_id, vocabulary.unk_id, vocabulary.cls_id]
    roles += [vocabulary.sep_id, vocabulary.mask_id]
    ids = sorted(roles) if vocabulary.kind == "wordpiece" else vocabulary.special_ids
    special = [vocabulary.pieces[i] for i in ids]
    twin.add_special_tokens(
        [tokenizers.AddedToken(p, normalized=False, special=True) for p in special]
    )
    if vocabulary.kind == "bpe" and "cls_token" not in vocabulary.settings:
        twin.post_processor = processors.ByteLevel(trim_offsets=True)  # GPT-2 sets nothing around
        return
    begin, end = vocabulary.pieces[vocabulary.cls_id], vocabulary.pieces[vocabulary.sep_id]
    twin.post_processor = processors.TemplateProcessing(
        single=f"{begin}:0 $A:0 {end}:0",
        pair=f"{begin}:0 $A:0 {end}:0 $B:1 {end}:1",
        special_tokens=[(begin, vocabulary.cls_id), (end, vocabulary.sep_id)],
    )
