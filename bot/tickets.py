"""The ticket office: finds what a one-time link is for, shows it, and lets it be used once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from bot.platforms.platform import Browser
from bot.talk import Tell
from bot.talk.onetime import Purpose, Sheet, Visit
from bot.telling import Telling
from bot.text import p_
from storage import onetime, web
from storage.database import Database
from storage.onetime import Found
from storage.post import Parcel


class TicketOffice:
    """What the web asks about one-time links. ``deliver`` sends what is told, after the commit."""

    def __init__(
        self,
        database: Database,
        purposes: Iterable[Purpose],
        deliver: Callable[[Sequence[Parcel]], None],
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._deliver, self._now = database, deliver, now
        self._purposes = {purpose.name: purpose for purpose in purposes}

    async def show(self, token: str, browser: Browser) -> Sheet | None:
        """The page of a ticket; None if there is no such ticket. Changes nothing."""
        return await self._database.read(partial(self._show, token=token, browser=browser))

    async def take(self, token: str, choice: str, browser: Browser) -> Sheet | None:
        """Do what was chosen, and give the page that comes of it; None if there is no such ticket."""
        sheet, parcels = await self._database.write(partial(self._take, token=token, choice=choice, browser=browser))
        self._deliver(parcels)
        return sheet

    def _show(self, session: Session, token: str, browser: Browser) -> Sheet | None:
        found = onetime.find(session, token)
        purpose = None if found is None else self._purposes.get(found.purpose)
        if found is None or purpose is None:
            return None
        return self._sheet(purpose, found, self._visit(session, found, browser))

    def _sheet(self, purpose: Purpose, found: Found, visit: Visit) -> Sheet:
        """What a ticket shows now: what it is for, what became of it, or that it is too late."""
        if found.used_at is not None:
            return purpose.after(visit) if purpose.after is not None else _used()
        return _expired() if found.expired(visit.now) else purpose.show(visit)

    def _take(self, session: Session, token: str, choice: str, browser: Browser) -> tuple[Sheet | None, list[Parcel]]:
        found = onetime.find(session, token)
        purpose = None if found is None else self._purposes.get(found.purpose)
        if found is None or purpose is None:
            return None, []
        telling = Telling(session, f"in.{found.key[:24]}.", self._now())
        visit = self._visit(session, found, browser, telling.tell)
        sheet = self._sheet(purpose, found, visit)
        if choice in {option.id for option in sheet.options} and onetime.use(session, found, choice, visit.now):
            sheet = purpose.act(visit, choice)
            if sheet.options:
                onetime.reopen(session, found)
            if sheet.enters is not None:
                _enter(session, browser, sheet.enters, visit.now)
        return sheet, telling.parcels

    def _visit(
        self,
        session: Session,
        found: Found,
        browser: Browser,
        tell: Tell = lambda _news: None,
    ) -> Visit:
        return Visit(session, self._now(), found.person, found.data, browser.account, found.choice, tell)


def _enter(session: Session, browser: Browser, account: str, now: datetime) -> None:
    """Sign the browser in under a token that nobody can have known before."""
    web.sign_out(session, browser.token_hash)
    web.sign_in(session, browser.fresh_hash, account, now)


def _used() -> Sheet:
    return Sheet(
        p_("web", "This link has been used"),
        p_("web", "It works once. If that was not you, please ask for a new one where you got it."),
        gone=True,
    )


def _expired() -> Sheet:
    return Sheet(p_("web", "This link is too old"), p_("web", "Please ask for a new one where you got it."), gone=True)
