"""Wires everything once; the only file that knows everyone."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from bot.alone import Alone
from bot.anchor import Anchor
from bot.announcing_pages import AnnouncingPages
from bot.archives import Archives
from bot.attending import Attending
from bot.calendars import Calendars
from bot.cards import CardPrinter
from bot.clock import Clock, utc_now
from bot.company import Company
from bot.conversation import House
from bot.delivery import Delivery
from bot.desk import Desk
from bot.dispatch import parts_of
from bot.drawings import Bars
from bot.enclosures import Enclosures
from bot.following import Following
from bot.guessing import CardTries
from bot.metrics import Metrics
from bot.mine import HOUSE, Mine
from bot.notices import MAIL
from bot.platforms.platform import (
    Admitting,
    Announcing,
    Entered,
    Guest,
    Housing,
    Platform,
    Profile,
    Source,
    Subscribed,
)
from bot.pupil_pages import PupilPages
from bot.room_archives import RoomArchives
from bot.room_pages import RoomPages
from bot.tables import Tables
from bot.talk import Chore, Done
from bot.tasks import Tasks
from bot.telling import Telling
from bot.text import Reader, _, plain
from bot.text.catalogs import available
from bot.tickets import TicketOffice
from bot.together import Together
from bot.typing import Typing
from bot.watch import Watch
from handlers import chores, commands, listeners, purposes
from handlers.reminders.holidays import warm
from storage import accounts, dialogues, lines, onetime, post, reports, web
from storage import relay as relayed
from storage.database import Database
from storage.post import REMINDER, Parcel

log = logging.getLogger("twinbot.app")

# What /privacy promises.
_KEEP_POST = timedelta(days=7)
_KEEP_DEAD = timedelta(days=30)
_KEEP_WEB = timedelta(days=90)
_KEEP_LINES = timedelta(days=90)
_KEEP_PROMPTS = timedelta(days=60)
# How often, in seconds, it is looked for what other processes did not tell, because they died before.
_SWEEP = 5
# How long, in seconds, a program that is told to end may take to finish what is in hand.
_GRACE = 3.5


class StoredMarks:
    """A platform's own marks, kept in the database."""

    def __init__(self, database: Database, platform: str) -> None:
        self._database, self._platform = database, platform

    async def load(self) -> dict[str, str]:
        """All marks of this platform."""
        return await self._database.read(partial(post.marks, platform=self._platform))

    async def save(self, marks: Mapping[str, str]) -> None:
        """Set these marks."""
        await self._database.write(partial(post.save_marks, platform=self._platform, values=dict(marks)))


class App:
    """The running program: a database, the platforms, and what lies between them.

    ``address`` is where people reach the web pages; ``anchor`` notes how far the audit log goes; ``watch`` tells
    others how the program is. ``room_days``: for how long what was said in rooms is kept after the end of a project.
    """

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        now: Callable[[], datetime] = utc_now,
        address: str = "http://localhost:8080",
        anchor: Anchor | None = None,
        watch: Watch | None = None,
        room_days: int = 180,
    ) -> None:
        self.metrics = Metrics() if watch is None else watch.metrics
        self.watch = watch or Watch(database, self.metrics, now)
        self.database, self.platforms, self.now, self.anchor = database, platforms, now, anchor
        self.tasks = Tasks()
        self.mine = Mine()
        self.clock = Clock()
        table = commands()
        self.chores = chores(room_days)
        extra = {"commands": table, "address": address, "mails": MAIL in platforms, "platforms": frozenset(platforms)}
        extra["group_links"] = {name: one.group_link for name, one in platforms.items() if isinstance(one, Guest)}
        numbered = frozenset(name for name, platform in platforms.items() if platform.numbered)
        extra["numbered"] = numbered
        extra["parts"] = parts = {name: partial(parts_of, one) for name, one in platforms.items() if name != MAIL}
        tries = extra["card_tries"] = CardTries()
        self.house = House(table, extra, listeners(), numbered=numbered)
        calendars = Calendars(database, now)
        archives = RoomArchives(database, now)
        made = (
            Archives(database, now),
            Bars(),
            Tables(database),
            Enclosures(database),
            calendars,
            CardPrinter(database, address, now),
            archives,
        )
        self.sources: dict[str, Source] = {source.name: source for source in made}
        self.delivery = Delivery(
            database, platforms, self.tasks, now, sources=self.sources, metrics=self.metrics, mine=self.mine
        )
        self.delivery.settling.troubled = self._lost
        self.delivery.settling.did = self._did
        self.typing = Typing(database, platforms, self.house.listeners, self.tasks, now)
        self.desk = Desk(database, platforms, self.house, self._deliver, self.tasks, now, self.metrics, self.mine)
        self.desk.moved = self.delivery.forget_references
        self.desk.open_file = self.delivery.carrier.look
        self.attending = Attending(platforms, self.desk, self.mine, self.tasks, self._introduce)
        self.following = Following(database, now)
        tickets = TicketOffice(database, purposes(), self.delivery.put, now)
        for platform in platforms.values():
            if isinstance(platform, Entered):
                platform.open_to(tickets)
            if isinstance(platform, Subscribed):
                platform.publish(calendars)
            if isinstance(platform, Housing):
                platform.house(RoomPages(database, now))
                archives.kept = platform.fetch_kept
            if isinstance(platform, Announcing):
                platform.announce_with(AnnouncingPages(database, self.delivery.put, parts, now))
            if isinstance(platform, Admitting):
                platform.admit(PupilPages(database, self.delivery.put, now, tries))

    async def run(self) -> None:
        """Run until cancelled, or until a platform cannot go on; then its error is raised."""
        work = Alone(self.database) if self.database.embedded else self._in_company()
        try:
            await work.begin()
            await self.start()
            self.tasks.start("ownership", work.stay(), vital=True)
            try:
                raise await self.tasks.failure()
            except asyncio.CancelledError:
                await self.finish()
                raise
        finally:
            await self.stop()
            await work.end()

    async def start(self) -> None:
        """Take up what an earlier run left, then listen; what others have to do is left to them."""
        await self.delivery.recover()
        await self.desk.recover()
        for name, platform in self.platforms.items():
            platform.on_typing = self.typing.heard
            await self.attending.attend(name)
        self.tasks.start("matching", self.following.run())
        self.tasks.start("holidays", asyncio.to_thread(warm, self.now().year))
        self.tasks.start("tidy", self.tidy())
        self.clock.every(3600, self.tidy)
        self.clock.every(1, self.delivery.due)
        if self.anchor is not None:
            self.tasks.start("audit", self._look_at_audit())
            self.clock.every(60, self._look_at_audit)
        for chore in self.chores:
            self.clock.every(chore.seconds, partial(self.do, chore))
        self.clock.start()
        self.watch.started = True

    async def finish(self) -> None:
        """Hear nothing more, finish the turns in hand and what is on its way; give up after some seconds."""
        self.watch.started = False
        self.clock.stop()
        try:
            async with asyncio.timeout(_GRACE):
                self.attending.deafen()
                await self.desk.lanes.finish()
                await self.delivery.finish()
                # A second word to stop would break off what a platform does to end well.
                await self.attending.ended()
        except TimeoutError:
            log.info("not all that was under way could be finished; it is taken up at the next start")

    async def stop(self) -> None:
        """Stop listening, then let go. What is not finished is finished at the next start."""
        self.watch.started = False
        self.clock.stop()
        await self.tasks.stop()
        try:
            await self.delivery.settling.flush()
        except Exception:
            log.exception("what became of the last messages could not be noted; they may be sent again")
        try:
            await self.following.write_down()
        except Exception:
            log.exception("who was shown lately could not be noted; they may be shown a little too often")
        for platform in self.platforms.values():
            await platform.close()

    async def idle(self) -> None:
        """Wait until everything heard is answered and everything said is sent and noted."""
        await self.desk.lanes.idle()
        await self.delivery.idle()

    def _in_company(self) -> Together:
        """Share the work with other processes on this database."""
        company = Company(self.database, self.mine, self.platforms, self.desk, self.delivery, self.attending)
        self.clock.every(_SWEEP, company.sweep)
        return company.work

    async def _look_at_audit(self) -> None:
        if self.anchor is not None and HOUSE in self.mine:
            await self.anchor.look(self.database)

    async def tidy(self) -> None:
        """Forget what nobody needs any more."""
        if HOUSE not in self.mine:
            return
        now = self.now()
        await self.database.write(partial(dialogues.purge, now=now, keep_for=_KEEP_PROMPTS))
        await self.database.write(partial(post.purge, now=now, keep=_KEEP_POST, keep_dead=_KEEP_DEAD))
        await self.database.write(partial(onetime.purge, now=now))
        await self.database.write(partial(accounts.forget_mailboxes, platform=MAIL, before=now - _KEEP_POST))
        await self.database.write(partial(web.purge, now=now, keep=_KEEP_WEB))
        await self.database.write(partial(relayed.purge, before=now - _KEEP_LINES))
        await self.database.write(partial(reports.purge, before=now - _KEEP_LINES))
        await self.database.write(partial(lines.purge, before=now - _KEEP_POST))
        await self.database.empty_log()

    async def do(self, chore: Chore) -> None:
        """Do what is due of a chore, and send what it tells. What fails is tried again the next time round."""
        more = True
        while more and HOUSE in self.mine:
            try:
                more, parcels = await self.database.write(partial(self._round, chore=chore))
            except Exception:
                log.exception("the chore %s failed and will be tried again", chore.name)
                return
            self.delivery.put(parcels)

    def _round(self, session: Session, chore: Chore) -> tuple[bool, list[Parcel]]:
        post.alone(session, chore.name)
        now = self.now()
        telling = Telling(session, f"{chore.name}.{secrets.token_hex(8)}.", now, REMINDER, gathers=True)
        more = chore.work(session, now, telling.tell)
        return more, telling.finish()

    def _deliver(self, parcels: Sequence[Parcel]) -> None:
        self.typing.said(parcels)
        self.delivery.put(parcels)

    def _lost(self, session: Session, row: int, error: str) -> list[Parcel]:
        """Let those who care know of something that did not get through, in the transaction that notes it."""
        now = self.now()
        telling = Telling(session, f"lost.{secrets.token_hex(8)}.", now)
        for listener in self.house.listeners:
            listener.lost(session, row, error, now, telling.tell)
        return telling.parcels

    def _did(self, session: Session, done: Done) -> list[Parcel]:
        """Let those who wanted a deed know what became of it, in the transaction that notes it."""
        now = self.now()
        telling = Telling(session, f"did.{done.row}.", now)
        for listener in self.house.listeners:
            listener.did(session, done, now, telling.tell)
        return telling.parcels

    async def _introduce(self, platform: Platform) -> None:
        # All catalogs are read for this, which nobody who writes meanwhile should wait for.
        await platform.introduce(await asyncio.to_thread(self.profiles))

    def profiles(self) -> list[Profile]:
        """How the bot introduces itself in each of its languages."""
        about = _("Teachers of schools all over Europe find each other here and plan projects for their classes.")
        greeting = _("eTwinning in a chat window: register, find partner schools, plan projects. Press Start.")
        return [
            Profile(
                language,
                tuple((c.word, plain(c.line, Reader(language))) for c in self.house.commands if c.public and c.listed),
                plain(about, Reader(language)),
                plain(greeting, Reader(language)),
            )
            for language in available()
        ]
