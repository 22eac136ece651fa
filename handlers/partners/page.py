"""One page of suggestions: what is found, what is shown of it, and what may be done next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Option
from bot.text import Count, Joined, Listed, Name, Node, Strong, _, entry, lines, n_, p_
from handlers.partners.cards import card, filters_line
from handlers.partners.filters import ANY
from handlers.partners.matching import Side, ranked, reasons
from storage import partners as store
from storage.partners import Candidate, Filter, Loosened, Wishes

ON_A_PAGE = 5
#: So many teachers, the ones seen last, are scored at most.
SCORED = 500

_CHANGE: dict[Filter, Node] = {
    # Translators: these buttons change a filter of the list of suggested schools.
    "countries": p_("button", "Country"),
    "subjects": p_("button", "Subject"),
    "languages": p_("button", "Language"),
    "ages": p_("button", "Ages"),
}


@dataclass(frozen=True)
class Page:
    """A page as it is shown: its number from 0, the text, and the options under it."""

    number: int
    body: Node
    options: tuple[Option, ...]


def side(teacher: Candidate) -> Side:
    """What matching needs to know of a teacher."""
    return Side(
        person=teacher.person,
        school=teacher.school_id,
        country=teacher.country,
        subjects=teacher.subjects,
        languages=teacher.languages,
        ages=teacher.ages,
        wishes=teacher.wishes,
        active_at=teacher.active_at,
        looking=teacher.looking,
    )


def page_of(session: Session, me: Candidate, number: int, unknown: Sequence[str], now: datetime) -> Page:
    """Find and order who fits ``me``, and show page ``number``, or the last one if there are fewer."""
    found = store.candidates(session, me, me.wishes, SCORED)
    total = len(found) if len(found) < SCORED else store.counts(session, me, me.wishes)
    by_person = {other.person: other for other in found}
    order = [by_person[other.person] for other in ranked(side(me), map(side, found), now)]
    last = max(0, (len(order) - 1) // ON_A_PAGE)
    number = min(max(0, number), last)
    looser = _looser(session, me, total) if total < ON_A_PAGE else []
    shown = order[number * ON_A_PAGE : (number + 1) * ON_A_PAGE]
    parts = [
        _head(me, total, unknown),
        *_cards(me, shown, number * ON_A_PAGE + 1, now),
        _foot(total, looser, at_end=number == last),
    ]
    body = Joined(tuple(part for part in parts if part is not None), "\n\n")
    return Page(number, body, _options(me, number, last, looser))


def _head(me: Candidate, total: int, unknown: Sequence[str]) -> Node:
    """The title with the filters and how many there are; first, what was not understood."""
    count = n_("{n} teacher fits.", "{n} teachers fit.", total) if total else None
    return lines(
        _not_understood(unknown) if unknown else None,
        Strong(_("Partners for you")),
        filters_line(me.wishes) or _("Looking for: anyone who shares a language with you"),
        count,
    )


def _not_understood(words: Iterable[str]) -> Node:
    # Translators: {words} are words of the person that are no country, subject, language or age.
    return _("I did not understand: {words}", words=Listed(tuple(Name(part[:40]) for part in words)))


def _cards(me: Candidate, shown: Sequence[Candidate], first: int, now: datetime) -> list[Node]:
    mine = side(me)
    return [card(first + index, other, reasons(mine, side(other)), now) for index, other in enumerate(shown)]


def _foot(total: int, looser: Sequence[Loosened], *, at_end: bool) -> Node | None:
    """What the person should know at the end of a page: that there is no more, and what would bring more."""
    if not total:
        return _nobody(looser)
    if not at_end:
        return None
    if total > SCORED:
        return _("These were the best of them. Choose a filter to see others.")
    end = _("That is everyone for now. New teachers join every week.")
    return lines(end, _more_would_be(looser)) if looser else end


def _nobody(looser: Sequence[Loosened]) -> Node:
    """Zero found is no dead end: loosen a filter, bring a colleague, come back."""
    if looser:
        return lines(_("Nobody fits all of this yet."), _more_would_be(looser))
    return lines(
        _("Nobody fits yet."),
        _("I only suggest teachers who share a language with you. Is yours missing? Add it in /profile."),
        _("Do you know a teacher abroad? Tell them about me. Or look again in a few days: teachers join every week."),
    )


def _more_would_be(looser: Sequence[Loosened]) -> Node:
    """Which filter to loosen, and what each would bring."""
    rows = [entry(_without(one), Count(one.total)) for one in looser]
    return lines(_("How many there would be:"), *rows)


def _without(one: Loosened) -> Node:
    return ANY[one.filter] if one.filter is not None else p_("button", "Clear filters")


def _looser(session: Session, me: Candidate, total: int) -> list[Loosened]:
    """The filters worth dropping: alone, or all of them if none helps alone."""
    alone = [one for one in store.loosened(session, me, me.wishes) if one.total > total]
    if alone or me.wishes == Wishes():
        return alone
    everyone = store.counts(session, me, Wishes())
    return [Loosened(None, everyone)] if everyone > total else []


def _options(me: Candidate, number: int, last: int, looser: Sequence[Loosened]) -> tuple[Option, ...]:
    """More and previous, what would bring more, the filters, and a way to clear them."""
    options = [Option(f"without:{one.filter}", ANY[one.filter]) for one in looser if one.filter]
    if number < last:
        options.append(Option("more", p_("button", "More")))
    if number > 0:
        options.append(Option("previous", p_("button", "Previous")))
    options += [Option(name, label) for name, label in _CHANGE.items()]
    if me.wishes != Wishes():
        options.append(Option("clear", p_("button", "Clear filters")))
    return tuple(options)
