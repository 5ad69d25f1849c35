"""sentence-transformers, `kortf.load` and the SavedModel give one text the same vector."""

import json
import pathlib

import numpy as np
import pytest

import kortf
from kortf.layers.heads.lexical_part import lexical_codes
from kortf.pretrained.directory.directory import save_pretrained
from kortf.pretrained.sentence_transformers.reading import read_embedding_settings
from kortf.pretrained.sentence_transformers.settings import (
    POOLINGS,
    Dense,
    EmbeddingSettings,
    Lexical,
)

sentence_transformers = pytest.importorskip("sentence_transformers")
models = pytest.importorskip("sentence_transformers.models")
pytestmark = [pytest.mark.oracle, pytest.mark.usefixtures("quick_graphs")]

TEXTS = [
    "정말 재미있는 영화였다",
    "",
    "a",
    "ABC Def 한글 ㅋㅋㅋ 😀 x" * 3,
    "배우들의 연기가 좋았다. " * 20,
    "\t두  칸 \n",
]
SIZES = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
    "initializer_range": 0.3,
}  # fmt: skip
ROBERTA = SIZES | {"max_position_embeddings": 42, "type_vocab_size": 1}
TOLERANCE = 1e-5


def encode(directory) -> np.ndarray:
    """Vectors of sentence-transformers."""
    model = sentence_transformers.SentenceTransformer(str(directory), device="cpu")
    return model.encode(TEXTS, convert_to_numpy=True)


def modules(path, settings, length=None, normalize=False, dense=False, **pooling):
    """Write a directory with sentence-transformers from one of transformers."""
    transformer = models.Transformer(str(path), max_seq_length=length)
    steps = [transformer, models.Pooling(16, **pooling)]
    steps += [models.Dense(16, 6)] if dense else []
    steps += [models.Normalize()] if normalize else []
    sentence_transformers.SentenceTransformer(modules=steps).save(str(settings))
    return settings


@pytest.fixture(scope="module")
def klue(tmp_path_factory, vocabulary_dir):
    """Directory in the form of klue/roberta: RoBERTa with a WordPiece vocabulary."""
    import torch
    import transformers

    torch.manual_seed(1)
    path = tmp_path_factory.mktemp("klue")
    pieces = (pathlib.Path(vocabulary_dir) / "vocab.txt").read_text().splitlines()
    ids = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
    config = transformers.RobertaConfig(vocab_size=len(pieces), **ROBERTA, **ids)
    transformers.RobertaModel(config).save_pretrained(path)
    (path / "vocab.txt").write_text("\n".join(pieces) + "\n")
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": False, "model_max_length": 40}
    (path / "tokenizer_config.json").write_text(json.dumps(settings))
    return path


@pytest.fixture(scope="module")
def xlm(tmp_path_factory, sample):
    """Directory in the form of bge-m3 and KURE-v1: XLM-RoBERTa and SentencePiece."""
    import sentencepiece
    import torch
    import transformers

    torch.manual_seed(2)
    path = tmp_path_factory.mktemp("xlm")
    sentencepiece.SentencePieceTrainer.train(
        input=f"{sample}/nsmc/reviews.txt", vocab_size=300, minloglevel=2, hard_vocab_limit=False,
        model_prefix=str(path / "m"), character_coverage=0.99, model_type="unigram",
        normalization_rule_name="nmt_nfkc", bos_id=1, eos_id=2, unk_id=0, pad_id=-1,
    )  # fmt: skip
    (path / "m.model").rename(path / "sentencepiece.bpe.model")
    settings = {"tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 40}
    (path / "tokenizer_config.json").write_text(json.dumps(settings))
    tokenizer = transformers.AutoTokenizer.from_pretrained(path)
    config = transformers.XLMRobertaConfig(vocab_size=len(tokenizer), **ROBERTA)
    transformers.XLMRobertaModel(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def test_ko_sroberta_form(klue, tmp_path):
    path = modules(klue, tmp_path / "model", length=20, pooling_mode="mean")
    np.testing.assert_allclose(kortf.load(path).embed(TEXTS), encode(path), atol=TOLERANCE)


def test_bge_m3_form_by_all_doors(xlm, tmp_path):
    import tensorflow as tf

    from kortf.export.saved_model import export

    path = modules(xlm, tmp_path / "model", normalize=True, pooling_mode="cls")
    expected = encode(path)
    np.testing.assert_allclose(kortf.load(path).embed(TEXTS), expected, atol=TOLERANCE)
    export(str(path), str(tmp_path / "saved"))
    saved = tf.saved_model.load(str(tmp_path / "saved"))
    for name in ("embedding", "serving_default"):
        found = saved.signatures[name](text=tf.constant(TEXTS))["embedding"]
        np.testing.assert_allclose(found, expected, atol=TOLERANCE)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_pooling(klue, tmp_path, pooling):
    path = modules(
        klue, tmp_path / "model", length=12, dense=pooling == "max", pooling_mode=pooling
    )
    np.testing.assert_allclose(kortf.load(path).embed(TEXTS), encode(path), atol=TOLERANCE)


def test_word_weights(klue, tmp_path):
    """Tokens that count by their weight, as published and as written again."""
    pieces = (klue / "vocab.txt").read_text().splitlines()
    values = np.random.default_rng(3).random(len(pieces)).tolist()
    weights = dict(zip(pieces[5:], values[5:], strict=True))
    for piece in pieces[1:4]:  # [UNK] has the weight of unknown words
        weights[piece] = 0.0
    transformer = models.Transformer(str(klue), max_seq_length=20)
    steps = [transformer, models.WordWeights(pieces, weights, 0.3), models.Pooling(16, "mean")]
    steps += [models.Dense(16, 6), models.Normalize()]
    path = tmp_path / "model"
    sentence_transformers.SentenceTransformer(modules=steps).save(str(path))
    expected = encode(path)
    assert np.abs(expected[0] - expected[3]).max() > 0.1
    np.testing.assert_allclose(kortf.load(path).embed(TEXTS), expected, atol=TOLERANCE)
    encoder, tokenizer = kortf.from_pretrained(path), kortf.load_tokenizer(path)
    settings = read_embedding_settings(str(path))
    again = tmp_path / "again"
    save_pretrained(str(again), encoder, tokenizer.vocabulary, embedding=settings)
    np.testing.assert_allclose(encode(again), expected, atol=TOLERANCE)
    np.testing.assert_allclose(kortf.load(again).embed(TEXTS), expected, atol=TOLERANCE)


@pytest.mark.parametrize("dense", [False, True], ids=["pooled", "dense"])
@pytest.mark.parametrize("normalize", [False, True], ids=["raw", "normalized"])
def test_lexical_part(klue, tmp_path, dense, normalize):
    """A lexical part as kortf writes it, and as sentence-transformers writes it again."""
    encoder, tokenizer = kortf.from_pretrained(klue), kortf.load_tokenizer(klue)
    pieces, rng = tuple(tokenizer.vocabulary.pieces), np.random.default_rng(4)
    weights = rng.random(len(pieces)).astype(np.float32)
    weights[:5] = 0.0
    layer = Dense(rng.normal(size=(16, 6)).astype(np.float32), None, "tanh")
    tables = Lexical(pieces, *lexical_codes(weights, 12, 0.4))
    settings = EmbeddingSettings(
        "max", normalize, 20, dense=(layer,) if dense else (), lexical=tables
    )
    path, again = tmp_path / "model", tmp_path / "again"
    save_pretrained(str(path), encoder, tokenizer.vocabulary, embedding=settings)
    expected = encode(path)
    assert expected.shape[1] == (6 if dense else 16) + 12
    lexical = expected[:, -12:] / np.linalg.norm(expected[:, :-12], axis=1, keepdims=True)
    assert np.abs(lexical[0]).max() > 0.01 and not lexical[1].any()  # an empty text has none
    np.testing.assert_allclose(kortf.load(path).embed(TEXTS), expected, atol=TOLERANCE)
    sentence_transformers.SentenceTransformer(str(path), device="cpu").save(str(again))
    np.testing.assert_allclose(kortf.load(again).embed(TEXTS), expected, atol=TOLERANCE)


def test_lower_casing_and_prompts(klue, tmp_path):
    path = modules(klue, tmp_path / "model", pooling_mode="mean")
    (path / "sentence_bert_config.json").write_text('{"max_seq_length": 30, "do_lower_case": true}')
    plain = kortf.load(path).embed(TEXTS)
    np.testing.assert_allclose(plain, encode(path), atol=TOLERANCE)
    config = {"prompts": {"query": "ABC "}, "default_prompt_name": "query", "truncate_dim": 5}
    (path / "config_sentence_transformers.json").write_text(json.dumps(config))
    found = kortf.load(path).embed(TEXTS)
    np.testing.assert_allclose(found, encode(path), atol=TOLERANCE)
    assert found.shape == (len(TEXTS), 5) and not np.allclose(found, plain[:, :5], atol=1e-3)


def test_directory_without_modules_is_mean_pooled_by_both(klue):
    np.testing.assert_allclose(kortf.load(klue).embed(TEXTS), encode(klue), atol=TOLERANCE)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_directory_that_kortf_writes(untrained, tmp_path, pooling):
    encoder, vocabulary = untrained
    rng = np.random.default_rng(0)
    dense = (Dense(rng.normal(size=(16, 4)).astype(np.float32), None, "gelu"),)
    settings = EmbeddingSettings(
        pooling, pooling != "max", 18, dense=dense if pooling == "mean" else ()
    )
    save_pretrained(str(tmp_path / "model"), encoder, vocabulary, embedding=settings)
    path = tmp_path / "model"
    np.testing.assert_allclose(kortf.load(path).embed(TEXTS), encode(path), atol=TOLERANCE)
