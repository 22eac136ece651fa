"""Which mail server, who we are to it, and in whose name we write: all from one address in the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from bot.talk.letters import mail_address

Tls = Literal["from the start", "starttls", "none"]

_PORTS = {"smtp": 587, "smtps": 465}
_HERE = {"localhost", "127.0.0.1", "::1"}
SHAPE = (
    "should look like smtp://user:password@mail.example.org:587?from=twinbot@example.org "
    "(smtps:// for TLS from the start; tls=off only for a relay on a trusted network)"
)


@dataclass(frozen=True)
class MailServer:
    """A mail server. With ``starttls`` nothing is said before the connection is encrypted."""

    host: str
    port: int
    tls: Tls
    sender: str
    name: str = "twinbot"
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def server_of(url: str) -> MailServer:
    """Read the setting. Raises ValueError with the shape it should have."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
        asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except (KeyError, ValueError):
        raise ValueError(SHAPE) from None
    user = unquote(parts.username) if parts.username else None
    name, address = parseaddr(asked.pop("from", [user or ""])[0])
    sender, tls = mail_address(address), asked.pop("tls", ["on"])[0]
    if not parts.hostname or parts.path.strip("/") or sender is None or tls not in {"on", "off"} or asked:
        raise ValueError(SHAPE)
    password = unquote(parts.password) if parts.password else None
    safe = _tls(parts.scheme, parts.hostname, on=tls == "on")
    return MailServer(parts.hostname, port, safe, sender, name or "twinbot", user, password)


def _tls(scheme: str, host: str, *, on: bool) -> Tls:
    """Encrypted, except to a server on this very machine, or where the operator says that the network is trusted."""
    if scheme == "smtps":
        return "from the start"
    return "starttls" if on and host not in _HERE else "none"
