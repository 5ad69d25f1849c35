"""Model directories with BPE over bytes, as GPT-2's and RoBERTa's are published."""

import json

import numpy as np
import pytest
import tensorflow as tf
import tokenizers

import kortf
from kortf.cli.main import run_verb
from kortf.errors import InputError
from kortf.export.saved_model import export
from kortf.pretrained.directory.directory import save_pretrained
from kortf.text.tokenizer.decoding import spellings
from kortf.text.vocabulary.saving import save_vocabulary
from tests.harness.pretrained.random_models import build, heads_of
from tests.harness.text.korean import CORPUS

TEXTS = ["영화가 정말 재미있었어요 ㅋㅋㅋ", "The 서울\n 2024", ""]


def write_tokenizer(directory, special=("<s>", "</s>", "<pad>", "<unk>", "<mask>"), **settings):
    """`vocab.json`, `merges.txt` and settings."""
    made = tokenizers.ByteLevelBPETokenizer()
    made.train_from_iterator(CORPUS, 350, min_frequency=1, special_tokens=list(special))
    directory.mkdir(exist_ok=True)
    made.save_model(str(directory))
    (directory / "tokenizer_config.json").write_text(json.dumps(settings))
    return made.get_vocab_size()


def causal(directory):
    """A directory of GPT-2 with one special token."""
    size = write_tokenizer(directory, ["<|endoftext|>"], tokenizer_class="GPT2Tokenizer")
    encoder = build("gpt", vocabulary_size=size, max_length=80)
    vocabulary = kortf.load_tokenizer(directory).vocabulary
    save_pretrained(directory, encoder, vocabulary, heads_of(encoder, "causal_lm"))
    return directory


def test_texts_are_written_and_no_piece_is_torn(tmp_path, capsys):
    flags = [f"--model={causal(tmp_path)}", f"--prompt={TEXTS[0]}", "--prompt=", "--max_tokens=12"]
    assert run_verb("generate", flags) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0]["text"].startswith(TEXTS[0]) and "\ufffd" not in rows[0]["text"]
    assert [row["tokens"] > 0 or row["finished"] for row in rows] == [True, True]


@pytest.mark.exhaustive
def test_exported_model_goes_on_as_generate_does(tmp_path, capsys):
    model = str(causal(tmp_path / "model"))
    description = export(model, str(tmp_path / "saved"))
    assert description["kind"] == "continuation" and description["max_tokens"] == 40
    flags = [f"--model={model}", "--max_tokens=40", "--temperature=0"]
    assert run_verb("generate", [*flags, *(f"--prompt={text}" for text in TEXTS)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    served = tf.saved_model.load(str(tmp_path / "saved")).signatures["serving_default"]
    found = {name: value.numpy() for name, value in served(text=tf.constant(TEXTS)).items()}
    for i, row in enumerate(rows):
        assert TEXTS[i] + found["continuation"][i].decode() == row["text"]
        assert (found["tokens"][i], found["finished"][i]) == (row["tokens"], row["finished"])
    long = served(text=tf.constant(["서울 " * 100]))  # of which only the end is read
    assert long["tokens"].numpy()[0] > 0
    answers = tmp_path / "answers"
    (tmp_path / "in.txt").write_text(f"{TEXTS[0]}\n")
    for given in (model, tmp_path / "saved"):
        flags = [f"--model={given}", f"--input={tmp_path}/in.txt", f"--output={answers}"]
        assert run_verb("predict", flags) == 0
        assert TEXTS[0] + json.loads(answers.read_text())["continuation"] == rows[0]["text"]


def test_tokenizer_is_told_that_there_are_no_segments(tmp_path):
    settings = json.loads((causal(tmp_path) / "tokenizer_config.json").read_text())
    assert settings["model_input_names"] == ["input_ids", "attention_mask"]
    assert settings["pad_token"] == "<|endoftext|>" and settings["model_max_length"] == 80


@pytest.mark.exhaustive
def test_gaps_of_a_roberta_are_filled_in_a_saved_model(tmp_path):
    size = write_tokenizer(tmp_path, cls_token="<s>", sep_token="</s>")
    vocabulary = kortf.load_tokenizer(tmp_path).vocabulary
    encoder = build("roberta", vocabulary_size=size, max_length=40, position_offset=3)
    save_pretrained(tmp_path, encoder, vocabulary, heads_of(encoder, "masked_lm"))
    description = export(str(tmp_path), str(tmp_path / "saved"))
    assert description["mask"] == "<mask>"
    model = tf.saved_model.load(str(tmp_path / "saved")).signatures["serving_default"]
    tokens = model(text=tf.constant(["영화가 <mask> ㅋㅋ<mask>", "없다"]))["tokens"].numpy()
    assert tokens.shape == (2, 2, 5) and (tokens[1] == b"").all()
    assert {token.decode() for token in tokens[0].ravel()} <= set(spellings(vocabulary))


def test_encoder_of_another_tokenizer_is_read_without_it(tmp_path):
    save_pretrained(tmp_path, build("gpt"))
    twin = {"model": {"type": "WordLevel", "vocab": {"가": 0}, "unk_token": "가"}}
    (tmp_path / "tokenizer.json").write_text(json.dumps(twin))
    assert kortf.from_pretrained(tmp_path).causal
    with pytest.raises(InputError, match="model: WordLevel"):
        kortf.load_tokenizer(tmp_path)


def test_encoder_of_a_bpe_that_drops_characters_is_refused(tmp_path):
    save_pretrained(tmp_path, build("gpt"))
    twin = {"model": {"type": "BPE", "vocab": {"▁": 0}, "merges": []},
            "pre_tokenizer": {"type": "Metaspace"}}  # fmt: skip
    (tmp_path / "tokenizer.json").write_text(json.dumps(twin))
    for read in (kortf.from_pretrained, kortf.load_tokenizer):
        with pytest.raises(InputError, match="model.unk_token"):
            read(tmp_path)


def test_bytes_are_no_characters(tmp_path):
    write_tokenizer(tmp_path)
    with pytest.raises(InputError, match="no piece for each character"):
        kortf.load_tokenizer(tmp_path).tokenize_characters(["가"])


@pytest.mark.oracle
def test_transformers_reads_what_was_written(tmp_path):
    transformers = pytest.importorskip("transformers")
    model = causal(tmp_path)
    theirs = transformers.AutoTokenizer.from_pretrained(model)
    ours = kortf.load_tokenizer(model)
    for text, ids in zip(TEXTS, ours.tokenize(TEXTS).to_list(), strict=True):
        assert theirs(text)["input_ids"] == ids
        assert theirs.decode(ids) == text
    roberta = tmp_path / "roberta"
    write_tokenizer(roberta, cls_token="<s>", sep_token="</s>", tokenizer_class="RobertaTokenizer")
    vocabulary = kortf.load_tokenizer(roberta).vocabulary
    published = transformers.AutoTokenizer.from_pretrained(roberta)
    save_vocabulary(vocabulary, tmp_path / "again")
    again = transformers.AutoTokenizer.from_pretrained(tmp_path / "again")
    for text, ids in zip(TEXTS, kortf.load_tokenizer(roberta).tokenize(TEXTS).to_list(),
                         strict=True):  # fmt: skip
        framed = [vocabulary.cls_id, *ids, vocabulary.sep_id]
        assert published(text)["input_ids"] == again(text)["input_ids"] == framed
    assert again.mask_token_id == vocabulary.mask_id


@pytest.mark.oracle
def test_greedy_texts_are_those_of_transformers(tmp_path, capsys):
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    model = causal(tmp_path)
    flags = [f"--model={model}", f"--prompt={TEXTS[0]}", "--max_tokens=10", "--temperature=0"]
    assert run_verb("generate", flags) == 0
    row = json.loads(capsys.readouterr().out)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(model).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    ids = [tokenizer.bos_token_id, *tokenizer(TEXTS[0])["input_ids"]]
    with torch.no_grad():
        written = theirs.generate(
            torch.tensor([ids]), max_new_tokens=row["tokens"], do_sample=False,
            attention_mask=torch.ones(1, len(ids), dtype=torch.long), eos_token_id=-1,
        )[0].tolist()  # fmt: skip
    vocabulary = kortf.load_tokenizer(model).vocabulary
    text = vocabulary.byte_pairs.text(np.array(written))
    assert text == row["text"]
