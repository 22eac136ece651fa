"""The rooms of projects on the web: a page each, live, with what people say, change, take back and put signs on."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.platforms.platform import Ear, RawUpdate
from bot.platforms.web.forms import pressed, text_of, unique
from bot.platforms.web.guard import Limiter, Refused, by_script, check_origin, read_form
from bot.platforms.web.handing import handed
from bot.platforms.web.hub import Hub
from bot.platforms.web.pages import Pages, RoomView, wanted_language
from bot.platforms.web.pupilbook import PupilBook
from bot.platforms.web.roombook import PREFIX, Place, RoomBook
from bot.platforms.web.roomstream import RoomStream
from bot.platforms.web.sessions import Visitor
from bot.platforms.web.shelf import Shelf
from bot.platforms.web.stream import EventResponse
from bot.platforms.web.uploads import Upload, reading
from bot.text import Node, Reader, plain

log = logging.getLogger("twinbot.web")

PAGE = 100
#: How the page calls a message: this and its number.
MESSAGE = "m"
_LONGEST_SIGN = 16
#: What can be done about a message, beside answering it.
ORDERS = frozenset({"report", "remove", "mute", "out", "free", "return", "drop"})
#: Takes what somebody does in a room; why it cannot be, if that is known at once.
Mouth = Callable[[str, str, str, Mapping[str, Any]], Awaitable[Node | None]]


class Visitors(Protocol):
    """Who knows who sits at a browser."""

    async def visitor(self, request: Request) -> Visitor:
        """Who sends this request."""


class Rooms:
    """The routes of rooms, under the address ``base``. ``book`` is set by whoever has the rooms; ``mouth`` while what
    is said can be handed on: the account, the room's address, the name of the event, and what was done.

    ``shelf`` has what people send, ``kept`` the cleaned files that rooms show. ``outside`` is where those go who are in
    no such room; without it they are told that there is none.
    """

    def __init__(
        self,
        hub: Hub,
        pages: Pages,
        sessions: Visitors,
        shelf: Shelf,
        kept: Shelf,
        *,
        base: str = "room",
        outside: str | None = None,
        public_url: str | None,
        now: Callable[[], datetime],
        heartbeat: float,
        patience: float,
    ) -> None:
        self.book: RoomBook | None = None
        self.mouth: Mouth | None = None
        self._base, self._outside = base, outside
        self._hub, self._pages, self._sessions, self._shelf, self._kept = hub, pages, sessions, shelf, kept
        self._public_url, self._heartbeat, self._patience = public_url, heartbeat, patience
        self._posts, self._uploads = Limiter(30, 10, now), Limiter(20, 600, now)

    def routes(self) -> list[Route]:
        """Where each thing is found."""
        room = f"/{self._base}/{{address:str}}"
        forms = {"say": self.say, "remove": self.remove, "sign": self.sign, "press": self.press, "order": self.order}
        return [
            *([] if self._outside else [Route("/rooms", self.rooms)]),
            Route(room, self.room),
            Route(f"{room}/events", self.events),
            Route(f"{room}/file/{{number:int}}", self.file),
            *(Route(f"{room}/{name}", self._telling(form), methods=["POST"]) for name, form in forms.items()),
        ]

    async def rooms(self, request: Request) -> Response:
        """The reader's rooms."""
        visitor = await self._sessions.visitor(request)
        places = [] if visitor.account is None else await self._known().rooms(visitor.account)
        reader = places[0].reader if places else Reader(wanted_language(request.headers.get("accept-language", "")))
        return self._page(self._pages.rooms(reader, places))

    async def room(self, request: Request) -> Response:
        """The page of a room. ``before`` turns to older messages; ``wait`` holds it back for what was just said."""
        try:
            account, place = await self._entered(request)
        except HTTPException:
            if self._outside is None:
                raise
            return RedirectResponse(self._outside, 303)
        wait = _number(request, "wait")
        if wait is not None:
            await self._after(account, place, wait)
            place = await self._known().room(account, place.address) or place
        told = self._pages.words(place.reader)["reported"] if _number(request, "reported") else None
        view = await self._view(request, account, place, told)
        await self._known().read(account, place.address, place.change)
        return self._page(self._pages.room(view))

    async def events(self, request: Request) -> Response:
        """Live updates after the change that the browser names; a browser's own header comes first."""
        visitor = await self._sessions.visitor(request)
        after = _whole(request.headers.get("last-event-id", ""))
        after = after if after is not None else _number(request, "after") or 0

        async def still() -> bool:
            return (await self._sessions.visitor(request)).account == visitor.account

        stream = RoomStream(self._known(), self._hub, self._heartbeat, self._pages.said, still)
        return EventResponse(stream.events(visitor, request.path_params["address"], after))

    async def file(self, request: Request) -> Response:
        """A file of a message, for whoever is in the room."""
        account, place = await self._entered(request)
        found = await self._known().file(account, place.address, request.path_params["number"])
        response = None if found is None else handed(self._kept, found, request.headers.get("range"))
        if response is None:
            raise HTTPException(404)
        return response

    async def say(self, request: Request) -> Response:
        """Somebody writes something, sends a file, or changes what they wrote."""
        visitor, account, place = await self._speaking(request)
        async with reading(request, self._shelf.most) as (form, upload):
            text = text_of(form)
            request.state.draft = text
            if place.shut is not None:
                raise Refused(409, "shut")
            if not text and upload is None:
                return self._answered(request, place, None)
            body: dict[str, Any] = {"text": text} if text else {}
            if form.get("edits"):
                body["edits"] = _message(form["edits"])
            if form.get("about"):
                body["about"] = _message(form["about"])
            if upload is not None:
                self._uploads.check(visitor.token_hash, "fast")
                body["files"] = [upload.attachment(await self._shelf.put(upload.content)).to_json()]
            event = unique(form, _content(text, form, upload))
        return await self._hand_on(request, account, place, event, body)

    async def remove(self, request: Request) -> Response:
        """Somebody takes back what they said."""
        _visitor, account, place = await self._speaking(request)
        form = await read_form(request)
        ref = _message(form.get("ref", ""))
        return await self._hand_on(request, account, place, unique(form, ref), {"removes": ref})

    async def sign(self, request: Request) -> Response:
        """Somebody puts a sign on a message, or takes theirs off."""
        _visitor, account, place = await self._speaking(request)
        form = await read_form(request)
        ref, sign = _message(form.get("ref", "")), form.get("sign", "")
        if not 0 < len(sign) <= _LONGEST_SIGN or sign.isspace() or any(letter.isalnum() for letter in sign):
            raise Refused(400, "odd")
        return await self._hand_on(
            request, account, place, unique(form, f"{ref} {sign}"), {"reaction": sign, "about": ref}
        )

    async def order(self, request: Request) -> Response:
        """Somebody keeps order, decides on what waits, or says that something is wrong: as the same command does in
        reply to the message at any other door."""
        _visitor, account, place = await self._speaking(request)
        form = await read_form(request)
        act, words, ref = form.get("act", ""), text_of({"text": form.get("words", "")}), form.get("ref", "")
        # Pupils also say that something is wrong without pointing at a message.
        about = {} if act == "report" and not ref and place.base != "room" else {"about": _message(ref)}
        if act not in ORDERS:
            raise Refused(400, "odd")
        said = {"text": f"/{act} {words}".strip(), **about}
        response = await self._hand_on(request, account, place, unique(form, f"{act} {ref} {words}"), said)
        if act == "report" and not by_script(request):
            return RedirectResponse(f"{place.path}?reported=1", 303)
        return response

    async def press(self, request: Request) -> Response:
        """Somebody chooses something that the bot offers to all in the room."""
        _visitor, account, place = await self._speaking(request)
        said = pressed(await read_form(request))
        return await self._hand_on(request, account, place, said.event, said.heard)

    async def _entered(self, request: Request) -> tuple[str, Place]:
        """The account of a browser and the room it asks for. Raises HTTPException (404) for whoever is not in it."""
        visitor = await self._sessions.visitor(request)
        address = request.path_params["address"]
        place = None if visitor.account is None else await self._known().room(visitor.account, address)
        if visitor.account is None or place is None:
            raise HTTPException(404)
        return visitor.account, place

    async def _speaking(self, request: Request) -> tuple[Visitor, str, Place]:
        """The same for a form of ours. Raises Refused."""
        check_origin(request, self._public_url)
        visitor = await self._sessions.visitor(request)
        account, place = await self._entered(request)
        self._posts.check(visitor.token_hash, "fast")
        return visitor, account, place

    async def _hand_on(
        self, request: Request, account: str, place: Place, event: str, body: Mapping[str, Any]
    ) -> Response:
        """Give it to the desk; it is shown when it is kept, to its author as to everybody."""
        name = hashlib.sha256(f"{account} {place.address} {event}".encode()).hexdigest()[:40]
        if self.mouth is None:
            raise Refused(503, "later", retry_after=2)
        try:
            refused = await self.mouth(account, place.address, name, body)
        except Exception:
            log.exception("what was said in a room could not be stored")
            raise Refused(503, "later", retry_after=2) from None
        if refused is not None:
            raise Refused(409, "shut", told=refused)
        return self._answered(request, place, place.change)

    def _answered(self, request: Request, place: Place, mark: int | None) -> Response:
        if by_script(request):
            return Response(status_code=204)
        wait = "" if mark is None else f"?wait={mark}"
        return RedirectResponse(f"{place.path}{wait}#end", 303)

    async def _after(self, account: str, place: Place, change: int) -> None:
        """Wait a moment for something to happen after a change."""
        with self._hub.watch(f"{PREFIX}{place.address}", "") as watch:
            try:
                async with asyncio.timeout(self._patience):
                    while not watch.over:
                        news = await self._known().since(account, place.address, change, 1)
                        if news is None or news.lines:
                            return
                        await watch.wait(self._patience)
            except TimeoutError:
                return

    async def _view(self, request: Request, account: str, place: Place, notice: str | None = None) -> RoomView:
        before, book = _number(request, "before"), self._known()
        lines = list(await book.newest(account, place.address, before, PAGE + 1))
        older = lines[1].id if len(lines) > PAGE else None
        answers, changes = _number(request, "answers"), _number(request, "changes")
        changed = None if changes is None else await book.one(account, place.address, changes)
        changed = changed if changed is not None and changed.mine and not changed.removed else None
        return RoomView(
            place=place,
            others=await book.rooms(account),
            lines=lines[-PAGE:],
            older=older,
            live=before is None,
            answers=None if answers is None else await book.one(account, place.address, answers),
            changes=changed,
            notice=notice,
            draft=changed.words if changed is not None else str(getattr(request.state, "draft", "")),
        )

    def _telling(self, form: Callable[[Request], Any]) -> Callable[[Request], Any]:
        """Say why a form was not taken: as JSON to the script, else on the page with the words still in its box."""

        async def careful(request: Request) -> Response:
            try:
                response: Response = await form(request)
            except Refused as error:
                return await self._refused(request, error)
            return response

        return careful

    async def _refused(self, request: Request, error: Refused) -> Response:
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        account, place = await self._entered(request)
        if by_script(request):
            return JSONResponse({"error": self._told(error, place.reader)}, error.status, headers)
        view = await self._view(request, account, place, self._told(error, place.reader))
        return self._page(self._pages.room(view), error.status, headers)

    def _told(self, error: Refused, reader: Reader) -> str:
        return self._pages.words(reader)[error.word] if error.told is None else plain(error.told, reader)

    def _page(self, html: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        kept = {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language", **(headers or {})}
        return HTMLResponse(html, status, kept)

    def _known(self) -> RoomBook:
        if self.book is None:
            raise HTTPException(404)
        return self.book


def _message(ref: str) -> str:
    """How a form names a message. Raises Refused (400) for anything else."""
    number = ref.removeprefix(MESSAGE)
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise Refused(400, "odd")
    return f"{MESSAGE}{number}"


def _content(text: str, form: Mapping[str, str], upload: Upload | None) -> str:
    """What makes a form another one than the same page sent with other words."""
    about = f"{form.get('edits', '')} {form.get('about', '')}"
    return f"{about}\n{text}" if upload is None else f"{about}\n{text}\n{upload.digest()}"


async def handed_to_desk(ear: Ear, account: str, address: str, event: str, body: Mapping[str, Any]) -> None:
    """What a teacher does in a room goes the way of all they do: stored first, then taken in its turn."""
    told = {"account": account, "room": address, "id": event, **body}
    await ear([RawUpdate(event, f"{PREFIX}{address}", json.dumps(told))])


async def told_at_once(book: PupilBook, account: str, address: str, event: str, body: Mapping[str, Any]) -> Node | None:
    """What a pupil does is done before it is answered: the desk knows no pupils."""
    return await book.hear(account, address, {"id": event, **body})


def _number(request: Request, name: str) -> int | None:
    return _whole(request.query_params.get(name, ""))


def _whole(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else None
