"""A vocabulary is read from the `tokenizer.json` alone, or refused."""

import json

import pytest

from kortf.errors import InputError
from kortf.text.unicode.normalize import Normalization
from kortf.text.vocabulary.json_steps import read_normalizer
from kortf.text.vocabulary.loading import holds_vocabulary, load_vocabulary
from kortf.text.vocabulary.saving import save_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "나", "##는", "a"]
UNCASED = {"do_lower_case": True, "strip_accents": False}
BERT = {
    "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
    "strip_accents": None, "lowercase": False,
}  # fmt: skip


@pytest.fixture
def directory(tmp_path):
    """A vocabulary directory as transformers 5 leaves it."""
    save_vocabulary(Vocabulary("wordpiece", "\n".join(PIECES).encode(), UNCASED), str(tmp_path))
    (tmp_path / "vocab.txt").unlink()
    return tmp_path


def change(directory, **parts):
    path = directory / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | parts))


def test_vocabulary_comes_from_the_twin(directory, tmp_path):
    vocabulary = load_vocabulary(directory)
    assert holds_vocabulary(directory)
    assert vocabulary.pieces == PIECES and vocabulary.lowercase
    assert vocabulary.normalization == Normalization(lowercase=True)
    (directory / "tokenizer_config.json").unlink()
    again = load_vocabulary(directory)
    assert again.pieces == PIECES and again.lowercase
    save_vocabulary(again, str(directory / "again"))
    assert (directory / "again" / "vocab.txt").read_text().split() == PIECES


def test_normalizer_of_the_docstring():
    steps = {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]}
    expected = Normalization(cleans=False, form="NFKC", lowercase=True)
    assert read_normalizer(steps, "x").normalization == expected
    assert read_normalizer(None, "x").normalization == Normalization(cleans=False, form="")


@pytest.mark.parametrize(
    "lowercase, strip, expected", [(True, None, True), (False, None, False), (True, False, False)]
)
def test_accents_are_stripped_as_bert_does(directory, lowercase, strip, expected):
    change(directory, normalizer=BERT | {"lowercase": lowercase, "strip_accents": strip})
    vocabulary = load_vocabulary(directory)
    assert vocabulary.lowercase is lowercase
    assert bool(vocabulary.normalization.strips) is expected


@pytest.mark.parametrize(
    "part, place",
    [
        ({"model": {"type": "WordLevel"}}, "tokenizer.json, model"),
        ({"model": None}, "tokenizer.json, model"),
        ({"model": {"type": "WordPiece", "vocab": {"a": 1}}}, "tokenizer.json, model.vocab"),
        ({"model": {"type": "WordPiece", "vocab": [["a", 1]]}}, "tokenizer.json, model.vocab"),
        ({"model": {"type": "WordPiece", "vocab": {"a": "0"}}}, "tokenizer.json, model.vocab"),
        ({"model": {"type": "WordPiece", "vocab": {"\ud800": 0}}}, "tokenizer.json"),
        ({"model": {"type": "WordPiece", "vocab": {"a ": 0}}}, "tokenizer.json, model.vocab"),
        ({"model": {"type": "WordPiece", "vocab": {"a": 10**400}}}, "tokenizer.json, model.vocab"),
        (
            {"model": {"type": "WordPiece", "vocab": {"a": 0}, "continuing_subword_prefix": "@"}},
            "tokenizer.json, model.continuing_subword_prefix",
        ),
        (
            {"model": {"type": "WordPiece", "vocab": {"a": 0}, "max_input_chars_per_word": "9"}},
            "tokenizer.json, model.max_input_chars_per_word",
        ),
        ({"added_tokens": [{"id": 5, "content": "b"}]}, "tokenizer.json, added_tokens"),
        ({"added_tokens": [{"id": 99, "content": "b"}]}, "tokenizer.json, added_tokens"),
        ({"added_tokens": [{"id": 8, "content": ""}]}, "tokenizer.json, added_tokens"),
        ({"added_tokens": [{"id": 8, "content": "b", "lstrip": 1}]}, "tokenizer.json, added_tok"),
        ({"normalizer": {"type": "NFKC"}}, "tokenizer.json, normalizer"),
        ({"normalizer": None}, "tokenizer.json, normalizer"),
        ({"normalizer": BERT | {"clean_text": False}}, "tokenizer.json, normalizer"),
        ({"normalizer": BERT | {"handle_chinese_chars": False}}, "tokenizer.json, normalizer"),
        (
            {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, BERT]}},
            "tokenizer.json, normalizer",
        ),
        ({"pre_tokenizer": {"type": "WhitespaceSplit"}}, "tokenizer.json, pre_tokenizer"),
        ({"pre_tokenizer": None}, "tokenizer.json, pre_tokenizer"),
        (
            {
                "pre_tokenizer": {
                    "type": "Sequence",
                    "pretokenizers": [{"type": "BertPreTokenizer"}, {"type": "Digits"}],
                }
            },
            "tokenizer.json, pre_tokenizer",
        ),
    ],
)
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside vocab.txt"])
def test_other_twins_are_refused(directory, part, place, beside):
    change(directory, **{"added_tokens": []} | part)
    if beside:  # a class that takes the file as it is computes its steps all the same
        if "model" in part and not (part["model"] or {}).get("vocab"):
            pytest.skip("another model beside a vocab.txt is not read")
        (directory / "vocab.txt").write_text("\n".join(PIECES))
    with pytest.raises(InputError) as error:
        load_vocabulary(directory)
    assert error.value.parts[0].startswith(str(directory / place))


def test_nested_sequences_end_in_a_line(directory):
    step = BERT
    for _ in range(50):
        step = {"type": "Sequence", "normalizers": [step]}
    change(directory, normalizer=step)
    with pytest.raises(InputError):
        load_vocabulary(directory)


def test_word_limit_is_read_and_kept(directory, tmp_path):
    model = json.loads((directory / "tokenizer.json").read_text())["model"]
    change(directory, model=model | {"max_input_chars_per_word": 2})
    vocabulary = load_vocabulary(directory)
    assert vocabulary.max_word_chars == 2
    save_vocabulary(vocabulary, str(directory / "again"))
    again = load_vocabulary(directory / "again")
    assert again.max_word_chars == 2 and again.fingerprint == vocabulary.fingerprint


def test_added_tokens_are_pieces(directory):
    twin = json.loads((directory / "tokenizer.json").read_text())
    token = {"id": 8, "content": "[NEW]", "special": True}
    change(directory, added_tokens=[*twin["added_tokens"], token])
    vocabulary = load_vocabulary(directory)
    assert vocabulary.pieces == [*PIECES, "[NEW]"] and 8 in vocabulary.special_ids
    assert [token.content for token in vocabulary.cut_tokens] == ["[NEW]"]


def unigram(directory, pre_tokenizer, tokens=(), space="▁", normalizer=None, unk_id=3):
    names = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    listed = [{"id": i, "content": name, "special": True} for i, name in enumerate(names)]
    twin = {
        "added_tokens": [*listed, *tokens],
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "model": {
            "type": "Unigram",
            "unk_id": unk_id,
            "vocab": [*([name, 0.0] for name in names), [space, -2.0], ["가", -1.0]],
        },
    }
    (directory / "tokenizer.json").write_text(json.dumps(twin))
    return load_vocabulary(directory)


FIRST = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}


def test_a_space_before_the_begin_alone_is_computed_without_added_tokens(tmp_path):
    pytest.importorskip("sentencepiece")
    assert unigram(tmp_path, FIRST).size == 7
    added = [{"id": 7, "content": "말", "special": False}]
    with pytest.raises(InputError, match="pre_tokenizer"):
        unigram(tmp_path, FIRST, added)
    assert unigram(tmp_path, FIRST | {"prepend_scheme": "always"}, added).size == 8
    split = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, FIRST]}
    with pytest.raises(InputError, match="pre_tokenizer"):
        unigram(tmp_path, split)


@pytest.mark.parametrize("step", [
    {"add_prefix_space": False, "prepend_scheme": "first"},
    {"add_prefix_space": False, "prepend_scheme": "always"},
    {"add_prefix_space": "false"},
    {"prepend_scheme": "last"},
])  # fmt: skip
def test_settings_of_metaspace_that_contradict_each_other_are_refused(tmp_path, step):
    with pytest.raises(InputError, match="pre_tokenizer"):
        unigram(tmp_path, {"type": "Metaspace", "replacement": "▁"} | step)


def test_a_vocabulary_without_a_space_is_refused(tmp_path):
    with pytest.raises(InputError, match="model.vocab"):
        unigram(tmp_path, FIRST, space="나")


def test_truncation_at_the_begin_is_refused(tmp_path, directory):
    change(directory, truncation={"direction": "Right", "max_length": 3})
    load_vocabulary(directory)
    change(directory, truncation={"direction": "Left", "max_length": 3})
    with pytest.raises(InputError, match="tokenizer.json, truncation"):
        load_vocabulary(directory)


ALWAYS = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}
SPLIT = {"type": "WhitespaceSplit"}


def sequence(*steps):
    return {"type": "Sequence", "normalizers": list(steps)}


def replaces(pattern, content, kind="String"):
    return {"type": "Replace", "pattern": {kind: pattern}, "content": content}


RUNS = replaces(r"\s{2,}|[\n\r\t]", " ", "Regex")
END = {"type": "Strip", "strip_left": False, "strip_right": True}


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("scheme", ["always", "first"])
def test_the_steps_of_deberta_are_read_and_kept(tmp_path, lowercase, scheme):
    settings = {
        "tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": lowercase,
        "add_prefix_space": scheme == "always", "split_by_punct": False, "unk_id": 3,
    }  # fmt: skip
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    first = [{"type": "Lowercase"}] if lowercase else []
    steps = sequence(*first, RUNS, {"type": "NFC"}, END)
    vocabulary = unigram(tmp_path, ALWAYS | {"prepend_scheme": scheme}, normalizer=steps)
    expected = Normalization(
        cleans=False, form="NFC", lowercase=lowercase, lowers_first=True, runs=True
    )
    assert vocabulary.normalization == expected
    assert vocabulary.prefix_unless_space and not vocabulary.keeps_trailing_space
    save_vocabulary(vocabulary, str(tmp_path / "again"))
    again = load_vocabulary(tmp_path / "again")
    assert again.normalization == expected and again.fingerprint == vocabulary.fingerprint


def test_words_cut_at_punctuation_first_are_refused(tmp_path):
    steps = {"type": "Sequence", "pretokenizers": [{"type": "Punctuation"}, ALWAYS]}
    with pytest.raises(InputError, match="tokenizer.json, pre_tokenizer: Punctuation"):
        unigram(tmp_path, steps, normalizer=sequence(RUNS, {"type": "NFC"}, END))


@pytest.mark.parametrize("normalizer, splits", [
    (BERT, False), (BERT, True), ({"type": "Strip"}, False),
    (sequence({"type": "NFKC"}, {"type": "Strip"}), False), (replaces("``", '"'), False),
    (replaces(" {2,}", "▁", "Regex"), True), ({"type": "Nmt"}, False),
    ({"type": "Prepend", "prepend": "▁"}, False), ({"type": "StripAccents"}, False),
    (sequence({"type": "Lowercase"}, {"type": "NFKC"}, {"type": "Lowercase"}), False),
    (replaces("a", "b"), False), (RUNS, False), (sequence(RUNS, {"type": "Strip"}), False),
    (sequence({"type": "NFKC"}, RUNS, END), False), (sequence(RUNS, END), True),
    (sequence(END, RUNS), False), (sequence(RUNS, replaces(" {2,}", " ", "Regex"), END), False),
])  # fmt: skip
def test_steps_before_a_unigram_that_are_not_computed_are_refused(tmp_path, normalizer, splits):
    steps = {"type": "Sequence", "pretokenizers": [SPLIT, ALWAYS]} if splits else ALWAYS
    with pytest.raises(InputError, match="tokenizer.json, normalizer"):
        unigram(tmp_path, steps, normalizer=normalizer)


def test_steps_before_a_unigram_that_make_no_difference_are_read(tmp_path):
    steps = {"type": "Sequence", "pretokenizers": [SPLIT, ALWAYS]}
    unigram(tmp_path, steps, normalizer={"type": "Strip"})
    unigram(tmp_path, ALWAYS, normalizer=sequence(replaces("``", '"'), replaces("''", '"')))
    never = {"type": "Sequence", "pretokenizers": [SPLIT, ALWAYS | {"prepend_scheme": "never"}]}
    with pytest.raises(InputError, match="pre_tokenizer"):
        unigram(tmp_path, never)


def test_an_unknown_piece_that_is_text_is_refused(tmp_path):
    with pytest.raises(InputError, match="model.unk_id"):
        unigram(tmp_path, ALWAYS, unk_id=6)


@pytest.mark.parametrize("given, fits", [(True, True), (False, False), (None, True)])
def test_a_space_before_the_text_that_the_class_would_not_put_is_refused(tmp_path, given, fits):
    settings = {"tokenizer_class": "XLMRobertaTokenizer", "add_prefix_space": given}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    if fits:
        assert unigram(tmp_path, ALWAYS).size == 7
    else:
        with pytest.raises(InputError, match="tokenizer_config.json, add_prefix_space"):
            unigram(tmp_path, ALWAYS)


SPECIAL = [["<pad>", 0.0], ["<unk>", 0.0]]


@pytest.mark.parametrize(
    "part, place",
    [
        ({"byte_fallback": "yes"}, "byte_fallback"),
        ({"vocab": [["가"]]}, "vocab"),
        ({"vocab": [*SPECIAL, ["가", "-1"]]}, "vocab"),
        ({"vocab": [*SPECIAL, ["가", True]]}, "vocab"),
        ({"vocab": [*SPECIAL, ["가", -1e31]]}, "vocab"),
        ({"vocab": [*SPECIAL, ["가", -1.0], ["가", -2.0]]}, "vocab"),
        ({"vocab": []}, "vocab"),
        ({"unk_id": 99}, "unk_id"),
        ({"unk_id": True}, "unk_id"),
        ({"type": "BPE", "vocab": {"<unk>": 0, "▁": 1, "가": 2}, "merges": [["▁", "가"]],
          "unk_token": "<unk>"}, "merges 1"),
        ({"type": "BPE", "vocab": {"<unk>": 0, "▁": 1}, "merges": [], "unk_token": "?"},
         "unk_token"),
        ({"type": "BPE", "vocab": {"<unk>": 0, "▁": 1}, "merges": [], "dropout": 0.5}, "dropout"),
    ],
)  # fmt: skip
def test_damaged_pieces_of_a_sentencepiece_model_are_refused(tmp_path, part, place):
    unigram(tmp_path, ALWAYS)
    model = json.loads((tmp_path / "tokenizer.json").read_text())["model"]
    added = [] if part.get("type") == "BPE" else None
    change(tmp_path, model=model | part, **({} if added is None else {"added_tokens": added}))
    with pytest.raises(InputError) as caught:
        load_vocabulary(tmp_path)
    assert caught.value.parts[0] == f"{tmp_path / 'tokenizer.json'}, model.{place}"


@pytest.mark.parametrize(
    "part, place",
    [
        ({"added_tokens": {"id": 1}}, "added_tokens"),
        ({"pre_tokenizer": ALWAYS | {"split": False}}, "pre_tokenizer"),
        ({"pre_tokenizer": ALWAYS | {"replacement": "_"}}, "pre_tokenizer"),
        ({"normalizer": {"type": "Sequence", "normalizers": "NFC"}}, "normalizer"),
        ({"normalizer": {"type": "Replace", "pattern": {"String": "a"}}}, "normalizer"),
        ({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "%%"}}, "normalizer"),
    ],
)
def test_damaged_steps_are_refused(tmp_path, part, place):
    unigram(tmp_path, ALWAYS)
    change(tmp_path, **part)
    with pytest.raises(InputError) as caught:
        load_vocabulary(tmp_path)
    assert caught.value.parts[0] == f"{tmp_path / 'tokenizer.json'}, {place}"


def test_accents_are_stripped_between_two_forms(tmp_path):
    steps = sequence({"type": "NFKD"}, {"type": "StripAccents"}, {"type": "NFC"})
    assert unigram(tmp_path, ALWAYS, normalizer=steps).normalization.strips == "M"


def test_a_strip_that_is_computed_for_spaces_alone_is_logged(tmp_path, caplog):
    steps = sequence({"type": "Strip", "strip_left": False}, replaces(" {2,}", "▁", "Regex"))
    unigram(tmp_path, ALWAYS, normalizer=steps)
    assert "Strip" in caplog.text
