"""The door at which another platform's server posts its updates, served beside the chat page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TELEGRAM_PATH = "/telegram/updates"
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
_LARGEST = 1_000_000
#: So long, in seconds, storing an update may take, and so much later it may be brought again.
_PATIENCE, _AGAIN = 15.0, "5"

Receive = Callable[[str | None, bytes], Awaitable[int]]


def webhook_route(receive: Receive) -> Route:
    """Hand what is posted to ``receive`` (secret, body), and answer with the status it gives."""

    async def endpoint(request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > _LARGEST:
                return Response(status_code=413)
        try:
            async with asyncio.timeout(_PATIENCE):
                status = await receive(request.headers.get(_SECRET), body)
        except TimeoutError:
            # It may be stored in the end: an update that comes twice is passed over.
            status = HTTPStatus.SERVICE_UNAVAILABLE
        away = status == HTTPStatus.SERVICE_UNAVAILABLE
        return Response(status_code=status, headers={"Retry-After": _AGAIN} if away else None)

    return Route(TELEGRAM_PATH, endpoint, methods=["POST"])
