"""sentence-transformers' MultiVectorEncoder and kortf give one text the same token vectors."""

import itertools
import json
import pathlib

import numpy as np
import pytest

import kortf
from kortf import tasks
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.train.evaluation.scoring import Scorer
from kortf.train.results.finetuning_results import save_finetuned

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
sentence_transformers = pytest.importorskip("sentence_transformers", minversion="6")
pytestmark = [pytest.mark.oracle, pytest.mark.usefixtures("quick_graphs")]

TEXTS = [
    "정말 재미있는 영화였다.",
    "",
    "a",
    "ABC Def 한글, ㅋㅋㅋ! x" * 3,
    "배우들의 연기가 좋았다. " * 9,
]
TOLERANCE = 1e-5


def encoder_of(directory):
    return sentence_transformers.MultiVectorEncoder(str(directory), device="cpu")


def check(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=TOLERANCE)


@pytest.mark.parametrize("skip_punctuation", [False, True])
def test_directory_that_kortf_writes(untrained, vocabulary_dir, tmp_path, skip_punctuation):
    encoder, _ = untrained
    task = tasks.build(
        "embedding", interaction="late", token_width=4, skip_punctuation=skip_punctuation
    )
    task.build(encoder.hidden_dim, 0.3, 0.1)
    scorer = Scorer(encoder, task, load_tokenizer(str(vocabulary_dir)), 20)
    save_finetuned(str(tmp_path / "model"), scorer)
    theirs = encoder_of(tmp_path / "model")
    found = kortf.load(str(tmp_path / "model")).embed_tokens(TEXTS)
    for encode in (theirs.encode_query, theirs.encode_document):
        check(found, encode(TEXTS, convert_to_numpy=True))
    assert theirs.similarity_fn_name == "maxsim"

    examples = [{"text": a, "text_pair": b, "label": 1.0} for a, b in itertools.pairwise(TEXTS)]
    scored = scorer.find(scorer.encode(examples))["similarity"][:, 0]
    theirs.similarity_fn_name = "meanmaxsim"
    both = theirs.similarity(found, found).numpy()
    expected = [(both[i, i + 1] + both[i + 1, i]) / 2 for i in range(len(examples))]
    np.testing.assert_allclose(scored, expected, atol=TOLERANCE)


def test_directory_that_sentence_transformers_writes(vocabulary_dir, tmp_path):
    torch.manual_seed(0)
    pieces = (pathlib.Path(vocabulary_dir) / "vocab.txt").read_text().splitlines()
    config = transformers.BertConfig(
        vocab_size=len(pieces), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=42, initializer_range=0.3,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(tmp_path / "bert")
    (tmp_path / "bert" / "vocab.txt").write_text("\n".join(pieces) + "\n")
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": False, "model_max_length": 40}
    (tmp_path / "bert" / "tokenizer_config.json").write_text(json.dumps(settings))
    encoder_of(tmp_path / "bert").save(str(tmp_path / "model"))
    expected = encoder_of(tmp_path / "model").encode_document(TEXTS, convert_to_numpy=True)
    assert expected[0].shape[1] == 128
    check(kortf.load(str(tmp_path / "model")).embed_tokens(TEXTS), expected)
