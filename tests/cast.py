"""The cast: people with names who talk with the bot on a platform, through that platform's own protocol.

Each line of a story is one exchange: ``await amina.says("/register", hears="What may")``. What she hears is any
message of the bot that is new or changed since she spoke. Without ``hears`` nobody waits for an answer.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Protocol
from uuid import uuid4

import aiohttp

from bot.platforms.terminal import Terminal
from tests.servers.botapi import BotApi
from tests.servers.botapi import User as TelegramUser
from tests.servers.botapi.world import keyboard
from tests.servers.matrix_user import MatrixUser

PATIENCE = 8.0
_ISOLATES = str.maketrans("", "", "\u2068\u2069")


@dataclass
class Seen:
    """A message of the bot as its reader sees it: its text, and the labels of its choices."""

    text: str
    labels: list[str]

    def __str__(self) -> str:
        return self.text + "".join(f"\n[{label}]" for label in self.labels)


class Ways(Protocol):
    """How somebody talks on one platform."""

    platform: str

    def seen(self) -> dict[str, Seen]:
        """The bot's messages by an id, oldest first."""

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds; raises TimeoutError."""

    async def write(self, text: str) -> None:
        """Write a text."""

    async def choose(self, where: str, label: str) -> None:
        """Choose what is called so under this message."""

    async def twice(self, where: str, label: str) -> None:
        """Choose it twice, as a double tap does."""


class Actor:
    """One person of the cast."""

    def __init__(self, name: str, ways: Ways) -> None:
        self.name, self.ways = name, ways
        self._before: dict[str, str] = {}

    @property
    def platform(self) -> str:
        return self.ways.platform

    async def says(self, text: str, hears: str | Sequence[str] = ()) -> str:
        """Write a text; returns what is new once all of ``hears`` has been heard."""
        self._mark()
        await self.ways.write(text)
        return await self.hears(hears)

    async def chooses(self, label: str, hears: str | Sequence[str] = ()) -> str:
        """Choose the newest button (or line of a list) that is called so."""
        where = self._newest(label)
        self._mark()
        await self.ways.choose(where, label)
        return await self.hears(hears)

    async def taps_twice(self, label: str, hears: str | Sequence[str] = ()) -> str:
        where = self._newest(label)
        self._mark()
        await self.ways.twice(where, label)
        return await self.hears(hears)

    async def chooses_again(self, where: str, label: str, hears: str | Sequence[str] = ()) -> str:
        """Choose on an old message, whether it still offers that or not."""
        self._mark()
        await self.ways.choose(where, label)
        return await self.hears(hears)

    async def does(self, deed: Awaitable[object], hears: str | Sequence[str] = ()) -> str:
        """Do anything else on the platform."""
        self._mark()
        await deed
        return await self.hears(hears)

    async def hears(self, wanted: str | Sequence[str]) -> str:
        words = [wanted] if isinstance(wanted, str) else list(wanted)
        try:
            await self.ways.until(lambda: all(word in self.news() for word in words))
        except TimeoutError:
            raise AssertionError(f"{self.name} waits for {words!r} and has heard:\n{self.news()}") from None
        return self.news()

    def news(self) -> str:
        """What is new or changed since the last thing said."""
        return "\n".join(str(s) for i, s in self.ways.seen().items() if self._before.get(i) != str(s))

    def message(self, label: str) -> str:
        """The id of the newest message that offers this."""
        return self._newest(label)

    def offers(self, label: str) -> bool:
        """Whether any message offers this."""
        return any(label in known for seen in self.ways.seen().values() for known in seen.labels)

    @property
    def heard(self) -> str:
        """Everything that was ever heard, as it stands now."""
        return "\n".join(map(str, self.ways.seen().values()))

    @property
    def last(self) -> Seen:
        return list(self.ways.seen().values())[-1]

    def _mark(self) -> None:
        self._before = {i: str(s) for i, s in self.ways.seen().items()}

    def _newest(self, label: str) -> str:
        for i, seen in reversed(self.ways.seen().items()):
            if any(label in known for known in seen.labels):
                return i
        raise AssertionError(f"nothing offers {label!r}; last heard:\n{self.last}")


_NUMBERED = re.compile(r"^\s*(\d+)\. (?:☑ )?(.+)$", re.MULTILINE)


def numbered(text: str) -> Seen:
    """Read a message whose choices are a numbered list at its end."""
    text = text.translate(_ISOLATES)
    lines = text.split("\n")
    labels: list[str] = []
    while lines and (match := _NUMBERED.match(lines[-1])):
        labels.insert(0, match.group(2))
        lines.pop()
        if int(match.group(1)) == 1:
            break
    return Seen("\n".join(lines), labels)


class OnTerminal:
    """Lines typed and lines read, through the real Terminal platform."""

    platform = "terminal"

    def __init__(self, user: str, language: str) -> None:
        self._user, self._language = user, language
        self._typed: asyncio.Queue[str] = asyncio.Queue()
        self._shown: list[str] = []
        self._bell = asyncio.Event()

    def terminal(self) -> Terminal:
        return Terminal(self._lines(), self._show, user=self._user, language=self._language)

    async def _lines(self) -> AsyncIterator[str]:
        while True:
            line = await self._typed.get()
            try:
                yield line
            finally:
                self._typed.task_done()

    async def taken(self) -> None:
        """Wait until every line that was typed is stored."""
        await self._typed.join()

    def _show(self, words: str) -> None:
        self._shown.append(words.rstrip("\n"))
        self._bell.set()

    def seen(self) -> dict[str, Seen]:
        return {str(i): numbered(words) for i, words in enumerate(self._shown)}

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._bell.clear()
                await self._bell.wait()

    async def write(self, text: str) -> None:
        await self._typed.put(text)

    async def choose(self, where: str, label: str) -> None:
        labels = self.seen()[where].labels
        await self.write(str(1 + next(i for i, known in enumerate(labels) if label in known)))

    async def twice(self, where: str, label: str) -> None:
        await self.choose(where, label)
        await self.choose(where, label)


class OnTelegram:
    """A user of our Bot API server."""

    platform = "telegram"

    def __init__(self, api: BotApi, user: TelegramUser) -> None:
        self.api, self.user = api, user

    def seen(self) -> dict[str, Seen]:
        messages = self.api.chat(self.user).messages
        mine = [m for m in messages if m.data["from"]["is_bot"] and not m.deleted]
        return {str(m.data["message_id"]): Seen((m.text or "").translate(_ISOLATES), _clean(m.labels)) for m in mine}

    async def until(self, condition: Callable[[], bool]) -> None:
        await self.api.until(condition, timeout=PATIENCE)

    async def write(self, text: str) -> None:
        await self.user.says(text)

    async def choose(self, where: str, label: str) -> None:
        message = self.api.chat(self.user).kept[int(where)]
        states = (message.data, *reversed(message.edits))
        labels = [button["text"] for state in states for row in keyboard(state) for button in row]
        await self.user.presses(next(known for known in labels if label in known.translate(_ISOLATES)), message)

    async def twice(self, where: str, label: str) -> None:
        await self.choose(where, label)
        await self.choose(where, label)


def _clean(labels: Sequence[str]) -> list[str]:
    return [label.translate(_ISOLATES) for label in labels]


class OnMatrix:
    """A user of Synapse in a direct chat with the bot."""

    platform = "matrix"

    def __init__(self, user: MatrixUser, room: str) -> None:
        self.user, self.room = user, room
        self._reacted: set[tuple[str, int]] = set()

    def seen(self) -> dict[str, Seen]:
        shown: dict[str, Seen] = {}
        for heard in self.user.ear.events:
            here = heard.room_id == self.room and heard.type == "m.room.message"
            if here and heard.sender != self.user.login.user_id:
                shown[heard.replaces or heard.event_id] = numbered(heard.body)
        return shown

    async def until(self, condition: Callable[[], bool]) -> None:
        await self.user.ear.until(condition, PATIENCE)

    async def write(self, text: str) -> None:
        await self.user.says(self.room, text)

    async def choose(self, where: str, label: str) -> None:
        """React with the number where that is possible: nine keycaps, each of them once on a message."""
        number = 1 + self._place(where, label)
        if number <= 9 and (where, number) not in self._reacted:
            self._reacted.add((where, number))
            await self.user.reacts(self.room, where, f"{number}\ufe0f\u20e3")
        else:
            await self.user.replies(self.room, where, str(number))

    def _place(self, where: str, label: str) -> int:
        """Where this stands in the list of the message as it is, or as it was when it had one."""
        states = [e.body for e in self.user.ear.events if where in (e.replaces, e.event_id)]
        for body in reversed(states):
            for place, known in enumerate(numbered(body).labels):
                if label in known:
                    return place
        raise AssertionError(f"{label!r} was never offered here")

    async def twice(self, where: str, label: str) -> None:
        number = str(1 + self._place(where, label))
        await self.user.replies(self.room, where, number)
        await self.user.replies(self.room, where, number)


class _Line(HTMLParser):
    """Reads one line of the chat page: its text, its buttons with their payloads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.buttons: dict[str, str] = {}
        self._button: str | None = None
        self._in_bubble = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "div" and "bubble" in (known.get("class") or ""):
            self._in_bubble = 1
        if tag == "br" and self._in_bubble:
            self.text += "\n"
        if tag == "button":
            self._button = known.get("value") or ""
            self.buttons[self._button] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "div":
            self._in_bubble = 0
        if tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self.buttons[self._button] += data
        elif self._in_bubble:
            self.text += data


class OnWeb:
    """A browser without pictures: forms posted, server-sent events read."""

    platform = "web"

    def __init__(self, url: Callable[[], str], language: str, tick: Callable[[], None]) -> None:
        self._url, self._language, self._tick = url, language, tick
        self.http = aiohttp.ClientSession(
            headers={"Accept-Language": language}, cookie_jar=aiohttp.CookieJar(unsafe=True)
        )
        self._shown: dict[str, _Line] = {}
        self._offered: dict[str, dict[str, str]] = {}
        self._bell = asyncio.Event()
        self._stream: asyncio.Task[None] | None = None
        self._after = 0
        self._greeted = False

    def seen(self) -> dict[str, Seen]:
        return {
            ref: Seen(line.text.translate(_ISOLATES), _clean(list(line.buttons.values())))
            for ref, line in self._shown.items()
        }

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._bell.clear()
                await self._bell.wait()

    async def write(self, text: str) -> None:
        await self._post("say", text=text)

    async def choose(self, where: str, label: str) -> None:
        await self._post("press", press=self.payload(where, label))

    async def twice(self, where: str, label: str) -> None:
        payload = self.payload(where, label)
        await self._post("press", press=payload)
        await self._post("press", press=payload)

    async def presses_payload(self, payload: str) -> None:
        """Send any payload, as a forged form could."""
        await self._post("press", press=payload)

    async def commands(self, command: str) -> None:
        """Use a button of the page itself, such as a language of the menu."""
        await self._post("go", command=command)

    async def opens(self, url: str) -> tuple[int, str]:
        """Follow a link, as a person does and a program that looks at links first; the page is only looked at."""
        async with self.http.get(url) as page:
            return page.status, (await page.text()).translate(_ISOLATES)

    async def presses_on(self, url: str, choice: str) -> tuple[int, str]:
        """Press a button of such a page; a browser that is signed in by it reads the chat from its beginning."""
        headers = {"Origin": self._url()}
        async with self.http.post(url, data={"choice": choice}, headers=headers, allow_redirects=False) as page:
            status, text = page.status, (await page.text()).translate(_ISOLATES)
        if status == 303:
            self._greeted, self._after = True, 0
            self._stream = self._stream or asyncio.create_task(self._listen())
        return status, text

    async def close(self) -> None:
        if self._stream is not None:
            self._stream.cancel()
            await asyncio.gather(self._stream, return_exceptions=True)
        await self.http.close()

    def payload(self, where: str, label: str) -> str:
        """What a button carries, or carried while it was there: a page may be older than the chat."""
        return next(p for known, p in self._offered[where].items() if label in known)

    async def _post(self, path: str, **form: str) -> None:
        self._tick()
        if not self._greeted:
            # A first visit gives the cookie, as in any browser.
            async with self.http.get(self._url()) as page:
                assert page.status == 200
            self._greeted = True
        data = {"event": str(uuid4()), "language": self._language, **form}
        headers = {"Origin": self._url()}
        async with self.http.post(f"{self._url()}/{path}", data=data, headers=headers, allow_redirects=False) as answer:
            assert answer.status in {204, 303}, (answer.status, await answer.text())
        if self._stream is None:
            self._stream = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        """Read the events, and again from the last one when the server was away."""
        while True:
            try:
                headers = {"Last-Event-ID": str(self._after)}
                async with self.http.get(f"{self._url()}/events", headers=headers, timeout=None) as stream:
                    async for raw in stream.content:
                        self._take(raw.decode().rstrip("\n"))
            except aiohttp.ClientError:
                # The server is being restarted; its port answers again soon, and connecting is what waits.
                await asyncio.sleep(0.02)

    def _take(self, line: str) -> None:
        field, _colon, value = line.partition(": ")
        if field == "id":
            self._after = int(value)
        if field == "data":
            data: dict[str, Any] = json.loads(value)
            if data and not data.get("mine"):
                read = _Line(data["html"])
                self._shown[data["ref"]] = read
                offered = {label.translate(_ISOLATES): payload for payload, label in read.buttons.items()}
                self._offered.setdefault(data["ref"], {}).update(offered)
                self._bell.set()
