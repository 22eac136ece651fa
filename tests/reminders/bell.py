"""A bot reduced to its clock: people with reminders, and what they are told when time goes on."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.talk import News
from bot.text import Reader, plain
from handlers.reminders.keeping import facts_of, keep
from handlers.reminders.plans import Plan
from handlers.reminders.ringing import ring
from storage import rhythms
from storage.database import Database
from storage.models import Person
from storage.reminders import Facts
from tests.reminders.parts import NOW

_ISOLATES = str.maketrans("", "", "\u2068\u2069")


class Bell:
    """``told`` is what people were told: (person, text, options), in the order of telling."""

    def __init__(self, database: Database, *, quiet: bool = False) -> None:
        self.database, self.quiet = database, quiet
        self.told: list[tuple[int, str, tuple[str, ...]]] = []

    def person(self, timezone: str = "Europe/Warsaw", language: str = "en") -> int:
        return self.database.do(partial(self._person, timezone=timezone, language=language))

    def _person(self, session: Session, timezone: str, language: str) -> int:
        values = {"language": language, "timezone": timezone, "created_at": NOW, "active_at": NOW}
        made = session.scalars(insert(Person).returning(Person.id), [values]).one()
        if not self.quiet:
            rhythms.set_quiet(session, made, 0, 0)
        return made

    def reminder(self, person: int, plan: Plan, words: str = "Choir", *, now: datetime = NOW, **more: Any) -> int:
        """Keep a plan; 0 if it is never told."""
        return self.keep(person, facts_of(plan, words, **more), now=now) or 0

    def keep(self, person: int, facts: Facts, *, now: datetime = NOW) -> int | None:
        return self.database.do(partial(keep, owner=person, facts=facts, now=now))

    def at(self, now: datetime) -> list[str]:
        """Let the bell look at the clock; gives what was told."""
        before = len(self.told)
        while self.database.do(partial(ring, now=now, tell=self._tell)):
            pass
        return [text for _person, text, _options in self.told[before:]]

    def _tell(self, news: News) -> None:
        text = plain(news.body, Reader("en", "UTC")).translate(_ISOLATES)
        self.told.append((news.person, text, tuple(option.id for option in news.options)))

    @property
    def count(self) -> Counter[str]:
        """How often each text was told."""
        return Counter(text for _person, text, _options in self.told)
