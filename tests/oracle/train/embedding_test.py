"""Scoring, kortf.load and SentenceTransformer give the same vectors of a fine-tuned model."""

import numpy as np
import pytest

import kortf
from kortf import tasks
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.train.evaluation.scoring import Scorer
from kortf.train.results.finetuning_results import save_finetuned

sentence_transformers = pytest.importorskip("sentence_transformers")

PAIRS = [("비가 온다", "날씨가 맑지 않다"), ("한글", "세종대왕이 만든 글자는 무엇인가요?")]


@pytest.mark.parametrize("pooling, normalize", [("mean", True), ("cls", True), ("max", False)])
def test_three_doors_have_the_same_vectors(untrained, vocabulary_dir, tmp_path, pooling, normalize):
    encoder, _ = untrained
    task = tasks.build("embedding", pooling=pooling, normalize=normalize, learn_temperature=True)
    task.build(encoder.hidden_dim, 0.02, 0.1)
    scorer = Scorer(encoder, task, load_tokenizer(str(vocabulary_dir)), 24)
    directory = str(tmp_path / "model")
    save_finetuned(directory, scorer)
    examples = [{"text": one, "text_pair": other, "label": 1.0} for one, other in PAIRS]
    scored = scorer.find(scorer.encode(examples))["vectors"].reshape(4, -1)
    texts = [text for pair in PAIRS for text in pair]
    loaded = kortf.load(directory).embed(texts)
    theirs = sentence_transformers.SentenceTransformer(directory, device="cpu").encode(texts)
    np.testing.assert_allclose(loaded, scored, atol=1e-5)
    np.testing.assert_allclose(theirs, scored, atol=1e-5)
