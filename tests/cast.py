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
from tests.patience import PATIENCE
from tests.servers.botapi import BotApi
from tests.servers.botapi import User as TelegramUser
from tests.servers.botapi.world import keyboard
from tests.servers.matrix_user import Heard, MatrixUser

#: How long somebody waits to hear something, in seconds. Only what fails waits so long.
_ISOLATES = str.maketrans("", "", "\u2068\u2069")


@dataclass
class Seen:
    """A message of the bot as its reader sees it: its text, the labels of its choices, a file, what it answers.

    ``file`` is its kind and name, as "picture a.jpg"; ``answers`` the platform's id of the message it replies to.
    """

    text: str
    labels: list[str]
    file: str | None = None
    answers: str | None = None

    def __str__(self) -> str:
        file = "" if self.file is None else f"[{self.file}]\n"
        return file + self.text + "".join(f"\n[{label}]" for label in self.labels)


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

    def mine(self) -> dict[str, str]:
        """What this person has said, by the platform's ids, oldest first; what was taken back is not there."""

    async def picture(self, data: bytes, caption: str, name: str) -> None:
        """Send a picture with words under it."""

    async def reply(self, where: str, text: str) -> None:
        """Reply to a message of the bot."""

    async def edit(self, where: str, text: str) -> None:
        """Change something that was said."""

    async def delete(self, where: str) -> None:
        """Take something back that was said."""

    async def opened(self, where: str) -> bytes:
        """The file of a message of the bot."""

    async def types(self) -> None:
        """Begin to write, without sending it."""

    async def react(self, where: str, emoji: str) -> None:
        """Put an emoji on a message of the bot."""

    def signs(self, where: str) -> list[str]:
        """The small signs that the bot has put on something that this person said."""


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

    async def sends_picture(
        self, data: bytes, caption: str = "", hears: str | Sequence[str] = (), name: str = "picture.jpg"
    ) -> str:
        """Send a picture with words under it."""
        self._mark()
        await self.ways.picture(data, caption, name)
        return await self.hears(hears)

    async def replies(self, where: str, text: str, hears: str | Sequence[str] = ()) -> str:
        """Reply to the newest message of the bot that has these words."""
        found = next(i for i, seen in reversed(self.ways.seen().items()) if where in str(seen))
        self._mark()
        await self.ways.reply(found, text)
        return await self.hears(hears)

    async def replies_to_own(self, where: str, text: str, hears: str | Sequence[str] = ()) -> str:
        """Reply to the newest of one's own messages that has these words."""
        found = await self._mine(where)
        self._mark()
        await self.ways.reply(found, text)
        return await self.hears(hears)

    async def edits(self, where: str, text: str, hears: str | Sequence[str] = ()) -> str:
        """Change the newest of one's own messages that has these words."""
        found = await self._mine(where)
        self._mark()
        await self.ways.edit(found, text)
        return await self.hears(hears)

    async def deletes(self, where: str, hears: str | Sequence[str] = ()) -> str:
        """Take back the newest of one's own messages that has these words."""
        found = await self._mine(where)
        self._mark()
        await self.ways.delete(found)
        return await self.hears(hears)

    async def reacts(self, where: str, emoji: str, hears: str | Sequence[str] = ()) -> str:
        """Put an emoji on the newest message of the bot that has these words."""
        found = next(i for i, seen in reversed(self.ways.seen().items()) if where in str(seen))
        self._mark()
        await self.ways.react(found, emoji)
        return await self.hears(hears)

    async def sees(self, sign: str, on: str) -> None:
        """Wait until the bot has put a sign on the newest of one's own messages that has these words."""
        found = await self._mine(on)
        await self.ways.until(lambda: any(sign in each for each in self.ways.signs(found)))

    async def opens(self, where: str) -> bytes:
        """The file of the newest message of the bot that has these words."""
        return await self.ways.opened(next(i for i, s in reversed(self.ways.seen().items()) if where in str(s)))

    async def no_longer_hears(self, words: str) -> None:
        """Wait until no message of the bot has these words any more."""
        await self.ways.until(lambda: words not in self.heard)

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

    async def _mine(self, words: str) -> str:
        """The id of the newest message of one's own that has these words."""
        await self.ways.until(lambda: any(words in said for said in self.ways.mine().values()))
        return next(i for i, said in reversed(self.ways.mine().items()) if words in said)

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

    def mine(self) -> dict[str, str]:
        return {}

    async def picture(self, data: bytes, caption: str, name: str) -> None:
        raise NotImplementedError("a terminal has no pictures")

    reply = edit = opened = react = picture
    delete = types = picture

    def signs(self, where: str) -> list[str]:
        return []


class OnTelegram:
    """A user of our Bot API server."""

    platform = "telegram"

    def __init__(self, api: BotApi, user: TelegramUser) -> None:
        self.api, self.user = api, user

    def seen(self) -> dict[str, Seen]:
        messages = self.api.chat(self.user).messages
        return {str(m.id): self._seen(m) for m in messages if m.by_bot and not m.deleted}

    def _seen(self, message: Any) -> Seen:
        kinds = [kind for kind in self.api.MEDIA if kind in message.data]
        file = f"{_KINDS[kinds[0]]} {self.api.files[self._file_id(message)][0]}" if kinds else None
        answered = message.data.get("reply_to_message")
        answers = None if answered is None else str(answered["message_id"])
        return Seen(message.text.translate(_ISOLATES), _clean(message.labels), file, answers)

    def _file_id(self, message: Any) -> str:
        kind = next(kind for kind in self.api.MEDIA if kind in message.data)
        media = message.data[kind]
        return str((media[-1] if kind == "photo" else media)["file_id"])

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

    def mine(self) -> dict[str, str]:
        messages = self.api.chat(self.user).messages
        return {str(m.id): m.text for m in messages if not m.by_bot and not m.deleted}

    def _kept(self, where: str) -> Any:
        return self.api.chat(self.user).kept[int(where)]

    async def picture(self, data: bytes, caption: str, name: str) -> None:
        await self.user.sends_file("photo", data, name, caption=caption)

    async def reply(self, where: str, text: str) -> None:
        await self.user.says(text, reply_to=self._kept(where))

    async def edit(self, where: str, text: str) -> None:
        await self.user.edits(self._kept(where), text)

    async def delete(self, where: str) -> None:
        """Telegram tells the bot nothing of it."""
        await self.user.deletes(self._kept(where))

    async def opened(self, where: str) -> bytes:
        return self.api.files[self._file_id(self._kept(where))][1]

    async def types(self) -> None:
        """Telegram tells the bot nothing of it."""

    async def react(self, where: str, emoji: str) -> None:
        await self.user.reacts(self._kept(where), emoji)

    def signs(self, where: str) -> list[str]:
        return [str(reaction["emoji"]) for reaction in self._kept(where).bot_reaction]


_KINDS = {
    **{"photo": "picture", "document": "file", "animation": "video", "sticker": "picture"},
    **{kind: kind for kind in ("voice", "video", "audio")},
    **{"m.image": "picture", "m.file": "file", "m.audio": "audio", "m.video": "video"},
}


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
        for heard in self._messages(mine=False):
            seen, content = numbered(heard.body), heard.content.get("m.new_content") or heard.content
            if "filename" in content:
                seen.file = f"{_KINDS[content['msgtype']]} {content['filename']}"
            seen.answers = heard.relation.get("m.in_reply_to", {}).get("event_id")
            shown[heard.replaces or heard.event_id] = seen
        return shown

    def _messages(self, *, mine: bool) -> list[Heard]:
        """The messages of this room that were not taken back."""
        events = [heard for heard in self.user.ear.events if heard.room_id == self.room]
        gone = {heard.source.get("redacts") or heard.content.get("redacts") for heard in events} - {None}
        messages = [heard for heard in events if heard.type == "m.room.message" and heard.content]
        return [
            heard
            for heard in messages
            if (heard.sender == self.user.login.user_id) == mine
            and not {heard.event_id, heard.replaces} & (gone - {None})
        ]

    def mine(self) -> dict[str, str]:
        said: dict[str, str] = {}
        for heard in self._messages(mine=True):
            said[heard.replaces or heard.event_id] = heard.body
        return said

    async def picture(self, data: bytes, caption: str, name: str) -> None:
        await self.user.sends_file(self.room, "m.image", name, data, "image/jpeg", caption or None)

    async def reply(self, where: str, text: str) -> None:
        await self.user.replies(self.room, where, text)

    async def edit(self, where: str, text: str) -> None:
        await self.user.edits(self.room, where, text)

    async def delete(self, where: str) -> None:
        await self.user.redacts(self.room, where)

    async def opened(self, where: str) -> bytes:
        found = next(heard for heard in self.user.ear.events if heard.event_id == where)
        return await self.user.downloads(found.content["url"])

    async def types(self) -> None:
        await self.user.types(self.room)

    async def react(self, where: str, emoji: str) -> None:
        await self.user.reacts(self.room, where, emoji)

    def signs(self, where: str) -> list[str]:
        events = [heard for heard in self.user.ear.events if heard.type == "m.reaction" and heard.room_id == self.room]
        mine = [heard for heard in events if heard.sender != self.user.login.user_id]
        return [h.relation["key"].translate(_ISOLATES) for h in mine if h.relation.get("event_id") == where]

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

    def __init__(self, html: str, *, mine: bool = False) -> None:
        super().__init__()
        self.mine = mine
        self.signs: list[str] = []
        self._in_sign = False
        self.text = ""
        self.buttons: dict[str, str] = {}
        self.file: str | None = None
        self.address: str | None = None
        self.answers: str | None = None
        self.changeable = False
        self.gone = False
        self.number = ""
        self._button: str | None = None
        self._in_bubble = 0
        self._in_paper = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        classes = (known.get("class") or "").split()
        self._in_sign = "sign" in classes
        if tag == "div" and "line" in classes:
            self.number, self.gone = known.get("id") or "", "gone" in classes
        if "quote" in classes:
            self.answers = (known.get("href") or "").removeprefix("#")
        if tag == "a" and "deed" in classes:
            self.changeable = self.changeable or known.get("data-name") == "edits"
        for name in ("src", "href"):
            if (known.get(name) or "").startswith("/file/"):
                self.address = known[name]
        if self.address is not None and self.file is None and tag in ("img", "audio", "video"):
            kind = {"img": "picture"}.get(tag, tag)
            self.file = f"{kind} {known.get('alt') or known.get('aria-label')}"
        self._in_paper = self.address is not None and self.file is None and tag == "span"
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
        if self._in_sign:
            self.signs.append(data)
            self._in_sign = False
        elif self._in_paper:
            self.file, self._in_paper = f"file {data}", False
        elif self._button is not None:
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
        self._lines: dict[str, _Line] = {}
        self._offered: dict[str, dict[str, str]] = {}
        self._bell = asyncio.Event()
        self._stream: asyncio.Task[None] | None = None
        self._after = 0
        self._greeted = False
        #: Whether the page shows that somebody writes.
        self.writing = False

    def seen(self) -> dict[str, Seen]:
        return {ref: self._seen(line) for ref, line in self._lines.items() if not line.gone and self._said(line)}

    def _said(self, line: _Line) -> bool:
        """Whether a line of the page has something of the bot: all but one's own, unless there is a sign under it."""
        return not line.mine or bool(line.signs)

    def _seen(self, line: _Line) -> Seen:
        text = "\n".join([*([] if line.mine else [line.text]), *line.signs])
        labels = _clean(list(line.buttons.values()))
        return Seen(text.translate(_ISOLATES), labels, None if line.mine else line.file, self._ref(line))

    def _ref(self, line: _Line) -> str | None:
        """The stable name of the line that a line answers."""
        return next((ref for ref, known in self._lines.items() if known.number == line.answers), None)

    def mine(self) -> dict[str, str]:
        return {ref: line.text for ref, line in self._lines.items() if line.mine and not line.gone}

    async def picture(self, data: bytes, caption: str, name: str) -> None:
        form = aiohttp.FormData(quote_fields=False)
        for field, value in {"event": str(uuid4()), "language": self._language, "text": caption}.items():
            form.add_field(field, value)
        form.add_field("file", data, filename=name, content_type="image/jpeg")
        await self._send("say", form)

    async def reply(self, where: str, text: str) -> None:
        await self._post("say", text=text, about=where)

    async def edit(self, where: str, text: str) -> None:
        await self.until(lambda: self._lines[where].changeable)
        await self._post("say", text=text, edits=where)

    async def delete(self, where: str) -> None:
        await self.until(lambda: self._lines[where].changeable)
        await self._post("remove", ref=where)

    async def opened(self, where: str) -> bytes:
        async with self.http.get(f"{self._url()}{self._lines[where].address}") as answer:
            assert answer.status == 200
            return await answer.read()

    async def types(self) -> None:
        await self._post("typing", on="1")

    async def react(self, where: str, emoji: str) -> None:
        raise NotImplementedError("the page has no reactions of its own")

    def signs(self, where: str) -> list[str]:
        return [sign.translate(_ISOLATES) for sign in self._lines[where].signs]

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
        await self._send(path, {"event": str(uuid4()), "language": self._language, **form})

    async def _send(self, path: str, data: Any) -> None:
        self._tick()
        if not self._greeted:
            # A first visit gives the cookie, as in any browser.
            async with self.http.get(self._url()) as page:
                assert page.status == 200
            self._greeted = True
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
            data: Any = json.loads(value)
            if isinstance(data, bool):
                self.writing = data
                self._bell.set()
            elif data:
                read = _Line(data["html"], mine=data["mine"])
                self._lines[data["ref"]] = read
                offered = {label.translate(_ISOLATES): payload for payload, label in read.buttons.items()}
                self._offered.setdefault(data["ref"], {}).update(offered)
                self._bell.set()
