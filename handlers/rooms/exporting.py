"""/room export: what was said in a room, as a ZIP: a page to read, JSON for programs, and the files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from jinja2 import Environment, FileSystemLoader

from bot.talk import Attachment, Excuse, Talk, Working, go
from bot.text import Node, Reader, When, _, lines, p_, plain
from handlers.partners.cards import flag
from handlers.rights.ending import FORMER
from handlers.rooms import ordering
from handlers.rooms.words import titled_room
from storage import rooms
from storage.rooms import Room
from storage.rooms.pages import Line

#: The name of the source from which delivery takes a room.
SOURCE = "room archive"
_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Wanted:
    """What is asked for: a room, by whom, and how they read."""

    room: int
    person: int
    language: str
    timezone: str

    @classmethod
    def of(cls, ref: str) -> Wanted:
        """Back from the reference of the attachment."""
        return cls(*json.loads(ref))


def export(talk: Talk, number: int) -> None:
    """Send a room as a file to somebody who leads its project. What was never let out is not in it."""
    room, seat = ordering.place(talk.session, talk.person, number)
    if not seat.founder:
        raise Excuse(_("Only those who lead the project can do that."), go(f"room {number}", p_("button", "The room")))
    ref = json.dumps([number, talk.person, talk.reader.chosen, talk.reader.timezone])
    begun = lines(titled_room(room), _("The room is being put together; the file follows."))
    talk.say(
        _("Here is what was said, as a page to read (index.html), as JSON for programs (data.json), and the files."),
        go(f"room {number}", p_("button", "The room")),
        file=(SOURCE, Attachment("file", ref, "twinbot-room.zip", "application/zip")),
        working=Working(begun, lines(titled_room(room), _("The room was put together."))),
    )


def may(seat: rooms.Seat | None) -> bool:
    """Whether somebody still may have it when it is sent."""
    return seat is not None and seat.founder


def file_name(number: int, what: Attachment) -> str:
    """How a file is called in the archive: its number keeps two of one name apart, and no name leads out of it."""
    name = PurePath(what.name.replace("\\", "/")).name[-_LONGEST_NAME:].lstrip(".")
    return f"files/{number}-{name or 'file'}"


def write_words(
    archive: ZipFile, room: Room, said: Sequence[Line], names: Mapping[int, str], reader: Reader, now: datetime
) -> None:
    """Write the page and the JSON; ``names`` are the files that are in the archive."""
    rows = [_row(line, names, reader) for line in said]
    archive.writestr("data.json", json.dumps(rows, ensure_ascii=False, indent=1), ZIP_DEFLATED)
    page = _PAGES.get_template("export.html").render(
        language=reader.language,
        direction=reader.direction,
        title=plain(titled_room(room), reader),
        made=plain(When(now), reader),
        rows=[(row, plain(When(line.said_at), reader)) for row, line in zip(rows, said, strict=True)],
    )
    archive.writestr("index.html", page, ZIP_DEFLATED)


def _row(line: Line, names: Mapping[int, str], reader: Reader) -> dict[str, Any]:
    who = [line.name or plain(_nobody(line), reader), line.school, flag(line.country) if line.country else ""]
    signs: dict[str, int] = {}
    for sign, _who in line.signs:
        signs[sign] = signs.get(sign, 0) + 1
    return {
        "number": line.id,
        "who": " · ".join(part for part in who if part),
        "at": line.said_at.isoformat(),
        "words": line.words,
        "answers": line.answers,
        "changed": line.edited,
        "signs": signs,
        **({} if line.poll is None else {"poll": _poll(line.poll, line)}),
        "files": [names[number] for number in line.files if number in names],
    }


def _poll(asked: Any, line: Line) -> dict[str, Any]:
    """What a ballot asks, with how many chose each answer."""
    counted = Counter(answer for answer, _who in line.votes)
    answers = [{"answer": words, "votes": counted[place]} for place, words in enumerate(asked["answers"])]
    return {"question": asked["question"], "answers": answers}


def _nobody(line: Line) -> Node:
    return p_("room", "The bot") if line.notice is not None else FORMER


def files_of(said: Iterable[Line]) -> list[tuple[int, Attachment]]:
    """The files of messages, by number, but for those that could not be brought."""
    return [(number, Attachment.from_json(what)) for line in said for number, what in line.files.items() if what]
