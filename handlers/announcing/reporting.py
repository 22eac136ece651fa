"""What became of an announcement: in figures, as a picture, as a table; and who did what with it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import BinaryIO

from sqlalchemy.orm import Session

from bot.talk import Attachment, Talk, go
from bot.text import Count, Country, Joined, Language, Node, Strong, When, _, entry, lines, p_
from handlers.announcing.words import DEED, OUTCOME, numbers, person_shown, platform_name, title
from handlers.staff.bars import SOURCE as BARS
from storage.announcing import answers, drafts, figures
from storage.announcing.figures import OUTCOMES, Figure
from storage.models import Announcement
from storage.staff import Post

#: The name of the source from which delivery takes a table; what it asks for is the number of the announcement.
SOURCE = "announced"


def report(talk: Talk, _post: Post, row: Announcement) -> None:
    """Delivered, blocked and the rest, by platform, language and country, with a picture."""
    found = figures.figures(talk.session, row)
    head = Strong(title(drafts.texts(talk.session, row.id)[row.language]))
    shown = bars_of(found)
    picture = Attachment("picture", json.dumps(shown), "report.png", "image/png")
    ways = [go(f"announce {row.id} table", p_("button", "As a table")), go(f"announce {row.id}", _look())]
    talk.say(lines(head, *figures_shown(talk.session, row, found)), *ways, file=(BARS, picture))


def bars_of(found: Sequence[Figure]) -> list[int]:
    """The bars of its picture: the outcomes that there are, in their order."""
    outcomes = figures.by(found, "outcome")
    return [outcomes[o] for o in OUTCOMES if outcomes.get(o)]


def figures_shown(session: Session, row: Announcement, found: Sequence[Figure]) -> list[Node | None]:
    """What became of it, a line each."""
    outcomes, said = figures.by(found, "outcome"), answers.answers(session, row.id)
    return [
        *(entry(OUTCOME[o], Count(outcomes[o])) for o in OUTCOMES if outcomes.get(o)),
        entry(_("Together"), Count(sum(outcomes.values()))),
        numbers(_("By platform"), [(platform_name(k), n) for k, n in _known(found, "platform")]),
        numbers(_("By language"), [(Language(k), n) for k, n in _known(found, "language")]),
        numbers(_("By country"), [(Country(k), n) for k, n in _known(found, "country")]),
        numbers(_("Answers"), _said(said)) if row.joins else None,
        _("The picture has a bar for each of the lines at the top, in their order."),
    ]


def _look() -> Node:
    return p_("button", "Look at it")


def _known(found: Sequence[Figure], what: str) -> list[tuple[str, int]]:
    """The largest first; nobody's are left out."""
    return sorted(((k, n) for k, n in figures.by(found, what).items() if k), key=lambda pair: -pair[1])


def _said(said: dict[str, int]) -> list[tuple[Node, int]]:
    labels: dict[str, Node] = {"in": p_("button", "Count me in"), "out": p_("button", "Not for me")}
    return [(label, said.get(code, 0)) for code, label in labels.items()]


def table(talk: Talk, _post: Post, row: Announcement) -> None:
    """The same as a file for a spreadsheet."""
    name = f"announcement-{row.id}.csv"
    talk.say(
        _("Here is the report as a table."),
        go(f"announce {row.id}", _look()),
        file=(SOURCE, Attachment("file", json.dumps(row.id), name, "text/csv")),
    )


def write(session: Session, number: int, into: BinaryIO) -> None:
    """Write the table of an announcement: a row for each platform, language, country and outcome, then answers."""
    row = session.get_one(Announcement, number)
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["platform", "language", "country", "outcome", "readers"])
    for one in figures.figures(session, row):
        sheet.writerow([one.platform, one.language, one.country, one.outcome, one.number])
    for said, number_of in sorted(answers.answers(session, number).items()):
        sheet.writerow(["", "", "", f"answer {said}", number_of])
    into.write(text.getvalue().encode())


def history(session: Session, row: Announcement) -> Node:
    """Who did what, and when."""
    rows = []
    for one in drafts.deeds(session, row.id):
        parts: list[Node] = [When(one.at), DEED[one.deed]]
        parts += [person_shown(session, one.person)] if one.person is not None else []
        rows.append(Joined(tuple(parts), " · "))
    return lines(Strong(_("History")), *rows)
