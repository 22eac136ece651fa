"""Who sits at a browser: a random cookie, of which only the hash is kept, speaks for a web account."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bot.platforms.web.book import Book

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Visitor:
    """A browser: its token (None if it sent none), and its account once it is signed in."""

    token: str | None
    account: str | None

    @property
    def token_hash(self) -> str:
        """What is kept of the token. It has 256 random bits, so a plain hash is enough."""
        return hashlib.sha256((self.token or "").encode()).hexdigest()


class Sessions:
    """Reads and sets the cookie. The ``__Host-`` name makes browsers refuse it from other hosts and over http."""

    def __init__(self, book: Book, *, https: bool) -> None:
        self._book, self._https = book, https
        self.cookie = "__Host-twinbot" if https else "twinbot"

    async def visitor(self, request: Request) -> Visitor:
        """Who sends this request."""
        token = request.cookies.get(self.cookie, "")
        if not _TOKEN.fullmatch(token):
            return Visitor(None, None)
        return Visitor(token, await self._book.account(Visitor(token, None).token_hash))

    async def sign_in(self, visitor: Visitor) -> Visitor:
        """Give a browser that has a token a new account. Two of its requests at once get the same one."""
        account = await self._book.sign_in(visitor.token_hash, secrets.token_urlsafe(16))
        return Visitor(visitor.token, account)

    def greet(self, response: Response, visitor: Visitor) -> None:
        """Give a browser without a token one that lasts until it is closed; nothing is kept of it here."""
        if visitor.token is None:
            self._set(response, secrets.token_urlsafe(32), None)

    def keep(self, response: Response, visitor: Visitor) -> None:
        """Let a signed-in browser keep its token for a year from now."""
        if visitor.token is not None:
            self._set(response, visitor.token, _YEAR)

    def drop(self, response: Response) -> None:
        """Take the token away."""
        self._set(response, "", 0)

    def _set(self, response: Response, value: str, max_age: int | None) -> None:
        response.set_cookie(
            self.cookie, value, max_age=max_age, path="/", secure=self._https, httponly=True, samesite="lax"
        )
