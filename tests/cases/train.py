"""Cases of training runs."""

import json
import shutil

from tests import prepared
from tests.cases.bench import Bench, check, run, want


def _scores(bench: Bench, path: str) -> dict:
    return bench.written(f"{path}/eval.json")


@check("train/01")
def iob1(bench: Bench):
    """Both writings of the same entities are the same training: equal scores, a small loss."""
    found = {}
    for scheme in ("iob1", "iob2"):
        more = [f"--config.task.train_file={scheme}.conll", "--config.epochs=1"]
        more += [f"--config.task.test_file={scheme}.test.conll", "--config.max_length=32"]
        more += ["--config.optimizer.learning_rate=1e-2"]
        ran = bench.finetune("token_classification", bench.case, *more, run_name=scheme)
        if ran.status == 2:
            found[scheme] = ran.output.strip().splitlines()[-1]
            continue
        want(ran.status == 0, ran.output[-300:])
        losses = [
            json.loads(line).get("loss", 0.0)
            for line in (bench.work / scheme / "metrics.jsonl").read_text().splitlines()
        ]
        want(max(losses) < 100, f"{scheme}: losses {losses}")
        found[scheme] = _scores(bench, scheme)["scores"]["f1"]
    want(found["iob1"] == found["iob2"], f"F1 {found}")
    return f"F1 {found}"


@check("train/02")
def pair_truncation(bench: Bench):
    found = {}
    more = ["--config.task.pooling=mean", "--config.optimizer.learning_rate=1e-2"]
    for name, prefix in (("as they are", ""), ("swapped", "s")):
        files = [f"--config.task.{part}_file={prefix}{part}.tsv" for part in ("train", "test")]
        ran = bench.finetune(
            "text_pair", bench.case, *more, *files, "--config.epochs=3", run_name=f"w{prefix}"
        )
        want(ran.status == 0, ran.output[-300:])
        found[name] = _scores(bench, f"w{prefix}")["scores"]["accuracy"]
    want(min(found.values()) > 0.9, f"accuracy {found}")
    return f"accuracy {found}"


def _pretrain(bench: Bench, size: str, *more: str):
    return run(
        "pretrain", f"--config=configs/pretrain/bert.py:{size}",
        f"--records={prepared.records('next_sentence')}", f"--vocab={prepared.vocabulary()}",
        f"--workdir={bench.work / 'w'}", "--config.checkpoint_every=2", *more,
    )  # fmt: skip


@check("train/03")
def fewer_objectives(bench: Bench):
    ran = _pretrain(bench, "smoke,nsp", "--config.steps=4", "--config.schedule.warmup_steps=1")
    want(ran.status == 0, ran.output[-300:])
    before = (bench.work / "w" / "config.json").read_bytes()
    shutil.rmtree(bench.work / "w" / "model")
    (bench.work / "w" / "checkpoints" / "step-00000004.safetensors").unlink()
    ran = _pretrain(bench, "smoke", "--config.steps=4", "--config.schedule.warmup_steps=1")
    want(ran.status == 2, f"status {ran.status}: {ran.output[-200:]}")
    want((bench.work / "w" / "config.json").read_bytes() == before, "config.json is overwritten")
    return f"refused: {ran.output.strip().splitlines()[-1]}"


@check("train/05")
def dev_share_zero(bench: Bench):
    data = prepared.sample_dir() / "nsmc"
    ran = bench.finetune("nsmc", data, "--config.dev_share=0")
    if ran.status == 2:
        return f"refused: {ran.output.strip().splitlines()[-1]}"
    protocol = str(_scores(bench, "w").get("protocol"))
    want(ran.status == 0 and not protocol.startswith("honest"), protocol)
    return protocol


@check("train/06")
def clip_norm(bench: Bench):
    keys = ("optimizer.clip_norm=-1.0", "optimizer.learning_rate=-0.001")
    seen = []
    for key in keys:
        ran = _pretrain(bench, "smoke", f"--config.{key}")
        want(ran.status == 2 and "Traceback" not in ran.output, ran.output[-300:])
        seen.append(ran.output.strip().splitlines()[-1])
    return seen


@check("train/10")
def float16(bench: Bench):
    ran = _pretrain(bench, "smoke", "--config.dtype=mixed_float16")
    want(ran.status == 2, f"status {ran.status}: {ran.output[-200:]}")
    data = prepared.sample_dir() / "nsmc"
    return [ran.output.strip(), bench.refuses("nsmc", data, "--config.dtype=mixed_float16")]


@check("train/17")
def same_basename(bench: Bench):
    files = ["--config.task.train_file=train/data.tsv", "--config.task.test_file=test/data.tsv"]
    ran = bench.finetune("text_classification", bench.case, *files, "--skip_bad_rows")
    want(ran.status == 0, ran.output[-300:])
    result = _scores(bench, "w")
    want("train/data.tsv" in str(result.get("bad_rows")), result.get("bad_rows"))
    argv = [f"--model={bench.work}/w/model", "--task=text_classification", "--skip_bad_rows"]
    argv += [f"--data={bench.case}/train/data.tsv", f"--output={bench.work}/e", "--allow_unknown"]
    ran = run("evaluate", *argv)
    want(ran.status == 0, ran.output[-300:])
    split = _scores(bench, "e")["split"]
    want(split == "train", f"split {split}")
    return f"{result['bad_rows']}; split {split}"


@check("train/19")
def average(bench: Bench):
    for name, more in (
        ("a", ()),
        ("b", ("--config.task.train_file=train.tsv[:30]", "--config.model.dropout=0.2")),
    ):
        ran = bench.finetune("text_classification", bench.case, *more, run_name=name)
        want(ran.status == 0, ran.output[-300:])
    models = f"--models={bench.work}/a/model,{bench.work}/b/model"
    ran = run("average", models, f"--output={bench.work}/mean")
    want(ran.status == 0, ran.output[-300:])
    return ran.output.strip()[-80:]


@check("train/20")
def init_from(bench: Bench):
    import keras

    data = prepared.sample_dir() / "nsmc"
    model = bench.model()
    ran = bench.finetune("nsmc", data)
    want(ran.status == 0, ran.output[-300:])
    ran = bench.finetune("nsmc", data, model=f"{model}/")
    want(ran.status == 0, f"MODEL/: {ran.output[-300:]}")
    shutil.rmtree(model)
    keras.utils.set_random_seed(20)
    bench.model()  # other weights at the same path
    ran = bench.finetune("nsmc", data)
    want(ran.status == 2, f"another model: status {ran.status}: {ran.output[-200:]}")
    return f"MODEL/ goes on; {ran.output.strip().splitlines()[-1]}"


@check("train/21")
def tracebacks(bench: Bench):
    seen, failed = [], []
    data = prepared.sample_dir()

    def attempt(label, call):
        try:
            seen.append((label, call()))
        except Exception as error:
            failed.append((label, f"{type(error).__name__}: {error}"[-200:]))

    for key in ("log_every=0", "checkpoint_every=0", "accumulate=0", "batch_size=0", "seed=-1"):

        def pretrain(key=key):
            ran = _pretrain(bench, "smoke", f"--config.{key}")
            want(ran.status == 2, f"status {ran.status}: {ran.output[-200:]}")
            return ran.output.strip()

        attempt(key, pretrain)
    if (bench.work / "w" / "config.json").exists():
        failed.append(("pretrain", "the work directory is claimed"))
    keys = ("dev_share=1.0", "eval_batch_size=0", "task.pooling=avg", "task.hidden=foo")
    for key in keys:
        attempt(key, lambda k=key: bench.refuses("nsmc", data / "nsmc", f"--config.{k}"))
    attempt("seeds", lambda: bench.refuses("nsmc", data / "nsmc", "--seeds=4294967296"))
    empty = bench.work / "empty"
    empty.mkdir()
    (empty / "train.tsv").write_text("text\tlabel\n\t가\n\t나\n")
    (empty / "test.tsv").write_text("text\tlabel\n좋다\t가\n")
    attempt("empty texts", lambda: bench.refuses("text_classification", empty))
    rows = '{"question": "왕은?", "context": "왕은 세종이다.", "answer": "세종", "id": "%s", '
    (empty / "train.jsonl").write_text(rows % "1" + '"answer_start": 3}\n')
    (empty / "test.jsonl").write_text(rows % "2" + '"answer_start": 3}\n')
    attempt("one question", lambda: bench.refuses("question_answering", empty))
    (empty / "train.conll").write_text("서울 B-LC\n왔다 O\n\n" * 40)
    (empty / "test.conll").write_text("부산 B-LC\n갔다 O\n\n")
    names = ["--config.task.train_file=train.conll", "--config.task.test_file=test.conll"]
    short = [*names, "--config.max_length=2"]
    attempt("max_length", lambda: bench.refuses("token_classification", empty, *short))
    want(not failed, failed)
    return [f"{label}: {line[-90:]}" for label, line in seen]


@check("train/22")
def epochs_zero(bench: Bench):
    return bench.refuses("nsmc", prepared.sample_dir() / "nsmc", "--config.epochs=0")
