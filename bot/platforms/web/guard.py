"""What keeps the pages safe: headers on every answer, where a form came from, how much and how often."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.text import Node

#: The most that a form may weigh, in bytes.
HEAVIEST = 64 * 1024

# Everything comes from this address alone, and nothing may be written into the page itself.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": browsers would then send "Origin: null" with our own forms, which we check.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ONLY_HTTPS = "max-age=31536000"


class Refused(Exception):
    """A request that is not followed: ``status`` for the browser, ``word`` names what the person is told, unless it is
    ``told`` in words of its own."""

    def __init__(self, status: int, word: str, *, retry_after: int | None = None, told: Node | None = None) -> None:
        super().__init__(word)
        self.status, self.word, self.retry_after, self.told = status, word, retry_after, told


class Headers:
    """Puts the security headers on every answer, errors included, so it stands outside everything else."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.headers = {**HEADERS, "Strict-Transport-Security": _ONLY_HTTPS} if https else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to the head of its answer what it does not say itself."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, guarded)


class Limiter:
    """Lets each name through ``most`` times in ``seconds``, counted in a sliding window in memory."""

    def __init__(self, most: int, seconds: float, now: Callable[[], datetime]) -> None:
        self._most, self._window, self._now = most, timedelta(seconds=seconds), now
        self._times: dict[str, deque[datetime]] = {}

    def check(self, name: str, word: str) -> None:
        """Count one more. Raises Refused (429) with the seconds to wait if that is too many."""
        if self.full(name):
            wait = (self._times[name][0] + self._window - self._now()).total_seconds()
            raise Refused(429, word, retry_after=max(1, int(wait) + 1))
        self.count(name)

    def full(self, name: str) -> bool:
        """Whether one more would be too many."""
        times = self._times.get(name)
        if times is None:
            return False
        self._drop(times, self._now())
        return len(times) >= self._most

    def count(self, name: str) -> None:
        """Count one more."""
        now = self._now()
        self._times.setdefault(name, deque()).append(now)
        if len(self._times) > 10_000:
            self._sweep(now)

    def _drop(self, times: deque[datetime], now: datetime) -> None:
        while times and now - times[0] >= self._window:
            times.popleft()

    def _sweep(self, now: datetime) -> None:
        for times in self._times.values():
            self._drop(times, now)
        self._times = {name: times for name, times in self._times.items() if times}


class Sources:
    """Where requests come from, as a digest that dies with this process: enough to count, and never an address.

    A proxy on the same machine is asked whom it speaks for: for us all would come from one place otherwise. Of an IPv6
    address the network counts, since one customer has all addresses of it.
    """

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)

    def of(self, request: Request) -> str:
        """The digest of where a request comes from."""
        host = _network(request.client.host if request.client is not None else "")
        if host == "here":
            # The last entry is what our own proxy saw; those before it are what others say of themselves.
            host = _network(request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()) or host
        return hmac.new(self._salt, host.encode(), hashlib.sha256).hexdigest()


def _network(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    if address.is_loopback:
        return "here"
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else host


def check_origin(request: Request, public_url: str | None) -> None:
    """Raises Refused (403) unless the form was sent by a page of ours.

    Browsers say so with ``Origin``; one that leaves it out must say it with ``Sec-Fetch-Site``.
    """
    origin = request.headers.get("origin")
    if origin is None:
        ours = request.headers.get("sec-fetch-site") == "same-origin"
    else:
        allowed = {request.headers.get("host", "")}
        if public_url is not None:
            allowed.add(urlsplit(public_url).netloc)
        ours = _host(origin) in allowed - {""}
    if not ours:
        raise Refused(403, "foreign")


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises Refused: 415 for anything else, 413 if it is too heavy, 400 if it is broken."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refused(415, "odd")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > HEAVIEST:
            raise Refused(413, "big")
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise Refused(400, "odd") from None
    return dict(fields)


def by_script(request: Request) -> bool:
    """Whether the page's script asks, which wants JSON and no page."""
    return "application/json" in request.headers.get("accept", "")
