"""The HTTP application: TF Serving's REST API, the Open Inference Protocol, health and the page."""

import asyncio
import hmac
import json
import re
import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from kortf.export.serve import inference_protocol as v2
from kortf.export.serve import page, rest_tensors
from kortf.export.serve.batcher import Batcher, Limits
from kortf.export.serve.errors import (
    ForbiddenError,
    RequestError,
    RetiredError,
    SlowError,
    UnauthorizedError,
)
from kortf.export.serve.generation import generate_lines, parse_generate
from kortf.export.serve.loaded_model import Arrays
from kortf.export.serve.metrics import Metrics, log_request
from kortf.export.serve.model_store import ModelStore
from kortf.export.serve.openapi import openapi

_VERB = re.compile(r"(?P<name>[^:/]+)(/versions/(?P<version>[^:/]+))?:(?P<verb>[a-z]+)")
_VERSION = re.compile(r"[0-9]{1,18}")
_OPEN = ("/healthz", "/", "/page.js", "/page.css", "/v2/health/live", "/v2/health/ready")
_LOCAL = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?", re.IGNORECASE)
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class HttpApp:
    """Handlers over the models of a store.

    Args:
        store: The models.
        limits: Bounds on requests.
        metrics: Counts.
        api_token: Token that requests must carry; "" for none.
        local_only: Whether only requests to a local host name are answered, against DNS rebinding.
    """

    def __init__(
        self, store: ModelStore, limits: Limits, metrics: Metrics, api_token: str, local_only: bool
    ):
        self._store, self._limits, self._metrics = store, limits, metrics
        self._token, self._local_only = api_token.encode(), local_only

    def build(self) -> Starlette:
        """Return the ASGI application."""
        routes = [
            Route("/", self._guarded(page.index), methods=["GET"]),
            Route("/page.js", self._guarded(page.script), methods=["GET"]),
            Route("/page.css", self._guarded(page.style), methods=["GET"]),
            Route("/healthz", self._guarded(self._health), methods=["GET"]),
            Route("/metrics", self._guarded(self._metrics_text), methods=["GET"]),
            Route("/openapi.json", self._guarded(self._openapi), methods=["GET"]),
            Route("/api/models", self._guarded(self._models), methods=["GET"]),
            Route("/api/models/{name}/generate", self._guarded(self._generate), methods=["POST"]),
            Route("/v1/models/{name}", self._guarded(self._status), methods=["GET"]),
            Route("/v1/models/{name}/metadata", self._guarded(self._metadata), methods=["GET"]),
            Route("/v1/models/{name}/versions/{version}", self._guarded(self._status)),
            Route("/v1/models/{name}/versions/{version}/metadata",
                  self._guarded(self._metadata)),
            Route("/v1/models/{rest:path}", self._guarded(self._verb), methods=["POST"]),
            Route("/v2", self._guarded(self._v2_server), methods=["GET"]),
            Route("/v2/health/{kind}", self._guarded(self._v2_ready), methods=["GET"]),
        ]  # fmt: skip
        for versions in ("", "/versions/{version}"):
            path = "/v2/models/{name}" + versions
            routes += [
                Route(path, self._guarded(self._v2_model), methods=["GET"]),
                Route(f"{path}/ready", self._guarded(self._v2_ready), methods=["GET"]),
                Route(f"{path}/infer", self._guarded(self._v2_infer), methods=["POST"]),
            ]
        routes.append(Route("/{rest:path}", self._guarded(self._malformed), methods=_METHODS))
        return Starlette(routes=routes)

    def _guarded(self, handler: Callable) -> Callable:
        """Wrap a handler: access, errors, headers, metrics and the log."""

        async def handle(request: Request) -> Response:
            began = time.perf_counter()
            request.state.model, request.state.rows = "", 0
            try:
                self._check_access(request)
                response = await handler(request)
            except RequestError as error:
                response = JSONResponse({"error": str(error)}, error.status)
            except ClientDisconnect:
                response = Response(status_code=499)
            except Exception as error:
                text = f"internal error: {type(error).__name__}"
                log_request("http", request.url.path, "500", 0, error=repr(error)[:300])
                response = JSONResponse({"error": text}, 500)
            response.headers.update(_SAFE)
            seconds, status = time.perf_counter() - began, str(response.status_code)
            model, rows = request.state.model, request.state.rows
            self._metrics.count(model, "http", status, rows, seconds)
            log_request("http", request.url.path, status, seconds, model=model, rows=rows)
            return response

        return handle

    def _check_access(self, request: Request) -> None:
        if self._local_only and not _LOCAL.fullmatch(request.headers.get("host", "localhost")):
            raise ForbiddenError("requests must name localhost as their host")
        if not self._token or request.url.path in _OPEN:
            return
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._token):
            raise UnauthorizedError("missing or wrong token; send 'Authorization: Bearer TOKEN'")

    async def _read(self, request: Request) -> bytes:
        most = self._limits.max_bytes
        parts, size = [], 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise RequestError(f"the request body is larger than {most} bytes")
            parts.append(chunk)
        return b"".join(parts)

    def _batcher(
        self, request: Request, name: str | None = None, version: str | None = None
    ) -> Batcher:
        name = name or request.path_params["name"]
        version = version or request.path_params.get("version")
        if version is not None and not _VERSION.fullmatch(version):
            raise RequestError(f"version: expected a number, got '{version[:80]}'")
        batcher = self._store.get(name, version and int(version))
        request.state.model, request.state.version = name, version and int(version)
        return batcher

    async def _run(self, request: Request, batcher: Batcher, signature: str, inputs: Arrays):
        """Compute a request; one of no certain version may go to a newer one that is swapped in."""
        request.state.rows = len(next(iter(inputs.values())))
        while True:
            try:
                future = batcher.submit(signature, inputs)
                break
            except RetiredError:
                await asyncio.sleep(0)
                batcher = self._store.get(request.state.model, request.state.version)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._limits.timeout)
        except TimeoutError as error:
            raise SlowError(f"no answer within {self._limits.timeout:g} s") from error

    async def _verb(self, request: Request) -> Response:
        match = _VERB.fullmatch(request.path_params["rest"])
        if match is None or match["verb"] != "predict":
            return await self._malformed(request)
        batcher = self._batcher(request, match["name"], match["version"])
        body = await self._read(request)
        parsed = rest_tensors.parse_predict(body, batcher.model, self._limits)
        found = await self._run(request, batcher, *parsed[:2])
        return _json(rest_tensors.to_json(found, parsed[2]))

    async def _status(self, request: Request) -> Response:
        name = request.path_params["name"]
        statuses = self._store.statuses(name)
        if "version" in request.path_params:
            self._batcher(request)
            version = int(request.path_params["version"])
            statuses = [status for status in statuses if int(status["version"]) == version]
        request.state.model = name
        return _json({"model_version_status": statuses})

    async def _metadata(self, request: Request) -> Response:
        return _json(rest_tensors.metadata(self._batcher(request).model))

    async def _models(self, request: Request) -> Response:
        models = []
        for name in self._store.names:
            model = self._store.get(name).model
            facts = {k: v for k, v in model.description.items() if k != "signatures"}
            models.append(facts | {
                "name": name, "version": model.version, "signatures": list(model.signatures),
                "input_names": list(model.signatures[next(iter(model.signatures))].inputs),
            })  # fmt: skip
        return _json({"models": models})

    async def _generate(self, request: Request) -> Response:
        batcher = self._batcher(request)
        settings = parse_generate(await self._read(request), batcher.model)
        request.state.rows = 1
        lines = generate_lines(batcher.model, settings)
        return StreamingResponse(lines, media_type="application/x-ndjson")

    async def _v2_server(self, request: Request) -> Response:
        import kortf

        return _json({"name": "kortf", "version": kortf.__version__, "extensions": []})

    async def _v2_ready(self, request: Request) -> Response:
        if "name" in request.path_params:
            self._batcher(request)
            return _json({"ready": True})
        if request.path_params["kind"] not in ("live", "ready"):
            return await self._malformed(request)
        return _json({request.path_params["kind"]: True})

    async def _v2_model(self, request: Request) -> Response:
        return _json(v2.model_metadata(self._batcher(request).model))

    async def _v2_infer(self, request: Request) -> Response:
        batcher = self._batcher(request)
        body = await self._read(request)
        signature, inputs, given = v2.parse_infer(body, batcher.model, self._limits)
        found = await self._run(request, batcher, signature, inputs)
        return _json(v2.infer_response(batcher.model, found, given))

    async def _health(self, request: Request) -> Response:
        return _json({"status": "ok"})

    async def _metrics_text(self, request: Request) -> Response:
        return Response(self._metrics.text(), media_type="text/plain; version=0.0.4")

    async def _openapi(self, request: Request) -> Response:
        return _json(openapi(self._store.names))

    async def _malformed(self, request: Request) -> Response:
        told = f"Malformed request: {request.method} {request.url.path[:200]}"
        status = 400 if request.url.path.startswith("/v1/") else 404
        return JSONResponse({"error": told}, status)


_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]


def _json(value: dict) -> Response:
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=True)
    return Response(data.encode("utf-8"), media_type="application/json")
