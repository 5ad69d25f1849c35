"""Cases of model directories of other libraries, and of the library's own interface."""

import json
import pathlib
import shutil

from tests import prepared
from tests.cases.bench import Bench, check, ids, load, refused, run, want


def _change(path: pathlib.Path, **changes) -> None:
    config = json.loads(path.read_text("utf-8")) | changes
    path.write_text(json.dumps(config), "utf-8")


def _causal(bench: Bench, **changes) -> pathlib.Path:
    """A causal model that is not known to be of kortf's making."""
    model = bench.model("gpt", "causal_lm")
    config = json.loads((model / "config.json").read_text())
    config.pop("kortf", None)
    (model / "config.json").write_text(json.dumps(config | changes))
    return model


@check("interop/07")
def generator_retraces(bench: Bench):
    from kortf.export.heads.generator import Generator

    generator = Generator(str(_causal(bench)))
    traces = []
    for number in range(4):
        generator(["영화 " * (number + 1)], max_tokens=8 + number, temperature=0)
        traces.append(generator._generate.experimental_get_tracing_count())
    want(traces[-1] == traces[1], f"traces: {traces}")  # the second is for any shape
    return f"traces after each call: {traces}"


@check("interop/09")
def surrogate(bench: Bench):
    rows = bench.work / "sur.jsonl"
    rows.write_text('{"text": "좋다"}\n{"text": "\\ud83d"}\n')
    model = classifier(bench)
    causal = bench.model("gpt", "causal_lm", "causal")
    return [
        refused("predict", f"--model={model}", f"--input={rows}", says="line 2"),
        refused("generate", f"--model={causal}", "--prompt=\udcff", "--max_tokens=2"),
    ]


def classifier(bench: Bench) -> pathlib.Path:
    """Fine-tune a tiny classifier and return its model directory."""
    rows = "".join(f"{w} {i}\t{label}\n" for i in range(20) for w, label in TEXTS)
    for name in ("train.tsv", "test.tsv"):
        (bench.work / name).write_text("text\tlabel\n" + rows.replace(" ", f" {name[:2]}"), "utf-8")
    ran = bench.finetune("text_classification", bench.work)
    want(ran.status == 0, ran.output[-300:])
    return bench.work / "w" / "model"


TEXTS = (("정말 재미있는 영화", "긍정"), ("너무 지루하다", "부정"))


@check("interop/11")
def roberta_classifier(bench: Bench):
    import safetensors

    data = prepared.sample_dir() / "nsmc"
    for sizes in ({"pooler": False}, {}):
        model = bench.model("roberta", name=f"roberta{len(sizes)}", **sizes)
        more = ("--config.task.pooling=cls", "--config.task.hidden=tanh")
        ran = bench.finetune("nsmc", data, *more, run_name=f"w{len(sizes)}", model=model)
        want(ran.status == 0, ran.output[-300:])
        config = bench.written(f"w{len(sizes)}/model/config.json")
        file = bench.work / f"w{len(sizes)}" / "model" / "model.safetensors"
        names = set(safetensors.safe_open(str(file), "numpy").keys())
        want(config["architectures"] == ["RobertaForSequenceClassification"], config)
        want({"classifier.dense.weight", "classifier.out_proj.weight"} <= names, sorted(names))
    try:
        import transformers
    except ImportError:
        return "RobertaForSequenceClassification with its head (transformers is not installed)"
    auto = transformers.AutoModelForSequenceClassification
    _, info = auto.from_pretrained(str(file.parent), output_loading_info=True)
    want(not info["missing_keys"] and not info["unexpected_keys"], info)
    return "RobertaForSequenceClassification, nothing missing"


@check("interop/12")
def special_ids(bench: Bench):
    import kortf

    right = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 3}
    model = _causal(bench, **right)
    for path in model.iterdir():
        if path.name not in ("config.json", "model.safetensors"):
            path.unlink()
    kortf.from_pretrained(str(model)).save_pretrained(str(bench.work / "again"))
    config = bench.written("again/config.json")
    found = {name: config.get(name) for name in right}
    want(found == right, found)
    return found


@check("interop/13")
def get_config(bench: Bench):
    import keras

    import kortf

    model = str(bench.model())
    encoder = kortf.from_pretrained(model)
    made = type(encoder).from_config(encoder.get_config())
    want(made.settings == encoder.settings, made.settings)
    tokens = keras.Input((None,), dtype="int32")
    mask = keras.Input((None,), dtype="bool")
    batch = {"token_ids": tokens, "padding_mask": mask}
    whole = keras.Model([tokens, mask], keras.layers.Dense(2)(encoder(batch)["pooled"]))
    whole.save(bench.work / "k.keras")
    again = keras.models.load_model(bench.work / "k.keras")
    for ours, theirs in zip(whole.get_weights(), again.get_weights(), strict=True):
        want((ours == theirs).all(), "other weights after loading")
    other = kortf.from_pretrained(model)
    keras.Model([tokens, mask], [e(batch)["pooled"] for e in (encoder, other)])
    return "from_config, .keras, two encoders in one model"


@check("interop/14")
def encode_long(bench: Bench):
    import kortf

    model = bench.model()
    encoder, tokenizer = kortf.from_pretrained(str(model)), load(model)
    rows = tokenizer.encode(["정말 재미있는 영화였다 " * 60])
    encoder(rows)
    return f"{rows['token_ids'].shape[1]} tokens"


@check("interop/15")
def generate(bench: Bench):
    from kortf.export.heads.generator import Generator

    seen = []
    for bos, eos in ((3, 3), (2, 3)):
        generator = Generator(str(_causal(bench, bos_token_id=bos, eos_token_id=eos)))
        prompt = "쀍쀍  Ab 영화"
        (answer,) = generator([prompt], max_tokens=4, temperature=0)
        want(answer["text"] == prompt + answer["continuation"], answer)
        begin = generator._encode([prompt]).to_list()[0][0]
        want((begin == 2) == (bos != eos), f"start token {begin} where bos is {bos}, eos {eos}")
        seen.append(answer["text"])
    return seen


@check("interop/16")
def unigram(bench: Bench):
    import kortf

    source = f"{prepared.sample_dir()}/nsmc/reviews.txt"
    argv = (f"--input={source}", f"--output={bench.work}/v", "--size=400", "--type=sentencepiece")
    want(run("vocab", *argv).status == 0, "kortf vocab fails")
    whole, alone = bench.work / "v", bench.work / "alone"
    alone.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(whole / name, alone / name)
    text = "정말  재미있는 영화였다 ㅋㅋ 2024 Ab"
    want(ids(alone, text) == ids(whole, text), (ids(alone, text), ids(whole, text)))
    model = bench.model()
    for path in model.iterdir():
        if path.name not in ("config.json", "model.safetensors"):
            path.unlink()
    for path in alone.iterdir():
        shutil.copy(path, model)
    pad = load(alone).vocabulary.pad_id
    _change(model / "config.json", pad_token_id=pad)
    kortf.from_pretrained(str(model)).save_pretrained(str(bench.work / "again"))
    found = bench.written("again/config.json")["pad_token_id"]
    want(found == pad and ids(bench.work / "again", text) == ids(whole, text), found)
    return f"the same ids; pad_token_id {found}"


@check("interop/18")
def left_over(bench: Bench):
    seen = []
    for kind in ("electra", "bert"):
        model = bench.model(kind, name=kind)
        _causalless(model)
        ran = run("export", f"--model={model}", f"--output={bench.work / kind}-saved")
        want(ran.status == 0, ran.output[-300:])
        want("left over" not in ran.output and "not read" not in ran.output, ran.output[-300:])
        seen.append(f"{kind}: nothing is reported as left over")
    return seen


def _causalless(model: pathlib.Path) -> None:
    config = json.loads((model / "config.json").read_text())
    config.pop("kortf", None)
    (model / "config.json").write_text(json.dumps(config))
