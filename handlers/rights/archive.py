"""The ZIP that /mydata sends: everything stored about a person, as JSON for programs and as a page to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from jinja2 import Environment, FileSystemLoader

from bot.text import Node, Reader, When, _, p_, plain
from storage.rights.exporting import Piece

#: The name of the source from which delivery takes an archive.
SOURCE = "archive"

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
    "utterances": p_("data", "What you wrote to partners"),
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
    "rhythms": p_("data", "Quiet hours, digest and calendar"),
}


def write(pieces: Iterable[Piece], reader: Reader, now: datetime, into: BinaryIO) -> None:
    """Write the archive of these pieces, with the page in the reader's language."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for piece in pieces:
        tables.setdefault(piece.table, []).extend(piece.rows)
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(tables, ensure_ascii=False, indent=1))
        archive.writestr("index.html", _page(tables, reader, now))


def _page(tables: Mapping[str, list[dict[str, Any]]], reader: Reader, now: datetime) -> str:
    sections = [
        {"title": plain(TITLES[table], reader) if table in TITLES else table, "count": len(rows), "rows": rows}
        for table, rows in tables.items()
    ]
    return _PAGES.get_template("page.html").render(
        language=reader.language,
        direction=reader.direction,
        title=plain(_("Everything stored about you"), reader),
        made=plain(When(now), reader),
        sections=sections,
    )
