"""How pupils come in: a code and three pictures from a card, a nickname, and the rooms of their project.

There is no account here and no address is kept. The code may come behind the # of an address, which a browser never
sends; the script of the page puts it into its box.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.platforms.web.guard import Limiter, Refused, Sources, check_origin, read_form
from bot.platforms.web.hub import Hub
from bot.platforms.web.pages import JoinView, Pages, languages, wanted_language
from bot.platforms.web.pupilbook import Pupil, PupilBook
from bot.platforms.web.sessions import Visitor
from bot.text import Reader
from bot.text.emblems import EMBLEMS

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
#: So many wrong tries from one source in so many seconds.
_WRONG, _WHILE = 5, 60
#: On a device of their own a card opens again without being typed for so long, in seconds; else until the browser ends.
_STAYS = 90 * 24 * 3600
CHOSEN = 3


class PupilSessions:
    """The cookie of pupils: another than that of teachers, and good for the rooms of one project alone."""

    def __init__(self, *, https: bool) -> None:
        self.book: PupilBook | None = None
        self._https = https
        self.cookie = "__Host-twinbot-pupil" if https else "twinbot-pupil"

    def known(self) -> PupilBook:
        """The book. Raises Refused (503) before there is one."""
        if self.book is None:
            raise Refused(503, "later", retry_after=2)
        return self.book

    async def visitor(self, request: Request) -> Visitor:
        """Who sends this request, by the name that the book has for them."""
        pupil = await self.pupil(request)
        return Visitor(request.cookies.get(self.cookie), None if pupil is None else pupil.account)

    async def pupil(self, request: Request) -> Pupil | None:
        """Who is in at this browser."""
        token = request.cookies.get(self.cookie, "")
        return await self.known().opened(hashed(token)) if _TOKEN.fullmatch(token) else None

    def keep(self, response: Response, token: str, stays: bool) -> None:
        """Give a browser its token: for a while, or until it is closed, as is right where many sit at one computer."""
        self._set(response, token, _STAYS if stays else None)

    def drop(self, response: Response) -> None:
        """Take the token away."""
        self._set(response, "", 0)

    def _set(self, response: Response, value: str, max_age: int | None) -> None:
        response.set_cookie(
            self.cookie, value, max_age=max_age, path="/", secure=self._https, httponly=True, samesite="lax"
        )


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Joining:
    """The routes of pupils, but for those of a room."""

    def __init__(
        self, pages: Pages, sessions: PupilSessions, hub: Hub, *, public_url: str | None, now: Callable[[], datetime]
    ) -> None:
        self._pages, self._sessions, self._hub, self._public_url = pages, sessions, hub, public_url
        self._wrong, self._sources, self._trying = Limiter(_WRONG, _WHILE, now), Sources(), asyncio.Lock()

    def routes(self) -> list[Route]:
        """Where each thing is found."""
        doors: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("/join", "GET", self.show),
            ("/join", "POST", self.join),
            ("/join/name", "GET", self.names),
            ("/join/name", "POST", self.name),
            ("/class", "GET", self.rooms),
            ("/class/leave", "POST", self.leave),
        ]
        return [Route(path, self._caring(door), methods=[method]) for path, method, door in doors]

    async def show(self, request: Request) -> Response:
        """The page on which the code is typed and the pictures are chosen. Whoever is in goes on to their rooms."""
        if await self._sessions.pupil(request) is not None:
            return RedirectResponse("/class", 303)
        return self._page(self._pages.join(JoinView(_reader(request, None))))

    async def join(self, request: Request) -> Response:
        """A card is tried. A wrong one counts against where it comes from."""
        check_origin(request, self._public_url)
        form = await read_form(request)
        chosen = [number for number in range(len(EMBLEMS)) if form.get(f"p{number}")]
        code = form.get("code", "")[:100]
        if not code.strip() or len(chosen) != CHOSEN:
            return self._again(request, form, "join_incomplete", 422)
        source = self._sources.of(request)
        # A token of its own: nobody can have put it there beforehand.
        token = secrets.token_urlsafe(32)
        # One after the other: many at once would all be tried before the first of them is counted.
        async with self._trying:
            if self._wrong.full(source):
                return self._again(request, form, "join_often", 429)
            entry = await self._sessions.known().enter(code, chosen, hashed(token))
            if entry != "in":
                self._wrong.count(source)
                return self._again(request, form, "join_blocked" if entry == "often" else "join_wrong", 403)
        await self._forget(request)
        pupil = await self._sessions.known().opened(hashed(token))
        response = RedirectResponse("/join/name" if pupil is not None and pupil.fresh else "/class", 303)
        self._sessions.keep(response, token, bool(form.get("stays")))
        return response

    def _again(self, request: Request, form: Mapping[str, str], word: str, status: int) -> Response:
        """The page once more with what was typed. The pictures are chosen anew: they are what is secret there."""
        view = JoinView(_reader(request, form.get("language")), notice=word, code=form.get("code", "")[:100])
        headers = {"Retry-After": str(_WHILE)} if status == 429 else {}
        return self._page(self._pages.join(view), status, headers)

    async def names(self, request: Request) -> Response:
        """The page on which a nickname is chosen."""
        pupil = await self._sessions.pupil(request)
        if pupil is None or not pupil.fresh:
            return RedirectResponse("/join" if pupil is None else "/class", 303)
        return await self._offer(pupil, None, 200)

    async def _offer(self, pupil: Pupil, notice: str | None, status: int) -> Response:
        names = await self._sessions.known().offered(pupil.account)
        return self._page(self._pages.nicknames(Reader(pupil.language), pupil, names, notice), status)

    async def name(self, request: Request) -> Response:
        """A nickname is chosen."""
        check_origin(request, self._public_url)
        pupil = await self._sessions.pupil(request)
        if pupil is None:
            return RedirectResponse("/join", 303)
        chosen = (await read_form(request)).get("name", "")
        if pupil.fresh and not await self._sessions.known().take(pupil.account, chosen):
            return await self._offer(pupil, "join_taken", 409)
        return RedirectResponse("/class", 303)

    async def rooms(self, request: Request) -> Response:
        """A pupil's rooms; the only one at once."""
        pupil = await self._sessions.pupil(request)
        if pupil is None:
            return RedirectResponse("/join", 303)
        if pupil.fresh:
            return RedirectResponse("/join/name", 303)
        places = await self._sessions.known().rooms(pupil.account)
        if len(places) == 1:
            return RedirectResponse(places[0].path, 303)
        return self._page(self._pages.rooms(Reader(pupil.language), places))

    async def leave(self, request: Request) -> Response:
        """A pupil signs this browser out."""
        check_origin(request, self._public_url)
        await self._forget(request)
        response = RedirectResponse("/join", 303)
        self._sessions.drop(response)
        # Neither pictures nor pages stay with whoever sits there next.
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    async def _forget(self, request: Request) -> None:
        token = request.cookies.get(self._sessions.cookie, "")
        if _TOKEN.fullmatch(token):
            await self._sessions.known().leave(hashed(token))
            self._hub.end_browser(hashed(token))

    def _caring(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Say what was refused on a page of its own: a pupil never sees the chat of teachers."""

        async def careful(request: Request) -> Response:
            try:
                return await endpoint(request)
            except Refused as error:
                page = self._pages.error(_reader(request, None), "refused_title", error.word, "/join")
                headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
                return self._page(page, error.status, headers)

        return careful

    def _page(self, html: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        kept = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Vary": "Cookie, Accept-Language"}
        return HTMLResponse(html, status, {**kept, **(headers or {})})


def _reader(request: Request, sent: str | None) -> Reader:
    """The language asked for in the address or sent with the form, then the browser's."""
    chosen = request.query_params.get("language") or sent or ""
    return Reader(chosen if chosen in languages() else wanted_language(request.headers.get("accept-language", "")))
