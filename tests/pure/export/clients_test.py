"""The REST clients of examples/serving, against a server of our own."""

import http.server
import json
import pathlib
import shutil
import subprocess
import sys
import threading

import pytest

CLIENTS = pathlib.Path(__file__).parents[3] / "examples" / "serving"
PROGRAMS = {"curl.sh": "bash", "rest_client.py": sys.executable, "rest_client.mjs": "node"}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = self.path == "/v1/models/nsmc:predict"
        rows = [{"label": text} for text in body["instances"]]
        answer = json.dumps({"predictions": rows} if found else {"error": "no model"}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_client_prints_the_answers_and_fails_with_the_server(name, address):
    if shutil.which(PROGRAMS[name]) is None or (name == "curl.sh" and not shutil.which("curl")):
        pytest.skip(f"needs {PROGRAMS[name]}")
    command = [PROGRAMS[name], str(CLIENTS / name), address]
    texts = ['그는 "왕"이다', "$HOME `ls`"]
    done = subprocess.run([*command, "nsmc", *texts], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    shown = json.loads(f"[{','.join(done.stdout.splitlines())}]")
    rows = shown[0]["predictions"] if "predictions" in shown[0] else shown
    assert rows == [{"label": text} for text in texts]
    failed = subprocess.run([*command, "other", "a"], capture_output=True, text=True, timeout=60)
    assert failed.returncode != 0
