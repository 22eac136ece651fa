"""A proxy between the bot and a server, on which connections fail as they do on a bad line.

A share of the requests is lost before the server sees it, a share of the answers after it acted; a share gets an error
instead of an answer, and a share no answer at all. While it is `away`, nobody gets through.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

_ERROR = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Chaos:
    """The proxy. ``before`` and ``after`` are the shares that are lost, ``errors`` that of errors, ``silent`` that of
    what never ends; ``url`` is where to reach the server."""

    def __init__(self, target: str, seed: int) -> None:
        parts = urlsplit(target)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._dice = random.Random(seed)
        self.before = self.after = self.errors = self.silent = 0.0
        self.lost_before = self.lost_after = self.refused = self.unanswered = 0
        self.url = ""
        self._away = False
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Carry one connection until somebody ends it, or chance does."""
        if self._away:
            back.transport.abort()
            return
        server, forth = await asyncio.open_connection(self._host, self._port)
        self._open |= {back, forth}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(client, forth, back, asks=True))
                group.create_task(self._carry(server, back, forth, asks=False))
        except* (OSError, _Lost):
            pass
        finally:
            self._open -= {back, forth}
            for writer in (back, forth):
                writer.transport.abort()

    async def _carry(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, back: asyncio.StreamWriter, *, asks: bool
    ) -> None:
        while data := await source.read(65536):
            if b"sendMessage" in data and asks:
                await self._may_fail(source, back)
            if not asks and b'"message_id"' in data and b'"update_id"' not in data and self._dice.random() < self.after:
                self.lost_after += 1
                raise _Lost
            to.write(data)
            await to.drain()
        raise _Lost

    async def _may_fail(self, source: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Let a request end here, or pass. Raises `_Lost` when it has ended."""
        chance = self._dice.random()
        if chance < self.before:
            self.lost_before += 1
            raise _Lost
        if chance < self.before + self.errors:
            self.refused += 1
            back.write(_ERROR)
            await back.drain()
            raise _Lost
        if chance < self.before + self.errors + self.silent:
            self.unanswered += 1
            while await source.read(65536):
                continue
            raise _Lost

    def leave(self) -> None:
        """Be away: all connections break, and no new one comes about."""
        self._away = True
        for writer in list(self._open):
            writer.transport.abort()

    def come_back(self) -> None:
        """Be there again."""
        self._away = False


class _Lost(Exception):
    """The connection is broken off."""


@contextlib.asynccontextmanager
async def chaos(target: str, seed: int = 1) -> AsyncIterator[Chaos]:
    """A proxy in front of a server, on loopback."""
    proxy = Chaos(target, seed)
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        listening.close()
        proxy.leave()
