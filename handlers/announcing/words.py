"""What announcements are called in words, and how one looks to its readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from sqlalchemy.orm import Session

from bot.talk import Attachment, Option, go
from bot.talk.messages import FileKind
from bot.talk.pressing import new_token, payload
from bot.text import Count, Country, Joined, Language, Listed, Name, Node, Url, Verbatim, _, encode, entry, n_, p_
from bot.text.catalogs import SOURCE, chain
from handlers.announcing import markup
from handlers.kinds.levels import level_name
from handlers.kinds.subjects import subject_name
from handlers.staff.badge import badge
from storage import finding
from storage.announcing import enclosed
from storage.announcing.segments import NOTICE, Segment
from storage.announcing.sending import Words
from storage.models import Announcement

#: The name of the source from which delivery takes the file of an announcement; what it asks for is its number.
FILES = "enclosed"
_FILE_KINDS: tuple[FileKind, ...] = get_args(FileKind)

CATEGORY: dict[str, Node] = {
    # Translators: kinds of announcements.
    "news": p_("announcement", "News"),
    "events": p_("announcement", "Events"),
    "country": p_("announcement", "My country"),
    "urgent": p_("announcement", "Urgent"),
    NOTICE: p_("announcement", "Law and safety"),
}
_LEAVE: dict[str, Node] = {
    "news": p_("button", "No more news"),
    "events": p_("button", "No more events"),
    "country": p_("button", "None of my country"),
    "urgent": p_("button", "No urgent ones"),
}
LINK: dict[str, Node] = {
    # Translators: buttons below an announcement that open a page on the web.
    "more": p_("button", "Read more"),
    "join": p_("button", "Sign up"),
    "open": p_("button", "Open the page"),
}
STATE: dict[str, Node] = {
    # Translators: how an announcement stands.
    "draft": p_("announcement state", "Draft"),
    "waiting": p_("announcement state", "Waits for a second officer"),
    "scheduled": p_("announcement state", "Will be sent"),
    "running": p_("announcement state", "Being sent"),
    "paused": p_("announcement state", "Paused"),
    "cancelled": p_("announcement state", "Cancelled"),
    "finished": p_("announcement state", "Finished"),
}
OUTCOME: dict[str, Node] = {
    # Translators: what became of an announcement, with the number of readers behind it.
    "delivered": p_("outcome", "Delivered"),
    "blocked": p_("outcome", "Have blocked me"),
    "unreachable": p_("outcome", "Cannot be reached"),
    "failed": p_("outcome", "Failed"),
    "unknown": p_("outcome", "Perhaps delivered"),
    "cancelled": p_("outcome", "Cancelled before"),
    "waiting": p_("outcome", "Still waiting"),
    "gone": p_("outcome", "Erased since"),
}
DEED: dict[str, Node] = {
    # Translators: lines of the history of an announcement.
    "written": p_("deed", "written"),
    "changed": p_("deed", "changed"),
    "asked": p_("deed", "put before a second officer"),
    "approved": p_("deed", "approved"),
    "refused": p_("deed", "given back"),
    "launched": p_("deed", "sent off"),
    "started": p_("deed", "begun"),
    "paused": p_("deed", "paused"),
    "resumed": p_("deed", "resumed"),
    "cancelled": p_("deed", "cancelled"),
    "finished": p_("deed", "finished"),
    "corrected": p_("deed", "corrected"),
    "removed": p_("deed", "taken back"),
    "returned": p_("deed", "given back, for nobody answers for it any more"),
}
ROLE: dict[str, Node] = {
    "teacher": p_("role", "Teachers"),
    "ambassador": p_("role", "Ambassadors"),
    "national": p_("role", "National support"),
    "central": p_("role", "Central support"),
}
PLATFORM: dict[str, Node] = {
    "telegram": Verbatim("Telegram"),
    "matrix": Verbatim("Matrix"),
    "web": Verbatim("Web"),
    "terminal": Verbatim("Terminal"),
}


def platform_name(name: str) -> Node:
    """What a platform is called."""
    return PLATFORM.get(name, Verbatim(name))


def title(words: str) -> Node:
    """An announcement in a few words: how it begins."""
    first = words.split("\n", maxsplit=1)[0].replace("*", "")
    return Verbatim(first if len(first) <= 40 else first[:39] + "…")


def person_shown(session: Session, person: int | None) -> Node:
    """Who did something: by name, if they are a teacher too."""
    who = None if person is None else finding.known(session, person)
    return p_("person", "an officer") if who is None else Name(who.name, who.person)


def body(row: Announcement, words: str) -> Node:
    """An announcement as it is read."""
    return Joined((badge(row.country), markup.shown(words)), "\n\n")


def link(row: Announcement) -> tuple[Node, str] | None:
    """The button that leads to a page: its words, and the address."""
    return (LINK.get(row.link_label, LINK["more"]), row.link) if row.link else None


def file(session: Session, row: Announcement) -> tuple[str, Attachment] | None:
    """The picture or file of an announcement: the source that has it, and what it is."""
    found = enclosed.find(session, row.file_id)
    if found is None:
        return None
    kind: FileKind = next((kind for kind in _FILE_KINDS if kind == found.kind), "file")
    ref = str(row.file_id)
    return FILES, Attachment(kind, ref, found.name, found.mime, found.size, found.width, found.height)


def options(row: Announcement) -> list[Option]:
    """What readers may press."""
    answers = [("in", p_("button", "Count me in")), ("out", p_("button", "Not for me"))] if row.joins else []
    leave = [("leave", _LEAVE[row.category])] if row.category in _LEAVE else []
    return [go(f"news {row.id} {what}", label) for what, label in (*answers, *leave)]


def enclosed_shown(session: Session, row: Announcement) -> list[Node]:
    """The link and the file of an announcement, a line each, as an officer sees them."""
    way, there = link(row), file(session, row)
    shown: list[Node] = [] if way is None else [entry(way[0], Url(way[1]))]
    return shown if there is None else [*shown, entry(p_("announcement", "File"), Name(there[1].name))]


def carried(session: Session, row: Announcement, words: str) -> Words:
    """What a bulk carries: the message with its file, link and buttons, and what those mean."""
    token, offered, way, there = new_token(), options(row), link(row), file(session, row)
    content: dict[str, Any] = {"body": encode(body(row, words))}
    if way is not None:
        content["link"] = [encode(way[0]), way[1]]
    if offered:
        content["options"] = [[encode(o.label), payload(token, o.id), False] for o in offered]
    if there is not None:
        source, what = there
        content["file"] = {**what.to_json(), "platform": source, "shared": f"{source}{what.ref}"}
    return Words(content, token, [(o.id, encode(o.label)) for o in offered])


def variants(languages: Mapping[str, int], texts: Mapping[str, str], usual: str) -> dict[str, str]:
    """Which words somebody who speaks a language gets: in that language, its wider form, the ones that a reader of it
    gets where it lacks a text, or the usual one."""
    found = {}
    for language in languages:
        near = [language, language.split("_", maxsplit=1)[0], *(code for code in chain(language) if code != SOURCE)]
        found[language] = next((code for code in near if code in texts), usual)
    return found


def segment_shown(segment: Segment, country: str | None) -> list[Node]:
    """Whom a segment means, a condition a line."""
    countries = segment.countries or ((country,) if country else ())
    rows: list[tuple[Node, list[Node]]] = [
        (p_("segment", "Countries"), [Country(code) for code in countries]),
        (p_("segment", "Languages"), [Language(code) for code in segment.languages]),
        (p_("segment", "Subjects"), [subject_name(code) for code in segment.subjects]),
        (p_("segment", "Levels"), [level_name(code) for code in segment.levels]),
        (p_("segment", "Who"), [ROLE[code] for code in segment.roles or ("teacher",)]),
        (p_("segment", "On"), [platform_name(code) for code in segment.platforms]),
    ]
    shown: list[Node] = [entry(label, Listed(tuple(values))) for label, values in rows if values]
    shown += [p_("segment", "Verified teachers only")] if segment.verified else []
    shown += [p_("segment", "Members of projects only")] if segment.projects else []
    if segment.active:
        shown.append(n_("Here within the last {n} day", "Here within the last {n} days", segment.active))
    if segment.people is not None:
        shown.append(n_("{n} account of a list", "{n} accounts of a list", len(segment.people)))
    return shown


def numbers(label: Node, found: Sequence[tuple[Node, int]]) -> Node | None:
    """A line such as "By platform: Telegram 12, Web 3"."""
    if not found:
        return None
    # Translators: something and how many of it, such as "Telegram 12".
    each = tuple(_("{what} {number}", what=what, number=Count(number)) for what, number in found)
    return entry(label, Joined(each, ", "))
