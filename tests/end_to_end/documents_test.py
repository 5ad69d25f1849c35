"""Every block of README and docs runs with the installed wheel, in order, on the sample."""

import csv
import gzip
import json
import re
import shutil
import socket

import pytest

from tests.harness.document_blocks import PAGES, blocks
from tests.harness.wheel import run

pytestmark = [pytest.mark.exhaustive, pytest.mark.text]

# The smallest sizes: a block is tried, not measured.
SMALLER = (
    (r":(demo|mini|small|base)\b", ":smoke"),
    (r"--config=(nsmc|klue_ner|korquad|text_classification)(?= )", r"--config=\1:smoke"),
    (r"--config\.steps=\d+", "--config.steps=4"),
    (r"warmup_steps=\d+", "warmup_steps=1"),
    (r"--size=\d+", "--size=1500"),
    (r"--unused=\d+", "--unused=100"),
    (r"--limit_alphabet=\d+", "--limit_alphabet=600"),
    (r"--seeds=1,2,3", "--seeds=1,2"),
    (r"kowiki_04", "kowiki_01"),
)
# A server runs beside the rest of its block, which begins when the server answers.
SERVE = re.compile(r"^(kortf serve [^\n]*)$", re.MULTILINE)
WAIT = (
    r"\1 & SERVER=$!; trap 'kill $SERVER' EXIT; "
    "for i in $(seq 120); do curl -sf localhost:8501/healthz >/dev/null && break; sleep 1; done; "
    "curl -sf localhost:8501/healthz >/dev/null"
)


@pytest.fixture
def workspace(tmp_path_factory, sample):
    """A directory with the input that the pages name, made of the sample."""
    root = tmp_path_factory.mktemp("documents")
    shutil.copytree(sample, root / "data")
    texts = [path.read_text(encoding="utf-8") for path in sorted((sample / "kowiki").iterdir())]
    for folder in ("raw", "wiki", "petitions", "good", "bad"):
        (root / folder).mkdir()
        (root / folder / "a.txt").write_text(texts[0], encoding="utf-8")
    (root / "bad" / "a.txt").write_text("!!! 클릭 클릭 http://a.b 1234\n\n" * 300, encoding="utf-8")
    reviews = (sample / "nsmc" / "reviews.txt").read_text(encoding="utf-8").splitlines()
    for name, lines in {
        "reviews.txt.gz": reviews,
        "reviews.jsonl.gz": [json.dumps({"text": line}) for line in reviews],
    }.items():
        with gzip.open(root / name, "wt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    for name in ("reviews.txt", "sentences.txt"):
        (root / name).write_text("\n".join(reviews[:5]) + "\n", encoding="utf-8")
    own = root / "my_reviews"
    own.mkdir()
    rows = "".join(f"{line}\t{'good' if i % 2 else 'bad'}\n" for i, line in enumerate(reviews[:99]))
    for part in ("train", "test"):
        shown = rows if part == "train" else "정말 좋다\tgood\n별로다\tbad\n"
        (own / f"{part}.tsv").write_text(f"text\tlabel\n{shown}", encoding="utf-8")
    with open(root / "reviews.csv", "w", encoding="utf-8", newline="") as file:
        labels = ["good" if i % 2 else "bad" for i in range(90)]
        csv.writer(file).writerows([("text", "label"), *zip(reviews, labels, strict=False)])
    (root / "data" / "petitions").mkdir()
    petition = {"title": "청원", "content": texts[0][:400], "category": "육아/교육"}
    (root / "data" / "petitions" / "petitions_1.jsonl").write_text(json.dumps(petition) + "\n")
    return root


def test_blocks_run_in_order(installed, workspace):
    """One test for all pages, so that one worker runs them: they use what README.md makes."""
    failed = []
    for page in PAGES:
        problem = first_failure(page, installed, workspace)
        if problem is not None:
            failed.append(problem)
        if page == PAGES[0]:
            assert not failed, failed[0]
            for name in ("vocab", "records", "bert/model", "nsmc/model", "saved_model", "report"):
                assert any((workspace / "runs" / name).iterdir()), name
    assert not failed, "\n\n".join(failed)


def first_failure(page, installed, workspace) -> str | None:
    """Run the blocks of a page; return what the first one that fails prints."""
    for block in blocks(page):
        if block.reason is None:
            finished = run(installed, command(block), workspace)
            if finished.returncode:
                return f"{block.name}\n{finished.stdout[-800:]}\n{finished.stderr[-3000:]}"
    return None


def command(block) -> list[str]:
    """Return the command that runs a block at the smallest sizes."""
    if block.language == "python":
        return ["python", "-c", block.text]
    text = SERVE.sub(WAIT, block.text.replace("\\\n", " "))
    for pattern, small in SMALLER:
        text = re.sub(pattern, small, text)
    for port in ("8501", "8500"):
        text = text.replace(port, str(free_port()))
    if "--grpc_port" not in text:
        text = text.replace("kortf serve ", f"kortf serve --grpc_port={free_port()} ")
    if "kortf serve" in text and "--port" not in text:
        port = re.search(r"localhost:(\d+)", text)[1]
        text = text.replace("kortf serve ", f"kortf serve --port={port} ")
    return ["bash", "-euo", "pipefail", "-c", text]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
