"""What the browser can ask for: the page, live updates, and a place for its forms."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.platforms.platform import Ear, RawUpdate
from bot.platforms.web.book import Book, Line
from bot.platforms.web.forms import Said, commanded, pressed, written
from bot.platforms.web.guard import Limiter, Refused, check_origin, read_form
from bot.platforms.web.hub import Hub
from bot.platforms.web.pages import Pages, View, languages, wanted_language
from bot.platforms.web.sessions import Sessions, Visitor
from bot.platforms.web.stream import EventResponse, Stream
from bot.platforms.web.words import words
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
    """The routes of the chat. ``ear`` is set while the platform runs."""

    def __init__(
        self,
        book: Book,
        hub: Hub,
        pages: Pages,
        sessions: Sessions,
        *,
        public_url: str | None,
        now: Callable[[], datetime],
        healthy: Callable[[], bool],
        heartbeat: float,
        patience: float,
    ) -> None:
        self.ear: Ear | None = None
        self._book, self._hub, self._public_url = book, hub, public_url
        self._now, self._healthy = now, healthy
        self._heartbeat, self._patience = heartbeat, patience
        self._pages, self._sessions = pages, sessions
        self._posts = Limiter(30, 10, now)
        self._newcomers = Limiter(600, 60, now)

    def routes(self) -> list[Route]:
        """Where each thing is found."""
        return [
            Route("/", self.home),
            Route("/events", self.events),
            Route("/say", self.say, methods=["POST"]),
            Route("/press", self.press, methods=["POST"]),
            Route("/go", self.go, methods=["POST"]),
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
        view = await self._view(request, visitor, before)
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
        stream = Stream(self._book, self._hub, self._heartbeat, lambda line: self._pages.line(line, reader))
        return EventResponse(stream.events(visitor, after))

    async def say(self, request: Request) -> Response:
        """A person writes something."""
        return await self._take(request, written)

    async def press(self, request: Request) -> Response:
        """A person presses a button under a message."""
        return await self._take(request, pressed)

    async def go(self, request: Request) -> Response:
        """A person uses one of the page's own buttons: Start, Help, Privacy, a language."""
        return await self._take(request, commanded)

    async def leave(self, request: Request) -> Response:
        """A person signs this browser out."""
        check_origin(request, self._public_url)
        visitor = await self._sessions.visitor(request)
        await self._book.sign_out(visitor.token_hash)
        self._hub.end_browser(visitor.token_hash)
        response = RedirectResponse("/", 303)
        self._sessions.drop(response)
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
        reader = Reader(wanted_language(request.headers.get("accept-language", "")))
        page = self._pages.error(reader, "missing_title", "missing")
        return self._page(page, error.status_code, dict(error.headers or {}))

    async def refused(self, request: Request, error: Exception) -> Response:
        """Say why a form was not taken: as JSON to the script, else on the page with the text still in its box."""
        assert isinstance(error, Refused)
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        visitor = await self._sessions.visitor(request)
        view = await self._view(request, visitor, None)
        if _by_script(request):
            told = words(view.reader.language)[error.word]
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
        if _by_script(request):
            return JSONResponse({"error": words(reader.language)["later"]}, 500)
        return self._page(self._pages.error(reader, "broken_title", "broken"), 500)

    async def _take(self, request: Request, understand: Callable[[Mapping[str, str]], Said | None]) -> Response:
        """Check a form, keep what it says and hand it on; only then answer."""
        check_origin(request, self._public_url)
        visitor = await self._sessions.visitor(request)
        if visitor.token is None:
            raise Refused(400, "no_cookie")
        self._posts.check(visitor.token_hash, "fast")
        form = await read_form(request)
        request.state.draft = form.get("text", "")
        said = understand(form)
        if said is None:
            return self._answered(request, None)
        if visitor.account is None:
            self._newcomers.check("all", "crowded")
            visitor = await self._sessions.sign_in(visitor)
        assert visitor.account is not None
        response = self._answered(request, await self._hand_on(request, visitor.account, said, form))
        self._sessions.keep(response, visitor)
        return response

    async def _hand_on(self, request: Request, account: str, said: Said, form: Mapping[str, str]) -> int:
        """Show the person's own line, then give what they said to the desk. Gives the change after which it answers.

        The line comes first, so that it always stands before its answer; sent again, both are known already.
        """
        if said.shown is not None:
            mark = await self._book.put(account, f"me:{said.event}", {"text": said.shown}, mine=True)
            self._hub.wake(account)
        else:
            mark = (await self._book.changes([account])).get(account, 0)
        language = form.get("language") or wanted_language(request.headers.get("accept-language", ""))
        body = {"account": account, "language": language, **said.heard}
        unique = hashlib.sha256(f"{account} {said.event}".encode()).hexdigest()
        if self.ear is None:
            raise Refused(503, "later", retry_after=2)
        try:
            await self.ear([RawUpdate(unique[:40], account, json.dumps(body))])
        except Exception:
            log.exception("what a person said could not be stored")
            raise Refused(503, "later", retry_after=2) from None
        return mark

    def _answered(self, request: Request, mark: int | None) -> Response:
        if _by_script(request):
            return Response(status_code=204)
        return RedirectResponse("/#end" if mark is None else f"/?wait={mark}#end", 303)

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
        return View(reader, True, lines, mark, older, live=before is None, waiting=waiting)

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


def _by_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")
