"""How long it takes to put together everything stored about a teacher who has used twinbot for five years.

She wrote on the web and on Telegram nearly every school day, asked and was asked, had forty partners and as many
appointments, and support knows her. What is deleted by age is gone, as the running bot deletes it; with ``--all-kept``
nothing ever was, which is about twenty times as much. Two other teachers have the same beside her, so that rows have
to be found. The file is made as `/mydata` makes it. Beside it, in the same run: the same rows read by SQLAlchemy's
objects, and written by one call of `json.dump`, as one would do it first.

    .venv/bin/python -m benchmarks.mydata [--rounds 5] [--all-kept]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from tempfile import TemporaryFile
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import Session

from benchmarks.verification import databases
from bot.text import Name, Reader, Verbatim, _, encode, lines
from handlers.rights import archive
from storage import audit
from storage.database import Database
from storage.migrations import upgrade
from storage.models import (
    Account,
    Alarm,
    Appeal,
    Attendee,
    Base,
    Case,
    CaseWord,
    Chat,
    Copy,
    LineSide,
    Occurrence,
    OutboxRow,
    PartnerRequest,
    Partnership,
    Prompt,
    Reminder,
    Report,
    Rhythm,
    Suggestion,
    Suspension,
    Utterance,
    WebMessage,
)
from storage.populate import populate
from storage.rights import exporting
from storage.rights.holdings import HOLDINGS
from storage.sealing import Vault

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
YEARS, SCHOOL_DAYS = 5, 190
WORDS = "Dzień dobry! Our class has begun the letters; could we move the video call to Thursday at ten? – Ana 🎈"
OTHERS = 60
"""How many teachers there are beside the three: partners, askers, suggestions."""

Rows = list[dict[str, Any]]


class Life:
    """Makes the rows of one teacher."""

    def __init__(self, session: Session, person: int, others: Sequence[int], *, all_kept: bool) -> None:
        self.session, self.person, self.others, self.all_kept = session, person, others, all_kept

    def days(self, kept: int) -> int:
        """School days of the last ``kept`` days, or of all the years."""
        whole = YEARS * SCHOOL_DAYS
        return whole if self.all_kept else min(whole, round(kept * SCHOOL_DAYS / 365))

    def live(self) -> None:
        """Put five years of use into every table that has a share in it."""
        chats = [self._chat(platform) for platform in ("telegram", "web", "matrix")]
        self._talk(chats)
        lines_of = self._partners()
        self._lines(chats, lines_of)
        self._reminders()
        self._support()

    def put(self, model: type[Base], rows: Rows) -> None:
        """Insert rows."""
        if rows:
            self.session.execute(insert(model), rows)

    def ids(self, model: Any, rows: Rows) -> list[int]:
        """Insert rows and give their numbers."""
        return list(self.session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows))

    def _chat(self, platform: str) -> int:
        name = f"{platform}-of-{self.person}"
        self.put(Account, [{"person_id": self.person, "platform": platform, "external_id": name}])
        chat = {"person_id": self.person, "platform": platform, "external_id": name, "kind": "private"}
        return self.ids(Chat, [chat])[0]

    def _talk(self, chats: Sequence[int]) -> None:
        """Twelve exchanges with the bot a day: what was answered is emptied, what was said to her stays a while."""
        body = encode(lines(_("You are verified."), Verbatim(WORDS)))
        options = [[f"/requests show {n}", encode(_("Partners"))] for n in range(4)]
        self.put(
            OutboxRow,
            [
                {
                    **{"lane": 0, "chat_id": chats[n % 2], "kind": "message", "state": 1, "created_at": NOW},
                    **{"payload": {"body": body, "options": options}, "key": f"o{self.person}.{n}"},
                }
                for n in range(12 * self.days(7))
            ],
        )
        self.put(
            Prompt,
            [
                {
                    **{"token": f"p{self.person}.{n}", "chat_id": chats[0], "person_id": self.person},
                    **{"options": options, "created_at": NOW},
                }
                for n in range(8 * self.days(60))
            ],
        )
        content = {"text": WORDS, "spans": [], "buttons": [{"label": "Help", "payload": "x" * 30}], "language": "pl"}
        self.put(
            WebMessage,
            [
                {
                    **{"chat": f"web-of-{self.person}", "ref": f"r{n}", "content": content, "mine": n % 2 == 0},
                    **{"change": n, "created_at": NOW - timedelta(minutes=n)},
                }
                for n in range(24 * self.days(90))
            ],
        )

    def _partners(self) -> list[int]:
        """Twelve requests a year in each direction, and whom she was shown; forty of them became partners."""
        both = [(self.person, self.others[n % OTHERS]) for n in range(12 * YEARS)]
        pairs = [*both, *((other, self.person) for _mine, other in both)]
        asked = [
            {
                **{"asker_id": a, "asked_id": b, "message": WORDS, "state": "accepted" if n % 3 == 0 else "declined"},
                **{"sent_at": NOW - timedelta(days=10 * n), "decided_at": NOW, "words": WORDS},
            }
            for n, (a, b) in enumerate(pairs)
        ]
        self.put(PartnerRequest, asked)
        self.put(
            Suggestion,
            [
                {"person_id": a, "other_id": b, "shown_at": NOW}
                for other in self.others
                for a, b in ((self.person, other), (other, self.person))
            ],
        )
        joined = [
            {"one_id": min(self.person, other), "other_id": max(self.person, other), "since": NOW}
            for other in self.others[:40]
        ]
        return self.ids(Partnership, joined)

    def _lines(self, chats: Sequence[int], lines_of: Sequence[int]) -> None:
        """On each school day ten words to partners and ten from them, brought to her by the outbox."""
        number = 10 * self.days(90)

        def said(author: Callable[[int], int]) -> list[int]:
            return self.ids(
                Utterance,
                [
                    {
                        **{"partnership_id": lines_of[n % len(lines_of)], "author_id": author(n), "words": WORDS},
                        **{"files": [], "earlier": [], "said_at": NOW - timedelta(minutes=n)},
                    }
                    for n in range(number)
                ],
            )

        said(lambda _n: self.person)
        theirs = said(lambda n: self.others[n % len(lines_of)])
        body = encode(lines(Name("Ana Pereira", self.others[0]), Verbatim(WORDS, self.others[0])))
        brought = self.ids(
            OutboxRow,
            [
                {
                    **{"lane": 0, "chat_id": chats[0], "kind": "message", "state": 1, "created_at": NOW},
                    **{"payload": {"body": body, "answerable": True}, "key": f"c{self.person}.{n}"},
                }
                for n in range(number)
            ],
        )
        copies = [
            {"outbox_id": row, "utterance_id": it, "chat_id": chats[0]} for row, it in zip(brought, theirs, strict=True)
        ]
        self.put(Copy, copies)
        sides = [{"partnership_id": line, "person_id": self.person, "read_id": 1, "read_at": NOW} for line in lines_of]
        self.put(LineSide, sides)

    def _reminders(self) -> None:
        """Three reminders of her own and an appointment a week, told as often; and the weekly digest."""
        number = 4 * self.days(90) // 5
        made = self.ids(
            Reminder,
            [
                {
                    **{"owner_id": self.person, "kind": "reminder", "words": WORDS, "start": NOW.replace(tzinfo=None)},
                    **{"timezone": "Europe/Warsaw", "leads": [0, 10], "skipped": []},
                    **{"created_at": NOW, "changed_at": NOW},
                }
                for _n in range(number)
            ],
        )
        wall = NOW.replace(tzinfo=None)
        told = [
            {"reminder_id": each, "person_id": self.person, "occurrence": wall, "lead": lead, "told_at": NOW}
            for each in made
            for lead in (0, 10)
        ]
        self.put(Occurrence, told)
        self.put(Attendee, [{"reminder_id": each, "person_id": self.person, "answer": "yes"} for each in made])
        coming = [
            {"reminder_id": each, "person_id": self.person, "due_at": NOW, "occurrence": wall, "lead": 0}
            for each in made[:30]
        ]
        self.put(Alarm, coming)
        self.put(Rhythm, [{"person_id": self.person, "quiet_from": 1260, "quiet_to": 420}])

    def _support(self) -> None:
        """A verification each year with a question, and one suspension; what she reported; the record of it all."""
        times = {"opened_at": NOW, "waiting_since": NOW, "due_at": NOW, "closed_at": NOW}
        mine = {"person_id": self.person}
        case = {**mine, "country": "PL", "state": "closed", "outcome": "approved", "note": WORDS, **times}
        for number in self.ids(Case, [case] * YEARS):
            self.put(
                CaseWord, [{"case_id": number, "author_id": self.person, "words": WORDS, "support": False, "at": NOW}]
            )
        suspended = {**mine, "country": "PL", "before": "verified", "reason": WORDS, "since": NOW, "ended_at": NOW}
        (number,) = self.ids(Suspension, [suspended])
        self.put(Appeal, [{"suspension_id": number, "words": WORDS, "at": NOW, "answer": WORDS, "answered_at": NOW}])
        said = [{"words": WORDS, "name": "Ana", "at": NOW.isoformat()}] * 7
        reports = {"reporter_country": "PL", "reported_country": "PT", "reason": "rude", "evidence": said}
        told = {"reporter_id": self.person, "reported_id": self.others[0], "words": WORDS, "made_at": NOW}
        self.put(Report, [{**reports, **told}] * 3)
        for _n in range(8 * YEARS):
            audit.record(
                self.session, actor=None, act="verified", subject=self.person, country="PL", detail={}, now=NOW
            )


def fill(database: Database, *, all_kept: bool) -> int:
    """A database with three such teachers and others around them; the one in the middle."""
    populate(database, OTHERS + 3, 40, 7, now=NOW)

    def live(session: Session) -> int:
        people = list(session.scalars(select(Account.person_id).order_by(Account.person_id)))
        for person in people[:3]:
            Life(session, person, people[3:], all_kept=all_kept).live()
        return people[1]

    return database.do(live)


def ours(session: Session, person: int) -> int:
    """The archive as /mydata makes it; its bytes."""
    with TemporaryFile() as into:
        archive.write(exporting.pieces(session, person), exporting.amount(session, person), READER, NOW, into)
        return into.tell()


def obvious(session: Session, person: int) -> int:
    """The same rows as objects, in one `json.dump`; without a page to read."""
    found = {}
    for holding in HOLDINGS:
        if not holding.secret:
            columns = [column.key for column in inspect(holding.model).columns]
            objects = session.scalars(select(holding.model).where(holding.rows(person))).all()
            rows = [{name: getattr(each, name) for name in columns} for each in objects]
            found.setdefault(holding.model.__tablename__, []).extend(rows)
    with TemporaryFile() as into:
        with ZipFile(into, "w", ZIP_DEFLATED) as made:
            made.writestr("data.json", json.dumps(found, default=str, ensure_ascii=False, indent=1))
        return into.tell()


READER = Reader("pl", "Europe/Warsaw")
WAYS: Mapping[str, Callable[[Session, int], int]] = {"twinbot": ours, "objects and json.dump": obvious}


def figures(database: Database, person: int, rounds: int) -> list[list[str]]:
    """A row of the table for each way, taken in turn."""
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    sizes, peaks = {}, {}
    for _round in range(rounds):
        for way, make in WAYS.items():
            start, used = time.perf_counter(), time.process_time()
            sizes[way] = database.do(partial(make, person=person))
            times[way].append((time.perf_counter() - start, time.process_time() - used))
    for way, make in WAYS.items():
        tracemalloc.start()
        database.do(partial(make, person=person))
        peaks[way] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return [
        [
            way,
            f"{statistics.median(clock for clock, _used in took):.2f}",
            f"{max(clock for clock, _used in took):.2f}",
            f"{statistics.median(used for _clock, used in took):.2f}",
            f"{peaks[way] / 1e6:.1f}",
            f"{sizes[way] / 1e6:.2f}",
        ]
        for way, took in times.items()
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--all-kept", action="store_true")
    chosen = options.parse_args()
    table = Table("", "way", "s (median)", "s (slowest)", "s of processor", "memory at most, MB", "file, MB")
    with databases() as urls:
        for name, url in urls.items():
            database = Database(url, Vault(bytes(32)))
            upgrade(database.engine)
            person = fill(database, all_kept=chosen.all_kept)
            held = database.do(partial(exporting.amount, person=person))
            for row in figures(database, person, chosen.rounds):
                table.add_row(name, *row)
            database.close()
    table.title = f"{sum(held.values())} rows of {len(held)} tables"
    Console().print(table)


if __name__ == "__main__":
    main()
