"""A bad line to Telegram, and a Telegram that is away: nothing accepted is lost, and each chat hears in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from time import monotonic

import pytest

from bot.app import App, StoredMarks
from bot.platforms.telegram import Telegram
from storage.database import Database
from tests.cast import Actor, OnTelegram
from tests.servers.botapi import BotApi
from tests.servers.chaos import Chaos, chaos
from tests.vault import VAULT

PEOPLE = 12
LINES = [("/register", "1/7"), ("Amina Diallo", "2/7"), ("Portugal", "3/7"), ("Viseu", "Which of these")]


class Street:
    """A bot behind a bad line, and people before it."""

    def __init__(self, api: BotApi, line: Chaos, app: App) -> None:
        self.api, self.line, self.app = api, line, app
        self.people = [
            Actor(f"P{n}", OnTelegram(api, api.user(f"P{n}", language_code="en", started=True))) for n in range(PEOPLE)
        ]

    def has(self, person: Actor, hears: str) -> bool:
        return any(hears in text for text in self.heard(person))

    def heard(self, person: Actor) -> list[str]:
        assert isinstance(person.ways, OnTelegram)
        return [message.text for message in self.api.chat(person.ways.user).messages if message.by_bot]


async def _quick(seconds: float) -> None:
    """Waits are a tenth as long as on a real line."""
    await asyncio.sleep(seconds / 10)


@pytest.fixture
async def street(folder: Path) -> AsyncIterator[Street]:
    database = Database(f"sqlite:///{folder}/twinbot.db", VAULT)
    async with BotApi.start() as api, chaos(api.url) as line:
        telegram = Telegram(
            token=api.token, api_url=line.url, marks=StoredMarks(database, "telegram"), pause=_quick, rate=0
        )
        app = App(database, {"telegram": telegram})
        for circuit in app.delivery.circuits.values():
            vars(circuit)["_pause"] = _quick
        await app.start()
        yield Street(api, line, app)
        await app.stop()
    database.close()


def in_order(heard: list[str], line: int) -> bool:
    """Whether the first times that each answer was heard are in order."""
    firsts = [next(n for n, text in enumerate(heard) if hears in text) for _said, hears in LINES[: line + 1]]
    return firsts == sorted(firsts)


async def test_nothing_is_lost_on_a_bad_line(street: Street) -> None:
    street.line.before = street.line.after = 0.15
    for said, hears in LINES:
        await asyncio.gather(*(person.says(said, hears=hears) for person in street.people))
    street.line.before = street.line.after = 0.0
    await street.app.idle()
    assert all(in_order(street.heard(person), len(LINES) - 1) for person in street.people)
    doubled = sum(len(street.heard(person)) - len(LINES) for person in street.people)
    lost = street.line.lost_before, street.line.lost_after
    print(f"\n{lost[0]} requests and {lost[1]} answers were lost; {doubled} of {PEOPLE * len(LINES)} messages doubled")
    assert lost[0] > 0 and 0 < doubled <= sum(lost)


@pytest.mark.nightly
async def test_nothing_is_lost_or_doubled_while_telegram_answers_errors_or_nothing(street: Street) -> None:
    """What is never answered is waited for as long as on a real line: 20 seconds each time."""
    street.line.errors = street.line.silent = 0.15
    began, waited = monotonic(), 0.0
    for said, hears in LINES:
        start = monotonic()
        await asyncio.gather(*(person.says(said) for person in street.people))
        await street.api.until(lambda hears=hears: all(map(partial(street.has, hears=hears), street.people)), 600)
        waited = max(waited, monotonic() - start)
    street.line.errors = street.line.silent = 0.0
    await street.app.idle()
    failed = street.line.refused, street.line.unanswered
    print(f"\n{failed[0]} requests got an error and {failed[1]} no answer: all {PEOPLE * len(LINES)} messages arrived")
    print(f"after {monotonic() - began:.0f} s in all; the slowest of a round after {waited:.0f} s")
    assert min(failed) > 0
    heard = [street.heard(person) for person in street.people]
    assert all(len(one) == len(LINES) and in_order(one, len(LINES) - 1) for one in heard)


async def test_a_backlog_leaves_in_order_when_telegram_is_there_again(street: Street) -> None:
    said, hears = LINES[0]
    await asyncio.gather(*(person.says(said, hears=hears) for person in street.people))
    street.line.leave()
    for person in street.people:
        assert isinstance(person.ways, OnTelegram)
        for words, _hears in LINES[1:]:
            await person.ways.user.says(words)
    street.line.come_back()
    began = monotonic()
    for person in street.people:
        await person.hears("Which of these")
    await street.app.idle()
    print(f"\n{3 * PEOPLE} lines had waited: all were answered after {monotonic() - began:.1f} s")
    assert all(in_order(street.heard(person), len(LINES) - 1) for person in street.people)
    assert not street.app.delivery.circuits["telegram"].open
