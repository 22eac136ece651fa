"""On which days there is no school: public holidays from the library, school holidays as they were imported."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from handlers.reminders.schedule import Closed
from storage import breaks
from storage.breaks import Break


@lru_cache(maxsize=1024)
def public(country: str, year: int) -> dict[date, str]:
    """The public holidays of a country (ISO code) in a year, with their names there; none for unknown countries."""
    # Imported at the first question: it knows hundreds of calendars.
    from holidays import country_holidays

    try:
        # Named outright: without a language it takes that of the machine.
        language = country_holidays(country).default_language
        return dict(country_holidays(country, years=year, language=language))
    except NotImplementedError:
        return {}


def warm(year: int) -> None:
    """Read what takes a tenth of a second when the first holiday is asked for; done beside the start of the program."""
    for country in ("PT", "GR"):
        public(country, year)


def public_name(country: str, day: date) -> str | None:
    """What a public holiday is called in its country; None for any other day."""
    return public(country, day.year).get(day)


def school_break(known: Sequence[Break], country: str, region: str | None, day: date) -> Break | None:
    """The school holidays that a day lies in; where the region is not known, those of all the country."""
    return next((each for each in known if each.country == country and each.holds(day, region)), None)


class Holidays:
    """The holidays of countries, read once for a piece of work."""

    def __init__(self, session: Session, since: datetime) -> None:
        self._session, self._since = session, since.date()
        self._breaks: dict[str, list[Break]] = {}

    def load(self, countries: Collection[str]) -> None:
        """Read what has been imported for these countries, if it is not known yet."""
        missing = set(countries) - self._breaks.keys()
        if missing:
            self._breaks.update({country: [] for country in missing})
            for each in breaks.of_countries(self._session, missing, self._since):
                self._breaks[each.country].append(each)

    def closed(self, country: str | None, region: str | None) -> Closed:
        """Which days are holidays for a school."""
        if country is None:
            return lambda _day: False
        self.load({country})
        return lambda day: self.public(country, day) is not None or self.school(country, region, day) is not None

    def public(self, country: str, day: date) -> str | None:
        """The name of a public holiday."""
        return public_name(country, day)

    def school(self, country: str, region: str | None, day: date) -> Break | None:
        """The school holidays that a day lies in."""
        self.load({country})
        return school_break(self._breaks[country], country, region, day)
