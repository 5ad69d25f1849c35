"""Make the `tokenizers.Tokenizer` of a vocabulary, which `tokenizer.json` holds."""

import unicodedata

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

from kortf.text.unicode import code_points, removal
from kortf.text.vocabulary.json_steps import (
    DOUBLE_SPACE,
    REMOVED,
    RUNS,
    SPACES,
    SPACES_BESIDE_RULES,
    WHITE_SPACE,
)
from kortf.text.vocabulary.settings import FUSE_SETTING
from kortf.text.vocabulary.vocabulary import Vocabulary


def to_tokenizers(vocabulary: Vocabulary, special_tokens: bool = True) -> tokenizers.Tokenizer:
    """Make the `tokenizers.Tokenizer` that gives the ids of `kortf.text.tokenizer.tokenizer`.

    Args:
        vocabulary: WordPiece, SentencePiece (unigram and BPE) or byte-level BPE.
        special_tokens: Find special tokens in a text (`[MASK]`) and set them around it, as
            transformers does. Without, the ids are those of the text alone; added tokens are found
            all the same.

    Raises:
        ValueError: A SentencePiece model that `tokenizers` cannot express.
    """
    if vocabulary.kind == "wordpiece":
        twin = _wordpiece(vocabulary)
    elif vocabulary.kind == "bpe":
        twin = _byte_level(vocabulary)
    else:
        twin = _sentencepiece(vocabulary)
    added = {}
    for token in vocabulary.cut_tokens:
        flags = {k: v for k, v in token._asdict().items() if k not in ("content", "id")}
        added[token.id] = tokenizers.AddedToken(token.content, **flags)
    if special_tokens:
        for i in _special_ids(vocabulary):
            piece = vocabulary.pieces[i]
            added[i] = tokenizers.AddedToken(piece, normalized=False, special=True)
    for i in sorted(added):  # one that the model does not have gets the next free id
        (twin.add_special_tokens if added[i].special else twin.add_tokens)([added[i]])
    if special_tokens:
        _set_post_processor(twin, vocabulary)
    return twin


def _wordpiece(vocabulary: Vocabulary) -> tokenizers.Tokenizer:
    ids = {piece: i for i, piece in enumerate(vocabulary.pieces[: vocabulary.own_size])}
    unknown, steps = vocabulary.pieces[vocabulary.unk_id], vocabulary.normalization
    twin = tokenizers.Tokenizer(
        models.WordPiece(ids, unk_token=unknown, max_input_chars_per_word=vocabulary.max_word_chars)
    )
    apart = steps.form == "NFKD"
    clean = normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=True,
        strip_accents=bool(steps.strips),
        lowercase=steps.lowercase and not apart,
    )
    before = [normalizers.NFC()] if steps.form == "NFC" else []
    behind: list = [normalizers.NFKD()] if apart else []
    behind += [normalizers.Lowercase()] if apart and steps.lowercase else []
    twin.normalizer = normalizers.Sequence([*_removing(vocabulary), *before, clean, *behind])
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
    spec = proto.normalizer_spec
    steps = [*_removing(vocabulary), *_steps(vocabulary)]
    if spec.precompiled_charsmap:
        steps.append(normalizers.Precompiled(spec.precompiled_charsmap))
    if spec.remove_extra_whitespaces:
        steps.append(normalizers.Replace(tokenizers.Regex(DOUBLE_SPACE), " "))
        steps += [] if vocabulary.keeps_trailing_space else [normalizers.Strip()]
    prefix = spec.add_dummy_prefix or vocabulary.prefix_unless_space
    scheme = "always" if prefix else "never"
    twin = tokenizers.Tokenizer(model)
    twin.normalizer = normalizers.Sequence(steps)
    twin.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    twin.decoder = decoders.Metaspace(prepend_scheme=scheme)
    return twin


def _steps(vocabulary: Vocabulary) -> list[normalizers.Normalizer]:
    """Return the steps before SentencePiece's own rules, in the order of `normalize_graph`."""
    how, steps = vocabulary.normalization, []
    if how.separators:
        steps.append(normalizers.Replace(tokenizers.Regex("[\x1c-\x1f]"), " "))
    if how.quotes:
        steps += [normalizers.Replace("``", '"'), normalizers.Replace("''", '"')]
    if how.lowercase and how.lowers_first:
        steps.append(normalizers.Lowercase())
    if how.runs:
        steps.append(normalizers.Replace(tokenizers.Regex(RUNS), " "))
    if how.form == "NFC":
        steps.append(normalizers.NFC())
    if how.cleans:
        removed, spaces = tokenizers.Regex(REMOVED), tokenizers.Regex(SPACES)
        steps += [normalizers.Replace(removed, ""), normalizers.Replace(spaces, " ")]
    if how.form not in ("", "NFC"):
        steps.append(getattr(normalizers, how.form)())
    if how.strips == "combining":
        steps += [normalizers.Replace(tokenizers.Regex(_combining()), ""), normalizers.NFC()]
    elif how.strips:
        steps += [normalizers.StripAccents(), normalizers.NFC()]
    if how.lowercase and not how.lowers_first:
        steps.append(normalizers.Lowercase())
    if how.spaces:
        keeps = how.single_spaces == code_points.SPACES_BESIDE_RULES
        spaces = tokenizers.Regex(SPACES_BESIDE_RULES if keeps else WHITE_SPACE)
        steps.append(normalizers.Replace(spaces, " "))
    if how.runs:
        steps.append(normalizers.Strip(left=False, right=True))
    return steps


def _combining() -> str:
    """Return the pattern of all characters that have a combining class."""
    points = code_points.combining()
    starts = [c for c in points if not unicodedata.combining(chr(c - 1))]
    ends = [c for c in points if not unicodedata.combining(chr(c + 1))]
    return f"[{''.join(f'{chr(a)}-{chr(b)}' for a, b in zip(starts, ends, strict=True))}]"


def _bpe(proto, vocabulary: Vocabulary) -> models.BPE:
    """Make the merges of a SentencePiece model: all pairs that make a piece, the best first."""
    normal = {p.piece: i for i, p in enumerate(proto.pieces) if p.type == p.NORMAL}
    merges = []
    for piece in sorted(normal, key=lambda piece: -proto.pieces[normal[piece]].score):
        halves = ((piece[:cut], piece[cut:]) for cut in range(1, len(piece)))
        found = [pair for pair in halves if pair[0] in normal and pair[1] in normal]
        merges += sorted(found, key=lambda pair: (normal[pair[0]], normal[pair[1]]))
    return models.BPE(
        {piece: i for i, piece in enumerate(vocabulary.pieces[: vocabulary.own_size])},
        merges,
        unk_token=vocabulary.pieces[vocabulary.unk_id],
        fuse_unk=vocabulary.settings.get(FUSE_SETTING) is not False,
        byte_fallback=proto.trainer_spec.byte_fallback,
    )


def _special_ids(vocabulary: Vocabulary) -> list[int]:
    # A WordPiece text cannot hold an unused slot by accident: its brackets are split off.
    roles = [vocabulary.pad_id, vocabulary.unk_id, vocabulary.cls_id]
    roles += [vocabulary.sep_id, vocabulary.mask_id]
    ids = sorted(set(roles)) if vocabulary.kind == "wordpiece" else vocabulary.special_ids
    flagged = {t.id for t in vocabulary.cut_tokens if t != t._replace(**_PLAIN)}
    return [i for i in ids if i not in flagged]


_PLAIN = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}


def _set_post_processor(twin: tokenizers.Tokenizer, vocabulary: Vocabulary) -> None:
    if vocabulary.kind == "bpe" and "cls_token" not in vocabulary.settings:
        twin.post_processor = processors.ByteLevel(trim_offsets=True)  # GPT-2 sets nothing around
        return
    begin, end = vocabulary.pieces[vocabulary.cls_id], vocabulary.pieces[vocabulary.sep_id]
    between, segment = (
        [f"{end}:0"] * vocabulary.pair_layout.separators,
        vocabulary.pair_layout.segment,
    )
    twin.post_processor = processors.TemplateProcessing(
        single=[f"{begin}:0", "$A:0", f"{end}:0"],
        pair=[f"{begin}:0", "$A:0", *between, f"$B:{segment}", f"{end}:{segment}"],
        special_tokens=[(begin, vocabulary.cls_id), (end, vocabulary.sep_id)],
    )
