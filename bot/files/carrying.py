"""Files are brought from the platform where they were sent to the one where they are wanted, and cleaned on the way."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from io import BytesIO
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from bot.files import films
from bot.platforms.platform import File, FileTrouble, Maker, NotCarried, Platform, SendError, Source, TryLater
from bot.platforms.sniffing import ENOUGH, UNKNOWN, sniff
from bot.talk.messages import Attachment, Given
from bot.text import Count, Name, Node, Text, _

log = logging.getLogger("twinbot.delivery")

# A platform that does not give a file is asked again this often, with at most so many seconds in between; after
# that the text goes without it, for others wait behind it.
_TRIES = 4
_LONGEST_WAIT = 15.0

# So many files that many get are held in memory while they are sent.
_HELD = 4

_FILMS = ("video/mp4", "video/quicktime", "audio/mp4")
# Pictures that programs make and Pillow cannot open: nobody can say what they hold.
_PICTURE_ENDINGS = frozenset({".heic", ".heif", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".jxl"})


class Carrier:
    """Brings files. One picture is cleaned at a time, because that needs memory."""

    def __init__(
        self, sources: Mapping[str, Source], pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._sources, self._pause = sources, pause
        self._cleaning = asyncio.Lock()
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._holding = asyncio.Lock()

    async def bring(
        self, data: Mapping[str, Any], target: Platform, until: ExitStack, report: Callable[[int], None]
    ) -> File:
        """The file of an outbox row, ready to be sent by ``target``; its bytes are there until ``until`` is closed.

        ``report`` hears how many percent are made of a file that has to be made, from any thread.
        Raises `NotCarried` if it cannot be, and what ``target`` raises when it does not say how much it takes.
        """
        what, source = Attachment.from_json(data), self._sources.get(data.get("platform", ""))
        if source is None:
            raise NotCarried("gone")
        if (
            source is target
            and not what.anew
            and source.resends(what)
            and not (what.kind == "file" and _may_be_picture(what))
        ):
            return File(what)
        most = await target.largest(what.kind)
        if (what.size or 0) > most:
            raise NotCarried("big", most)
        if "shared" in data:
            held = await self._shared(source, what, str(data["shared"]), most)
            return File(what, lambda: BytesIO(held), str(data["shared"]))
        content = _scratch(until)
        await self._fetch(source, what, content, most, report)
        what, content = await self._cleaned(what, content, until)
        size = content.seek(0, os.SEEK_END)
        if size > most:
            raise NotCarried("big", most)
        return File(replace(what, size=size), lambda: _reopened(content))

    async def _shared(self, source: Source, what: Attachment, name: str, most: int) -> bytes:
        """What is in a file that many get, and that was cleaned before it was kept; fetched once for all of them."""
        async with self._holding:
            if name not in self._held:
                content = BytesIO()
                await self._fetch(source, what, content, most, lambda _percent: None)
                self._held[name] = content.getvalue()
                while len(self._held) > _HELD:
                    self._held.popitem(last=False)
            return self._held[name]

    async def look(self, given: Given, most: int) -> Given:
        """What is in a file that somebody sent in answer to a question, cleaned like any other."""
        what, source = given.what, self._sources.get(given.platform)
        try:
            if source is None:
                raise NotCarried("gone")
            if (what.size or 0) > most:
                raise NotCarried("big", most)
            with ExitStack() as until:
                content = _scratch(until)
                await self._fetch(source, what, content, most, lambda _percent: None)
                what, content = await self._cleaned(what, content, until)
                size = content.seek(0, os.SEEK_END)
                if size > most:
                    raise NotCarried("big", most)
                content.seek(0)
                return replace(given, what=replace(what, size=size), content=content.read())
        except NotCarried as trouble:
            return replace(given, trouble=excuse(what.to_json(), trouble))

    async def _fetch(
        self, source: Source, what: Attachment, into: BinaryIO, most: int, report: Callable[[int], None]
    ) -> None:
        """Fetch a file, with some patience for a platform that cannot give it now."""
        for tried in range(1, _TRIES + 1):
            into.seek(0)
            into.truncate()
            try:
                if isinstance(source, Maker):
                    await source.make(what, into, most, report)
                else:
                    await source.fetch(what, into, most)
                break
            except NotCarried:
                raise
            except SendError as error:
                if not isinstance(error, TryLater) or tried == _TRIES:
                    log.warning("a file of %s could not be fetched: %s", source.name, type(error).__name__)
                    raise NotCarried("gone") from None
                await self._pause(min(max(error.seconds, 2.0 ** (tried - 1)), _LONGEST_WAIT))
        if into.tell() == 0:
            raise NotCarried("empty")

    async def _cleaned(self, what: Attachment, content: BinaryIO, until: ExitStack) -> tuple[Attachment, BinaryIO]:
        """What is really in a file, without what its sender may not know to be in it. Raises `NotCarried`."""
        content.seek(0)
        found = sniff(content.read(ENOUGH))
        what = replace(what, mime=_type(what, found))
        if found.startswith("image/") or (what.kind == "picture" and what.mime != "image/svg+xml"):
            return await self._remade(what, content, until)
        if _may_be_picture(what):
            raise NotCarried("hidden")
        if found in _FILMS:
            await asyncio.to_thread(films.forget, content)
        truly = found.partition("/")[0] in ("audio", "video")
        return what if truly or what.kind == "file" else replace(what, kind="file"), content

    async def _remade(self, what: Attachment, content: BinaryIO, until: ExitStack) -> tuple[Attachment, BinaryIO]:
        # Pillow costs some megabytes of memory, so it is imported with the first picture.
        from bot.files import pictures

        fresh = _scratch(until)
        content.seek(0)
        try:
            async with self._cleaning:
                made = await asyncio.to_thread(pictures.remake, content, fresh, reduce=what.kind == "picture")
        except pictures.NoPicture as error:
            log.info("a picture was not brought: %s", error)
            raise NotCarried("hidden" if what.mime == "image/heic" else "broken") from None
        name = _ending(what.name, made.ending)
        return replace(what, mime=made.mime, width=made.width, height=made.height, name=name), fresh


def excuse(file: Mapping[str, Any], trouble: NotCarried) -> Text:
    """What the reader is told in place of a file."""
    most: dict[str, Node] = {"most": Count(max(1, trouble.most // 1_000_000))} if trouble.why == "big" else {}
    return replace(_EXCUSES[trouble.why], args={"name": Name(Attachment.from_json(file).name), **most})


_EXCUSES: dict[FileTrouble, Text] = {
    "big": _("The file {name} could not be brought here: {most} MB is the most."),
    "gone": _("The file {name} could not be brought here: it is not there any more, or cannot be reached."),
    "empty": _("The file {name} could not be brought here: it is empty."),
    "broken": _("The picture {name} could not be brought here: it cannot be opened."),
    "hidden": _(
        "The picture {name} could not be brought here: what is hidden in it, such as the place where it was taken, "
        "cannot be taken out. A JPEG picture can be sent."
    ),
    "refused": _("The file {name} could not be brought here: this platform does not take it."),
}


def _may_be_picture(what: Attachment) -> bool:
    mime = (what.mime or "").lower()
    image = mime.startswith("image/") and mime != "image/svg+xml"
    return image or PurePath(what.name).suffix.lower() in _PICTURE_ENDINGS or _named_picture(what.name)


def _named_picture(name: str) -> bool:
    return PurePath(name).suffix.lower() in {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif", ".bmp"}


def _ending(name: str, ending: str) -> str:
    """A name whose ending says what the file is."""
    same = {"jpg": ("jpg", "jpeg")}.get(ending, (ending,))
    stem, _dot, given = name.rpartition(".")
    if given.lower() in same:
        return name
    return f"{stem if _named_picture(name) else name}.{ending}"


def _type(what: Attachment, found: str) -> str:
    """The type of a file: as its bytes say. Of sound alone they often say that it is a film without pictures."""
    if found == UNKNOWN:
        return _plain(what.mime)
    sound = what.kind in ("voice", "audio") and found.startswith("video/")
    return f"audio/{found.partition('/')[2]}" if sound else found


def _plain(mime: str | None) -> str:
    """A type as somebody claims it, without what does not belong in one."""
    kind = (mime or "").partition(";")[0].strip().lower()
    main, _slash, sub = kind.partition("/")
    fits = main.isalnum() and bool(sub) and sub.isascii() and all(c.isalnum() or c in ".+-_" for c in sub)
    return kind if fits and kind.isascii() else UNKNOWN


def _scratch(until: ExitStack) -> BinaryIO:
    """An empty file without a name, which is gone as soon as it is closed, or the process has ended."""
    return until.enter_context(TemporaryFile())


def _reopened(content: BinaryIO) -> BinaryIO:
    """The same bytes from their beginning; it may be closed without harm."""
    content.flush()
    copy = os.fdopen(os.dup(content.fileno()), "rb")
    copy.seek(0)
    return copy
