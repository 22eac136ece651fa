"""Time zones as people name them: by a city, in their language, or by the IANA name."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from bot.talk import Again, Kept, Kind, Option, Outdated, Said
from bot.text import City, Node, Reader, _, plain
from bot.text.catalogs import available
from handlers.kinds.typed import typed
from handlers.reminders.zones import is_zone
from storage.reference import countries
from storage.spelling import Lexicon

_LONGEST = 60
_OFFERED = 6


class Zone(Kind[str]):
    """A time zone; those of a country are offered."""

    def __init__(self, reader: Reader, country: str | None) -> None:
        self._reader = reader
        self._usual = list(countries()[country].timezones) if country is not None and country in countries() else []

    def options(self, draft: Any) -> Sequence[Option]:
        """The usual ones, or those that the words may mean."""
        return [Option(zone, City(zone)) for zone in draft or self._usual]

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """What was offered, or the name of a city or zone."""
        words = typed(said)
        if words is None and said.option is not None:
            return Kept(said.option) if is_zone(said.option) else Again(_("Please choose one of the answers."))
        words = (words or "").strip()
        if "/" in words and len(words) <= _LONGEST and is_zone(words):
            return Kept(words)
        meant = [match.id for match in cities(self._reader.language).find(words[:_LONGEST])]
        if len(meant) == 1:
            return Kept(meant[0])
        if meant:
            return Again(_("Which of these do you mean?"), meant[:_OFFERED])
        return Again(_("I know no such place. Write a large city whose clocks show the same as yours."), draft)

    def recall(self, kept: Any) -> str:
        """The zone, while the tz database has it."""
        if not isinstance(kept, str) or not is_zone(kept):
            raise Outdated(None)
        return kept

    def show(self, value: str) -> Node:
        """The place it is named by."""
        return City(value)


@lru_cache(maxsize=8)
def cities(language: str) -> Lexicon:
    """The places that zones are named by, in a language and in English; those of our countries in all of ours."""
    ours = [zone for place in countries().values() for zone in place.timezones]
    every = [zone for zone in sorted(zoneinfo.available_timezones()) if "/" in zone and not zone.startswith("Etc/")]
    phrases: list[tuple[str, str | None]] = []
    known: set[str] = set()
    for zone in dict.fromkeys((*ours, *every)):
        names = {zone, zone.rsplit("/", 1)[-1].replace("_", " ")}
        languages = (language, *available()) if zone in ours else (language, "en")
        names |= {plain(City(zone), Reader(code)) for code in languages}
        phrases += [(name, zone) for name in names if name not in known]
        known |= names
    return Lexicon(phrases, ())
