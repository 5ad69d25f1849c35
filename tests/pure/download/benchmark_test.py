"""kortf download, against a server of our own on this machine."""

import hashlib
import http.server
import json
import threading
from urllib.parse import unquote

import pytest

from kortf.cli.main import run_verb
from kortf.download import download as verb
from kortf.download import transfer as transfer_module
from kortf.download.catalogue import CATALOGUE
from kortf.download.checksum import difference, digests
from kortf.download.source import Published, Source

TRAIN = "\n".join(f"{i}\t좋은 영화 {i}\t1" for i in range(20_000)).encode()
TEST = b"id\tdocument\tlabel\n1\tx\t0\n"


class Server(http.server.ThreadingHTTPServer):
    """Serves `content` by path; what it does wrong is set by the test."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.requests = {}, []
        self.breaks_after: list[int] = []  # bytes of the answers to come that break off
        self.fails: list[int] = []  # states of the answers to come
        self.knows_ranges = True
        self.length: str | None = None  # sent as Content-Length instead of the true one
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Print nothing: clients hang up in these tests."""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, path = self.server, unquote(self.path)
        wanted = self.headers.get("Range")
        server.requests.append((path.rsplit("/", 1)[1], wanted))
        body = server.content.get(path)
        if server.fails:
            return self.send_error(server.fails.pop(0))
        if body is None:
            return self.send_error(404)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if start >= len(body) > 0 and server.knows_ranges and wanted:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(body)}")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        start = start if server.knows_ranges else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if server.length != "":
            self.send_header("Content-Length", server.length or str(len(body) - start))
        else:
            self.close_connection = True
        self.end_headers()
        part = body[start:]
        if server.breaks_after:
            part = part[: server.breaks_after.pop(0)]
            self.close_connection = True
        self.wfile.write(part)
        return None

    def log_message(self, *arguments):
        pass


def blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@pytest.fixture
def server(monkeypatch):
    files = (
        Published("train.tsv", "자료 1/train.tsv", blob(TRAIN)),  # as of one not at hand
        Published("part/test.tsv", "test.tsv", blob(TEST), len(TEST),
                  hashlib.sha256(TEST).hexdigest()),
    )  # fmt: skip
    source = Source("Little reviews", "CC0 1.0", "owner/name", "c0ffee", files)
    monkeypatch.setitem(CATALOGUE, "little", source)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(transfer_module.time, "sleep", lambda seconds: None)
    server = Server()
    server.content["/owner/name/c0ffee/자료 1/train.tsv"] = TRAIN
    server.content["/owner/name/c0ffee/test.tsv"] = TEST
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def fetch(server, tmp_path, capsys):
    """Runs the verb; returns its status, lines of stdout, and stderr."""

    def run(*names, **flags):
        given = {"output": tmp_path / "data", "mirror": server.address} | flags
        argv = [*(names or ("little",)), *(f"--{k}={v}" for k, v in given.items())]
        status = run_verb("download", argv)
        out, err = capsys.readouterr()
        return status, out.splitlines(), err

    return run


def test_files_come_checked_and_the_licence_first(fetch, tmp_path):
    status, lines, err = fetch()
    assert (status, err) == (0, "")
    assert lines[0].startswith("Little reviews: https://github.com/owner/name")
    assert lines[1] == "licence: CC0 1.0"
    assert "its SHA-256 is not known" in lines[2] and hashlib.sha256(TRAIN).hexdigest() in lines[2]
    assert lines[3].endswith("as expected") and "SHA-256" in lines[3]
    data = tmp_path / "data"
    assert (data / "train.tsv").read_bytes() == TRAIN
    assert (data / "part" / "test.tsv").read_bytes() == TEST
    noted = json.loads((data / "downloads.json").read_text())["files"]
    assert noted["train.tsv"]["sha256"] == hashlib.sha256(TRAIN).hexdigest()
    assert noted["part/test.tsv"]["bytes"] == len(TEST)
    assert not list(data.rglob("*.part"))


def test_what_is_there_is_only_checked(fetch, server):
    fetch()
    server.requests.clear()
    status, lines, _ = fetch()
    assert status == 0 and server.requests == []
    assert [line.split(":")[1].strip()[:13] for line in lines[2:]] == ["there already"] * 2


def test_a_broken_connection_goes_on_where_it_broke(fetch, server, tmp_path):
    server.breaks_after = [1000, 0, 5000]
    assert fetch()[0] == 0
    ranges = [wanted for name, wanted in server.requests if name == "train.tsv"]
    assert ranges == [None, "bytes=1000-", "bytes=1000-", "bytes=6000-"]
    assert (tmp_path / "data" / "train.tsv").read_bytes() == TRAIN


def test_a_call_that_was_stopped_goes_on(fetch, server, tmp_path):
    server.breaks_after = [70_000, 0, 0, 0, 0, 0]
    status, lines, err = fetch()
    assert status == 2 and err.count("\n") == 1
    assert "the connection broke after 70,000 bytes (70,000 bytes are kept)" in err
    assert not (tmp_path / "data" / "train.tsv").exists()
    server.requests.clear()
    server.breaks_after = []
    assert fetch()[0] == 0
    assert server.requests[0] == ("train.tsv", "bytes=70000-")
    assert (tmp_path / "data" / "train.tsv").read_bytes() == TRAIN


def test_a_part_that_is_whole_is_not_fetched_again(fetch, server, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.tsv.part").write_bytes(TRAIN)
    assert fetch()[0] == 0
    assert [r for r in server.requests if r[0] == "train.tsv"] == [
        ("train.tsv", f"bytes={len(TRAIN)}-")
    ]


@pytest.mark.parametrize("left", [b"something else" * 9, TRAIN + b"more"])
def test_a_part_of_something_else_is_thrown_away(left, fetch, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.tsv.part").write_bytes(left)
    assert fetch()[0] == 0
    assert (tmp_path / "data" / "train.tsv").read_bytes() == TRAIN


def test_a_server_without_ranges(fetch, server, tmp_path):
    server.knows_ranges, server.breaks_after = False, [1000]
    assert fetch()[0] == 0
    assert (tmp_path / "data" / "train.tsv").read_bytes() == TRAIN


def test_a_server_that_is_busy_is_asked_again(fetch, server):
    server.fails = [503, 429]
    assert fetch()[0] == 0
    assert len(server.requests) == 4


def test_a_wrong_file_is_refused_and_removed(fetch, server, tmp_path):
    server.content["/owner/name/c0ffee/test.tsv"] = TEST.replace(b"x", b"y")
    server.content["/owner/name/c0ffee/자료 1/train.tsv"] = b"<html>log in</html>"
    for address in ("%EC%9E%90%EB%A3%8C%201/train.tsv", "test.tsv"):
        status, _, err = fetch()
        assert status == 2 and err.count("\n") == 1
        assert f"{server.address}/owner/name/c0ffee/{address}: is not the published file" in err
        server.content["/owner/name/c0ffee/자료 1/train.tsv"] = TRAIN
    assert not (tmp_path / "data" / "part" / "test.tsv").exists()
    assert not list((tmp_path / "data").rglob("*.part"))


@pytest.mark.parametrize("length", ["abc", "-1", "1e9", "0x10"])
def test_a_content_length_that_is_no_number_is_one_line(length, fetch, server):
    server.length = length
    status, _, err = fetch()
    assert status == 2 and err.count("\n") == 1 and "Content-Length" in err


@pytest.mark.parametrize("length", [None, ""])
def test_a_file_longer_than_published_stops_at_its_size(length, fetch, server, tmp_path):
    address = "/owner/name/c0ffee/test.tsv"
    server.content[address], server.length = TEST + b"x" * 10_000_000, length
    status, _, err = fetch()
    assert status == 2 and err.count("\n") == 1
    assert f"more than {len(TEST):,} bytes" in err
    assert not list((tmp_path / "data").rglob("*.part"))


def test_a_file_of_unknown_size_has_a_bound(fetch, server, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer_module, "LONGEST_BENCHMARK_FILE", len(TRAIN) - 1)
    status, _, err = fetch()
    assert status == 2 and f"more than {len(TRAIN) - 1:,} bytes" in err
    assert not (tmp_path / "data").exists()


def test_a_revision_is_for_models(fetch):
    status, _, err = fetch(revision="main")
    assert status == 2 and "--revision=main" in err


def test_another_file_under_the_name_is_left_alone(fetch, server, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.tsv").write_text("mine")
    status, _, err = fetch()
    assert status == 2 and "train.tsv: is there and is not the published file" in err
    assert (tmp_path / "data" / "train.tsv").read_text() == "mine" and server.requests == []


def test_faults_are_one_line(fetch, server, tmp_path):
    def fails(*names, words, **flags):
        status, lines, err = fetch(*names, **flags)
        assert status == 2 and err.count("\n") == 1 and words in err

    del server.content["/owner/name/c0ffee/자료 1/train.tsv"]
    fails("little", words="HTTP 404 Not Found")
    assert len(server.requests) == 1  # a file that is not there is not asked for again
    fails("litle", words="did you mean 'little'?")
    fails("little", "nsmc", words="2 benchmarks are named")
    fails("naver_ner", words="forbids copying")
    fails("little", words="is no address", mirror="example")
    fails("little", words="is no address", mirror="http://[1")
    fails("little", words="is no local directory", output="gs://bucket/data")
    fails("little", words="no connection", mirror="http://127.0.0.1:1")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "downloads.json").write_text("[]")
    fails("little", words="is not what kortf download writes", output=tmp_path / "other")
    (tmp_path / "file").write_text("")
    fails("little", words="is a file, not a directory", output=tmp_path / "file")


def test_digests_of_the_docstring(tmp_path):
    path = tmp_path / "review.txt"
    path.write_text("굳 ㅋ", encoding="utf-8")
    sha256, git_blob = digests(str(path))
    assert (sha256[:6], git_blob[:6]) == ("ec73c5", "1ccf68")
    assert difference(str(path), Published("", "", git_blob)) == ""
    assert "7 bytes, not 8" in difference(str(path), Published("", "", git_blob, 8))
    assert "SHA-256" in difference(str(path), Published("", "", git_blob), noted="0" * 64)
    assert "git blob id" in difference(str(path), Published("", "", "0" * 40))


def test_the_verb_names_every_benchmark():
    from kortf.cli import download

    fetched = [task for task, source in CATALOGUE.items() if isinstance(source, Source)]
    assert all(f"{task}," in download.__doc__ or f"{task}." in download.__doc__ for task in fetched)
    assert verb.find_source("nsmc").title.startswith("Naver")
