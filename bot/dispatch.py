"""One parcel on its way: rendered for its reader, with the file it takes along, part by part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from bot.files import Carrier, excuse
from bot.pace import Paces
from bot.platforms.platform import (
    Button,
    CannotEdit,
    Deed,
    Doing,
    File,
    NotCarried,
    Platform,
    Post,
    Rejected,
    Shown,
)
from bot.progress import EVERY, Progress, under_way
from bot.split import split
from bot.talk.messages import Attachment
from bot.text import Joined, Node, Reader, Text, _, decode, plain, render
from storage.post import ANNOUNCEMENT, Parcel

#: What stands in place of words that cannot be taken away any more.
TAKEN_BACK = _("(This message was taken back.)")

References = Callable[[int], Awaitable[Sequence[str]]]


class Dispatch:
    """Sends one parcel, over as many tries as it takes; what has arrived of it is not sent again.

    Beside ``body``, ``options`` and ``controls`` a payload may hold ``file`` (the JSON of an attachment, with the
    ``platform`` it is on) and name messages of its chat: the one it ``edits``, ``removes`` or ``replies`` to, by outbox
    row, by the platform's id, or by a list of such ids. ``answerable`` marks what somebody else said. With ``marks``
    the body is a sign on that message, ``emoji`` the same as an emoji, and ``otherwise`` what is said where neither can
    be shown. ``link`` is a way to a page (label and address), ``subject`` that of a letter. ``working`` names the row
    above a file in which is shown how far that is while it is made, and what is said there. With ``forgets`` the
    chat is left for good, and nothing kept of the person with that account. With ``deed`` nothing is said: something is
    done, with ``args``, and ``result`` is what the platform says of it. ``thread`` is the topic to which it goes,
    ``choosing`` a button with which a group is chosen.

    Used as a context; what was fetched is let go at its end.
    """

    def __init__(
        self,
        parcel: Parcel,
        platform: Platform,
        paces: Paces,
        carrier: Carrier,
        references: References,
        every: float = EVERY,
    ) -> None:
        self._parcel, self._platform, self._paces = parcel, platform, paces
        self._carrier, self._references, self._every = carrier, references, every
        self._payload: dict[str, Any] = parcel.payload
        self._sent: list[str] = []
        self._before = 0
        self._file: File | None = None
        self._trouble: NotCarried | None = None
        self._kept = ExitStack()
        self.result: Mapping[str, Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._kept.close()

    @property
    def missing(self) -> str | None:
        """Why the file was not brought, if it was not."""
        return None if self._trouble is None else f"file: {self._trouble.why}"

    def parts(self) -> Iterator[tuple[int, Sequence[str]]]:
        """The outbox row whose message consists of several parts, or did so before, and the platform's ids of these."""
        edits = self._payload.get("edits")
        if "removes" not in self._payload and self._sent and max(len(self._sent), self._before) > 1:
            yield edits if isinstance(edits, int) else self._parcel.id, self._sent

    def leave_file(self) -> None:
        """Send the words alone from now on, if the file is not there yet."""
        if self._file is not None and not self._sent:
            self._file, self._trouble = None, NotCarried("refused")

    async def send(self) -> str:
        """Do what the parcel says; gives the platform's id of its last part. Raises a `SendError`."""
        if "deed" in self._payload:
            return await self._do(self._payload["deed"])
        if "forgets" in self._payload:
            forgets = self._payload["forgets"]
            return await self._platform.send(Post(self._parcel.chat, self._parcel.key, Shown(""), forgets=forgets))
        if "removes" in self._payload:
            return await self._remove()
        if "marks" in self._payload:
            return await self._mark()
        await self._load()
        try:
            return await self._say()
        except NotCarried as trouble:
            self._file, self._trouble = None, trouble
            return await self._say()

    async def _do(self, what: str) -> str:
        """Do something that is no message."""
        if not isinstance(self._platform, Doing):
            raise Rejected("there are no deeds on this platform")
        await self._paces.ready(self._parcel.chat, self._parcel.kind, self._parcel.lane)
        said = self._small("body") if "body" in self._payload else None
        deed = Deed(self._parcel.chat, self._parcel.key, what, self._payload.get("args", {}), said)
        self.result = await self._platform.do(deed)
        return ""

    async def _load(self) -> None:
        """Have the file at hand. A message that is edited has it already."""
        data = self._payload.get("file")
        if data is None or self._file is not None or self._trouble is not None:
            return
        if "edits" in self._payload:
            self._file = File(Attachment.from_json(data))
            return
        try:
            async with Progress(self._show_share, self._every) as progress:
                self._file = await self._carrier.bring(data, self._platform, self._kept, progress.report)
        except NotCarried as trouble:
            self._trouble = trouble

    async def _show_share(self, percent: int) -> None:
        """Show how much of the file is made, where that is wanted and the message for it is there."""
        working = self._payload.get("working")
        if working is None or not (known := await self._references(working["row"])):
            return
        reader = self._reader()
        text = render(under_way(decode(working["body"]), percent), reader)
        shown = Shown(text.text, text.spans, (), reader.language, reader.direction, text.mentions)
        await self._paces.ready(self._parcel.chat, self._parcel.kind)
        await self._platform.send(Post(self._parcel.chat, f"{self._parcel.key}.at{percent}", shown, edits=known[-1]))

    async def _say(self) -> str:
        parts = self._shown()
        known = await self._named("edits")
        answered = (await self._named("replies"))[-1:]
        for position, part in list(enumerate(parts))[len(self._sent) :]:
            edits = known[position] if position < len(known) else None
            replies = answered[0] if answered and position == 0 and edits is None else None
            key = self._parcel.key if position == 0 else f"{self._parcel.key}.{position}"
            bulk, thread = self._parcel.lane == ANNOUNCEMENT, self._payload.get("thread")
            one = Post(self._parcel.chat, key, part, edits, replies_to=replies, bulk=bulk, thread=thread)
            self._sent.append(await self._post(one))
        self._before = len(known)
        for position, surplus in enumerate(known[len(parts) :]):
            await self._take_away(surplus, f"{self._parcel.key}.less{position}")
        return self._sent[-1]

    async def _post(self, one: Post) -> str:
        await self._paces.ready(self._parcel.chat, self._parcel.kind, self._parcel.lane)
        try:
            return await self._platform.send(one)
        except CannotEdit:
            # What cannot be edited is said anew, unless it only took buttons away.
            if not one.shown.buttons and not one.shown.answerable:
                return one.edits or ""
            anew = replace(one, key=f"{one.key}.new", edits=None, shown=replace(one.shown, file=None))
            return await self._platform.send(anew)

    async def _remove(self) -> str:
        for position, message in list(enumerate(await self._named("removes")))[len(self._sent) :]:
            await self._take_away(message, f"{self._parcel.key}.{position}")
            self._sent.append(message)
        return self._sent[-1] if self._sent else ""

    async def _mark(self) -> str:
        """Put a sign on a message, unless that is gone; where it cannot be shown, it may be said as a reply."""
        for message in (await self._named("marks"))[-1:]:
            await self._paces.ready(self._parcel.chat, self._parcel.kind, self._parcel.lane)
            chat, key, emoji = self._parcel.chat, self._parcel.key, self._payload.get("emoji", "")
            try:
                return await self._platform.send(Post(chat, key, self._small("body"), marks=message, emoji=emoji))
            except CannotEdit:
                if "otherwise" in self._payload:
                    thread = self._payload.get("thread")
                    said = Post(chat, f"{key}.said", self._small("otherwise"), replies_to=message, thread=thread)
                    return await self._platform.send(said)
        return ""

    def _small(self, name: str) -> Shown:
        """A text of the payload that is always short."""
        reader = self._reader()
        text = render(decode(self._payload[name]), reader)
        return Shown(text.text, text.spans, (), reader.language, reader.direction, text.mentions)

    async def _take_away(self, message: str, key: str) -> None:
        """Take a message away; where a platform does that no more, its words go at least. Raises `CannotEdit`."""
        await self._paces.ready(self._parcel.chat, self._parcel.kind, self._parcel.lane)
        try:
            await self._platform.send(Post(self._parcel.chat, key, Shown(""), removes=message))
        except CannotEdit:
            reader = self._reader()
            shown = Shown(plain(TAKEN_BACK, reader), language=reader.language, direction=reader.direction)
            await self._platform.send(Post(self._parcel.chat, f"{key}.blank", shown, edits=message))

    async def _named(self, name: str) -> list[str]:
        """The platform's ids of the messages that the payload names so."""
        named = self._payload.get(name)
        if isinstance(named, int):
            return list(await self._references(named))
        return [named] if isinstance(named, str) else list(named or ())

    def _reader(self) -> Reader:
        language, timezone = self._payload.get("reader") or (self._parcel.language, self._parcel.timezone)
        return Reader(language, timezone)

    def _shown(self) -> list[Shown]:
        reader, limit = self._reader(), self._platform.limit
        first = None if self._file is None else self._platform.caption
        parts = split(render(self._body(), reader), limit, first)
        buttons, last = self._buttons(reader), len(parts) - 1
        answerable = bool(self._payload.get("answerable"))
        return [
            Shown(
                part.text,
                part.spans,
                buttons if i == last else (),
                reader.language,
                reader.direction,
                part.mentions,
                self._file if i == 0 else None,
                answerable,
                *self._beside(reader, last=i == last),
                self._choosing(reader),
            )
            for i, part in enumerate(parts)
        ]

    def _beside(self, reader: Reader, *, last: bool) -> tuple[str | None, tuple[str, str] | None]:
        """The subject of a letter, and the link under the last part."""
        subject, link = self._payload.get("subject"), self._payload.get("link") if last else None
        return (
            None if subject is None else plain(decode(subject), reader),
            None if link is None else (plain(decode(link[0]), reader), str(link[1])),
        )

    def _choosing(self, reader: Reader) -> tuple[int, str] | None:
        """The button with which a group is chosen."""
        if "choosing" not in self._payload:
            return None
        request, label = self._payload["choosing"]
        return int(request), plain(decode(label), reader)

    def _body(self) -> Node:
        body = decode(self._payload["body"])
        if self._trouble is None:
            return body
        return Joined((body, excuse(self._payload["file"], self._trouble)), "\n\n")

    def _buttons(self, reader: Reader) -> tuple[Button, ...]:
        controls = () if self._platform.numbered else self._payload.get("controls", ())
        choices = [(choice, False) for choice in self._payload.get("options", ())]
        choices += [(choice, True) for choice in controls]
        return tuple(
            _button(decode(label), reader, payload, chosen, control) for (label, payload, chosen), control in choices
        )


def parts_of(platform: Platform, body: Node, reader: Reader, file: bool) -> int:
    """In how many messages a text comes on a platform, with or without a file."""
    return len(split(render(body, reader), platform.limit, platform.caption if file else None))


def _button(label: Node, reader: Reader, payload: str, chosen: bool, control: bool) -> Button:
    if isinstance(label, Text) and not label.args:
        return Button(plain(label, reader), payload, chosen, control)
    shown = render(label, reader)
    person = shown.mentions[0].person if shown.mentions else None
    return Button(shown.text, payload, chosen, control, person)
