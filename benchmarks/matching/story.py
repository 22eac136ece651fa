"""Twelve weeks of seeking, asking, answering and dropping out, told of one population under one way to choose."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching.hidden import Hidden
from benchmarks.matching.people import TODAY, People
from benchmarks.matching.policies import FIVE, Policy
from storage.matching import sql
from storage.matching.rules import NEWCOMER_DAYS, Terms, lately, suits
from storage.matching.side import Side, week_of

DAYS, WEEK, LIFETIME, AGAIN = 84, 7, 7, 30
#: So many newcomers at a time are followed closely; in a small population that is all of them.
MOST_FOLLOWED = 280
MOST_SENT, MOST_PARTNERS = 5, 2
#: The chance that somebody who is shown fewer than five opens the wish that brings the most, as the bot offers.
LOOSENS = 0.5
#: The chance a week to give up: always, and once somebody has looked three times for nothing.
TIRED, DISAPPOINTED = 0.01, 0.06


@dataclass
class Measures:
    """What happened. Places are teachers; days count from the beginning."""

    first_sought: dict[int, int] = field(default_factory=dict)
    first_partner: dict[int, int] = field(default_factory=dict)
    #: The chance that each suggestion ends in a partnership, in the order in which a teacher saw them, up to ten.
    chances: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    shown: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    received: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    first_shown: dict[int, int] = field(default_factory=dict)
    #: Newcomers who suited somebody that looked for partners in their first week.
    suited: set[int] = field(default_factory=set)
    heaviest: int = 0
    alive_in_week_8: int = 0


class Story:
    """One run. The chances are drawn from one generator, so that a seed tells one story."""

    def __init__(self, people: People, hidden: Hidden, policy: Policy, seed: int) -> None:
        self.people, self.hidden, self.policy = people, hidden, policy
        self.rng = np.random.default_rng(seed + 77)
        size = len(people)
        self.measures = Measures(shown=np.zeros(size, np.int64), received=np.zeros(size, np.int64))
        self.here = people.columns["joined_day"] <= TODAY
        self.gone = np.zeros(size, np.bool_)
        self.inbox: dict[int, dict[int, int]] = defaultdict(dict)
        self.sent: dict[int, set[int]] = defaultdict(set)
        self.settled: dict[int, set[int]] = defaultdict(set)
        self.partners: dict[int, set[int]] = defaultdict(set)
        self.sought: dict[int, int] = defaultdict(int)
        #: Those who have opened a wish, as they are since then; what they would like is what it was.
        self.loosened: dict[int, Side] = {}
        #: Some of those who are in their first week and have not suited anybody who looked.
        self.unmet: dict[int, Side] = {}
        self.seen: dict[int, dict[int, int]] = defaultdict(dict)
        self.projects: list[tuple[int, int, float]] = []
        self.changed: set[int] = set()

    def tell(self, days: int = DAYS) -> Measures:
        """Let the days pass."""
        self.policy.begin(self.people, 5)
        for day in range(days):
            self._morning(day)
            comes = self.rng.random(len(self.gone)) < self.hidden.visits / 7
            # Whoever registers is here on that day, whatever their habits are later.
            comes |= self.people.columns["joined_day"] == TODAY + day
            for place in self._in_some_order(self.here & ~self.gone & comes):
                self._visit(place, day)
            self._evening(day)
        return self.measures

    def _in_some_order(self, who: NDArray[np.bool_]) -> list[int]:
        found = np.flatnonzero(who)
        self.rng.shuffle(found)
        places: list[int] = found.tolist()
        return places

    def _morning(self, day: int) -> None:
        """Who registers today is there from now on; requests that are too old lapse."""
        new = np.flatnonzero(self.people.columns["joined_day"] == TODAY + day)
        self.here[new] = True
        self.people.columns["suggestible"][new] = 1
        self.people.columns["active_day"][new] = TODAY + day
        self.changed.update(new.tolist())
        self._note_newcomers(new, day)
        for place, waiting in self.inbox.items():
            for asker in [asker for asker, sent in waiting.items() if day - sent >= LIFETIME]:
                self._decided(place, asker, answered=False)
        self._take_in()

    def _note_newcomers(self, new: NDArray[np.int64], day: int) -> None:
        joined = self.people.columns["joined_day"]
        self.unmet = {place: side for place, side in self.unmet.items() if joined[place] > TODAY + day - WEEK}
        self.unmet |= {place: self.hidden.side(place) for place in new[: MOST_FOLLOWED // WEEK].tolist()}

    def _visit(self, place: int, day: int) -> None:
        """Somebody comes: they answer what waits, and look for partners if they still need one."""
        if self.people.columns["active_day"][place] != TODAY + day:
            self.people.columns["active_day"][place] = TODAY + day
            self.changed.add(place)
        self._answer(place, day)
        if len(self.partners[place]) < MOST_PARTNERS and len(self.sent[place]) < MOST_SENT:
            self._seek(place, day)

    def _answer(self, place: int, day: int) -> None:
        """The more wait, the fewer are answered."""
        waiting = self.inbox[place]
        chance = self.hidden.answers[place] * min(1.0, 4 / max(len(waiting), 1))
        for asker in list(waiting):
            if self.rng.random() < chance:
                self._decided(place, asker, answered=True)
                free = max(len(self.partners[place]), len(self.partners[asker])) < MOST_PARTNERS
                if free and self.rng.random() < self.hidden.wants(place, asker):
                    self._together(place, asker, day)

    def _seek(self, place: int, day: int) -> None:
        measures, today = self.measures, TODAY + day
        # The index of a process follows within a second, so each search sees what all before it did.
        self._take_in()
        measures.first_sought.setdefault(place, day)
        self.sought[place] += 1
        seen = frozenset(person for person, when in self.seen[place].items() if day - when < AGAIN)
        never = frozenset(other + 1 for other in self.settled[place])
        me = self.loosened.get(place) or self.hidden.side(place)
        terms = Terms(me, today, never, seen)
        self._meet_newcomers(me)
        found = self.policy.choose(terms)
        if len(found) < FIVE and self.rng.random() < LOOSENS:
            self._loosen(place, terms)
        for person in found:
            other = person - 1
            self.seen[place][person] = day
            self._shown(other, day)
            wants = self.hidden.wants(place, other)
            if len(measures.chances[place]) < 10:
                measures.chances[place].append(wants * self._would(other, place))
            if len(self.sent[place]) < MOST_SENT and self.rng.random() < wants:
                self._ask(place, other, day)

    def _meet_newcomers(self, me: Side) -> None:
        """Note which newcomers suit somebody who looks, whoever is then shown to them."""
        for place in [place for place, side in self.unmet.items() if suits(me, side)]:
            self.measures.suited.add(place)
            del self.unmet[place]

    def _loosen(self, place: int, terms: Terms) -> None:
        """Open the wish without which the most would suit or, if none helps alone, all of them, as the bot offers."""
        counts = self.policy.index.counts
        wishes = [wish for wish in sql.WISHES if getattr(terms.me, wish)]
        by_itself = {wish: counts(sql.without(terms, wish)) for wish in wishes}
        best = max(by_itself, key=by_itself.__getitem__, default="")
        opened = [best] if best and by_itself[best] > counts(terms) else wishes
        looser = sql.without(terms, *opened)
        if not opened or counts(looser) == counts(terms):
            return
        self.loosened[place] = looser.me
        if place in self.unmet:
            self.unmet[place] = looser.me
        for wish in opened:
            self.people.columns[wish if wish == "wish_ages" else f"{wish}_0"][place] = 0
            self.changed.add(place)

    def _would(self, other: int, place: int) -> float:
        """The chance that the other would answer within a request's lifetime, and say yes."""
        if self.gone[other] or len(self.partners[other]) >= MOST_PARTNERS:
            return 0.0
        on_a_day = min(1.0, self.hidden.visits[other] / 7)
        chance = self.hidden.answers[other] * min(1.0, 4 / (len(self.inbox[other]) + 1))
        return (1 - (1 - on_a_day * chance) ** LIFETIME) * self.hidden.wants(other, place)

    def _shown(self, other: int, day: int) -> None:
        columns, week = self.people.columns, week_of(TODAY + day)
        self.measures.shown[other] += 1
        self.measures.first_shown.setdefault(other, day)
        columns["shown"][other] = lately(columns["shown"][other], columns["shown_week"][other], week) + 1
        columns["shown_week"][other] = week
        self.changed.add(other)

    def _ask(self, place: int, other: int, day: int) -> None:
        self.inbox[other][place] = day
        self.sent[place].add(other)
        self.settled[place].add(other)
        self.settled[other].add(place)
        self.measures.received[other] += 1
        self.policy.received[other] += 1
        self.measures.heaviest = max(self.measures.heaviest, len(self.inbox[other]))
        self._count(other)

    def _decided(self, place: int, asker: int, *, answered: bool) -> None:
        del self.inbox[place][asker]
        self.sent[asker].discard(place)
        self.people.columns["asked"][place] += 1
        self.people.columns["answered"][place] += answered
        self._count(place)

    def _count(self, place: int) -> None:
        self.people.columns["requests"][place] = len(self.inbox[place])
        self.changed.add(place)

    def _together(self, one: int, other: int, day: int) -> None:
        self.partners[one].add(other)
        self.partners[other].add(one)
        for place in (one, other):
            self.measures.first_partner.setdefault(place, day)
        liking = (self.hidden.wants(one, other) * self.hidden.wants(other, one)) ** 0.5
        self.projects.append((one, other, liking))

    def _evening(self, day: int) -> None:
        """What was shown is brought into the index; once a week projects end and people give up."""
        self._take_in()
        if day % 7 == 6:
            self._week_ends()
        if day == 55:
            self.measures.alive_in_week_8 = len(self.projects)

    def _week_ends(self) -> None:
        going = [self.rng.random() > 0.02 + 0.15 * (1 - liking) for _one, _other, liking in self.projects]
        alone = [place for place, times in self.sought.items() if times >= 3 and not self.partners[place]]
        hazard = np.full(len(self.gone), TIRED)
        hazard[alone] = DISAPPOINTED
        self.gone |= self.rng.random(len(hazard)) < hazard
        self.projects = [
            project
            for project, on in zip(self.projects, going, strict=True)
            if on and not self.gone[project[0]] and not self.gone[project[1]]
        ]

    def _take_in(self) -> None:
        if self.changed:
            self.policy.take_in(np.array(sorted(self.changed)))
            self.changed.clear()


def newcomers(people: People, days: int) -> NDArray[np.int64]:
    """Those who register while the story goes on, with a week left to be shown."""
    joined = people.columns["joined_day"]
    return np.flatnonzero((joined > TODAY) & (joined <= TODAY + days - NEWCOMER_DAYS))
