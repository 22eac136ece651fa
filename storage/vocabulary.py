"""The vocabulary of a country: the distinct words of its schools, kept in memory, where typos are forgiven.

Two random stamps a country stand in the database: one changes with each added school, one when words change otherwise.
They are read at each search, so every process sees what any of them wrote, and an addition costs a few rows to read.
"""

from __future__ import annotations

import secrets
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from heapq import nlargest
from weakref import WeakKeyDictionary

from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from storage.latin import BONES, bones
from storage.models import PlatformState, SchoolWord
from storage.post import save_marks

__all__ = ["Vocabulary", "stamp_added", "stamp_changed", "vocabulary_of"]

_STAMPS = "schools"
_MOST_KEPT = 60_000
"""Words kept for all countries together, about 5 MB; a single larger country is kept all the same."""
_OVERLAP = 200
"""How many ids before the newest known are read again: of two schools added at once, the later may commit first."""
_VARIANTS = 8
_SHORTEST_BEGINNING = 3


class Vocabulary:
    """The words of one country with the number of schools that have each. Never changed once made."""

    def __init__(self, counts: Mapping[str, int], schools: int, newest: int, stamps: tuple[str, str]) -> None:
        self.schools = schools
        self.newest = newest
        self.stamps = stamps
        self._words = sorted(counts)
        self._counts = [counts[word] for word in self._words]
        self._by_length: dict[int, list[str]] = {}
        for word in self._words:
            if not word.isdecimal():
                self._by_length.setdefault(len(word), []).append(word)
        self._boned = bool(self._beginning(BONES, 1))

    def __len__(self) -> int:
        """How many distinct words there are."""
        return len(self._words)

    def count(self, word: str) -> int:
        """How many schools have exactly this word."""
        place = bisect_left(self._words, word)
        return self._counts[place] if self._words[place : place + 1] == [word] else 0

    def like(self, word: str) -> dict[str, float]:
        """Words that this one may stand for, with their likeness (1 is equal): itself, longer ones, near misses.

        A number stands for itself alone.
        """
        found = {word: 1.0} if self.count(word) else {}
        if word.isdecimal() or len(word) < _SHORTEST_BEGINNING:
            return found
        for longer in self._beginning(word, _VARIANTS):
            found.setdefault(longer, 0.7 + 0.25 * len(word) / len(longer))
        if word not in found:
            found.update({near: score for near, score in self._near(word).items() if near not in found})
        return found

    def bones_like(self, word: str) -> dict[str, float]:
        """Arabic words with the same consonants as this Latin one, all at the same moderate likeness."""
        if not self._boned or word.isdecimal():
            return {}
        bare = bones(word)
        return {BONES + bare: 0.8} if bare and self.count(BONES + bare) else {}

    def plus(self, added: Iterable[tuple[int, str]], stamps: tuple[str, str]) -> Vocabulary:
        """The same with words of added schools, as (school id, word)."""
        counts = dict(zip(self._words, self._counts, strict=True))
        ids: set[int] = set()
        for school, word in added:
            if school > self.newest:
                ids.add(school)
                counts[word] = counts.get(word, 0) + 1
            else:
                counts.setdefault(word, 1)
        return Vocabulary(counts, self.schools + len(ids), max(ids, default=self.newest), stamps)

    def _beginning(self, start: str, most: int) -> list[str]:
        first, end = bisect_left(self._words, start), bisect_left(self._words, start + "\U0010ffff")
        places = nlargest(most, range(first, end), key=self._counts.__getitem__)
        return [self._words[place] for place in places]

    def _near(self, word: str) -> dict[str, float]:
        size = len(word)
        allowed = 0 if size < 4 else 1 if size < 7 else 2 if size < 11 else 3
        found: dict[str, float] = {}
        for length in range(size - allowed, size + allowed + 1) if allowed else ():
            choices = self._by_length.get(length, ())
            for near, distance, _ in process.extract(
                word, choices, scorer=OSA.distance, score_cutoff=allowed, limit=_VARIANTS
            ):
                # In short words one wrong letter is a large part, so the first letter at least must be right.
                if size > 5 or near[0] == word[0]:
                    found[near] = 0.95 - 1.2 * distance / max(size, length)
        return dict(nlargest(_VARIANTS, found.items(), key=lambda pair: pair[1]))


_kept: WeakKeyDictionary[Engine, OrderedDict[str, Vocabulary]] = WeakKeyDictionary()
_lock = threading.Lock()


def vocabulary_of(session: Session, country: str) -> Vocabulary:
    """The country's words as the session sees them, from memory where nothing has changed."""
    # The stamps are read before the words: a change in between makes the words newer, never older, than their stamps.
    stamps = _stamps(session, country)
    engine = session.get_bind().engine
    with _lock:
        known = _kept.setdefault(engine, OrderedDict()).get(country)
    if known is None or known.stamps != stamps:
        known = _refreshed(session, country, known, stamps)
    with _lock:
        _keep(_kept[engine], country, known)
    return known


def stamp_added(session: Session, countries: Iterable[str]) -> None:
    """Note that schools were added in these countries, nothing else changed."""
    save_marks(session, _STAMPS, {f"added {country}": secrets.token_hex(8) for country in sorted(set(countries))})


def stamp_changed(session: Session, countries: Iterable[str]) -> None:
    """Note that words of schools in these countries changed; where many schools were added, this is as good."""
    save_marks(session, _STAMPS, {f"changed {country}": secrets.token_hex(8) for country in sorted(set(countries))})


def _stamps(session: Session, country: str) -> tuple[str, str]:
    keys = (f"changed {country}", f"added {country}")
    where = select(PlatformState.key, PlatformState.value)
    where = where.where(PlatformState.platform == _STAMPS, PlatformState.key.in_(keys))
    found = dict(session.execute(where).all())
    return found.get(keys[0], ""), found.get(keys[1], "")


def _refreshed(session: Session, country: str, known: Vocabulary | None, stamps: tuple[str, str]) -> Vocabulary:
    if known is not None and known.stamps[0] == stamps[0]:
        newer = select(SchoolWord.school_id, SchoolWord.word).where(
            SchoolWord.country == country, SchoolWord.school_id > known.newest - _OVERLAP
        )
        return known.plus(session.execute(newer), stamps)
    of_country = SchoolWord.country == country
    counts = select(SchoolWord.word, func.count()).where(of_country).group_by(SchoolWord.word)
    totals = select(func.count(SchoolWord.school_id.distinct()), func.max(SchoolWord.school_id)).where(of_country)
    schools, newest = session.execute(totals).one()
    return Vocabulary(dict(session.execute(counts).all()), schools, newest or 0, stamps)


def _keep(kept: OrderedDict[str, Vocabulary], country: str, known: Vocabulary) -> None:
    kept[country] = known
    kept.move_to_end(country)
    size = sum(map(len, kept.values()))
    while size > _MOST_KEPT and len(kept) > 1:
        size -= len(kept.popitem(last=False)[1])
