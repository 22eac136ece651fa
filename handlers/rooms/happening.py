"""Who listens at the doors of rooms, and hears what happens to them on each platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Done, Listener, Listening, Tell
from bot.talk.chores import TellAll
from handlers.rooms import ballots, bridge, commands, onmatrix, replies, telegram, telegram_doors, telegram_people
from handlers.rooms.telegram_doors import TELEGRAM
from storage.rooms import opening


def room_listener() -> Listener:
    """The one who listens at the doors of rooms."""
    return replace(bridge.room_listener(), earlier=_earlier, words=_words, lost=_lost, did=_did, happens=_happens)


def _earlier(heard: Listening) -> bool:
    if telegram.recognised(heard) or ballots.posted(heard) or ballots.chosen(heard):
        return True
    if replies.ordered(heard) or commands.taken(heard):
        return True
    return bridge.earlier(heard) or commands.called(heard)


def _words(heard: Listening) -> bool:
    taken = bridge.words(heard)
    if taken and heard.platform == TELEGRAM:
        opening.speaks(heard.session, heard.chat, heard.person, heard.now)
    return taken


def _happens(heard: Listening) -> None:
    """Something happened to a group while nobody said anything."""
    event = heard.heard.event
    happened = _ON_TELEGRAM.get(event.what) if event is not None and heard.platform == TELEGRAM else None
    if happened is not None:
        happened(heard)
    onmatrix.happens(heard)


def _stands_otherwise(heard: Listening) -> None:
    for number in telegram_doors.stands_otherwise(heard):
        bridge.catch_up(heard, number)


def _chosen(heard: Listening) -> None:
    event = heard.heard.event
    assert event is not None
    telegram.bring(heard, int(event.data["request"]), event.who)


_ON_TELEGRAM: dict[str, Callable[[Listening], None]] = {
    "chosen": _chosen,
    "me": _stands_otherwise,
    "moved": telegram_doors.moved,
    "in": telegram_people.came,
    "out": telegram_people.went,
    "asks": telegram_people.asks,
}


def _lost(session: Session, row: int, error: str, now: datetime, tell: Tell) -> None:
    bridge.lost(session, row, error, now, tell)
    telegram_doors.lost(session, row, error, tell)


def _did(session: Session, done: Done, now: datetime, tell: TellAll) -> None:
    onmatrix.did(session, done, now, tell)
    if done.platform == TELEGRAM:
        telegram_doors.did(session, done, now, tell)
        telegram_people.did(session, done, now, tell)
