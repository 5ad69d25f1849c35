"""Vocabularies: what they know, and what they refuse."""

import json

import numpy as np
import pytest

from kortf.errors import InputError
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.text.vocabulary.saving import save_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = [*SPECIAL, "[unused0]", "[unused1]", "세종", "##대왕", "(", "##"]


def write(directory, pieces=PIECES, settings=None):
    (directory / "vocab.txt").write_text("".join(f"{piece}\n" for piece in pieces))
    if settings is not None:
        (directory / "tokenizer_config.json").write_text(json.dumps(settings))
    return str(directory)


def test_what_a_vocabulary_knows(tmp_path):
    vocabulary = load_vocabulary(write(tmp_path, settings={"do_lower_case": True}))
    assert (vocabulary.kind, vocabulary.size) == ("wordpiece", 11)
    assert vocabulary.pieces == PIECES
    ids = [vocabulary.pad_id, vocabulary.unk_id, vocabulary.cls_id, vocabulary.sep_id]
    assert [*ids, vocabulary.mask_id] == [0, 1, 2, 3, 4]
    assert vocabulary.special_ids == [0, 1, 2, 3, 4, 5, 6]
    expected = [True] * 7 + [True, False, True, True]
    np.testing.assert_array_equal(vocabulary.starts_word, expected)
    assert vocabulary.lowercase and vocabulary.id_of("세종") == 7 and vocabulary.id_of("x") is None


def test_fingerprint_follows_the_file_and_what_changes_ids(tmp_path):
    first = load_vocabulary(write(tmp_path, settings={"do_lower_case": True}))
    other = {"do_lower_case": True, "model_max_length": 128, "extra": 1}
    assert load_vocabulary(write(tmp_path, settings=other)).fingerprint == first.fingerprint
    cased = load_vocabulary(write(tmp_path, settings={"do_lower_case": False}))
    longer = load_vocabulary(write(tmp_path, [*PIECES, "왕"], {"do_lower_case": True}))
    assert len({first.fingerprint, cased.fingerprint, longer.fingerprint}) == 3
    assert len(first.fingerprint) == 64


def test_without_a_setting_capitals_tell(tmp_path):
    assert load_vocabulary(write(tmp_path)).lowercase
    assert not load_vocabulary(write(tmp_path, [*PIECES, "Apple"])).lowercase


def test_save_writes_the_same_bytes_and_keeps_unknown_settings(tmp_path):
    settings = {"do_lower_case": False, "model_max_length": 300, "name_or_path": "x"}
    vocabulary = load_vocabulary(write(tmp_path, settings=settings))
    save_vocabulary(vocabulary, str(tmp_path / "copy"))
    assert (tmp_path / "copy/vocab.txt").read_bytes() == (tmp_path / "vocab.txt").read_bytes()
    saved = json.loads((tmp_path / "copy/tokenizer_config.json").read_text())
    assert saved == vocabulary.settings
    assert saved.items() >= settings.items()
    assert saved["strip_accents"] is False and saved["mask_token"] == "[MASK]"
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.txt",
    ]


def test_save_leaves_no_vocabulary_of_another_kind(tmp_path):
    (tmp_path / "spiece.model").write_bytes(b"an older one")
    save_vocabulary(Vocabulary("wordpiece", "\n".join(PIECES).encode()), str(tmp_path))
    assert not (tmp_path / "spiece.model").exists()
    assert load_vocabulary(str(tmp_path)).pieces == PIECES


def test_special_tokens_by_other_names(tmp_path):
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "[BOS]", "가"]
    settings = {"cls_token": {"content": "[BOS]"}, "additional_special_tokens": ["가"]}
    vocabulary = load_vocabulary(write(tmp_path, pieces, settings))
    assert (vocabulary.cls_id, vocabulary.pad_id, vocabulary.mask_id) == (5, 1, 4)
    assert vocabulary.special_ids == [0, 1, 2, 3, 4, 5, 6]


def test_windows_line_ends():
    data = "\r\n".join(PIECES).encode() + b"\r\n"
    assert Vocabulary("wordpiece", data).pieces == PIECES


@pytest.mark.parametrize(
    "pieces, message",
    [
        ([*PIECES, "세종"], r"vocab.txt, line 12: .*'세종'.* line 8"),
        (
            [*PIECES[:4], *PIECES[5:]],
            r"vocab.txt: the special token \[MASK\] or <mask> is missing;",
        ),
        ([*PIECES, "", "가"], r"vocab.txt, line 12: empty line;"),
        ([], r"vocab.txt: empty;"),
    ],
)
def test_bad_pieces(tmp_path, pieces, message):
    with pytest.raises(InputError, match=message):
        load_vocabulary(write(tmp_path, pieces))


def test_bad_files(tmp_path):
    with pytest.raises(InputError, match="there is no such directory; make one with kortf vocab"):
        load_vocabulary(str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="no vocabulary .vocab.txt or .*vocab.json. in it;"):
        load_vocabulary(str(tmp_path))
    (tmp_path / "spiece.model").write_bytes(b"not a model")
    with pytest.raises(InputError, match="spiece.model: not a SentencePiece model;"):
        load_vocabulary(str(tmp_path))
    (tmp_path / "vocab.txt").write_bytes("가\n".encode() + b"\xff\n")
    with pytest.raises(InputError, match="vocab.txt, byte 4: not UTF-8;"):
        load_vocabulary(str(tmp_path))


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"do_lower_case": "false"}, "tokenizer_config.json, do_lower_case: "),
        ({"strip_accents": 1}, "tokenizer_config.json, strip_accents: "),
        ({"keep_accents": "no"}, "tokenizer_config.json, keep_accents: "),
        ({"do_basic_tokenize": False}, "tokenizer_config.json, do_basic_tokenize: "),
        ({"never_split": ["가"]}, "tokenizer_config.json, never_split: "),
        ({"max_input_chars_per_word": 0}, "tokenizer_config.json, max_input_chars_per_word: "),
        ({"model_max_length": "512"}, "tokenizer_config.json, model_max_length: "),
        ({"mask_token": 3}, "tokenizer_config.json, mask_token: "),
        ({"added_tokens_decoder": {"x": {"content": "y"}}}, "added_tokens_decoder: "),
        ({"text_normalization": {"form": "NFX"}}, "text_normalization, form: "),
        ({"tokenize_chinese_chars": False}, "tokenize_chinese_chars: false is not supported;"),
        ({"mask_token": "<M>"}, "the special token <M> is missing;"),
        ([], "tokenizer_config.json: not a JSON object;"),
    ],
)
def test_bad_settings(tmp_path, settings, message):
    with pytest.raises(InputError, match=message):
        load_vocabulary(write(tmp_path, settings=settings))


def test_lower_case_without_strip_accents_strips_them(tmp_path):
    pieces = [*SPECIAL, "\u1112", "##\u1161", "##\u11ab", "cafe"]
    stripping = load_vocabulary(write(tmp_path, pieces, {"do_lower_case": True}))
    assert (stripping.normalization.form, stripping.normalization.strips) == ("NFD", "Mn")
    assert stripping.settings["strip_accents"] is True
    keeping = {"do_lower_case": True, "strip_accents": False}
    keeping = load_vocabulary(write(tmp_path, pieces + ["\ud55c"], keeping))
    assert (keeping.normalization.form, keeping.normalization.strips) == ("NFC", "")
    assert stripping.fingerprint != keeping.fingerprint


def test_pieces_in_jamo_take_text_apart(tmp_path):
    pieces = [*SPECIAL, "\u1112", "##\u1161", "##\u11ab", "Cafe"]
    vocabulary = load_vocabulary(write(tmp_path, pieces, {"do_lower_case": False}))
    assert vocabulary.normalization.form == "NFKD"
    mixed = load_vocabulary(write(tmp_path, [*pieces, "\ud55c"], {"do_lower_case": False}))
    assert mixed.normalization.form == "NFC"


@pytest.mark.parametrize("pieces", [["▁한국", "어", "▁모델"], list("가나다라마바사아자차")])
def test_pieces_of_another_tokenizer_are_refused(tmp_path, pieces):
    with pytest.raises(InputError) as error:
        load_vocabulary(write(tmp_path, [*SPECIAL, *pieces], {"do_lower_case": False}))
    assert error.value.parts[0] == str(tmp_path / "vocab.txt")


def test_added_tokens_of_files(tmp_path):
    directory = write(tmp_path, settings={"additional_special_tokens": ["[E1]"]})
    (tmp_path / "added_tokens.json").write_text(json.dumps({"국민청원": 12, "[E1]": 11}))
    vocabulary = load_vocabulary(directory)
    assert vocabulary.pieces == [*PIECES, "[E1]", "국민청원"]
    assert [t.special for t in vocabulary.added] == [True, False]
    assert 11 in vocabulary.special_ids and 12 not in vocabulary.special_ids
    save_vocabulary(vocabulary, str(tmp_path / "copy"))
    again = load_vocabulary(tmp_path / "copy")
    assert again.cut_tokens == vocabulary.cut_tokens and again.fingerprint == vocabulary.fingerprint
    plain = load_vocabulary(write(tmp_path / "copy", settings={}))
    assert plain.fingerprint != vocabulary.fingerprint


@pytest.mark.parametrize("added", [{"가": 5}, {"가": 99}, {"가": "x"}, {"": 11}, ["가"]])
def test_added_tokens_that_do_not_fit(tmp_path, added):
    directory = write(tmp_path, settings={})
    (tmp_path / "added_tokens.json").write_text(json.dumps(added))
    with pytest.raises(InputError) as error:
        load_vocabulary(directory)
    assert error.value.parts[0].startswith(str(tmp_path))


def test_special_tokens_that_only_the_settings_name_are_cut_out(tmp_path):
    """transformers 4 writes them so where they took unused slots of the vocabulary."""
    e2 = {"content": "[E2]", "lstrip": True, "normalized": False}
    named = {"additional_special_tokens": [PIECES[-1], e2, "[E3]"]}
    vocabulary = load_vocabulary(write(tmp_path, [*PIECES, "[E2]"], named))
    size = len(PIECES)
    found = {token.content: (token.id, token.lstrip) for token in vocabulary.cut_tokens}
    assert found == {
        PIECES[-1]: (size - 1, False), "[E2]": (size, True), "[E3]": (size + 1, False)
    }  # fmt: skip
    assert {size - 1, size, size + 1} <= set(vocabulary.special_ids)
    save_vocabulary(vocabulary, str(tmp_path / "copy"))
    assert load_vocabulary(tmp_path / "copy").cut_tokens == vocabulary.cut_tokens


@pytest.mark.parametrize("key, value", [
    ("truncation_side", "left"), ("word_tokenizer_type", "mecab"),
    ("subword_tokenizer_type", "character"),
])  # fmt: skip
def test_settings_that_change_the_ids_are_refused(tmp_path, key, value):
    with pytest.raises(InputError, match=f"tokenizer_config.json, {key}"):
        load_vocabulary(write(tmp_path, settings={key: value}))


def test_an_unknown_class_is_logged(tmp_path, caplog):
    cased = {"do_lower_case": False}
    load_vocabulary(write(tmp_path, settings=cased | {"tokenizer_class": "BertTokenizerFast"}))
    assert not caplog.text
    load_vocabulary(write(tmp_path, settings=cased | {"tokenizer_class": "BertJapaneseTokenizer"}))
    assert "BertJapaneseTokenizer" in caplog.text


def test_the_older_file_of_special_tokens_counts_unless_all_tokens_are_listed(tmp_path):
    pieces = [*PIECES, "[A]", "[B]"]
    directory = write(tmp_path, pieces, {"cls_token": "[A]", "do_lower_case": False})
    (tmp_path / "special_tokens_map.json").write_text(json.dumps({"cls_token": "[B]"}))
    assert load_vocabulary(directory).pieces[load_vocabulary(directory).cls_id] == "[B]"
    write(tmp_path, pieces, {"cls_token": "[A]", "added_tokens_decoder": {}})
    assert load_vocabulary(directory).pieces[load_vocabulary(directory).cls_id] == "[A]"


def test_tokens_of_begin_and_end_are_cut_out(tmp_path):
    named = {"bos_token": "[A]", "eos_token": {"content": "[B]", "rstrip": True}}
    vocabulary = load_vocabulary(write(tmp_path, [*PIECES, "[A]", "[B]"], named))
    assert [(t.content, t.rstrip) for t in vocabulary.cut_tokens] == [("[A]", False), ("[B]", True)]
    named = {"bos_token": "[CLS]", "eos_token": "[SEP]"}  # those of klue/roberta
    assert not load_vocabulary(write(tmp_path, settings=named)).cut_tokens
    assert not load_vocabulary(write(tmp_path, settings={"bos_token": "[Z]"})).cut_tokens


def test_white_space_behind_a_piece_is_no_part_of_it(tmp_path):
    lines = [
        piece + end for piece, end in zip(PIECES, [" ", "\t ", "\u3000", ""] * 9, strict=False)
    ]
    vocabulary = load_vocabulary(write(tmp_path, [*lines, " 가나", "  ", "가\x1c"]))
    assert vocabulary.pieces == [*PIECES, " 가나", "  ", "가\x1c"]
    with pytest.raises(InputError, match="vocab.txt, line 12: repeats the piece"):
        load_vocabulary(write(tmp_path, [*PIECES, f"{PIECES[-1]} "]))


def test_a_byte_order_mark_is_refused():
    with pytest.raises(InputError, match="vocab.txt, byte 0: .*byte order mark"):
        Vocabulary("wordpiece", b"\xef\xbb\xbf" + "\n".join(PIECES).encode())


def test_lower_casing_that_is_guessed_is_logged(tmp_path, caplog):
    assert load_vocabulary(write(tmp_path, [*PIECES, "Apple"], {})).lowercase is False
    assert "do_lower_case is not set" in caplog.text
    caplog.clear()
    load_vocabulary(write(tmp_path, [*PIECES, "Apple"], {"do_lower_case": False}))
    assert not caplog.text


@pytest.mark.parametrize("named", ["CLIPTokenizer", "Qwen2Tokenizer"])
def test_other_byte_level_classes_need_their_tokenizer_json(tmp_path, named):
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": named}))
    (tmp_path / "vocab.json").write_text("{}")
    (tmp_path / "merges.txt").write_text("")
    with pytest.raises(InputError, match="tokenizer_config.json, tokenizer_class"):
        load_vocabulary(tmp_path)


@pytest.mark.parametrize("token", [
    {"content": "  ", "normalized": True}, {"content": " a", "single_word": True},
])  # fmt: skip
def test_added_tokens_with_white_space_that_is_not_computed_are_refused(tmp_path, token):
    decoder = {str(len(PIECES)): token}
    with pytest.raises(InputError, match="tokenizer_config.json"):
        load_vocabulary(write(tmp_path, settings={"added_tokens_decoder": decoder}))


@pytest.mark.parametrize("settings, config, length", [
    ({}, {}, None), ({"model_max_length": 1e30}, {}, None), ({"max_len": 300}, {}, 300),
    ({"max_len": 300, "model_max_length": 200}, {}, 200),
    ({}, {"max_position_embeddings": 300}, 300),
    ({"model_max_length": 1e30}, {"max_position_embeddings": 300}, 300),
    ({"model_max_length": 128}, {"max_position_embeddings": 300}, 128),
    ({}, {"max_position_embeddings": 514, "model_type": "roberta", "pad_token_id": 1}, 512),
    ({}, {"max_position_embeddings": 514, "model_type": "xlm-roberta"}, 512),
    ({}, {"max_position_embeddings": "many"}, None),
])  # fmt: skip
def test_the_longest_row_is_that_of_the_settings_or_the_model(tmp_path, settings, config, length):
    directory = write(tmp_path, settings=settings | {"do_lower_case": False})
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert load_vocabulary(directory).max_length == length


@pytest.mark.parametrize("option", ["enable_sampling", "add_bos", "add_eos", "reverse"])
def test_options_of_sentencepiece_that_change_the_ids_are_refused(tmp_path, option):
    with pytest.raises(InputError, match="sp_model_kwargs"):
        load_vocabulary(write(tmp_path, settings={"sp_model_kwargs": {option: True}}))
