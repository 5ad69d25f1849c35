"""Tokenizers as they are published: ids and offsets against the libraries that made them."""

import io
import json
import unicodedata

import pytest
import sentencepiece
import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers

from kortf.errors import InputError
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.text.vocabulary.json_steps import WHITE_SPACE
from tests.harness.text.korean import CORPUS, random_documents, random_strings

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BYTE_PIECES = [f"<0x{byte:02X}>" for byte in range(256)]


def plain_strings(count):
    """Strings that hold no special token, composed, since kortf composes all text."""
    strings = [unicodedata.normalize("NFC", string) for string in random_strings(count)]
    return [string for string in strings if "[" not in string and "<" not in string]


def train(path, **options):
    sentences = [line for lines in random_documents(400) for line in lines] + CORPUS
    output = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=output, hard_vocab_limit=False,
        minloglevel=2, **{"vocab_size": 150} | options,
    )  # fmt: skip
    path.write_bytes(output.getvalue())
    return sentencepiece.SentencePieceProcessor(model_proto=output.getvalue())


def write_json(path, value):
    path.write_text(json.dumps(value))


def ids_of(tokenizer, strings):
    """Ids of strings; asserts that offsets come with the same ids, in order."""
    ids, starts, ends = tokenizer.tokenize_with_offsets(strings)
    assert ids.to_list() == tokenizer.tokenize(strings).to_list()
    for string, first, last in zip(strings, starts.to_list(), ends.to_list(), strict=True):
        assert all(0 <= a <= b <= len(string) for a, b in zip(first, last, strict=True))
        assert first == sorted(first), repr(string)
    return ids.to_list()


def test_uncased_bert_takes_hangul_apart(tmp_path):
    chars = sorted(set(unicodedata.normalize("NFD", "세종대왕 cafe")) - {" "})
    pieces = [*SPECIAL, *chars, *(f"##{char}" for char in chars)]
    (tmp_path / "vocab.txt").write_text("\n".join(pieces))
    write_json(tmp_path / "tokenizer_config.json", {"do_lower_case": True})
    theirs = tokenizers.Tokenizer(
        models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]")
    )
    theirs.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=None)
    theirs.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    strings = ["세종 Café", "ĉaFé세", *plain_strings(300)]
    tokenizer = load_tokenizer(tmp_path)
    for string, ids in zip(strings, ids_of(tokenizer, strings), strict=True):
        assert ids == theirs.encode(string).ids, repr(string)
    _, starts, ends = tokenizer.tokenize_with_offsets(["세종"])
    assert starts.to_list() == [[0, 0, 1, 1, 1]] and ends.to_list() == [[1, 1, 2, 2, 2]]
    # A vowel or a consonant that no syllable takes in has a place of its own.
    _, starts, ends = tokenizer.tokenize_with_offsets(["대\u1162", "종\u11bc"])
    assert starts.to_list() == [[0, 0, 1], [0, 0, 0, 1]]
    assert ends.to_list() == [[1, 1, 2], [1, 1, 1, 2]]


@pytest.mark.parametrize("limit", [2, 150])
def test_word_limit(tmp_path, limit):
    ids = {piece: i for i, piece in enumerate([*SPECIAL, "가", "##가"])}
    theirs = tokenizers.Tokenizer(
        models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=limit)
    )
    theirs.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    theirs.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    theirs.save(str(tmp_path / "tokenizer.json"))
    strings = ["가" * n for n in (1, 2, 3, 100, 101, 150, 151)]
    found = load_tokenizer(tmp_path).tokenize(strings).to_list()
    assert found == [theirs.encode(string).ids for string in strings]


FLAGS = [
    {"normalized": False, "special": True},
    {"normalized": True},
    {"normalized": False, "single_word": True},
    {"normalized": False, "lstrip": True},
    {"normalized": False, "rstrip": True},
    {"normalized": True, "lstrip": True, "rstrip": True, "single_word": True},
]


@pytest.mark.parametrize("flags", FLAGS, ids=str)
@pytest.mark.parametrize("lowercase", [False, True])
def test_added_tokens_are_cut_out_as_in_tokenizers(tmp_path, flags, lowercase):
    pieces = [*SPECIAL, "국", "##민", "민", "이", "##이", "a", "[", "]", "e", "##1", "t"]
    ids = {piece: i for i, piece in enumerate(pieces)}
    theirs = tokenizers.Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    theirs.normalizer = normalizers.BertNormalizer(lowercase=lowercase, strip_accents=False)
    theirs.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokens = [tokenizers.AddedToken(c, **flags) for c in ("[E1]", "국민", "국민T")]
    (theirs.add_special_tokens if flags.get("special") else theirs.add_tokens)(tokens)
    theirs.save(str(tmp_path / "tokenizer.json"))
    write_json(tmp_path / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})
    strings = [
        "국민이", "이 국민 이", "국민국민", "국민 국민T 국민t", "이국민", "[E1] 이 [e1]이", "", " ",
        "국민", "이[E1]", "국민,국민!", "a\u200b국민", "이  국민\u3000 이", "국민이 국민",
        "國국민", "이國 국민國", "국민\ufe0e이",
    ]  # fmt: skip
    tokenizer = load_tokenizer(tmp_path)
    for string, found in zip(strings, ids_of(tokenizer, strings), strict=True):
        assert found == theirs.encode(string).ids, repr(string)
    _, starts, ends = tokenizer.tokenize_with_offsets(["이 국민 이"])
    assert (starts.to_list(), ends.to_list()) == ([[0, 2, 5]], [[1, 4, 6]])
    tokenizer.save(str(tmp_path / "again"))
    again = load_tokenizer(tmp_path / "again")
    assert ids_of(again, strings) == ids_of(tokenizer, strings)
    assert again.vocabulary.fingerprint == tokenizer.vocabulary.fingerprint


def test_a_token_of_the_given_text_is_found_as_in_the_composed_text(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join([*SPECIAL, "가", "##가", "기착", "Ḱ", "##ᆨ"]))
    token = {"content": "기차", "normalized": False}
    letter = {"content": "K", "normalized": False}
    decoder = {"added_tokens_decoder": {"10": token, "11": letter}}
    write_json(tmp_path / "tokenizer_config.json", {"do_lower_case": False, **decoder})
    tokenizer = load_tokenizer(tmp_path)
    composed = ["기차가", "가 기차", "기착", "기차", "가기착 기차", "K가", "Ḱ"]
    decomposed = [unicodedata.normalize("NFD", text) for text in composed]
    halves = ["기차\u11a8", "가기차\u11a8 기차"]  # a final consonant behind an open syllable
    ids = ids_of(tokenizer, composed)
    assert ids[:4] == [[10, 5], [5, 10], [7], [10]] and ids[5:] == [[11, 5], [8]]
    assert ids_of(tokenizer, decomposed) == ids
    assert ids_of(tokenizer, halves) == [ids[2], ids[4]]
    # A mark that composes with no K leaves the token as it is, one that does is behind another.
    marked = ids_of(tokenizer, ["K\ufe0e", "기차\u0301", "K\u0316\u0301"])
    assert [row[0] for row in marked[:2]] == [11, 10] and 11 not in marked[2]
    _, starts, ends = tokenizer.tokenize_with_offsets(decomposed[:2])
    assert (starts.to_list(), ends.to_list()) == ([[0, 4], [0, 3]], [[4, 6], [2, 7]])


def test_added_tokens_with_one_spelling_are_refused(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join([*SPECIAL, "a"]))
    write_json(tmp_path / "tokenizer_config.json", {"do_lower_case": True, "strip_accents": True})
    write_json(tmp_path / "added_tokens.json", {"Café": 6, "CAFÉ": 7})
    with pytest.raises(InputError, match="added tokens"):
        load_tokenizer(tmp_path)


def test_rules_of_a_sentencepiece_model(tmp_path):
    theirs = train(tmp_path / "spiece.model", pad_id=3, pad_piece="<pad>",
                   control_symbols=["<cls>", "<sep>", "<mask>"])  # fmt: skip
    write_json(tmp_path / "tokenizer_config.json", {"do_lower_case": False, "keep_accents": True})
    strings = ["영화\u200b정말", "영화\u200e정말", "ａｂｃ ㈜", *plain_strings(300)]
    for string, ids in zip(strings, ids_of(load_tokenizer(tmp_path), strings), strict=True):
        assert ids == theirs.encode(string), repr(string)


def test_kobert_port(tmp_path):
    theirs = train(tmp_path / "tokenizer_78b3253a26.model", unk_id=0, unk_piece="[UNK]", pad_id=1,
                   pad_piece="[PAD]", bos_id=-1, eos_id=-1,
                   control_symbols=["[CLS]", "[SEP]", "[MASK]"])  # fmt: skip
    names = [theirs.id_to_piece(i) for i in range(theirs.get_piece_size())]
    order = names[::-1]  # the ids of the list count
    (tmp_path / "vocab.txt").write_text("\n".join(order))
    write_json(tmp_path / "tokenizer_config.json", {"tokenizer_class": "KoBertTokenizer"})
    tokenizer = load_tokenizer(tmp_path)
    strings = ["세종대왕이 만들었다.", "훈민정음은 ''소리''"]
    plain = ["세종대왕이 만들었다.", '훈민정음은 "소리"']
    expected = [[order.index(piece) for piece in theirs.encode(s, out_type=str)] for s in plain[:1]]
    assert ids_of(tokenizer, strings)[:1] == expected
    assert ids_of(tokenizer, strings) == ids_of(tokenizer, plain)
    tokenizer.save(str(tmp_path / "again"))
    assert ids_of(load_tokenizer(tmp_path / "again"), strings) == ids_of(tokenizer, strings)


def test_xlm_roberta_moves_the_ids(tmp_path):
    theirs = train(tmp_path / "sentencepiece.bpe.model")
    write_json(tmp_path / "tokenizer_config.json", {"tokenizer_class": "XLMRobertaTokenizer"})
    tokenizer = load_tokenizer(tmp_path)
    strings = plain_strings(100)
    for string, ids in zip(strings, ids_of(tokenizer, strings), strict=True):
        spaced = string.replace("\x85", " ")  # the class splits there, the model does not
        assert ids == [3 if i == 0 else i + 1 for i in theirs.encode(spaced)], repr(string)
    # The rules of the model remove U+000B before the class splits.
    spaced = ["세종\x85대왕", "세종\x0b대왕", "\x85", "세종 \x85"]
    expected = ids_of(tokenizer, ["세종 대왕", "세종대왕", "", "세종"])
    assert ids_of(tokenizer, spaced) == expected
    tokenizer.save(str(tmp_path / "again"))
    assert ids_of(load_tokenizer(tmp_path / "again"), spaced) == expected
    vocabulary = tokenizer.vocabulary
    assert vocabulary.pieces[:4] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert vocabulary.mask_id == vocabulary.size - 1
    assert (vocabulary.cls_id, vocabulary.sep_id, vocabulary.pad_id) == (0, 2, 1)


def test_unigram_of_tokenizer_json(tmp_path):
    theirs = train(tmp_path / "x.model")
    scores = [(theirs.id_to_piece(i), theirs.get_score(i)) for i in range(theirs.get_piece_size())]
    scores = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *scores[3:]]
    made = tokenizers.Tokenizer(models.Unigram(scores, unk_id=3, byte_fallback=False))
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    made.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    made.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "x.model").unlink()
    tokenizer = load_tokenizer(tmp_path)
    strings = [s for s in plain_strings(300) if "\x85" not in s and "\u2028" not in s]
    wrong = [
        string
        for string, ids in zip(strings, ids_of(tokenizer, strings), strict=True)
        if ids != made.encode(string, add_special_tokens=False).ids
    ]
    assert wrong == []
    tokenizer.save(str(tmp_path / "again"))
    assert ids_of(load_tokenizer(tmp_path / "again"), strings) == ids_of(tokenizer, strings)


@pytest.mark.parametrize("strips", [False, True])
def test_white_space_at_the_end_is_a_piece_unless_it_is_stripped(tmp_path, strips):
    theirs = train(tmp_path / "x.model")
    scores = [(theirs.id_to_piece(i), theirs.get_score(i)) for i in range(theirs.get_piece_size())]
    made = tokenizers.Tokenizer(models.Unigram(scores, unk_id=0, byte_fallback=False))
    steps = [normalizers.Replace(tokenizers.Regex(WHITE_SPACE), " ")]
    steps += [normalizers.Strip(left=False)] if strips else []
    steps.append(normalizers.Replace(tokenizers.Regex(" {2,}"), " "))
    made.normalizer = normalizers.Sequence(steps)
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.add_special_tokens(["<unk>", "<pad>", "<mask>"])
    made.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "x.model").unlink()
    tokenizer = load_tokenizer(tmp_path)
    strings = ["세종 대왕", "세종 ", " 세종   ", " ", "", "세종\t", "\u3000세종\u3000\n"]
    strings += [] if strips else ["세종▁"]
    expected = [made.encode(s, add_special_tokens=False).ids for s in strings]
    assert ids_of(tokenizer, strings) == expected
    _, starts, ends = tokenizer.tokenize_with_offsets(["세종  "])
    last = starts.to_list()[0][-1], ends.to_list()[0][-1]
    assert last == (1, 2) if strips else last[0] == last[1] >= 2
    tokenizer.save(str(tmp_path / "again"))
    assert ids_of(load_tokenizer(tmp_path / "again"), strings) == expected


@pytest.mark.parametrize("fuses", [False, True])
@pytest.mark.parametrize("fallback", [False, True])
def test_bpe_with_metaspace(tmp_path, fuses, fallback):
    bytes_ = BYTE_PIECES if fallback else []
    model = models.BPE(unk_token="<unk>", fuse_unk=fuses, byte_fallback=fallback)
    made = tokenizers.Tokenizer(model)
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.decoder = decoders.Metaspace()
    special = ["<s>", "</s>", "<pad>", "<unk>", "<mask>", *bytes_]
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=150 + len(bytes_), special_tokens=special, show_progress=False
    )
    made.train_from_iterator(CORPUS[:3] * 3, trainer)
    twin = json.loads(made.to_str())
    twin["added_tokens"] = twin["added_tokens"][:5]
    write_json(tmp_path / "tokenizer.json", twin)
    made = tokenizers.Tokenizer.from_str(json.dumps(twin))
    tokenizer = load_tokenizer(tmp_path)
    strings = ["세종😀😀대왕", " 세종", "세종  대왕 ", "", *plain_strings(200)]
    for string, ids in zip(strings, ids_of(tokenizer, strings), strict=True):
        assert ids == made.encode(string, add_special_tokens=False).ids, repr(string)
    ids, starts, ends = tokenizer.tokenize_with_offsets(["세종😀"])
    assert ends.to_list()[0][-1] == 3 and starts.to_list()[0][-1] == 2
    if fallback:
        assert tokenizer.decode(ids.to_list()[0]) == "세종😀"
        assert starts.to_list()[0][-4:] == [2] * 4


def test_character_pieces(tmp_path):
    pieces = [*SPECIAL, *" .가나다라마바사아자"]
    (tmp_path / "vocab.txt").write_text("\n".join(pieces))
    write_json(tmp_path / "tokenizer_config.json", {"do_lower_case": False})
    tokenizer = load_tokenizer(tmp_path)
    strings = ["가나  다.", " 가😀😀 ", "x"]
    expected = [[pieces.index(c) if c in pieces else 1 for c in " ".join(s.split())]
                for s in strings]  # fmt: skip
    assert ids_of(tokenizer, strings) == expected
    assert tokenizer.decode(expected[0]) == "가나 다."


def test_user_defined_symbols_are_text(tmp_path):
    train(tmp_path / "spiece.model", user_defined_symbols=["<e1>"], pad_id=3, pad_piece="<pad>",
          control_symbols=["<cls>", "<sep>", "<mask>"])  # fmt: skip
    tokenizer = load_tokenizer(tmp_path)
    number = tokenizer.vocabulary.id_of("<e1>")
    ids = ids_of(tokenizer, ["세종<e1>대왕"])[0]
    assert number in ids and number not in tokenizer.vocabulary.special_ids
    assert tokenizer.decode(ids) == "세종<e1>대왕"


def test_encode_knows_the_longest_row(tmp_path, caplog):
    (tmp_path / "vocab.txt").write_text("\n".join([*SPECIAL, "가"]))
    write_json(tmp_path / "tokenizer_config.json", {"model_max_length": 8})
    tokenizer = load_tokenizer(tmp_path)
    assert tokenizer.encode(["가 " * 60, "가"])["token_ids"].shape == (2, 8)
    assert "1 of 2" in caplog.text
    with pytest.raises(ValueError, match="max_length=9"):
        tokenizer.encode(["가"], max_length=9)
    assert tokenizer.encode(["가 " * 60], max_length=5)["token_ids"].shape == (1, 5)
