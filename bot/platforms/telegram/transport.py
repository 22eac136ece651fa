"""Requests to the Bot API over aiohttp, with errors that say whether Telegram may have acted on a request.

python-telegram-bot brings an httpx transport. It is several times slower under concurrency, logs addresses that
hold the token, and raises the same error for a connection that was never made and one that broke too late.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import quote

import aiohttp
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
)
from telegram.request import BaseRequest, RequestData
from yarl import URL

Json = Any

READ_SECONDS = 20.0
CONNECT_SECONDS = 10.0
CONNECTIONS = 128
#: Files may take longer: as long as a line of this speed needs for them.
SLOWEST_BYTES_A_SECOND = 100_000
PIECE = 64 * 1024
#: Telegram names the seconds with each 429; this stands in should a proxy have taken them out.
FLOOD_SECONDS = 5.0


class NotSent(NetworkError):
    """No connection came about, so Telegram has seen nothing of the request."""


class Broken(NetworkError):
    """The request may have arrived, but no answer of Telegram came back."""


class Trouble(NetworkError):
    """Telegram, or something on the way to it, answered that it cannot serve us now; nothing was done."""


class Flood(TelegramError):
    """Too many requests: wait ``seconds``. (python-telegram-bot's RetryAfter warns each time it is made.)"""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many requests: retry after {seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Upload:
    """A file to send: ``content`` is read from its beginning and closed at the end."""

    name: str
    mime: str
    size: int
    content: BinaryIO


class Transport(BaseRequest):
    """A pool of connections to one Bot API server, for one bot.

    ``server`` is its address, such as ``https://api.telegram.org``. All errors are `TelegramError`; none of them,
    nor their causes, holds the address of a request.
    """

    def __init__(self, token: str, server: str) -> None:
        self._token = token
        self._base, self._files = f"{server}/bot{token}", f"{server}/file/bot{token}"
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        logging.getLogger("telegram.Bot").addFilter(_is_warning)

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer unless a call says otherwise."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Connections are opened when they are needed."""

    async def shutdown(self) -> None:
        """Close all connections; calls raise `NotSent` from now on."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def call(self, method: str, params: dict[str, Json], seconds: float = READ_SECONDS) -> Json:
        """Call a method with JSON parameters and return the raw ``result``. Raises `TelegramError`."""
        status, payload = await self._exchange("POST", f"{self._base}/{method}", _json(params), seconds)
        return self._result(status, payload)

    async def upload(self, method: str, params: dict[str, Json], field: str, upload: Upload) -> Json:
        """Call a method that takes a file, as ``field``, and return the raw ``result``. Raises `TelegramError`."""
        # Telegram takes file names as they are; percent signs would be shown to the reader.
        form = aiohttp.FormData(quote_fields=False)
        for name, value in params.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        seconds = READ_SECONDS + upload.size / SLOWEST_BYTES_A_SECOND
        with upload.content as content:
            form.add_field(field, content, filename=upload.name, content_type=upload.mime)
            status, payload = await self._exchange("POST", f"{self._base}/{method}", {"data": form}, seconds)
        return self._result(status, payload)

    async def download(self, path: str, into: BinaryIO, most: int) -> bool:
        """Write a file of getFile's ``path``; False if it has more than ``most`` bytes. Raises `TelegramError`."""
        seconds = READ_SECONDS + most / SLOWEST_BYTES_A_SECOND
        url = f"{self._files}/{quote(path)}"
        try:
            async with self._opened().get(url, timeout=_limits(seconds), allow_redirects=False) as answer:
                if answer.status != HTTPStatus.OK:
                    raise self._refusal(answer.status, await answer.read())
                return await _written(answer.content.iter_chunked(PIECE), into, most)
        except _FAILURES as failure:
            error = _failed(failure, seconds)
        raise error

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        """What `telegram.Bot` calls. Raises `TelegramError` for every answer that is not a success."""
        seconds = read_timeout if isinstance(read_timeout, int | float) else READ_SECONDS
        status, payload = await self._exchange(method, url, _body(request_data), seconds)
        if status != HTTPStatus.OK:
            raise self._refusal(status, payload)
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Json]:
        """The answer as an object that has a ``result``. Raises `Broken`; logs nothing of what came."""
        answer = _object(payload)
        if "result" not in answer:
            raise Broken("the answer was not Telegram's")
        return answer

    async def _exchange(self, method: str, url: str, body: dict[str, Any], seconds: float) -> tuple[int, bytes]:
        """One request. The error is raised outside of the handlers, for aiohttp's own holds the address."""
        try:
            async with self._opened().request(
                method, _address(url), timeout=_limits(seconds), allow_redirects=False, **body
            ) as answer:
                return answer.status, await answer.read()
        except _FAILURES as failure:
            error = _failed(failure, seconds)
        raise error

    def _result(self, status: int, payload: bytes) -> Json:
        if status != HTTPStatus.OK:
            raise self._refusal(status, payload)
        return self.parse_json_payload(payload)["result"]

    def _opened(self) -> aiohttp.ClientSession:
        if self._closed:
            raise NotSent("the bot is closing")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS), cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    def _refusal(self, status: int, payload: bytes) -> TelegramError:
        """The error for an answer without success. What is not Telegram's own JSON comes from a proxy or portal."""
        answer = _object(payload)
        if status == HTTPStatus.GATEWAY_TIMEOUT:
            return Broken("a gateway gave up waiting (504)")
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return BadRequest("Request Entity Too Large")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.get("ok") is not False:
            return Trouble(f"the server answered {status}")
        parameters = answer.get("parameters")
        given = parameters if isinstance(parameters, dict) else {}
        description = str(answer.get("description") or f"error {status}").replace(self._token, "<token>")
        if "migrate_to_chat_id" in given:
            return ChatMigrated(given["migrate_to_chat_id"])
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return Flood(float(given.get("retry_after") or FLOOD_SECONDS))
        return _REFUSALS.get(status, BadRequest)(description)


_FAILURES = (aiohttp.ClientError, OSError, TimeoutError, aiohttp.InvalidURL)


def _failed(failure: Exception, seconds: float) -> TelegramError:
    """What a failure of the connection means."""
    match failure:
        case aiohttp.ClientConnectorError():
            return NotSent(f"no connection ({type(failure.os_error).__name__})")
        case aiohttp.ConnectionTimeoutError() | aiohttp.InvalidURL():
            return NotSent(f"no connection ({type(failure).__name__})")
        case TimeoutError():
            return TimedOut(f"no answer within {seconds:g} s")
    return Broken(f"the connection broke ({type(failure).__name__})")


def _limits(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds + CONNECT_SECONDS, connect=CONNECT_SECONDS, sock_read=seconds)


async def _written(pieces: AsyncIterator[bytes], into: BinaryIO, most: int) -> bool:
    """Write pieces as they come, up to ``most`` bytes; False if there are more."""
    written = 0
    async for piece in pieces:
        written += len(piece)
        if written > most:
            return False
        into.write(piece)
    return True


_REFUSALS: dict[int, type[TelegramError]] = {
    HTTPStatus.UNAUTHORIZED: InvalidToken,
    HTTPStatus.NOT_FOUND: InvalidToken,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.CONFLICT: Conflict,
}


@lru_cache(maxsize=128)
def _address(url: str) -> URL:
    """An address is parsed once; there is one for each method."""
    return URL(url)


def _is_warning(record: logging.LogRecord) -> bool:
    """Let only warnings of `telegram.Bot` pass: below them it logs addresses with the token and all texts."""
    return record.levelno >= logging.WARNING


def _object(payload: bytes) -> dict[str, Json]:
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _json(params: dict[str, Json]) -> dict[str, Any]:
    return {"data": json.dumps(params).encode(), "headers": {"Content-Type": "application/json"}}


def _body(request: RequestData | None) -> dict[str, Any]:
    """What to hand to aiohttp: JSON, or a multipart form if there are files."""
    if request is None:
        return {}
    if not request.contains_files:
        return _json(request.parameters)
    # Telegram takes file names as they are; percent signs would be shown to the reader.
    form = aiohttp.FormData(request.json_parameters, quote_fields=False)
    for name, (filename, content, kind) in request.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return {"data": form}
