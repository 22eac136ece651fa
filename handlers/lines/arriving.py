"""What becomes of what was said on a line: it did not arrive, it waits, the other writes just now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Listening, News, Tell
from bot.text import Name, Node, _, lines
from handlers.lines.sending import bring_waiting, closed
from handlers.lines.words import quote, waits, who
from storage import lines as store
from storage import people, relay
from storage.lines import Line

# Translators: why a file did not reach a partner.
FILES: dict[str, Node] = {
    "big": _("The file did not arrive: it is too big for where they read. Your words did."),
    "gone": _("The file did not arrive: it could not be fetched any more. Please send it again."),
    "empty": _("The file did not arrive: it is empty."),
    "broken": _("The picture did not arrive: it cannot be opened."),
    "hidden": _("The picture did not arrive: what is hidden in it cannot be taken out. Please send it as JPEG."),
    "refused": _("The file did not arrive: where they read, it is not taken. Your words did."),
}


def lost(session: Session, row: int, error: str, now: datetime, tell: Tell) -> None:
    """Tell who wrote it that something did not arrive, or not whole."""
    spoken = relay.copied_by(session, row)
    line = None if spoken is None else store.line_of(session, spoken.partnership or 0, spoken.author)
    if spoken is not None and line is not None:
        tell(News(spoken.author, lines(who(line), quote(spoken), _why(error, line))))


def _why(error: str, line: Line) -> Node:
    kind, _colon, more = error.partition(": ")
    if kind == "unreachable":
        return waits()
    if kind == "file":
        return FILES.get(more, FILES["gone"])
    return _("This did not reach {name}. Please send it again.", name=Name(line.name, line.other))


def back(heard: Listening) -> None:
    """Somebody is back in a chat to which nothing could be sent: bring what waited for them."""
    if "verified" in heard.roles:
        for line in store.lines_of(heard.session, heard.person):
            bring_waiting(heard, line)


def typing(session: Session, platform: str, chat: str) -> list[tuple[str, str]]:
    """Somebody writes: shown to whom they write to, if that one talks on the same line where they read."""
    place = people.place_of(session, platform, chat)
    chosen = None if place is None else store.chosen(session, place.chat)[0]
    line = None if place is None or chosen is None else store.line_of(session, chosen, place.person)
    if line is None or closed(line) is not None:
        return []
    other = people.reach(session, line.other)
    if other is None or other.lost or store.chosen(session, other.chat)[0] != line.id:
        return []
    return [(other.platform, other.external_id)]
