"""Ask `kortf serve`, or TF Serving, over REST.

python examples/serving/rest_client.py http://localhost:8501 nsmc '배우들의 연기가 훌륭하다'
"""

import json
import sys
import urllib.request


def predict(server: str, model: str, texts: list[str], token: str = "") -> list:
    """Return the predictions of a model for texts."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = json.dumps({"instances": texts}).encode()
    request = urllib.request.Request(f"{server}/v1/models/{model}:predict", body, headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)["predictions"]


if __name__ == "__main__":
    for row in predict(sys.argv[1], sys.argv[2], sys.argv[3:]):
        print(json.dumps(row, ensure_ascii=False))
