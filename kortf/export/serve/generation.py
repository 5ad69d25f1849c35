"""Stream the text of a causal model, a line of JSON for every few tokens."""

import asyncio
import json
from collections.abc import AsyncIterator

from kortf.errors import InputError
from kortf.export.serve.errors import RequestError
from kortf.export.serve.loaded_model import LoadedModel
from kortf.export.serve.rest_tensors import parse_body

# Name, default, least and greatest value.
_NUMBERS = {
    "max_tokens": (64, 1, 512),
    "temperature": (1.0, 0, 100),
    "top_k": (0, 0, 100_000),
    "top_p": (1.0, 1e-6, 1),
    "seed": (0, 0, 1 << 31),
}


def parse_generate(body: bytes, model: LoadedModel) -> dict:
    """Return prompt and sampling settings of a request.

    Raises:
        RequestError: The request is not valid, or the model writes no text.
    """
    if model.generator is None:
        raise RequestError(f"{model.name}: not a model directory of a causal model")
    request = parse_body(body)
    unknown = sorted(set(request) - {"prompt", *_NUMBERS})
    if unknown:
        raise RequestError(f"{unknown[0][:80]}: unknown field")
    if not isinstance(request.get("prompt"), str):
        raise RequestError("prompt: expected a string")
    settings = {"prompt": request["prompt"]}
    for name, (usual, least, most) in _NUMBERS.items():
        value = request.get(name, usual)
        kinds = (int,) if isinstance(usual, int) else (int, float)
        usable = isinstance(value, kinds) and not isinstance(value, bool)
        if not usable or not least <= value <= most:
            raise RequestError(f"{name}: expected a number from {least:g} to {most:g}")
        settings[name] = value
    return settings


async def generate_lines(model: LoadedModel, settings: dict) -> AsyncIterator[bytes]:
    """Yield one JSON line for every few tokens; the last one has the whole text."""
    answers = model.generator.stream(**settings)
    while True:
        try:
            found = await asyncio.to_thread(next, answers, None)
        except InputError as error:
            found = {"error": str(error)}
            yield json.dumps(found, ensure_ascii=False).encode() + b"\n"
            return
        if found is None:
            return
        yield json.dumps(found, ensure_ascii=False).encode() + b"\n"
