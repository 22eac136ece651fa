"""The ZIP that /mydata sends: everything stored about a person, as JSON for programs and as a page to read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from jinja2 import Environment, FileSystemLoader

from bot.text import Node, Reader, When, _, p_, plain
from storage.rights.exporting import Piece, Row

#: The name of the source from which delivery takes an archive.
SOURCE = "archive"

#: Hears how much is done, in percent.
Report = Callable[[int], None]

# Compressing harder takes three times as long and makes the file a tenth smaller.
_COMPRESSED = 3

_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)

# Translators: headings of the page on which people read what is stored about them.
TITLES: Mapping[str, Node] = {
    "people": p_("data", "You"),
    "accounts": p_("data", "Accounts"),
    "chats": p_("data", "Chats"),
    "web_sessions": p_("data", "Browsers signed in"),
    "web_messages": p_("data", "Lines of the web chat"),
    "outbox": p_("data", "Messages from me to you"),
    "outbox_parts": p_("data", "Parts of long messages"),
    "updates": p_("data", "Messages that I could not handle"),
    "prompts": p_("data", "Buttons shown to you"),
    "dialogues": p_("data", "Questions that are open"),
    "teachers": p_("data", "Your profile"),
    "teacher_subjects": p_("data", "Subjects"),
    "teacher_languages": p_("data", "Languages"),
    "wishes": p_("data", "What you look for"),
    "match_rows": p_("data", "What matching uses of your profile"),
    "suggestions": p_("data", "Suggestions to you, and of you"),
    "requests": p_("data", "Requests to be partners"),
    "partnerships": p_("data", "Partnerships"),
    "blocks": p_("data", "Blocks"),
    "school_groups": p_("data", "Groups of schools that you founded"),
    "group_members": p_("data", "Groups of schools that you were asked into"),
    "cases": p_("data", "Your verification, and what you decided for others"),
    "case_words": p_("data", "What support asked, and what you answered"),
    "proofs": p_("data", "Whom you had asked about you, and who asked you"),
    "mail_codes": p_("data", "Codes sent to your school address"),
    "queue_lines": p_("data", "When you were told what waits"),
    "utterances": p_("data", "What you wrote to partners, and in rooms"),
    "projects": p_("data", "Projects that you began"),
    "project_members": p_("data", "Projects that you take part in"),
    "pupils": p_("data", "Places for your pupils"),
    "pupil_chats": p_("data", "The class room that you are in"),
    "rooms": p_("data", "Rooms that you made"),
    "room_doors": p_("data", "Doors of rooms that you opened"),
    "project_spaces": p_("data", "Spaces of projects that you opened"),
    "guests": p_("data", "Rooms of projects that your accounts are invited to or in"),
    "room_members": p_("data", "Rooms that you are in"),
    "door_members": p_("data", "Where you read rooms"),
    "room_messages": p_("data", "How your messages in rooms stand"),
    "room_notices": p_("data", "What I said in rooms because you asked for it"),
    "room_acts": p_("data", "What was done about you in rooms"),
    "project_words": p_("data", "Words and links that you named for a project"),
    "room_files": p_("data", "Files that you sent to rooms"),
    "room_reactions": p_("data", "Signs that you put on messages"),
    "room_votes": p_("data", "Your votes in polls of rooms"),
    "unsent": p_("data", "What waits for your choice to whom it goes"),
    "copies": p_("data", "Messages of partners brought to you"),
    "line_chats": p_("data", "To whom you write in which chat"),
    "line_sides": p_("data", "How far you have read"),
    "reports": p_("data", "What you reported to support"),
    "officers": p_("data", "Your role"),
    "audit_entries": p_("data", "What support recorded of you"),
    "suspensions": p_("data", "Suspensions"),
    "appeals": p_("data", "What you said to a suspension"),
    "teacher_stems": p_("data", "How support finds your name"),
    "schools": p_("data", "Schools that you added"),
    "reminders": p_("data", "Your reminders and appointments"),
    "alarms": p_("data", "When you are reminded next"),
    "occurrences": p_("data", "What you were reminded of"),
    "attendees": p_("data", "Your answers to appointments"),
    "polls": p_("data", "Votes on times that you asked for"),
    "votes": p_("data", "Which times of votes suit you"),
    "announcements": p_("data", "Announcements that you wrote"),
    "announcement_deeds": p_("data", "What you did with announcements"),
    "announcement_answers": p_("data", "Your answers to announcements"),
    "left_categories": p_("data", "Announcements that you do not want"),
    "saved_segments": p_("data", "Groups of readers that you saved"),
    "rhythms": p_("data", "Quiet hours, digest and calendar"),
}


def write(
    pieces: Iterable[Piece],
    amount: Mapping[str, int],
    reader: Reader,
    now: datetime,
    into: BinaryIO,
    report: Report = lambda _percent: None,
) -> None:
    """Write the archive of these pieces, with the page in the reader's language.

    ``amount`` says how many rows each table has, for the headings and for ``report``, which hears what share is
    written. No more than a piece is in memory at a time: the page grows beside the archive, for a ZIP takes one file
    after the other.
    """
    with ZipFile(into, "w", ZIP_DEFLATED, compresslevel=_COMPRESSED) as archive, TemporaryFile() as page:
        pages = _Page(page, reader, amount)
        pages.begin(now)
        with archive.open("data.json", "w") as data:
            _write_both(pieces, data, pages, lambda done: report(_percent(done, sum(amount.values()))))
        pages.end()
        page.seek(0)
        with archive.open("index.html", "w") as last:
            copyfileobj(page, last)


def _write_both(pieces: Iterable[Piece], data: IO[bytes], page: _Page, written: Callable[[int], None]) -> None:
    """Write each row as a line of JSON, and as a list on the page."""
    table, done = None, 0
    data.write(b"{")
    for piece in pieces:
        if piece.table != table:
            data.write(f"{'' if table is None else chr(10) + '],'}\n{json.dumps(piece.table)}: [".encode())
            page.section(piece.table)
        between = "\n" if piece.table != table else ",\n"
        data.write((between + ",\n".join(json.dumps(row, ensure_ascii=False) for row in piece.rows)).encode())
        page.rows(piece.rows)
        table, done = piece.table, done + len(piece.rows)
        written(done)
    data.write(b"}" if table is None else b"\n]}")


class _Page:
    """The page to read, as it grows."""

    def __init__(self, into: IO[bytes], reader: Reader, amount: Mapping[str, int]) -> None:
        self._into, self._reader, self._amount = into, reader, amount
        self._parts: Any = _PAGES.get_template("page.html").module

    def begin(self, now: datetime) -> None:
        """The head of the page."""
        title, made = (plain(node, self._reader) for node in (_("Everything stored about you"), When(now)))
        self._write(self._parts.begin(self._reader.language, self._reader.direction, title, made))

    def section(self, table: str) -> None:
        """What follows is of this table."""
        title = plain(TITLES[table], self._reader) if table in TITLES else table
        self._write(self._parts.section(title, self._amount.get(table, 0)))

    def rows(self, rows: Sequence[Row]) -> None:
        """Rows of the table at hand."""
        self._write(self._parts.rows(rows))

    def end(self) -> None:
        """The foot of the page."""
        self._write(self._parts.end())

    def _write(self, text: str) -> None:
        self._into.write(text.encode())


def _percent(done: int, whole: int) -> int:
    return 100 if done >= whole else done * 100 // whole
