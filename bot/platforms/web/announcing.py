"""The pages on which support writes announcements: a list, and a page each, live while it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.platforms.platform import Ear, RawUpdate
from bot.platforms.web.announcingbook import AnnouncingBook, Leaf, Outcome, Words
from bot.platforms.web.forms import unique
from bot.platforms.web.guard import Limiter, Refused, by_script, check_origin, read_form
from bot.platforms.web.hub import Hub
from bot.platforms.web.pages import Pages, wanted_language
from bot.platforms.web.sessions import Sessions
from bot.platforms.web.stream import EventResponse
from bot.text import Node, Reader

PATH = "/announcements"
#: How often, in seconds, an open page looks anew: while it is sent, and else.
_SOON, _LATER = 2.0, 15.0
_HIGHEST = 2**31 - 1
_GONE = "event: gone\ndata: {}\n\n"
_OTHERWISE = "event: otherwise\ndata: {}\n\n"
_HEARTBEAT = ": still here\n\n"
_NEVER_KEPT = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Vary": "Cookie, Accept-Language"}


class Announcing:
    """The routes of announcements. ``book`` is set by whoever has them; ``ear`` while what is said can be handed on."""

    def __init__(
        self, pages: Pages, sessions: Sessions, hub: Hub, *, public_url: str | None, now: Callable[[], datetime]
    ) -> None:
        self.book: AnnouncingBook | None = None
        self.ear: Ear | None = None
        self._pages, self._sessions, self._hub, self._public_url = pages, sessions, hub, public_url
        # Looking at words while they are written asks often.
        self._posts = Limiter(60, 20, now)

    def routes(self) -> list[Route]:
        """Where each thing is found."""
        one = f"{PATH}/{{number:int}}"
        doors: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            (PATH, "GET", self.overview),
            (PATH, "POST", self.begin),
            (one, "GET", self.leaf),
            (f"{one}/words", "POST", self.words),
            (f"{one}/look", "POST", self.look),
            (f"{one}/do", "POST", self.do),
            (f"{one}/chat", "POST", self.chat),
            (f"{one}/events", "GET", self.events),
            (f"{one}/report.csv", "GET", self.table),
            (f"{one}/report.png", "GET", self.picture),
        ]
        return [Route(path, self._caring(door), methods=[method]) for path, method, door in doors]

    async def overview(self, request: Request) -> Response:
        """The list, and a box for the first words of a new one."""
        return await self._list(request, await self._account(request), None)

    async def begin(self, request: Request) -> Response:
        """The first words make a draft."""
        account, form = await self._form(request)
        text = form.get("text", "")
        outcome = await self._known().begin(account, text, unique(form, text))
        if outcome is None:
            raise HTTPException(404)
        if not outcome.well:
            return await self._list(request, account, outcome, text)
        return RedirectResponse(f"{PATH}/{outcome.number}", 303)

    async def leaf(self, request: Request) -> Response:
        """An announcement. ``sure`` asks before that is done; ``add`` opens a box for one more language."""
        _account, found = await self._found(request, request.query_params.get("sure", "")[:20])
        add = request.query_params.get("add", "")
        return self._page(self._leaf(found, add=add if add in found.others else ""))

    async def words(self, request: Request) -> Response:
        """Words in one language are kept, or only looked at."""
        account, form = await self._form(request)
        number, language, text = _number(request), form.get("of", ""), form.get("text", "")
        if form.get("look"):
            return await self._looked_at(request, account, language, text)
        outcome = await self._known().write(account, number, language, text, _whole(form.get("seen", "")))
        return await self._told(request, account, outcome, language, text)

    async def look(self, request: Request) -> Response:
        """How words would be read, for the script of the page."""
        account, form = await self._form(request)
        number, language = _number(request), form.get("of", "")
        shown = await self._known().shown(account, number, language, form.get("text", ""))
        found = await self._known().leaf(account, number)
        if shown is None or found is None:
            raise HTTPException(404)
        return JSONResponse(
            {"html": self._pages.fill("words_shown.html", found.reader, one=shown)}, headers=_NEVER_KEPT
        )

    async def do(self, request: Request) -> Response:
        """It is sent, agreed to, given back, held, let go on or cancelled."""
        account, form = await self._form(request)
        deed, number = form.get("deed", "")[:20], _number(request)
        if deed in {"send", "cancel"} and not form.get("sure"):
            return RedirectResponse(f"{PATH}/{number}?sure={deed}#sure", 303)
        outcome = await self._known().do(account, number, deed, _whole(form.get("seen", "")))
        return await self._told(request, account, outcome)

    async def chat(self, request: Request) -> Response:
        """What is not on this page is done in the chat, which shows the same announcement."""
        account, form = await self._form(request)
        await self._found(request)
        number = _number(request)
        if self.ear is None:
            raise Refused(503, "later", retry_after=2)
        event = unique(form, f"announce {number}")
        name = hashlib.sha256(f"{account} {event}".encode()).hexdigest()[:40]
        told = {"account": account, "id": name, "text": f"/announce {number}"}
        await self.ear([RawUpdate(name, account, json.dumps(told))])
        return RedirectResponse("/#end", 303)

    async def events(self, request: Request) -> Response:
        """How it stands, told anew when that changes."""
        account, found = await self._found(request)
        return EventResponse(self._news(request, account, found))

    async def table(self, request: Request) -> Response:
        """The report for a spreadsheet."""
        account, found = await self._found(request)
        content = await self._known().table(account, found.number)
        if content is None:
            raise HTTPException(404)
        named = {"Content-Disposition": f'attachment; filename="announcement-{found.number}.csv"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers={**_NEVER_KEPT, **named})

    async def picture(self, request: Request) -> Response:
        """The report as bars."""
        account, found = await self._found(request)
        content = await self._known().picture(account, found.number)
        if content is None:
            raise HTTPException(404)
        return Response(content, media_type="image/png", headers=_NEVER_KEPT)

    async def _news(self, request: Request, account: str, found: Leaf) -> AsyncIterator[str]:
        visitor = await self._sessions.visitor(request)
        state, shown = found.state, ""
        yield "retry: 1000\n\n"
        # What the officer is told in the chat often is about this one, and wakes the page too.
        with self._hub.watch(account, visitor.token_hash) as watch:
            while not watch.over:
                now = await self._known().leaf(account, found.number)
                if now is None or (await self._sessions.visitor(request)).account != account:
                    break
                if now.state != state:
                    yield _OTHERWISE
                    return
                html = self._pages.fill("announcement_now.html", now.reader, leaf=now)
                if html != shown:
                    shown = html
                    yield f"event: now\ndata: {json.dumps({'html': html})}\n\n"
                if not await watch.wait(_SOON if now.soon else _LATER):
                    yield _HEARTBEAT
        if not self._hub.closing:
            yield _GONE

    async def _list(self, request: Request, account: str, outcome: Outcome | None, text: str = "") -> Response:
        overview = await self._known().overview(account)
        if overview is None:
            raise HTTPException(404)
        told = None if outcome is None else outcome.told
        html = self._pages.fill("announcements.html", overview.reader, view=overview, told=told, text=text)
        return self._page(html, 200 if told is None else 422)

    async def _looked_at(self, request: Request, account: str, language: str, text: str) -> Response:
        """The page with words that are not kept yet, as readers would see them."""
        _account, found = await self._found(request)
        shown = await self._known().shown(account, found.number, language, text)
        if shown is None:
            raise HTTPException(404)
        return self._page(self._leaf(found, shown=shown))

    async def _told(
        self, request: Request, account: str, outcome: Outcome | None, language: str = "", text: str = ""
    ) -> Response:
        """The page with what is told of a form, and its words in their box if they were not taken; where nothing is
        told, it is loaded anew."""
        if outcome is None:
            raise HTTPException(404)
        if outcome.told is None:
            return RedirectResponse(f"{PATH}/{request.path_params['number']}", 303)
        _account, found = await self._found(request)
        shown = await self._known().shown(account, found.number, language, text) if language else None
        html = self._leaf(found, told=outcome.told, well=outcome.well, shown=shown)
        return self._page(html, 200 if outcome.well else 409)

    def _leaf(
        self,
        leaf: Leaf,
        *,
        told: Node | None = None,
        well: bool = False,
        shown: Words | None = None,
        add: str = "",
    ) -> str:
        """The page of one. ``shown`` are words that are not kept, in the place of those that are."""
        words = list(leaf.words)
        if shown is not None:
            known = [one.language for one in words]
            words = [shown if one.language == shown.language else one for one in words]
            words += [] if shown.language in known else [shown]
        return self._pages.fill("announcement.html", leaf.reader, leaf=leaf, words=words, told=told, well=well, add=add)

    async def _account(self, request: Request) -> str:
        """Who sits at a browser. Raises HTTPException (404) for nobody."""
        account = (await self._sessions.visitor(request)).account
        if account is None:
            raise HTTPException(404)
        return account

    async def _found(self, request: Request, asks: str = "") -> tuple[str, Leaf]:
        """The announcement that is asked for. Raises HTTPException (404) for whoever may not see it."""
        account = await self._account(request)
        found = await self._known().leaf(account, _number(request), asks)
        if found is None:
            raise HTTPException(404)
        return account, found

    async def _form(self, request: Request) -> tuple[str, Mapping[str, str]]:
        """Who sends a form of ours, and what. Raises Refused and HTTPException."""
        check_origin(request, self._public_url)
        visitor = await self._sessions.visitor(request)
        if visitor.account is None:
            raise HTTPException(404)
        self._posts.check(visitor.token_hash, "fast")
        return visitor.account, await read_form(request)

    def _known(self) -> AnnouncingBook:
        if self.book is None:
            raise HTTPException(404)
        return self.book

    def _caring(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Say what was refused on a page of its own, or as JSON to the script."""

        async def careful(request: Request) -> Response:
            try:
                return await endpoint(request)
            except Refused as error:
                reader = Reader(wanted_language(request.headers.get("accept-language", "")))
                headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
                if by_script(request):
                    told = self._pages.words(reader)[error.word]
                    return JSONResponse({"error": told}, error.status, headers)
                page = self._pages.error(reader, "refused_title", error.word)
                return self._page(page, error.status, headers)

        return careful

    def _page(self, html: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        return HTMLResponse(html, status, {**_NEVER_KEPT, **(headers or {})})


def _number(request: Request) -> int:
    """The announcement in the address. Raises HTTPException (404) for a number that none can have."""
    number: int = request.path_params["number"]
    if number > _HIGHEST:
        raise HTTPException(404)
    return number


def _whole(value: str) -> int:
    """The version that a form names; -1 for anything that is none."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else -1
