"""Countries that do not take part in the programme: known by name, so that the answer can be that, and who is near."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from babel import Locale

from bot.text.catalogs import available
from storage.reference import countries, rows
from storage.spelling import Lexicon

_CODE = re.compile(r"[A-Z]{2}")


def outside(phrase: str) -> str | None:
    """The code of the country that a phrase names, if it takes no part; whole names only, in our languages."""
    found = outside_lexicon().find(phrase)
    return found[0].id if len(found) == 1 and found[0].score == 100.0 else None


def near(code: str) -> tuple[str, ...]:
    """Countries of the programme near to one that takes no part; empty where none is."""
    return _near().get(code, ())


@cache
def outside_lexicon() -> Lexicon:
    """The other countries of the world, in all languages of the catalogs."""
    return Lexicon(_phrases(), conjunctions=())


def _phrases() -> Iterator[tuple[str, str]]:
    for language in available():
        for code, name in Locale.parse(language).territories.items():
            if _CODE.fullmatch(code) and code not in countries():
                yield name, code


@cache
def _near() -> dict[str, tuple[str, ...]]:
    return {row["code"]: tuple(row["near"].split()) for row in rows("near.csv")}
