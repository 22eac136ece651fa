"""The page of a room as a browser without pictures sees it: forms posted, server-sent events read."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import aiohttp

from tests.patience import PATIENCE


class _Words(HTMLParser):
    """The words of a message: what stands in its bubble, who said it, its quote, its signs, where its file is."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: dict[str, str] = {}
        self.addresses: list[str] = []
        self.html = html
        self._now: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        part = (known.get("class") or "").split()
        if tag in {"p", "div", "a", "button", "details", "form"}:
            self._now.append(next((name for name in ("bubble", "who", "quote", "sign", "deeds") if name in part), ""))
        address = known.get("src") or (known.get("href") if tag == "a" else None) or ""
        if "/file/" in address:
            self.addresses.append(address)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "div", "a", "button", "details", "form"} and self._now:
            self._now.pop()

    def handle_data(self, data: str) -> None:
        place = next((one for one in reversed(self._now) if one), "")
        self.parts[place] = f"{self.parts.get(place, '')} {data.strip()}".strip()


class RoomPage:
    """One open page of a room. ``seen`` are its messages by name, as they stand now."""

    def __init__(self, http: aiohttp.ClientSession, url: str, address: str) -> None:
        self._http, self._url, self.base = http, url, f"{url}/room/{address}"
        self.seen: dict[str, _Words] = {}
        self.after = 0
        self.gone = False
        self._bell = asyncio.Event()
        self._stream: asyncio.Task[None] | None = None

    async def open(self, **query: str) -> tuple[int, str]:
        """The page as it is loaded."""
        async with self._http.get(self.base, params=query) as page:
            return page.status, await page.text()

    def listen(self) -> None:
        """Let live updates come, after what is there already."""
        self._stream = asyncio.create_task(self._listen())

    async def close(self) -> None:
        if self._stream is not None:
            self._stream.cancel()
            await asyncio.gather(self._stream, return_exceptions=True)

    async def posts(self, path: str, **form: str) -> int:
        """Send a form; the status of the answer."""
        return await self.sends(path, {"event": str(uuid4()), **form})

    async def sends(self, path: str, form: Any) -> int:
        headers = {"Origin": self._url, "Accept": "application/json"}
        async with self._http.post(f"{self.base}/{path}", data=form, headers=headers) as answer:
            return answer.status

    async def says(self, text: str, **more: str) -> None:
        assert await self.posts("say", text=text, **more) == 204

    def choices(self, ref: str) -> list[str]:
        """The labels of the buttons under a message."""
        return [label for label, _payload in self._buttons(ref)]

    async def presses(self, ref: str, label: str) -> None:
        """Press a button under a message."""
        payload = next(payload for known, payload in self._buttons(ref) if known == label)
        assert await self.posts("press", press=payload) == 204

    def _buttons(self, ref: str) -> list[tuple[str, str]]:
        found = re.findall(r'name="press" value="([^"]+)"[^>]*>([^<]*)<', self.seen[ref].html)
        return [(unescape(label), payload) for payload, label in found]

    async def hears(self, words: str, part: str = "bubble") -> str:
        """Wait for a message that has these words; its name."""
        await self.until(lambda: self.named(words, part) is not None)
        found = self.named(words, part)
        assert found is not None
        return found

    def named(self, words: str, part: str = "bubble") -> str | None:
        return next((ref for ref, one in self.seen.items() if words in one.parts.get(part, "")), None)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._bell.clear()
                await self._bell.wait()

    def spoken(self) -> list[str]:
        """The words of all messages in their order."""
        ordered = sorted(self.seen, key=lambda ref: int(ref[1:]))
        return [self.seen[ref].parts.get("bubble", "") for ref in ordered]

    async def _listen(self) -> None:
        while not self.gone:
            try:
                headers = {"Last-Event-ID": str(self.after)}
                async with self._http.get(f"{self.base}/events", headers=headers, timeout=None) as stream:
                    async for raw in stream.content:
                        self._take(raw.decode().rstrip("\n"))
            except aiohttp.ClientError:
                # The server is being restarted; its port answers again soon, and connecting is what waits.
                await asyncio.sleep(0.02)

    def _take(self, line: str) -> None:
        field, _colon, value = line.partition(": ")
        if field == "id":
            self.after = int(value)
        if field == "event" and value == "gone":
            self.gone = True
            self._bell.set()
        if field == "data" and value != "{}":
            data = json.loads(value)
            self.seen[data["ref"]] = _Words(data["html"])
            self._bell.set()
