"""What the browser can ask for: the page, live updates, and a place for its forms."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.platforms.web.book import Book, Line, quoted
from bot.platforms.web.guard import Refused, by_script, check_origin
from bot.platforms.web.handing import handed
from bot.platforms.web.hub import Hub
from bot.platforms.web.pages import Pages, View, languages, wanted_language
from bot.platforms.web.sessions import Sessions, Visitor
from bot.platforms.web.shelf import Shelf
from bot.platforms.web.stream import EventResponse, Stream
from bot.talk.messages import Attachment
from bot.text import Reader

log = logging.getLogger("twinbot.web")

PAGE = 100
# How long an answer is expected, and how often a page without scripts looks for it.
_EXPECTED = timedelta(seconds=60)
_TRIES = 20
# Lines of one answer follow each other closer than this, in seconds; no more than so many are waited for.
_SETTLED, _MANY = 0.25, 20
_ROBOTS = "User-agent: *\nAllow: /$\nDisallow: /\n"


class Chat:
    """The routes of the page and of what is shown on it."""

    def __init__(
        self,
        book: Book,
        hub: Hub,
        pages: Pages,
        sessions: Sessions,
        shelf: Shelf,
        *,
        public_url: str | None,
        now: Callable[[], datetime],
        healthy: Callable[[], bool],
        heartbeat: float,
        patience: float,
    ) -> None:
        self._book, self._hub, self._shelf, self._public_url = book, hub, shelf, public_url
        self._now, self._healthy = now, healthy
        self._heartbeat, self._patience = heartbeat, patience
        self._pages, self._sessions = pages, sessions

    def routes(self) -> list[Route]:
        """Where each thing is found."""
        return [
            Route("/", self.home),
            Route("/events", self.events),
            Route("/file/{line:int}", self.file),
            Route("/leave", self.leave, methods=["POST"]),
            Route("/static/{name}", self.static),
            Route("/healthz", self.health),
            Route("/robots.txt", self.robots),
        ]

    async def home(self, request: Request) -> Response:
        """The page. ``before`` turns to older lines; ``wait`` holds it back a moment for an answer that is due."""
        visitor = await self._sessions.visitor(request)
        wait, before = _number(request, "wait"), _number(request, "before")
        due = False
        if visitor.account is not None and wait is not None:
            due = not await self._answer_after(visitor, visitor.account, wait)
        view = await self._about(request, visitor, await self._view(request, visitor, before))
        tries = (_number(request, "tries") or 0) + 1
        refresh = f"/?wait={wait}&tries={tries}#end" if due and tries <= _TRIES else None
        response = self._page(self._pages.chat(replace(view, focus=wait is not None, refresh=refresh)))
        if visitor.account is None:
            self._sessions.greet(response, visitor)
        return response

    async def events(self, request: Request) -> Response:
        """The live updates after the change that the browser names; a browser's own header comes first."""
        visitor = await self._sessions.visitor(request)
        after = _whole(request.headers.get("last-event-id", ""))
        if after is None:
            after = _number(request, "after") or 0
        reader = await self._reader(request, visitor)
        stream = Stream(self._book, self._hub, self._heartbeat, partial(self._pages.line, reader=reader))
        return EventResponse(stream.events(visitor, after))

    async def file(self, request: Request) -> Response:
        """The file of a line, for whoever may read that line."""
        visitor = await self._sessions.visitor(request)
        lines = await self._book.numbered(visitor.account, [request.path_params["line"]]) if visitor.account else []
        found = lines[0].content.get("file") if lines else None
        if found is not None:
            response = handed(self._shelf, Attachment.from_json(found), request.headers.get("range"))
            if response is not None:
                return response
        return await self.missing(request, HTTPException(404))

    async def leave(self, request: Request) -> Response:
        """A person signs this browser out."""
        check_origin(request, self._public_url)
        visitor = await self._sessions.visitor(request)
        await self._book.sign_out(visitor.token_hash)
        self._hub.end_browser(visitor.token_hash)
        response = RedirectResponse("/", 303)
        self._sessions.drop(response)
        # Pictures that were shown do not stay with whoever sits there next.
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    async def static(self, request: Request) -> Response:
        """A style sheet, script or picture of the page."""
        return self._pages.static(request) or await self.missing(request, HTTPException(404))

    async def health(self, request: Request) -> Response:
        """Whether this process works, for the service manager."""
        return PlainTextResponse("ok" if self._healthy() else "not ok", 200 if self._healthy() else 503)

    async def robots(self, request: Request) -> Response:
        """Search engines may read the first page and nothing else."""
        return PlainTextResponse(_ROBOTS)

    async def missing(self, request: Request, error: Exception) -> Response:
        """Starlette's own refusals (no such page, wrong method), as a friendly page."""
        assert isinstance(error, HTTPException)
        reader = await self._reader(request, await self._sessions.visitor(request))
        page = self._pages.error(reader, "missing_title", "missing")
        return self._page(page, error.status_code, dict(error.headers or {}))

    async def refused(self, request: Request, error: Exception) -> Response:
        """Say why a form was not taken: as JSON to the script, else on the page with the text still in its box."""
        assert isinstance(error, Refused)
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        visitor = await self._sessions.visitor(request)
        view = await self._view(request, visitor, None)
        if by_script(request):
            told = self._pages.words(view.reader)[error.word]
            return JSONResponse({"error": told}, error.status, headers)
        draft = str(getattr(request.state, "draft", ""))
        page = self._pages.chat(replace(view, notice=error.word, draft=draft, focus=True))
        response = self._page(page, error.status, headers)
        if visitor.account is None:
            self._sessions.greet(response, visitor)
        return response

    async def broken(self, request: Request, error: Exception) -> Response:
        """A failure of ours: a friendly page; the trace goes to the log with Starlette's own raise."""
        reader = Reader(wanted_language(request.headers.get("accept-language", "")))
        if by_script(request):
            return JSONResponse({"error": self._pages.words(reader)["later"]}, 500)
        return self._page(self._pages.error(reader, "broken_title", "broken"), 500)

    async def _answer_after(self, visitor: Visitor, chat: str, change: int) -> bool:
        """Wait a moment for the bot to say something after a change; whether it did."""
        with self._hub.watch(chat, visitor.token_hash) as watch:
            try:
                async with asyncio.timeout(self._patience):
                    while not watch.over:
                        if any(not line.mine for line in await self._book.since(chat, change, PAGE)):
                            break
                        await watch.wait(self._patience)
                    else:
                        return False
            except TimeoutError:
                return False
            # An answer often has several lines; they follow each other closely.
            for _more in range(_MANY):
                if not await watch.wait(_SETTLED):
                    break
            return True

    async def _view(self, request: Request, visitor: Visitor, before: int | None) -> View:
        chat = visitor.account
        if chat is None:
            return View(await self._reader(request, visitor))
        mark = (await self._book.changes([chat])).get(chat, 0)
        lines = list(await self._book.latest(chat, before, PAGE + 1))
        older = lines[1].id if len(lines) > PAGE else None
        lines = lines[-PAGE:]
        reader = await self._reader(request, visitor)
        waiting = before is None and self._is_due(lines)
        quotes = await quoted(self._book, chat, lines)
        return View(reader, True, lines, mark, older, live=before is None, waiting=waiting, quotes=quotes)

    async def _about(self, request: Request, visitor: Visitor, view: View) -> View:
        """Without scripts, the line that is answered or changed is named in the address."""
        answers, changes = _number(request, "answers"), _number(request, "changes")
        wanted = {number for number in (answers, changes) if number is not None}
        found = {line.id: line for line in await self._book.numbered(visitor.account or "", wanted)}
        changed = found.get(changes or 0)
        if changed is not None and changed.mine and changed.content.get("changeable"):
            return replace(view, changes=changed, draft=changed.content["text"], focus=True)
        return replace(view, answers=found.get(answers or 0), focus=view.focus or bool(found))

    def _is_due(self, lines: list[Line]) -> bool:
        """Whether the last line is the person's own and young enough to expect an answer to it."""
        return bool(lines) and lines[-1].mine and self._now() - lines[-1].created_at < _EXPECTED

    async def _reader(self, request: Request, visitor: Visitor) -> Reader:
        """Who the page is for: it follows the language in which the bot spoke last, then the address, the browser."""
        if visitor.account is not None:
            lines = await self._book.latest(visitor.account, None, 5)
            spoken = [line.content.get("language") for line in lines if not line.mine]
            if spoken and spoken[-1]:
                return Reader(str(spoken[-1]))
        chosen = request.query_params.get("language", "")
        if chosen in languages():
            return Reader(chosen)
        return Reader(wanted_language(request.headers.get("accept-language", "")))

    def _page(self, html: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        kept = {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language", **(headers or {})}
        return HTMLResponse(html, status, kept)


def _number(request: Request, name: str) -> int | None:
    return _whole(request.query_params.get(name, ""))


def _whole(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else None
