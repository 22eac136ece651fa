"""The demo's own page: a list of fictional people, each with a button that signs this browser in as them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.platforms.web.guard import Refused, check_origin, read_form
from bot.platforms.web.pages import Pages, languages, wanted_language
from bot.text import Reader

PATH = "/demo"


class Player(Protocol):
    """Somebody fictional."""

    @property
    def person(self) -> int:
        """Their number."""

    @property
    def name(self) -> str:
        """What they are called."""

    @property
    def school(self) -> str:
        """Where they teach."""

    @property
    def town(self) -> str:
        """Where that is."""

    @property
    def country(self) -> str:
        """In which country, as its code."""


class Players(Protocol):
    """Who knows the fictional people."""

    async def newest(self) -> Sequence[Player]:
        """Those who were told something last."""

    async def find(self, words: str) -> Sequence[Player]:
        """Those whose names are like these words."""

    async def ticket(self, person: int) -> str | None:
        """The token of a one-time link that signs in as somebody fictional; None for anybody else."""


def playing_routes(players: Players, public_url: str | None) -> list[Route]:
    """The page, for a program that was started as the demo."""
    pages = Pages()

    async def show(request: Request) -> Response:
        words = request.query_params.get("name", "")[:100]
        found = await (players.find(words) if words.strip() else players.newest())
        return _answer(pages.players(_reader(request), found, words))

    async def play(request: Request) -> Response:
        try:
            check_origin(request, public_url)
            person = (await read_form(request)).get("person", "")
        except Refused as error:
            return _answer(pages.error(_reader(request), "refused_title", error.word), error.status)
        known = person.isascii() and person.isdecimal() and len(person) < 16
        token = await players.ticket(int(person)) if known else None
        if token is None:
            return _answer(pages.error(_reader(request), "refused_title", "odd"), 400)
        return RedirectResponse(f"/in/{token}", 303)

    return [Route(PATH, show, methods=["GET"]), Route(PATH, play, methods=["POST"])]


def _reader(request: Request) -> Reader:
    chosen = request.query_params.get("language", "")
    return Reader(chosen if chosen in languages() else wanted_language(request.headers.get("accept-language", "")))


def _answer(html: str, status: int = 200) -> Response:
    return HTMLResponse(html, status, {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
