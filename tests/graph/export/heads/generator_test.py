"""Generation from a model directory: prompts keep their characters, graphs are traced once."""

import json
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models
from kortf.errors import InputError
from kortf.export.heads import causal
from kortf.export.heads.generator import Generator
from kortf.export.options import SERVING, ExportOptions
from kortf.layers.heads.heads import CausalLMHead
from kortf.pretrained.directory.directory import save_pretrained
from kortf.text.vocabulary.vocabulary import Vocabulary

pytestmark = pytest.mark.usefixtures("quick_graphs")

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "가", "나", "##다", "라", "."]


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """Causal model with ten pieces and random weights."""
    path = tmp_path_factory.mktemp("causal") / "model"
    vocabulary = Vocabulary("wordpiece", "\n".join(PIECES).encode(), {"do_lower_case": False})
    keras.utils.set_random_seed(0)
    encoder = models.build(
        "gpt", vocabulary_size=len(PIECES), num_layers=1, num_heads=2, hidden_dim=16,
        max_length=80, init_scale=0.5,
    )  # fmt: skip
    save_pretrained(path, encoder, vocabulary, {"causal_lm": CausalLMHead.over(encoder)})
    return path


@pytest.fixture(scope="module")
def generator(directory):
    return Generator(str(directory))


def test_prompts_keep_their_characters(generator):
    for prompt in ("세종  대왕 가", "가\t나", "없는낱말", "가 "):
        (answer,) = generator([prompt], max_tokens=4, temperature=0)
        assert answer["prompt"] == prompt
        assert answer["text"] == prompt + answer["continuation"]
    assert "  " not in answer["text"]  # one space between prompt and continuation


def test_bfloat16_scores_nearly_as_float32(directory, generator):
    half = Generator(str(directory), "bfloat16")
    ids = np.array([[2, 5, 6, 7, 8, 9]], np.int32)
    features = {"token_ids": ids, "segment_ids": 0 * ids, "padding_mask": ids > 0}
    logits = [g._model.head(g._model.encoder(features)["sequence"][0]) for g in (generator, half)]
    assert logits[1].dtype != logits[0].dtype or not np.array_equal(*logits)
    np.testing.assert_allclose(np.float32(logits[1]), np.float32(logits[0]), atol=0.25)
    (answer,) = half(["가 나"], max_tokens=3, temperature=0)
    assert answer["tokens"] <= 3 and answer["text"].startswith("가 나")


def test_calls_do_not_trace_again(generator):
    def call(prompts, **settings):
        generator(prompts, max_tokens=4, **settings)
        return generator._generate.experimental_get_tracing_count()

    call(["가 나"], temperature=0.5, top_p=0.5)
    before = call(["가", "나 다"], temperature=0.7, top_p=0.9)
    for seed in range(3):
        prompts = ["가 나 라"] * (seed + 1)
        assert call(prompts, temperature=1 + seed, top_p=0.8, seed=seed, first_row=seed) == before


def test_a_seed_of_any_size_is_taken(generator):
    for seed in (0, 3000, 2**31, 2**40):
        once, again = (generator(["가"], max_tokens=6, seed=seed) for _ in range(2))
        assert once == again


def test_filters_given_as_tensors_choose_as_numbers_do(generator):
    greedy = generator(["가 나"], max_tokens=8, temperature=0)
    assert generator(["가 나"], max_tokens=8, top_k=1, seed=3) == greedy
    assert generator(["가 나"], max_tokens=8, top_p=1e-6, seed=3) == greedy


@pytest.fixture(scope="module")
def long_answer(generator) -> dict:
    """Settings whose answer to `가 나` has many tokens."""
    found = ({"temperature": 2.0, "seed": seed} for seed in range(100))
    return next(each for each in found if generator(["가 나"], 30, **each)[0]["tokens"] > 12)


def test_a_stream_ends_in_the_answer_of_a_call(generator, long_answer):
    answers = list(generator.stream("가 나", 10, step=3, **long_answer))
    assert [answer["tokens"] for answer in answers] == [3, 6, 9, 10]
    assert answers[-1] == generator(["가 나"], 10, **long_answer)[0]
    for before, after in zip(answers, answers[1:], strict=False):
        assert after["text"].startswith(before["text"])


@pytest.fixture
def client(directory, generator, monkeypatch):
    """Client of a server with the model `gpt`."""
    pytest.importorskip("starlette")
    pytest.importorskip("prometheus_client")
    from starlette.testclient import TestClient

    from kortf.export.serve.batcher import Limits
    from kortf.export.serve.http_app import HttpApp
    from kortf.export.serve.loaded_model import LoadedModel
    from kortf.export.serve.metrics import Metrics
    from kortf.export.serve.model_store import ModelStore

    monkeypatch.setattr(LoadedModel, "generator", generator)  # one that is traced already
    monkeypatch.setattr(LoadedModel, "warm_up", lambda model: None)
    store = ModelStore({"gpt": str(directory)}, Limits(), ExportOptions(signatures=(SERVING,)))
    app = HttpApp(store, Limits(), Metrics(store), "", True).build()
    yield TestClient(app, base_url="http://localhost:8501")
    store.close()


def test_a_server_streams_the_answer_and_names_bad_settings(client, generator, long_answer):
    settings = {"max_tokens": 30, **long_answer}
    path = "/api/models/gpt/generate"
    response = client.post(path, json={"prompt": "가 나"} | settings)
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert response.status_code == 200 and len(lines) > 1
    assert lines[-1] == generator(["가 나"], **settings)[0]
    for before, after in zip(lines, lines[1:], strict=False):
        assert after["text"].startswith(before["text"])
    for name, value in (
        ("prompt", None), ("prompt", ["가"]), ("max_tokens", 0), ("max_tokens", 1.5),
        ("temperature", -1), ("temperature", True), ("top_p", 0), ("top_k", "3"), ("seed", -1),
        ("beams", 3),
    ):  # fmt: skip
        response = client.post(path, json={"prompt": "가"} | {name: value})
        assert response.status_code == 400 and name in response.json()["error"]
    # A prompt that the model cannot read is an error on the first line: the answer has begun.
    response = client.post(path, json={"prompt": "가 " * 150_000})
    assert "prompt" in json.loads(response.text)["error"]


def test_odd_prompts(generator):
    assert generator([]) == []
    answers = generator(["", "\0가", " \t ", "가" * 70], max_tokens=2, temperature=0)
    assert len(answers) == 4
    with pytest.raises(InputError, match="prompt 2"):
        generator(["가", "\ud83d"])
    with pytest.raises(InputError, match="prompt 1"):
        generator(["가 " * 150_000])


@pytest.mark.parametrize(
    "bos, eos, starts, end",
    [
        (2, 3, [[2, 5, 6], [2]], 3),
        (2, [3, 2], [[2, 5, 6], [2]], 3),
        # One token for both, as GPT-2 has it, begins an empty prompt alone.
        (3, 3, [[5, 6], [3]], 3),
        # Ids that the model does not have.
        (99, None, [[5, 6], [3]], 3),
    ],
)
def test_published_models_begin_and_end_with_the_tokens_of_their_config(
    directory, tmp_path, bos, eos, starts, end
):
    shutil.copytree(directory, tmp_path / "model")
    path = tmp_path / "model" / "config.json"
    config = json.loads(path.read_text()) | {"bos_token_id": bos, "eos_token_id": eos}
    del config["kortf"]
    path.write_text(json.dumps(config))
    model = causal.load(str(tmp_path / "model"))
    assert model.prompt_ids(tf.constant(["가 나", ""])).to_list() == starts
    assert model.end_id == end


@pytest.mark.oracle
def test_published_models_start_and_end_as_transformers(directory, tmp_path):
    """The start token follows `config.json`; greedy texts equal transformers'."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(1)
    for bos, eos, start in ((3, 3, ()), (2, 3, (2,))):
        config = transformers.GPT2Config(
            vocab_size=10, n_embd=32, n_layer=2, n_head=4, n_positions=64, bos_token_id=bos,
            eos_token_id=eos, initializer_range=0.5,
        )  # fmt: skip
        model = transformers.GPT2LMHeadModel(config).eval()
        path = tmp_path / f"{bos}"
        model.save_pretrained(path)
        (path / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
        (path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False}))
        generator = Generator(str(path))
        for prompt, ids in (("가 나", [5, 6]), ("라", [8])):
            given = torch.tensor([[*start, *ids]])
            rows = model.generate(
                given, max_new_tokens=6, do_sample=False, pad_token_id=0,
                attention_mask=torch.ones_like(given),
            )  # fmt: skip
            expected = rows[0].numpy()[given.shape[1] :]
            expected = expected[: np.append(expected == eos, True).argmax()]
            (answer,) = generator([prompt], max_tokens=6, temperature=0)
            pieces = [PIECES[i] for i in expected if i > 4]
            assert answer["continuation"].replace(" ", "") == "".join(pieces).replace("##", "")
            assert answer["tokens"] == len(expected)
