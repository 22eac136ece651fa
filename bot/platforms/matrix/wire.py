"""Requests to the homeserver: JSON in, JSON out, and two kinds of exception for what can go wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp

Json = dict[str, Any]

CLIENT = "/_matrix/client/v3"
SECONDS = 30.0
RETRY_SECONDS = 5.0


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

    async def close(self) -> None:
        """Let go of connections."""
        if self._http is not None:
            await self._http.close()
            self._http = None


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
