"""Announcements as their pages show them: read and changed for officers who reach so far, and for nobody else.

It is the same draft as in the chat, under the same rules: who may see it, who has to agree, whose words count where two
change one draft.
"""

from __future__ import annotations

import asyncio
import io
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from bot.platforms.web.announcingbook import Far, Leaf, Listed, Outcome, Overview, Words
from bot.talk import Excuse, News, Option
from bot.telling import Telling
from bot.text import Count, Joined, Node, Reader, Verbatim, _, entry, lines, p_
from bot.text.catalogs import available
from bot.text.cleaning import clean
from handlers.announcing import editing, flow, launching, looking, markup, reporting, running
from handlers.announcing.words import STATE, body, enclosed_shown, file, platform_name, title
from handlers.staff import bars
from handlers.staff.badge import badge
from storage import staff
from storage.announcing import drafts, figures, segments, sending
from storage.announcing.drafts import CANCELLED, DRAFT, FINISHED, PAUSED, RUNNING, SCHEDULED, WAITING
from storage.announcing.segments import Counted
from storage.database import Database
from storage.models import Announcement, Person
from storage.post import Parcel
from storage.rooms.entering import person_of
from storage.staff import Post

T = TypeVar("T")
_REMEMBERED = 1000
#: What can be done with one, by how it stands; a second officer agrees to what waits.
_WAYS: dict[str, tuple[tuple[str, Node], ...]] = {
    DRAFT: (("send", p_("button", "Send")),),
    WAITING: (("approve", p_("button", "Agree and send")), ("back", p_("button", "Give it back"))),
    SCHEDULED: (("cancel", p_("button", "Cancel")),),
    RUNNING: (("pause", p_("button", "Pause")), ("cancel", p_("button", "Cancel"))),
    PAUSED: (("resume", p_("button", "Resume")), ("cancel", p_("button", "Cancel"))),
}


@dataclass
class _Officer:
    """An officer at a page: the `Doer` of what is done there."""

    session: Session
    post: Post
    now: datetime
    reader: Reader
    telling: Telling

    @property
    def person(self) -> int:
        """Who it is."""
        return self.post.person

    def tell(
        self, person: int, body: Node, *options: Option, later: timedelta | None = None, token: str | None = None
    ) -> None:
        """Tell somebody something, where they were heard last."""
        self.telling.tell(News(person, body, options, later, token))


class AnnouncingPages:
    """The `AnnouncingBook` of the web. Each call looks again what the account may see.

    ``deliver`` sends what others are told, after the commit; ``parts`` says in how many messages a platform brings a
    text.
    """

    def __init__(
        self,
        database: Database,
        deliver: Callable[[Sequence[Parcel]], None],
        parts: Mapping[str, looking.Parts],
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._deliver, self._parts, self._now = database, deliver, parts, now
        # What a browser sends again, it sends within moments.
        self._begun: OrderedDict[tuple[str, str], int] = OrderedDict()

    async def overview(self, account: str) -> Overview | None:
        """The list."""
        return await self._database.read(partial(self._see, account=account, look=_overview))

    async def leaf(self, account: str, number: int, asks: str = "") -> Leaf | None:
        """One announcement; ``asks`` is what is asked about first."""
        look = _one(number, partial(self._leaf, asks=asks))
        return await self._database.read(partial(self._see, account=account, look=look))

    async def begin(self, account: str, text: str, event: str) -> Outcome | None:
        """Make a draft of its first words; the same ``event`` makes one alone."""
        known = self._begun.get((account, event))
        if known is not None:
            return Outcome(known)
        outcome = await self._do(account, partial(_begin, text=text))
        if outcome is not None and outcome.well:
            self._begun[account, event] = outcome.number
            while len(self._begun) > _REMEMBERED:
                self._begun.popitem(last=False)
        return outcome

    async def write(self, account: str, number: int, language: str, text: str, seen: int) -> Outcome | None:
        """Set the words in one language, or take them away if there are none."""
        return await self._do(account, _one(number, partial(_write, language=language, text=text, seen=seen)))

    async def shown(self, account: str, number: int, language: str, text: str) -> Words | None:
        """How words would be read that are not kept yet; whoever writes them is noted as being at it."""

        def look(officer: _Officer, row: Announcement) -> Words | None:
            if row.state != DRAFT or language not in available():
                return None
            drafts.at_it(officer.session, row.id, officer.person, officer.now)
            return self._words(officer, row, language, clean(text))

        return await self._database.write(partial(self._see, account=account, look=_one(number, look)))

    async def do(self, account: str, number: int, deed: str, seen: int) -> Outcome | None:
        """Send it, agree to it, give it back, hold it, let it go on, cancel it."""
        return await self._do(account, _one(number, partial(_act, deed=deed, seen=seen)))

    async def table(self, account: str, number: int) -> bytes | None:
        """The report for a spreadsheet."""
        return await self._database.read(partial(self._see, account=account, look=_one(number, _table)))

    async def picture(self, account: str, number: int) -> bytes | None:
        """The report as bars."""
        shown = await self._database.read(partial(self._see, account=account, look=_one(number, _bars)))
        if not shown:
            return None
        into = io.BytesIO()
        await asyncio.to_thread(bars.draw, shown, into)
        return into.getvalue()

    def _see(self, session: Session, account: str, look: Callable[[_Officer], T | None]) -> T | None:
        """Look at something for an officer; None for anybody else."""
        officer = self._officer(session, account)
        return None if officer is None else look(officer)

    async def _do(self, account: str, act: Callable[[_Officer], Outcome | None]) -> Outcome | None:
        """Do something in one transaction, then send what is told of it; what cannot be is undone."""

        def work(session: Session) -> tuple[Outcome | None, Sequence[Parcel]]:
            officer = self._officer(session, account)
            if officer is None:
                return None, ()
            return act(officer), officer.telling.finish()

        try:
            outcome, parcels = await self._database.write(work)
        except _Cannot as cannot:
            return Outcome(cannot.number, cannot.told, well=False)
        self._deliver(parcels)
        return outcome

    def _officer(self, session: Session, account: str) -> _Officer | None:
        number = person_of(session, account)
        post = None if number is None else staff.post_of(session, number)
        if post is None or not post.support:
            return None
        person, now = session.get_one(Person, post.person), self._now()
        telling = Telling(session, f"announcing.{secrets.token_hex(8)}.", now)
        return _Officer(session, post, now, Reader(person.language, person.timezone), telling)

    def _leaf(self, officer: _Officer, row: Announcement, asks: str) -> Leaf:
        session, draft = officer.session, row.state == DRAFT
        texts = drafts.texts(session, row.id)
        counted = segments.count(session, drafts.audience(row, officer.now)) if _is_early(row) else Counted()
        report = reporting.figures_shown(session, row, figures.figures(session, row)) if _has_gone_out(row) else []
        usual_first = sorted(texts, key=lambda language: language != row.language)
        return Leaf(
            reader=officer.reader,
            number=row.id,
            version=row.version,
            state=row.state,
            title=title(texts[row.language]),
            stands=STATE[row.state],
            draft=draft,
            words=[self._words(officer, row, language, texts[language]) for language in usual_first],
            others=[language for language in available() if language not in texts] if draft else [],
            notes=_notes(officer, row, counted),
            meant=_meant(session, row, counted, texts) if _is_early(row) else [],
            far=_far(session, row) if row.state in {RUNNING, PAUSED} else None,
            report=[line for line in report if line is not None],
            ways=_ways(officer, row),
            asks=_asks(officer, row, counted, asks),
            soon=row.state in {RUNNING, PAUSED} or (row.state == SCHEDULED and running.is_due(row, officer.now)),
        )

    def _words(self, officer: _Officer, row: Announcement, language: str, text: str) -> Words:
        shown, there = body(row, text), file(officer.session, row) is not None
        reader = Reader(language, officer.reader.timezone)
        counts = {name: parts(shown, reader, there) for name, parts in self._parts.items()} if text else {}
        splits = [entry(platform_name(name), told) for name, n in counts.items() for told in looking.split(n)]
        shown = lines(shown, *looking.below(row, numbered=False))
        return Words(language, text, shown if text else None, markup.trouble(text), splits, markup.LONGEST)


class _Cannot(Exception):
    """Something cannot be done with an announcement, for a reason that is told; its transaction is undone."""

    def __init__(self, number: int, told: Node) -> None:
        super().__init__(number)
        self.number, self.told = number, told


def _one(number: int, look: Callable[[_Officer, Announcement], T | None]) -> Callable[[_Officer], T | None]:
    """Look at an announcement, if the officer reaches so far."""

    def within(officer: _Officer) -> T | None:
        row = drafts.find(officer.session, number, officer.post)
        return None if row is None else look(officer, row)

    return within


def _table(officer: _Officer, row: Announcement) -> bytes | None:
    into = io.BytesIO()
    reporting.write(officer.session, row.id, into)
    return into.getvalue() if _has_gone_out(row) else None


def _bars(officer: _Officer, row: Announcement) -> list[int] | None:
    return reporting.bars_of(figures.figures(officer.session, row)) if _has_gone_out(row) else None


def _is_early(row: Announcement) -> bool:
    """Whether nobody has got anything of it."""
    return row.state in {DRAFT, WAITING, SCHEDULED}


def _has_gone_out(row: Announcement) -> bool:
    """Whether there is something to report. While it is on its way, that is counted when somebody asks for it."""
    return row.started_at is not None and row.state in {FINISHED, CANCELLED}


def _overview(officer: _Officer) -> Overview:
    session, post = officer.session, officer.post

    def listed(*states: str) -> list[Listed]:
        return [_listed(session, row) for row in drafts.listed(session, post, *states)]

    return Overview(officer.reader, badge(post.country), listed(*flow.OPEN), listed(*flow.ENDED), flow.QUESTION)


def _listed(session: Session, row: Announcement) -> Listed:
    words = row.template or drafts.texts(session, row.id).get(row.language, "")
    return Listed(row.id, title(words), STATE[row.state])


def _notes(officer: _Officer, row: Announcement, counted: Counted) -> list[Node]:
    """Who else is at a draft, and what is wrong with it."""
    if row.state != DRAFT:
        return []
    wrong = launching.problems(officer, row, counted)
    other = editing.others(officer, row)
    trouble = [lines(_("It cannot go out like this:"), *wrong)] if wrong else []
    return [*([] if other is None else [other]), *trouble]


def _meant(session: Session, row: Announcement, counted: Counted, texts: dict[str, str]) -> list[Node]:
    found = [*enclosed_shown(session, row), *editing.meant(row, counted, texts)]
    if counted.total > launching.ALONE and row.state == DRAFT:
        found.append(launching.SECOND)
    return [line for line in found if line is not None]


def _far(session: Session, row: Announcement) -> Far:
    left = sending.remaining(session, row)
    done = max(0, row.total - left)
    number = _("{done} of {total}", done=Count(done), total=Count(row.total))
    percent = Joined((Count(int(running.part(row, left) * 100)), Verbatim("%")), " ")
    return Far(done, row.total, [percent, number, *running.pace(row, left)])


def _ways(officer: _Officer, row: Announcement) -> list[tuple[str, Node]]:
    own = row.author_id == officer.person
    return [way for way in _WAYS.get(row.state, ()) if not (own and way[0] == "approve")]


def _asks(officer: _Officer, row: Announcement, counted: Counted, what: str) -> tuple[str, Node] | None:
    """The question before what cannot be undone, if that can be done at all."""
    if what not in {name for name, _label in _ways(officer, row)}:
        return None
    if what == "send" and not launching.problems(officer, row, counted):
        return what, launching.sure(counted)
    return (what, running.CANCEL) if what == "cancel" else None


def _begin(officer: _Officer, text: str) -> Outcome:
    words = clean(text)
    wrong = _("Please write it in words.") if not words else markup.trouble(words)
    if wrong is not None:
        raise _Cannot(0, wrong)
    return Outcome(drafts.begin(officer.session, officer.post, officer.reader.language, words, officer.now))


def _write(officer: _Officer, row: Announcement, language: str, text: str, seen: int) -> Outcome:
    words = clean(text)
    wrong = markup.trouble(words) if words else None
    if not words and language == row.language:
        wrong = _("Please write it in words.")
    if wrong is not None:
        raise _Cannot(row.id, wrong)
    if language not in available() or not drafts.change(officer.session, row.id, officer.person, seen, officer.now):
        raise _Cannot(row.id, editing.TOO_LATE)
    drafts.set_text(officer.session, row.id, language, words or None)
    drafts.note(officer.session, row.id, officer.person, "changed", officer.now)
    return Outcome(row.id)


def _act(officer: _Officer, row: Announcement, deed: str, seen: int) -> Outcome:
    if deed not in {name for name, _label in _ways(officer, row)}:
        raise _Cannot(row.id, lines(_("That cannot be done now."), STATE[row.state]))
    # What is sent or agreed to is what was looked at.
    if deed in {"send", "approve"} and seen != row.version:
        raise _Cannot(row.id, editing.TOO_LATE)
    try:
        return Outcome(row.id, _DEEDS[deed](officer, row))
    except Excuse as excuse:
        raise _Cannot(row.id, excuse.reason) from None


def _counted(officer: _Officer, row: Announcement) -> Counted:
    return segments.count(officer.session, drafts.audience(row, officer.now))


def _send(officer: _Officer, row: Announcement) -> Node | None:
    return launching.sent_off(officer, officer.post, row, _counted(officer, row))


def _approve(officer: _Officer, row: Announcement) -> Node:
    return launching.approved(officer, row, _counted(officer, row))


def _back(officer: _Officer, row: Announcement) -> None:
    launching.given_back(officer, row)


def _pause(officer: _Officer, row: Announcement) -> None:
    running.turned(officer, row, "paused", done=sending.pause(officer.session, row.id))


def _resume(officer: _Officer, row: Announcement) -> None:
    running.turned(officer, row, "resumed", done=sending.resume(officer.session, row.id))


def _cancel(officer: _Officer, row: Announcement) -> None:
    running.turned(officer, row, "cancelled", done=sending.cancel(officer.session, row.id, officer.now))


_DEEDS: dict[str, Callable[[Any, Announcement], Node | None]] = {
    "send": _send,
    "approve": _approve,
    "back": _back,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
}
