"""A village in which somebody has each role, and something is open between them; whatever is done in it is undone.

Turns run through the real desk code (`bot.turn.Hearing`) on a database in memory, without a platform, so that very
many can be tried. What they change of others is told by `storage.rights.holdings`, which says whose each row is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, event, inspect, select
from sqlalchemy.orm import Session

from bot.conversation import House
from bot.guessing import Guesses
from bot.prompts import payload
from bot.talk import Heard, Talk
from bot.talk.commands import Command, Commands
from bot.text import Reader, decode, plain
from bot.turn import Hearing
from handlers import commands, listeners
from storage import partnerships, relay, reports, staff, suspensions, teachers
from storage.database import make_engine
from storage.dialogues import prompt
from storage.matching import seen
from storage.models import Account, Base, Chat, Officer, Poll, Prompt, PupilChat, SchoolGroup, Teacher
from storage.people import roles_of
from storage.post import Parcel
from storage.rights.holdings import HOLDINGS, Holding
from storage.schools import add_school
from storage.teachers import TeacherFacts
from storage.verification import cases, proofs
from tests.vault import VAULT

NOW = datetime(2026, 10, 13, 9, tzinfo=UTC)
_ISOLATES = str.maketrans("", "", "\u2068\u2069")

#: Who does things, by their role; "new" has never been heard of.
WALKERS = ("new", "unverified", "verified", "suspended", "ambassador", "national", "abroad", "central", "pupil")
#: Others, with whom something is open: they do nothing, and nothing is done to them that the table does not allow.
OTHERS = ("partner", "asker", "asked", "waiting", "queried", "banned")
HOME = {"partner": "PL", "asker": "GR", "asked": "FR", "abroad": "PL"}
STATUS = {"unverified": "unverified", "waiting": "unverified", "queried": "unverified"}

#: Tables whose rows come and go with what is said and shown to people: telling somebody something is not doing
#: something to them.
_TELLING = {
    "alarms",
    "audit_entries",
    "chats",
    "copies",
    "dialogues",
    "match_rows",
    "occurrences",
    "outbox",
    "outbox_parts",
    "prompts",
    "suggestions",
    "updates",
    "web_messages",
}
#: What an ambassador's word may change: that a teacher of their country is verified.
_VOUCHED = {"teachers", "proofs", "cases"}

#: The beginning of each statement that changes rows, with the table where those of no other can follow.
_WRITES = re.compile(
    r'\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO\s+"?(\w+)|UPDATE\s+"?(\w+)|DELETE|REPLACE|WITH)', re.IGNORECASE
)

Key = tuple[str, tuple[Any, ...]]
Rows = dict[tuple[Any, ...], tuple[Any, ...]]


@dataclass(frozen=True)
class Button:
    """Something to press: what it carries, what it means, and which question it answers ("" for a way on)."""

    payload: str
    option: str
    question: str


@dataclass
class Seen:
    """What came of a turn: the words said to whoever did something, what they can press now, which flows ran."""

    words: str
    buttons: list[Button]
    ran: list[str]
    question: str


class Village:
    """The database with its people, who read a language; ``hears`` is told of each message to anybody.

    ``ran`` notes each flow that runs.
    """

    def __init__(self, language: str = "en", hears: Callable[[Parcel], object] = id) -> None:
        self.language, self.hears = language, hears
        self.engine = make_engine("sqlite://", VAULT)
        Base.metadata.create_all(self.engine)
        self.connection: Connection = self.engine.connect()
        self.connection.exec_driver_sql("BEGIN")
        self.session = Session(self.connection, expire_on_commit=False)
        self.ran: list[str] = []
        self.stands: dict[str, Rows] = {}
        #: Tables that were written to since the rows were looked at last.
        self.written: set[str] = set()
        event.listen(self.engine, "before_cursor_execute", self._note)
        self.turns = 0
        table = Commands([self._noted(command) for command in commands()])
        self.table = table
        extra = {"commands": table, "address": "https://twinbot.example", "mails": True}
        # Here buttons of others are tried by the hundred; that a guesser is slowed is looked at elsewhere.
        self.house = House(table, extra, listeners(), Guesses(most=10**9))
        self.people: dict[str, int] = {}
        self.country: dict[int, str] = {}
        self._settle()
        self.owners = self._owners()
        #: Every row as it stands now.
        self.stands = self.dump()

    def close(self) -> None:
        self.session.close()
        self.connection.close()
        self.engine.dispose()

    def _noted(self, command: Command) -> Command:
        def flow(talk: Talk) -> None:
            self.ran.append(command.word)
            command.flow(talk)

        return replace(command, flow=flow)

    # People and what is open between them.

    def _settle(self) -> None:
        for name in (*WALKERS[1:], *OTHERS):
            self.does(name, text="/start")
            self.people[name] = self.person(name)
        for name in (*WALKERS[1:], *OTHERS):
            if name not in {"national", "abroad", "central", "pupil"}:
                self._register(name)
        for name, role, country in (
            ("ambassador", "ambassador", "PT"),
            ("national", "national", "PT"),
            ("abroad", "national", "PL"),
            ("central", "central", None),
        ):
            staff.name_officer(self.session, self.people[name], role, country, named_by=None, now=NOW)
        chat = self.session.scalars(select(Chat.id).where(Chat.person_id == self.people["pupil"])).one()
        self.session.add(PupilChat(chat_id=chat, person_id=self.people["pupil"]))
        self._meet()
        self._wait()
        self.session.flush()

    def _register(self, name: str) -> None:
        country = HOME.get(name, "PT")
        school = add_school(self.session, country, f"Escola {name}", "Viseu", "primary", now=NOW)
        school.domains, school.email = "escola.example", "direcao@escola.example"
        told = TeacherFacts(f"{name.title()} Diallo", country, school.id, ("music",), ("en",), (8, 10), "Songs")
        teachers.register(self.session, self.people[name], told, NOW)
        teachers.set_status(self.session, self.people[name], STATUS.get(name, "verified"))
        self.country[self.people[name]] = country

    def _meet(self) -> None:
        """Partners who have written to each other, requests both ways, suggestions, a report."""
        me = self.people["verified"]
        number = partnerships.open_(self.session, me, self.people["partner"], NOW)
        chat = self.session.scalars(select(Chat.id).where(Chat.person_id == self.people["partner"])).one()
        said = relay.keep(
            self.session,
            author=self.people["partner"],
            chat=chat,
            ref="m1",
            partnership=number,
            words="Good morning!",
            now=NOW,
        )
        self._ask("asker", "verified")
        self._ask("verified", "asked")
        seen.remember(self.session, me, [self.people["ambassador"]], NOW)
        spoken = relay.find(self.session, said)
        assert spoken is not None
        reports.make(
            self.session,
            partnership=number,
            reporter=me,
            reported=self.people["partner"],
            countries=("PT", "PL"),
            reason="other",
            words="Please look at this.",
            evidence=[],
            now=NOW,
        )

    def _ask(self, asker: str, asked: str) -> None:
        """One asks another through the conversation, so that the other has news with buttons."""
        seen.remember(self.session, self.people[asker], [self.people[asked]], NOW)
        self.does(asker, text=f"/requests ask {self.people[asked]}")
        shown = self.does(asker, text="Shall we sing together?")
        assert "Sent." in self.presses(asker, shown, "send").words

    def presses(self, name: str, shown: Seen, option: str) -> Seen:
        """Press what has this id among what was shown."""
        return self.does(name, press=next(each.payload for each in shown.buttons if each.option == option))

    def _wait(self) -> None:
        """Cases before support: one waits, one was asked back, one teacher is suspended and appeals."""
        due = NOW + timedelta(days=5)
        waiting, queried = self.people["waiting"], self.people["queried"]
        self.presses("waiting", self.does("waiting", text="/verification"), "note")
        self.does("waiting", text="I am on the school's page.")
        asked = cases.open_case(self.session, queried, "PT", "Call my school.", now=NOW, due=due)
        cases.ask(self.session, asked.id, self.people["national"], "Whom?", version=asked.version, now=NOW)
        school = self.session.scalars(select(Teacher.school_id).where(Teacher.person_id == waiting)).one()
        ambassador = self.people["ambassador"]
        proofs.add(self.session, waiting, school, "ambassador", "asked", now=NOW, until=due, by=ambassador, detail=None)
        for name in ("banned", "suspended"):
            number = suspensions.suspend(
                self.session, self.people[name], "Unkind words.", by=self.people["national"], now=NOW
            )
            assert number is not None
            suspensions.appeal(self.session, number, "I am sorry.", NOW)

    def person(self, name: str) -> int:
        """The number of somebody."""
        where = select(Account.person_id).where(Account.external_key == name)
        return self.session.scalars(where).one()

    def roles(self, name: str) -> frozenset[str]:
        """What somebody is at this moment, as the table of commands knows it."""
        person = self.session.scalar(select(Account.person_id).where(Account.external_key == name))
        if person is None:
            return frozenset()
        status = self.session.scalar(select(Teacher.status).where(Teacher.person_id == person))
        role = self.session.scalar(select(Officer.role).where(Officer.person_id == person))
        pupil = self.session.scalar(select(PupilChat.chat_id).where(PupilChat.person_id == person))
        return roles_of(status, role, pupil)

    # Doing something, and undoing it.

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever is done inside has not been."""
        saved, stood, written = self.session.begin_nested(), self.stands, set(self.written)
        try:
            yield
        finally:
            saved.rollback()
            self.stands, self.written = stood, written
            self.session.expunge_all()
            self.session.info.clear()

    def does(self, name: str, **what: Any) -> Seen:
        """Somebody does something in their private chat."""
        self.turns += 1
        self.ran.clear()
        heard = Heard(chat=name, sender=name, id=f"m{self.turns}", name=name, language=self.language, **what)
        turn = Hearing(self.house, self.session, "village", heard, key=f"u{self.turns}.", now=NOW)
        everything = turn.run()
        for parcel in everything:
            self.hears(parcel)
        parcels = [parcel for parcel in everything if parcel.chat == name]
        self.session.flush()
        words = "\n".join(_words(parcel) for parcel in parcels)
        buttons = [button for parcel in parcels for button in self._buttons(name, parcel)]
        return Seen(words, buttons, list(self.ran), turn.talk.question or "")

    def _buttons(self, name: str, parcel: Parcel) -> Iterator[Button]:
        """What a message offers, with what it means: that is only in the database."""
        shown = [*parcel.payload.get("options", ()), *parcel.payload.get("controls", ())]
        if not shown:
            return
        token = shown[0][1].partition(".")[0]
        asked = prompt(self.session, parcel.chat_id, self.person(name), token)
        assert asked is not None
        assert len(asked.options) == len(shown)
        for (_label, carried, _chosen), (option, _again) in zip(shown, asked.options, strict=True):
            yield Button(carried, option, asked.question or "")

    def everything_offered(self) -> list[tuple[str, Button]]:
        """All that stands in the prompts of the village now, with whose it is."""
        names = {number: name for name, number in self.people.items()}
        found = self.session.execute(select(Prompt.person_id, Prompt.token, Prompt.question, Prompt.options))
        return [
            (names[person], Button(payload(token, option), option, question or ""))
            for person, token, question, options in found
            if person in names
            for option, _label in options
        ]

    # What is whose.

    def dump(self) -> dict[str, Rows]:
        """Every row that is more than telling, as it lies in the database, by table and key."""
        self.written = set()
        return {table: self._rows(table, places) for table, places in _TABLES.items()}

    def _rows(self, table: str, places: list[int]) -> Rows:
        rows = self.connection.exec_driver_sql(f'SELECT * FROM "{table}"')
        return {tuple(row[place] for place in places): tuple(row) for row in rows}

    def _note(self, _connection: object, _cursor: object, statement: str, *_more: object) -> None:
        """Note which table a statement writes to. What is deleted may take rows of any other table with it."""
        found = _WRITES.match(statement)
        if found is not None:
            table = found[1] or found[2]
            self.written |= {table} if table else _TABLES.keys()

    def _owners(self, tables: Collection[str] = ()) -> dict[Key, set[int]]:
        """Whose each row is, of these tables or of all; a row may be of several people."""
        owners: dict[Key, set[int]] = {}
        for holding in HOLDINGS:
            table = holding.model.__tablename__
            if table not in _TELLING and (not tables or table in tables):
                for person in self.people.values():
                    for key in self._held(holding, person):
                        owners.setdefault((table, key), set()).add(person)
        for (table, key), people in owners.items():
            if table in {"group_members", "votes"}:
                people.update(self._asked_by(table, key[0]))
        return owners

    def _asked_by(self, table: str, number: int) -> Iterable[int]:
        """Who asks others into a group, or for their votes: what is not answered yet is theirs as well."""
        if table == "votes":
            return self.session.scalars(select(Poll.owner_id).where(Poll.id == number))
        return self.session.scalars(select(SchoolGroup.founder_id).where(SchoolGroup.id == number))

    def _held(self, holding: Holding, person: int) -> Iterator[tuple[Any, ...]]:
        columns = list(inspect(holding.model).primary_key)
        return map(tuple, self.session.execute(select(*columns).where(holding.rows(person))))

    def trespasses(self, name: str) -> list[str]:
        """What somebody has changed of others, since this was looked at last, without a right to: rows, by table."""
        before = self.stands
        written = {table: self._rows(table, _TABLES[table]) for table in self.written & _TABLES.keys()}
        self.stands, self.written = {**before, **written}, set()
        changed = {
            (table, key)
            for table, rows in written.items()
            for key in rows.keys() | before[table].keys()
            if before[table].get(key) != rows.get(key)
        }
        if not changed:
            return []
        new = changed - self.owners.keys()
        owners = self._owners({table for table, _key in new}) if new else {}
        me = self.people.get(name) or self.person(name)
        theirs = {key: self.owners.get(key) or owners.get(key, set()) for key in changed}
        return [
            f"{key[0]} of {sorted(who)}" for key, who in theirs.items() if who and self._wrong(name, me, key[0], who)
        ]

    def _wrong(self, name: str, me: int, table: str, who: set[int]) -> bool:
        if me in who:
            return False
        allowed = [self._may(name, table, self.country.get(person)) for person in who]
        # A report is read by support of both countries.
        return not (any(allowed) if table == "reports" else all(allowed))

    def _may(self, name: str, table: str, country: str | None) -> bool:
        """Whether the role of somebody lets them change rows of people of a country."""
        if name == "central":
            return True
        if name in {"national", "abroad"}:
            return country == HOME.get(name, "PT")
        return name == "ambassador" and country == "PT" and table in _VOUCHED


def _words(parcel: Parcel) -> str:
    body = parcel.payload.get("body")
    return plain(decode(body), Reader("en")).translate(_ISOLATES) if body is not None else ""


def _key_places(table: Table) -> list[int]:
    names = [column.name for column in table.columns]
    return [names.index(column.name) for column in table.primary_key.columns]


#: The tables whose rows are more than telling, with where the columns of the key are.
_TABLES = {table.name: _key_places(table) for table in Base.metadata.sorted_tables if table.name not in _TELLING}


def shape(option: str) -> str:
    """An option's id without its numbers: two requests are answered alike."""
    return re.sub(r"\d+", "#", option)
