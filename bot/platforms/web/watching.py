"""Pages for programs that watch this one: whether it lives, whether it can work, and its figures."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

#: When to ask again, in seconds.
_AGAIN = "5"


class Watched(Protocol):
    """Who knows how the program is."""

    async def figures(self) -> bytes:
        """The page for Prometheus."""

    async def ready(self) -> str | None:
        """None if it can work, else why not."""


def watching_routes(watched: Watched, token: str | None) -> list[Route]:
    """``/health/live`` and ``/health/ready``; with a token ``/metrics`` too, for whoever sends it."""
    routes = [Route("/health/live", _live), Route("/health/ready", _ready(watched))]
    return routes if token is None else [*routes, Route("/metrics", _figures(watched, token))]


async def _live(_request: Request) -> Response:
    """That this is answered at all says that the loop turns."""
    return PlainTextResponse("ok")


def _ready(watched: Watched) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_request: Request) -> Response:
        trouble = await watched.ready()
        if trouble is None:
            return PlainTextResponse("ok")
        return PlainTextResponse(trouble, 503, {"Retry-After": _AGAIN})

    return endpoint


def _figures(watched: Watched, token: str) -> Callable[[Request], Awaitable[Response]]:
    expected = f"Bearer {token}".encode()

    async def endpoint(request: Request) -> Response:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, expected):
            return PlainTextResponse("no", 401, {"WWW-Authenticate": "Bearer"})
        return Response(await watched.figures(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return endpoint
