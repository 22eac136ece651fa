"""Fictional schools and teachers as plain data, for the demo, tests and benchmarks.

Towns are real, everything else is made up from the words in `storage/reference/fiction/*.csv`. The same seed always
gives the same rows, and rows are made one at a time, so a whole programme's worth never stands in memory.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

from storage.reference import LEVELS, countries, level_ages, rows
from storage.spelling import fold

__all__ = ["SchoolRow", "TeacherRow", "fictional_schools", "fictional_teachers"]

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_STUCK = 5
"""After so many names that a town already has, a number is added to the name."""


class SchoolRow(NamedTuple):
    """A fictional school. `number` counts from 0 and is what teachers refer to.

    `town` is written as its people write it, `town_latin` in Latin letters; `language` is the school's own.
    """

    number: int
    country: str
    town: str
    town_latin: str
    name: str
    level: str
    language: str

    @property
    def domain(self) -> str:
        """A mail domain that nobody can own: "kielce-17.pl.example" (RFC 2606)."""
        town = "-".join(fold(self.town_latin).encode("ascii", "ignore").decode().split())
        return f"{town or 'school'}-{self.number}.{self.country.lower()}.example"


class TeacherRow(NamedTuple):
    """A fictional teacher at the school numbered `school`; `name` is a given name and a family initial.

    The pupils are `youngest` to `oldest` years old, both included. `wish` is a sentence in `wish_language`.
    `wished_countries` is empty for "any", and so are `kinds` of projects. `last_active_days` is how many days ago the
    teacher was last seen.
    """

    number: int
    school: int
    name: str
    subjects: tuple[str, ...]
    languages: tuple[str, ...]
    youngest: int
    oldest: int
    wish: str
    wish_language: str
    wished_countries: tuple[str, ...]
    kinds: tuple[str, ...]
    last_active_days: int
    looking: bool


class _Area(NamedTuple):
    country: str
    language: str
    million_people: float
    towns: tuple[tuple[str, str], ...]


class _Level(NamedTuple):
    share: float
    span: int
    subjects: tuple[str, ...]


class _People(NamedTuple):
    family_first: bool
    given: tuple[str, ...]
    initials: str


def fictional_schools(count: int, seed: int) -> Iterator[SchoolRow]:
    """Yield `count` schools spread over the founding countries by population, one in each country first.

    No two schools of a town share a name. Raises ValueError for a negative count.
    """
    if count < 0:
        raise ValueError(f"cannot make {count} schools")
    rng = Random(f"schools {seed}")
    taken: set[int] = set()
    placed: Counter[tuple[str, str]] = Counter()
    for number, area in zip(range(count), _areas_forever(rng), strict=False):
        # Every town has a school before chance places the rest: a visitor looks for the capital first.
        turn = placed[area.country, area.language]
        placed[area.country, area.language] += 1
        town, latin = area.towns[turn] if turn < len(area.towns) else rng.choice(area.towns)
        level = _level(rng)
        name = _unused_name(rng, area, town, level, taken)
        yield SchoolRow(number, area.country, town, latin, name, level, area.language)


def fictional_teachers(count: int, schools: Sequence[SchoolRow], seed: int) -> Iterator[TeacherRow]:
    """Yield `count` teachers at `schools`, one at each school first. Raises ValueError without a school."""
    if count < 0 or (count and not schools):
        raise ValueError(f"cannot make {count} teachers at {len(schools)} schools")
    rng = Random(f"teachers {seed}")
    for number in range(count):
        school = schools[number] if number < len(schools) else rng.choice(schools)
        youngest, oldest = _ages(rng, school.level)
        wish_language, wish = _wish(rng, school)
        subjects = _subjects(rng, school.level)
        yield TeacherRow(
            number=number,
            school=school.number,
            name=_name(rng, school.language),
            subjects=subjects,
            languages=_languages_spoken(rng, school, subjects),
            youngest=youngest,
            oldest=oldest,
            wish=wish,
            wish_language=wish_language,
            wished_countries=_wished_countries(rng, school.country),
            kinds=_kinds(wish_language, wish) if number % 3 else (),
            last_active_days=min(int(rng.expovariate(1 / 25)), 700),
            looking=rng.random() < 0.9,
        )


def _areas_forever(rng: Random) -> Iterator[_Area]:
    """Yield one area of each country, then areas as often as people live there."""
    areas = _areas()
    firsts: dict[str, _Area] = {}
    for area in areas:
        firsts.setdefault(area.country, area)
    yield from firsts.values()
    weights = list(accumulate(area.million_people for area in areas))
    while True:
        yield rng.choices(areas, cum_weights=weights)[0]


def _unused_name(rng: Random, area: _Area, town: str, level: str, taken: set[int]) -> str:
    for attempt in range(1000):
        name = _school_name(rng, area.language, town, level)
        if attempt >= _STUCK:
            name = f"{name} ({attempt + rng.randrange(attempt)})"
        # Only hashes are kept: with 100,000 schools the names themselves would weigh 20 MB. Python salts hashes
        # anew in each process, but only whether two are equal matters here, so rows stay the same.
        mark = hash((area.country, town, name))
        if mark not in taken:
            taken.add(mark)
            return name
    raise ValueError(f"{town} has no name left for another school")


def _school_name(rng: Random, language: str, town: str, level: str) -> str:
    names, patterns = _school_words()[language, level]
    return rng.choice(patterns).format(n=rng.randint(1, 48), r=rng.choice(_ROMAN), town=town, name=rng.choice(names))


def _level(rng: Random) -> str:
    return rng.choices(LEVELS, cum_weights=_level_weights())[0]


def _ages(rng: Random, level: str) -> tuple[int, int]:
    lowest, highest = level_ages(level)
    youngest = rng.randint(lowest, highest - 1)
    return youngest, min(highest, youngest + rng.randint(1, _levels()[level].span))


def _subjects(rng: Random, level: str) -> tuple[str, ...]:
    # A subject that many teach stands several times in its level's list.
    wanted = rng.choices((1, 2, 3, 4), (45, 35, 15, 5))[0]
    return tuple(dict.fromkeys(rng.sample(_levels()[level].subjects, wanted)))


def _languages_spoken(rng: Random, school: SchoolRow, subjects: tuple[str, ...]) -> tuple[str, ...]:
    spoken = [school.language]
    if "foreign_languages" in subjects:
        spoken.append("fr" if school.language == "en" else "en")
    spoken += [code for code in countries()[school.country].languages if rng.random() < 0.3]
    spoken += [code for code, share in (("en", 0.85), ("fr", 0.2), ("de", 0.15)) if rng.random() < share]
    return tuple(dict.fromkeys(spoken))


def _name(rng: Random, language: str) -> str:
    people = _people()[language]
    given, initial = rng.choice(people.given), rng.choice(people.initials)
    return f"{initial}. {given}" if people.family_first else f"{given} {initial}."


def _wish(rng: Random, school: SchoolRow) -> tuple[str, str]:
    wishes = _wishes()
    own = wishes.get((school.language, school.level))
    if own and rng.random() < 0.35:
        return school.language, rng.choice(own)
    return "en", rng.choice(wishes["en", school.level])


def _wished_countries(rng: Random, home: str) -> tuple[str, ...]:
    wanted = rng.choices(range(5), (40, 20, 20, 12, 8))[0]
    return tuple(code for code in rng.sample(_open_countries(), wanted) if code != home)


def _kinds(language: str, wish: str) -> tuple[str, ...]:
    """The kinds of projects that a wish speaks of."""
    return _kinds_of_wishes()[language, wish]


@cache
def _kinds_of_wishes() -> dict[tuple[str, str], tuple[str, ...]]:
    wishes = rows("fiction/wishes.csv")
    return {(row["language"], row["sentence"]): tuple(row["kinds"].split()) for row in wishes}


@cache
def _open_countries() -> tuple[str, ...]:
    return tuple(place.code for place in countries().values() if place.founding and place.active)


@cache
def _areas() -> tuple[_Area, ...]:
    return tuple(
        _Area(row["country"], row["language"], float(row["million_people"]), _towns(row["towns"]))
        for row in rows("fiction/towns.csv")
    )


def _towns(listed: str) -> tuple[tuple[str, str], ...]:
    """Read "Київ=Kyiv|Graz": towns with their Latin form where they have another script or language."""
    parted = (town.partition("=") for town in listed.split("|"))
    return tuple((own, latin or own) for own, _, latin in parted)


@cache
def _school_words() -> dict[tuple[str, str], tuple[list[str], list[str]]]:
    return {
        (row["language"], level): (row["names"].split("|"), row[level].split("|"))
        for row in rows("fiction/schools.csv")
        for level in LEVELS
    }


@cache
def _levels() -> dict[str, _Level]:
    return {
        row["level"]: _Level(float(row["share"]), int(row["span"]), tuple(row["subjects"].split("|")))
        for row in rows("fiction/levels.csv")
    }


@cache
def _level_weights() -> list[float]:
    return list(accumulate(_levels()[level].share for level in LEVELS))


@cache
def _people() -> dict[str, _People]:
    return {
        row["language"]: _People(row["order"] == "family", tuple(row["given"].split("|")), row["initials"])
        for row in rows("fiction/people.csv")
    }


@cache
def _wishes() -> dict[tuple[str, str], list[str]]:
    """Wishes by language and school level; a wish without levels suits all of them."""
    wishes: dict[tuple[str, str], list[str]] = {}
    for row in rows("fiction/wishes.csv"):
        for level in row["levels"].split() or LEVELS:
            wishes.setdefault((row["language"], level), []).append(row["sentence"])
    return wishes
