"""Facts that hold for everybody: countries of the programme, languages, subjects and school levels.

The facts stand in CSV files beside this module and are read once, at the first question. Names of countries
and languages are not among them: those come from CLDR through Babel, in the reader's language.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, TypeVar, cast

__all__ = [
    "LEVELS",
    "LEVEL_AGES",
    "Country",
    "Language",
    "Subject",
    "UnknownReference",
    "countries",
    "country",
    "founding_countries",
    "language",
    "languages",
    "level_ages",
    "rows",
    "subject",
    "subjects",
]

Programme = Literal["etwinning", "plus"]
ConsentBasis = Literal[
    "verified_primary",
    "verified_secondary",
    "single_source",
    "law_verified_age_unconfirmed",
    "unconfirmed",
    "default",
]
T = TypeVar("T")

LEVEL_AGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "pre_primary": (3, 6),
        "primary": (6, 11),
        "lower_secondary": (11, 15),
        "upper_secondary": (15, 19),
        "vocational": (15, 20),
    }
)
"""The usual youngest and oldest age of pupils in years at each level, both included (after ISCED 0 to 3)."""

LEVELS: tuple[str, ...] = tuple(LEVEL_AGES)
"""School levels from the youngest pupils to the oldest."""


class UnknownReference(KeyError):
    """No country, language, subject or level has this code."""

    def __init__(self, what: str, code: object) -> None:
        """Say what kind of thing was asked for, under which code."""
        super().__init__(code)
        self.what = what
        self.code = code

    def __str__(self) -> str:
        """Return a sentence for logs: KeyError alone would show the bare code."""
        return f"no {self.what} has the code {self.code!r}"


@dataclass(frozen=True, slots=True)
class Country:
    """A country (or territory) of the programme, by its ISO 3166-1 code (XK for Kosovo).

    `since` and `until` are years, months or days as known ("2024", "2018-02", "2020-12-31"). `languages` are
    codes of our languages, the school system's main one first. `timezones` are IANA names, the capital's
    first. `consent_age` is the age in years from which a pupil alone may agree to a service such as ours;
    `consent_basis` says how well we know it.
    """

    code: str
    programme: Programme
    founding: bool
    since: str | None
    until: str | None
    languages: tuple[str, ...]
    timezones: tuple[str, ...]
    consent_age: int
    consent_basis: ConsentBasis
    open_holidays: bool
    seed_name: str | None

    @property
    def active(self) -> bool:
        """Whether the country takes part today."""
        return self.until is None

    @property
    def consent_confirmed(self) -> bool:
        """Whether the age of consent was read in the law itself or in two independent sources."""
        return self.consent_basis in {"verified_primary", "verified_secondary"}

    @property
    def flag(self) -> str:
        """The country's flag as emoji: its two letters as regional indicators."""
        return "".join(chr(ord(letter) - ord("A") + 0x1F1E6) for letter in self.code)


@dataclass(frozen=True, slots=True)
class Language:
    """A language the bot speaks or offers, by its CLDR locale code with an underscore ("sr_Latn").

    Tier A languages are (co-)official in the programme and get a catalog; tier B are regional or offered as a
    choice only. `autonym` is the language's name in itself. `countries` teach in it as a state language, in
    `minority_in` it is regional, spoken or of wide use. `fallback` lists where to look for a missing sentence
    before English. `plural_forms` is the gettext header value, corrected where Babel's default is wrong (see
    `note`).
    """

    code: str
    tier: Literal["A", "B"]
    autonym: str
    direction: Literal["ltr", "rtl"]
    countries: tuple[str, ...]
    minority_in: tuple[str, ...]
    fallback: tuple[str, ...]
    plural_forms: str
    note: str

    @property
    def plural_count(self) -> int:
        """How many plural forms a catalog in this language needs."""
        return int(self.plural_forms.removeprefix("nplurals=").partition(";")[0])


@dataclass(frozen=True, slots=True)
class Subject:
    """A school subject of the programme's list. `seed_name` is its English name there, to be translated."""

    code: str
    strand: Literal["general", "vocational"]
    seed_name: str


def rows(path: str) -> Iterator[dict[str, str]]:
    """Read a CSV file of this package, `path` relative to it, row by row as column -> text."""
    # No field of ours holds a line break, so lines are rows.
    lines = files(__name__).joinpath(path).read_text(encoding="utf-8").splitlines()
    yield from csv.DictReader(lines)


@cache
def countries() -> Mapping[str, Country]:
    """All 47 countries by code, in the programme's order: the 42 founding ones, then the later ones."""
    return MappingProxyType({row["code"]: _country(row) for row in rows("countries.csv")})


@cache
def languages() -> Mapping[str, Language]:
    """All 48 languages by code, tier A before tier B."""
    return MappingProxyType({row["code"]: _language(row) for row in rows("languages.csv")})


@cache
def subjects() -> Mapping[str, Subject]:
    """All 48 subjects by code, the general ones before the vocational ones."""
    return MappingProxyType(
        {
            row["code"]: Subject(
                code=row["code"],
                strand=cast('Literal["general", "vocational"]', row["strand"]),
                seed_name=row["seed_name"],
            )
            for row in rows("subjects.csv")
        }
    )


@cache
def founding_countries() -> tuple[Country, ...]:
    """The 42 countries the programme's list started with."""
    return tuple(place for place in countries().values() if place.founding)


def country(code: str) -> Country:
    """Return the country with this code ("PL"); raises UnknownReference."""
    return _known("country", countries(), code)


def language(code: str) -> Language:
    """Return the language with this code ("sr_Latn"); raises UnknownReference."""
    return _known("language", languages(), code)


def subject(code: str) -> Subject:
    """Return the subject with this code ("music"); raises UnknownReference."""
    return _known("subject", subjects(), code)


def level_ages(level: str) -> tuple[int, int]:
    """Return the usual youngest and oldest age in years at a level of LEVELS; raises UnknownReference."""
    return _known("school level", LEVEL_AGES, level)


def _known(what: str, table: Mapping[str, T], code: str) -> T:
    try:
        return table[code]
    except KeyError:
        raise UnknownReference(what, code) from None


def _country(row: Mapping[str, str]) -> Country:
    return Country(
        code=row["code"],
        programme=cast("Programme", row["programme"]),
        founding=_yes(row["founding"]),
        since=row["since"] or None,
        until=row["until"] or None,
        languages=tuple(language(code).code for code in row["languages"].split()),
        timezones=tuple(row["timezones"].split()),
        consent_age=int(row["consent_age"]),
        consent_basis=cast("ConsentBasis", row["consent_basis"]),
        open_holidays=_yes(row["open_holidays"]),
        seed_name=row["seed_name"] or None,
    )


def _language(row: Mapping[str, str]) -> Language:
    return Language(
        code=row["code"],
        tier=cast('Literal["A", "B"]', row["tier"]),
        autonym=row["autonym"],
        direction=cast('Literal["ltr", "rtl"]', row["direction"]),
        countries=tuple(row["countries"].split()),
        minority_in=tuple(row["minority_in"].split()),
        fallback=tuple(row["fallback"].split()),
        plural_forms=row["plural_forms"],
        note=row["note"],
    )


def _yes(word: str) -> bool:
    return {"yes": True, "no": False}[word]
