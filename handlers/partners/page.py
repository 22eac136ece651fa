"""One page of suggestions: whom it shows, what is said above and below them, and what may be done next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Option
from bot.text import Count, Country, Joined, Language, Listed, Name, Node, Strong, Verbatim, _, entry, lines, n_, p_
from handlers.kinds.ages import ages_shown
from handlers.kinds.levels import level_name
from handlers.kinds.projects import kind_name
from handlers.kinds.subjects import subject_name
from handlers.partners.cards import card, countries, filters_line, flag
from handlers.partners.filters import ANY
from handlers.partners.outside import near
from handlers.partners.reasons import reasons
from storage.partners import FILTERS, Candidate, Filter, Wishes, candidates

ON_A_PAGE = 5
#: A filter with more values than this is tapped away as a whole.
MOST_CHIPS = 3
TOWN_LENGTH = 14

LABELS: dict[Filter, Node] = {
    # Translators: the filters of the list of suggested schools; each button changes one.
    "countries": p_("button", "Country"),
    "subjects": p_("button", "Subject"),
    "languages": p_("button", "Language"),
    "ages": p_("button", "Ages"),
    "levels": p_("button", "Kind of school"),
    "kinds": p_("button", "Project"),
}


@dataclass
class Trail:
    """The pages that were shown, as persons, and what was true when the newest was made. Kept as JSON in the state.

    ``view`` is "new", "earlier" (shown before) or "later" (put off). ``total`` is how many fit, ``left`` how many of
    them wait for a further page; ``looser`` are pairs of a filter, or None for all, and how many there were without.
    """

    pages: list[list[int]] = field(default_factory=list)
    at: int = 0
    view: str = "new"
    total: int = 0
    left: int = 0
    looser: list[list[Any]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    note: str = ""

    def as_start(self) -> dict[str, Any]:
        """The values that a flow begins from."""
        return asdict(self)

    @property
    def here(self) -> list[int]:
        """The persons of the page that is shown."""
        return self.pages[self.at] if self.pages else []

    @property
    def first(self) -> int:
        """The number of the first card on this page."""
        return 1 + sum(len(page) for page in self.pages[: self.at])

    @property
    def more(self) -> bool:
        """Whether there is a further page, made already or not."""
        return self.at + 1 < len(self.pages) or self.left > 0


@dataclass(frozen=True)
class Page:
    """A page as it is shown: the text, and the options under it."""

    body: Node
    options: tuple[Option, ...]


def page_of(session: Session, me: Candidate, trail: Trail, now: datetime) -> Page:
    """Show the page of a trail at which somebody stands."""
    shown = candidates(session, trail.here)
    cards = [card(other, reasons(me, other), now, trail.first + index) for index, other in enumerate(shown)]
    parts = [_head(me, trail), *cards, _foot(trail)]
    body = Joined(tuple(part for part in parts if part is not None), "\n\n")
    return Page(body, tuple(_options(me, trail, shown)))


_NOTES: dict[str, Node] = {
    "interesting": _("Noted. If they find your school interesting too, I tell you both at once."),
    "mutual": _("They find your school interesting too! I have told them as well."),
    "later": _("Put off. You find it under “Later”."),
    "no": _("Noted. I will not suggest this school to you again."),
}
_TITLES: dict[str, Node] = {
    "new": _("Partners for you"),
    "earlier": _("Suggested to you before"),
    "later": _("Put off until later"),
}


def _head(me: Candidate, trail: Trail) -> Node:
    """The title with the filters and how many fit; first, what was not understood or just noted."""
    count = n_("{n} teacher fits.", "{n} teachers fit.", trail.total) if trail.total else None
    new = trail.view == "new"
    return lines(
        _NOTES.get(trail.note),
        _not_understood(trail.unknown) if trail.unknown else None,
        *(_not_taking_part(code) for code in trail.outside),
        Strong(_TITLES[trail.view]),
        (filters_line(me.wishes) or _("Looking for: anyone who shares a language with you")) if new else None,
        count if new else None,
    )


def _not_understood(words: Iterable[str]) -> Node:
    # Translators: {words} are words of the person that are no country, subject, language or age.
    return _("I did not understand: {words}", words=Listed(tuple(Name(part[:40]) for part in words)))


def _not_taking_part(code: str) -> Node:
    # Translators: a country that takes no part in eTwinning, then, if there are any, countries near it that do.
    said = _("Does not take part in eTwinning: {country}", country=Country(code))
    beside = near(code)
    return lines(said, _("Near it: {countries}", countries=countries(beside)) if beside else None)


def _foot(trail: Trail) -> Node | None:
    """What the person should know at the end of a page: that there is no more, and what would bring more."""
    if trail.view != "new":
        return None if trail.here else _("There is nobody on this list.")
    if not trail.total:
        return _nobody(trail)
    if trail.more:
        return None
    if not trail.here:
        return _("You have seen everyone who fits. I show them again after a month, or now if you like.")
    return lines(_("That is everyone for now. New teachers join every week."), _more_would_be(trail))


def _nobody(trail: Trail) -> Node:
    """Zero found is no dead end: loosen a filter, bring a colleague, come back."""
    if trail.looser:
        return lines(_("Nobody fits all of this yet."), _more_would_be(trail))
    return lines(
        _("Nobody fits yet."),
        _("I only suggest teachers who share a language with you. Is yours missing? Add it in /profile."),
        _("Do you know a teacher abroad? Tell them about me. Or look again in a few days: teachers join every week."),
    )


def _more_would_be(trail: Trail) -> Node | None:
    """Which filter is the narrow one, and how many there would be without each."""
    if not trail.looser:
        return None
    narrow = trail.looser[0][0]
    rows = [entry(_opened(name), Count(total)) for name, total in trail.looser]
    return lines(
        # Translators: {filter} is one of: Country, Subject, Language, Ages, Kind of school, Project.
        _("The narrowest filter: {filter}", filter=LABELS[narrow]) if narrow else None,
        _("How many there would be:"),
        *rows,
    )


def _opened(name: Filter | None) -> Node:
    return ANY[name] if name is not None else p_("button", "Clear filters")


def _options(me: Candidate, trail: Trail, shown: Sequence[Candidate]) -> Iterator[Option]:
    """The schools, then further pages, then what would bring more, the filters, and other lists."""
    for index, other in enumerate(shown):
        yield Option(f"one:{other.person}", _place(trail.first + index, other))
    if trail.more:
        yield Option("more", p_("button", "More"))
    if trail.at > 0:
        yield Option("previous", p_("button", "Previous"))
    if trail.view != "new":
        # Translators: a button that leads from another list back to new suggestions.
        yield Option("new", p_("button", "New suggestions"))
        return
    yield from (Option(f"add:{code}", _added(code)) for place in trail.outside for code in near(place))
    yield from (Option(f"without:{name}", ANY[name]) for name, _total in trail.looser if name)
    yield from _chips(me.wishes)
    yield Option("filters", p_("button", "Filters"))
    if me.wishes != Wishes():
        yield Option("clear", p_("button", "Clear filters"))
    # Translators: these buttons show schools that were suggested before, and those that were put off.
    yield Option("earlier", p_("button", "Seen before"))
    yield Option("later", p_("button", "Later"))


def _place(number: int, other: Candidate) -> Node:
    """A school on a button: its number, flag and town."""
    town = other.town if len(other.town) <= TOWN_LENGTH else other.town[: TOWN_LENGTH - 1] + "…"
    return Joined((Joined((Count(number), Verbatim(flag(other.country))), ". "), Name(town)), " ")


def _chips(wishes: Wishes) -> Iterator[Option]:
    """What is filtered by, value by value, to be tapped away."""
    for name in FILTERS:
        values = getattr(wishes, name)
        if name == "ages" or len(values) > MOST_CHIPS:
            if values:
                yield Option(f"drop:{name}", _crossed(ages_shown(values) if name == "ages" else LABELS[name]))
        else:
            yield from (Option(f"drop:{name}:{code}", _crossed(_shown(name, code))) for code in values)


def _added(code: str) -> Node:
    return Joined((Verbatim("+"), Country(code)), " ")


def _crossed(label: Node) -> Node:
    return Joined((Verbatim("✕"), label), " ")


def _shown(name: Filter, code: str) -> Node:
    if name == "countries":
        return Country(code)
    if name == "languages":
        return Language(code)
    return {"subjects": subject_name, "levels": level_name, "kinds": kind_name}[name](code)
