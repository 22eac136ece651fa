"""How what is said on a line looks: who speaks first, then their words; and what the one who wrote it is told."""

from __future__ import annotations

from datetime import datetime

from bot.text import Joined, Name, Node, Strong, Verbatim, _, lines, p_
from handlers.partners.cards import ARROW, flag, last_seen, shortened
from storage.lines import Line
from storage.relay import Spoken

_DOT = " · "
QUOTED = 100

#: The kinds of files, as the words for them stand alone.
KINDS = {
    "picture": p_("file", "picture"),
    "file": p_("file", "file"),
    "voice": p_("file", "voice message"),
    "video": p_("file", "video"),
    "audio": p_("file", "audio"),
}


def who(line: Line) -> Node:
    """The other one of a line: name, school, flag."""
    return Joined((Name(line.name, line.other), Name(line.school), Verbatim(flag(line.country))), _DOT)


def copy(author: Line, words: str, note: Node | None = None) -> Node:
    """What somebody said, as the other reads it: who speaks stands first and stands out. ``author`` is the line as the
    reader sees it."""
    said = Verbatim(words, author.other) if words.strip() else None
    return lines(Strong(who(author)), note, said)


def quote(spoken: Spoken) -> Node:
    """The beginning of what is replied to, where the platform cannot point at it."""
    begins: Node = Verbatim(shortened(spoken.words, QUOTED), spoken.author)
    if not spoken.words.strip() and spoken.files:
        begins = KINDS[spoken.files[0]["kind"]]
    return Joined((Verbatim("▏"), begins), " ")


def arrow(line: Line) -> Node:
    """The sign that something went out, and to whom."""
    return Joined((ARROW, Name(line.name, line.other)), " ")


def receipt(line: Line, now: datetime, *, lost: bool) -> Node:
    """Whom a message went to, in words; and whether it waits, because they cannot be reached."""
    to = Joined((Joined((ARROW, who(line)), " "), last_seen(line.active_at, now)), _DOT)
    return lines(to, waits() if lost else None)


def waits() -> Node:
    """What is sent now reaches nobody yet."""
    return _("They cannot be reached at the moment. Your message is kept and goes out when they are back.")


def left(line: Line) -> Node:
    """Said when somebody stops talking on a line."""
    return _("You no longer write to {name}. What you write now is for me.", name=Name(line.name, line.other))
