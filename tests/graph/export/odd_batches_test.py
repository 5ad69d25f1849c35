"""Every signature answers every odd batch: empty, not UTF-8, white space alone, very long."""

import pytest
import tensorflow as tf

from kortf import models, tasks
from kortf.export.loading import load_model
from kortf.layers.heads.heads import CausalLMHead
from kortf.pretrained.directory.directory import save_pretrained
from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.train.evaluation.scoring import Scorer
from kortf.train.results.finetuning_results import save_finetuned

pytestmark = pytest.mark.usefixtures("quick_graphs")

LONG = ("가나 " * 2_000).encode()
ODD = [
    b"", b"\0", b"\xff\xfe", "\u200b".encode(), b" \t\n ", "　".encode(), b"\xed\xa0\xbd",
    "정말\0 재미\u200b있다 ".encode(), LONG, b"[MASK]", b"[CLS] [SEP]",
]  # fmt: skip
BATCHES = [[], *([text] for text in ODD[:6]), ODD]
KINDS = ["nsmc", "kmou_ner", "korquad", "masked_lm", "encoder", "causal_lm"]
# The other kinds of tasks, and the settings that they need.
MORE = ["klue_sts", "kornli", "kobest_copa", "multi_label", "klue_dp", "klue_ner", "korquad2"]
SETTINGS = {"multi_label": {"classes": "a,b,c"}}


@pytest.fixture(
    scope="module",
    params=["wordpiece", pytest.param("sentencepiece", marks=pytest.mark.exhaustive)],
)
def vocabulary(request, vocabulary_dir, sample, tmp_path_factory):
    if request.param == "wordpiece":
        return load_vocabulary(str(vocabulary_dir))
    from kortf.cli.main import run_verb

    directory = tmp_path_factory.mktemp("odd") / "vocabulary"
    argv = [f"--input={sample}/kowiki/*.txt", f"--output={directory}", "--type=sentencepiece"]
    assert run_verb("vocab", [*argv, "--size=400"]) == 0
    return load_vocabulary(str(directory))


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        *((kind, 1) for kind in KINDS),
        *(pytest.param(kind, 1, marks=pytest.mark.exhaustive) for kind in MORE),
        pytest.param("korquad", 25, marks=pytest.mark.exhaustive),
    ],
)
def test_odd_batches(vocabulary, kind, times, tmp_path):
    if kind == "encoder" and vocabulary.kind == "sentencepiece":
        pytest.skip("as with WordPiece")
    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 8, "max_length": 24, "init_scale": 0.5}
    name = "gpt" if kind == "causal_lm" else "bert"
    encoder = models.build(name, vocabulary_size=vocabulary.size, **sizes)
    directory = str(tmp_path / "model")
    if kind in ("masked_lm", "encoder", "causal_lm"):
        heads = {}
        if kind == "masked_lm":
            from kortf.layers.heads.heads import MaskedLMHead

            heads = {"masked_lm": MaskedLMHead.over(encoder)}
        elif kind == "causal_lm":
            heads = {"causal_lm": CausalLMHead.over(encoder)}
        save_pretrained(directory, encoder, vocabulary, heads)
    else:
        task = tasks.build(kind, **SETTINGS.get(kind, {}))
        task.build(encoder.hidden_dim, 0.5, 0.1)
        save_finetuned(directory, Scorer(encoder, task, Tokenizer(vocabulary), max_length=20))
    served = load_model(directory)
    inputs = [spec.name for spec in served.serve.input_signature]
    for batch in BATCHES:
        batch = [text * times if text == LONG else text for text in batch]  # 150,000 characters
        texts = tf.constant(batch, tf.string, [len(batch)])
        found = served.serve(*[texts] * len(inputs))
        for value in found.values():
            assert len(value) == len(batch)
            if value.dtype.is_floating:
                assert not bool(tf.reduce_any(tf.math.is_nan(value)))
        tags = kind in ("kmou_ner", "klue_ner")
        if tags or kind.startswith("korquad"):
            name = "text" if tags else "answer"
            real = found["label"].numpy() != b"" if tags else found["score"].numpy() != 0
            assert all(text.decode().strip() for text in found[name].numpy()[real])
        if served.embedding is not None:
            assert len(served.embedding(texts)["embedding"]) == len(batch)
