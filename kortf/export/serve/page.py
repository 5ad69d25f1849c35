"""The page at `/`: three static files, no external resource, a strict content security policy."""

import functools
import pathlib

from starlette.requests import Request
from starlette.responses import Response

_HERE = pathlib.Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@functools.cache
def _read(name: str) -> bytes:
    return (_HERE / name).read_bytes()


def _file(name: str, media_type: str) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
    return Response(_read(name), media_type=media_type, headers=headers)


async def index(request: Request) -> Response:
    """Return the page."""
    return _file("page.html", "text/html; charset=utf-8")


async def script(request: Request) -> Response:
    """Return its script."""
    return _file("page.js", "text/javascript; charset=utf-8")


async def style(request: Request) -> Response:
    """Return its style sheet."""
    return _file("page.css", "text/css; charset=utf-8")
