"""A letter as it travels: plain text, and the same as simple HTML without pictures, scripts or foreign addresses."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from bot.platforms.mail.server import MailServer
from bot.platforms.platform import Post, Shown
from bot.text.cleaning import FSI, PDI, clean
from bot.text.spans import STRONG, tidy

_LONGEST_SUBJECT = 150
_JOINER = "\u2060"
# Mail programs make links of what looks like an address. Nobody's words become a link in a letter that we send.
_LINKABLE = re.compile(r"(?<=\w)\.(?=\w)|(?<=:)//|@")
_BUTTON = (
    "display:inline-block;padding:12px 20px;border-radius:8px;background:#0b5d57;color:#ffffff;"
    "text-decoration:none;font-weight:bold"
)
_PAGE = "font-family:sans-serif;font-size:16px;line-height:1.5;max-width:36em;margin:0 auto;padding:16px"


def letter_of(server: MailServer, post: Post, now: datetime) -> EmailMessage:
    """Turn a post into an e-mail. What comes from people is cleaned, so that no header can grow out of it."""
    shown = post.shown
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(clean(server.name, one_line=True), addr_spec=server.sender)
    letter["To"] = Address(addr_spec=post.chat)
    letter["Subject"] = _subject(shown)
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = message_id(server, post.key)
    # Who is away should not answer a program, nor a program us (RFC 3834, section 5).
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content(_plain(shown))
    letter.add_alternative(_html(shown), subtype="html")
    letter["Content-Language"] = shown.language.replace("_", "-")
    return letter


def message_id(server: MailServer, key: str) -> str:
    """The letter's own id: the same each time it is sent, so that mailboxes may show it once."""
    digest = hashlib.sha256(f"{server.sender} {key}".encode()).hexdigest()[:32]
    return f"<{digest}@{server.sender.rpartition('@')[2]}>"


def _subject(shown: Shown) -> str:
    words = clean(shown.subject or "twinbot", one_line=True, limit=_LONGEST_SUBJECT)
    return words.replace(FSI, "").replace(PDI, "")


def _plain(shown: Shown) -> str:
    text = _unlinked(shown.text)
    if shown.direction == "ltr":
        text = text.replace(FSI, "").replace(PDI, "")
    return text if shown.link is None else f"{text}\n\n{shown.link[0]}:\n{shown.link[1]}\n"


def _html(shown: Shown) -> str:
    words = "".join(
        f"<strong>{_escaped(piece)}</strong>" if strong else _escaped(piece) for piece, strong in _pieces(shown)
    )
    paragraphs = "".join(f"<p>{part}</p>" for part in words.split("<br><br>"))
    language = shown.language.replace("_", "-")
    return (
        f'<!doctype html><html lang="{escape(language)}" dir="{shown.direction}"><head><meta charset="utf-8"></head>'
        f'<body style="{_PAGE}">{paragraphs}{_link(shown)}</body></html>'
    )


def _link(shown: Shown) -> str:
    if shown.link is None:
        return ""
    label, url = map(escape, shown.link)
    return f'<p><a style="{_BUTTON}" href="{url}">{label}</a></p><p><small dir="ltr">{url}</small></p>'


def _escaped(piece: str) -> str:
    return escape(_unlinked(piece)).replace("\n", "<br>")


def _unlinked(words: str) -> str:
    return _LINKABLE.sub(lambda found: f"{found[0]}{_JOINER}", words)


def _pieces(shown: Shown) -> Iterator[tuple[str, bool]]:
    done = 0
    for span in tidy(shown.text, (one for one in shown.spans if one.style == STRONG)):
        yield shown.text[done : span.start], False
        yield shown.text[span.start : span.end], True
        done = span.end
    yield shown.text[done:], False
