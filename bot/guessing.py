"""Slowing down whoever presses buttons that they were never shown: an honest hand is not stopped, a program is."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

#: So many presses of somebody in a chat may open nothing within this time; then none counts until it is over.
MOST, PERIOD = 20, timedelta(minutes=10)
#: So many are remembered, those that guessed last.
_REMEMBERED = 10_000
#: A chat and a person in it.
Who = tuple[int, int]


#: Somebody who knows the code of a card may try its pictures so often in an hour; its teacher hears of it after a few.
_PICTURES, _TOLD, _HOUR = 15, 4, timedelta(hours=1)
#: So many wrong tries from one account in a minute.
_WRONG, _MINUTE = 5, timedelta(minutes=1)


class Guesses:
    """Counts the presses that opened nothing, for each person in each chat, so that in a group nobody stops others.

    Kept in memory: who cannot restart us cannot reset it.
    """

    def __init__(self, most: int = MOST, period: timedelta = PERIOD) -> None:
        self._most, self._period = most, period
        self._counts: OrderedDict[Who, tuple[int, datetime]] = OrderedDict()
        # Turns of several chats run in several threads.
        self._lock = Lock()

    def too_many(self, who: Who, now: datetime) -> bool:
        """Whether no press of theirs counts at the moment."""
        with self._lock:
            return self._since(who, now)[0] >= self._most

    def count(self, who: Who, now: datetime) -> bool:
        """Count a press that opened nothing; whether it was the last that is answered."""
        with self._lock:
            number, since = self._since(who, now)
            self._counts[who] = (number + 1, since)
            self._counts.move_to_end(who)
            while len(self._counts) > _REMEMBERED:
                self._counts.popitem(last=False)
            return number + 1 == self._most

    def _since(self, who: Who, now: datetime) -> tuple[int, datetime]:
        """How many there were and since when; what is over is forgotten."""
        number, since = self._counts.get(who, (0, now))
        return (number, since) if now - since < self._period else (0, now)


class CardTries:
    """Wrong tries with pupils' cards, counted together wherever they are made: on the web, on Telegram, on Matrix."""

    def __init__(self) -> None:
        self._cards, self._alarms = Guesses(_PICTURES, _HOUR), Guesses(_TOLD, _HOUR)
        self._sources = Guesses(_WRONG, _MINUTE)

    def blocked(self, place: int, now: datetime) -> bool:
        """Whether nothing opens this card at the moment."""
        return self._cards.too_many((place, 0), now)

    def wrong(self, place: int, now: datetime) -> bool:
        """Count wrong pictures; whether its teacher has to hear of it now."""
        self._cards.count((place, 0), now)
        return self._alarms.count((place, 0), now)

    def often(self, who: Who, now: datetime) -> bool:
        """Whether somebody who writes in a chat tries too often."""
        return self._sources.too_many(who, now)

    def tried(self, who: Who, now: datetime) -> None:
        """Count a wrong try of theirs."""
        self._sources.count(who, now)
