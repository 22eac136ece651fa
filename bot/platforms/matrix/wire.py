"""Requests to the homeserver: JSON in, JSON out, and two kinds of exception for what can go wrong."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import quote

import aiohttp

Json = dict[str, Any]

CLIENT = "/_matrix/client/v3"
SECONDS = 30.0
RETRY_SECONDS = 5.0
#: Files may take longer than other requests: as long as a line of this speed needs for them.
SLOWEST_BYTES_A_SECOND = 100_000
PIECE = 64 * 1024


class Away(Exception):
    """The homeserver could not be reached, or is in trouble itself (5xx): the same request may work later."""


class Refused(Exception):
    """The homeserver understood and refused. ``errcode`` is one of the specification, such as M_FORBIDDEN."""

    def __init__(self, status: int, body: Mapping[str, Any], retry_seconds: float | None = None) -> None:
        self.status, self.body = status, body
        self.errcode = str(body.get("errcode", "none"))
        self.sentence = str(body.get("error", ""))
        waits = body.get("retry_after_ms")
        self.retry_seconds = waits / 1000 if isinstance(waits, int | float) else retry_seconds
        super().__init__(f"{status} {self.errcode}")

    @property
    def limited(self) -> bool:
        """Whether it only came too soon."""
        return self.status == 429 or self.errcode == "M_LIMIT_EXCEEDED"

    @property
    def signed_out(self) -> bool:
        """Whether the access token is not valid any more."""
        return self.errcode in {"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED"} or self.status == 401


def room_path(room: str, *rest: str) -> str:
    """The path of something in a room; ids may hold any character."""
    return "/".join((f"{CLIENT}/rooms", *(quote(part, safe="") for part in (room, *rest))))


class Wire:
    """One homeserver. ``token`` goes with every request once it is set; it is never part of a path."""

    def __init__(self, homeserver: str) -> None:
        self.base = homeserver.rstrip("/")
        self.token: str | None = None
        self._http: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
    ) -> Json:
        """Make one request that takes at most ``seconds``. Raises `Away` or `Refused`."""
        if self._http is None:
            self._http = aiohttp.ClientSession()
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        timeout = aiohttp.ClientTimeout(total=seconds)
        try:
            async with self._http.request(
                method, self.base + path, json=body, params=query, headers=headers, timeout=timeout
            ) as answer:
                data, retry_after = await answer.read(), answer.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Away(type(error).__name__) from None
        return _result(answer.status, _parsed(data), retry_after)

    async def listed(self, path: str) -> list[Json]:
        """Make a request whose answer is a list, and give its objects. Raises `Away` or `Refused`."""
        async with self._request("GET", path, 0, {}) as answer:
            data, retry_after = _parsed(await answer.read()), answer.headers.get("Retry-After", "")
        found = _result(answer.status, {"list": data} if isinstance(data, list) else data, retry_after)
        return [one for one in found.get("list", ()) if isinstance(one, dict)]

    async def upload(self, path: str, content: BinaryIO, size: int, kind: str, query: Mapping[str, str]) -> Json:
        """Send a file of ``size`` bytes. Raises `Away` or `Refused`."""
        headers = {"Content-Type": kind, "Content-Length": str(size)}
        async with self._request("POST", path, size, headers, data=_pieces(content), params=query) as answer:
            data, retry_after = await answer.read(), answer.headers.get("Retry-After", "")
            if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                raise Refused(answer.status, {})  # It may be a proxy that says so, with a page of its own.
            return _result(answer.status, _parsed(data), retry_after)

    async def download(self, path: str, into: BinaryIO, most: int) -> bool:
        """Write a file; False if it has more than ``most`` bytes. Raises `Away` or `Refused`."""
        async with self._request("GET", path, most, {}) as answer:
            if answer.status != 200:
                _result(max(answer.status, 400), _parsed(await answer.read()), answer.headers.get("Retry-After", ""))
            written = 0
            async for piece in answer.content.iter_chunked(PIECE):
                written += len(piece)
                if written > most:
                    return False
                into.write(piece)
        return True

    @asynccontextmanager
    async def _request(
        self, method: str, path: str, size: int, headers: Mapping[str, str], **more: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """A request that moves up to ``size`` bytes. Raises `Away`."""
        if self._http is None:
            self._http = aiohttp.ClientSession()
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        timeout = aiohttp.ClientTimeout(total=SECONDS + size / SLOWEST_BYTES_A_SECOND, sock_connect=SECONDS)
        try:
            async with self._http.request(
                method, self.base + path, headers={**known, **headers}, timeout=timeout, **more
            ) as answer:
                yield answer
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Away(type(error).__name__) from None

    async def close(self) -> None:
        """Let go of connections."""
        if self._http is not None:
            await self._http.close()
            self._http = None


async def _pieces(content: BinaryIO) -> AsyncIterator[bytes]:
    while piece := content.read(PIECE):
        yield piece


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _result(status: int, result: Any, retry_after: str) -> Json:
    """The JSON object of an answer. A proxy's error page is no object; it counts as the homeserver being away."""
    if not isinstance(result, dict):
        raise Away(f"HTTP {status}, not an answer of a homeserver: look at TWINBOT_MATRIX_HOMESERVER")
    if status >= 500:
        raise Away(f"HTTP {status}")
    if status >= 400:
        raise Refused(status, result, float(retry_after) if retry_after.isdecimal() else None)
    return result
