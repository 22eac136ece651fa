"""How a suggestion looks: a card with who, where, what, when last seen, their wish, and why they are suggested."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.text import Count, Country, Joined, Language, Name, Node, Strong, Text, Verbatim, _, lines, n_
from handlers.kinds.ages import ages_shown
from handlers.kinds.subjects import subject_name
from handlers.partners.matching import Basis, Reason
from storage.partners import Candidate, Wishes
from storage.reference import country

WISH_LENGTH = 120
_DOT = " · "


def card(number: int, other: Candidate, why: Iterable[Reason], now: datetime) -> Node:
    """A teacher as a suggestion. Their name stays out of it: a school is looked for, not a person."""
    town = Joined((Verbatim(flag(other.country)), Name(other.town)), " ")
    about = Joined((subjects(other.subjects), languages(other.languages), ages(other.ages)), _DOT)
    return lines(
        Joined((Count(number), Strong(Name(other.school))), ". "),
        Joined((Joined((town, Country(other.country)), ", "), last_seen(other.active_at, now)), _DOT),
        about,
        _quoted(other.wish) if other.wish.strip() else None,
        Joined((Verbatim("→"), Joined(tuple(reason(each) for each in why), _DOT)), " "),
    )


def flag(code: str) -> str:
    """A country's flag as emoji."""
    return country(code).flag


def subjects(codes: Iterable[str]) -> Node:
    """Subjects in one row, in the order of their codes."""
    return Joined(tuple(subject_name(code) for code in sorted(codes)), ", ")


def languages(codes: Iterable[str]) -> Node:
    """Languages in one row, in the order of their codes."""
    return Joined(tuple(Language(code) for code in sorted(codes)), ", ")


def countries(codes: Iterable[str]) -> Node:
    """Countries in one row, as they were chosen."""
    return Joined(tuple(Country(code) for code in codes), ", ")


def ages(span: tuple[int, int]) -> Node:
    """The pupils' ages in years, with the word for them."""
    # Translators: {years} is one age of pupils or a range, such as 11–13.
    return _("ages: {years}", years=ages_shown(span))


def last_seen(active_at: datetime, now: datetime) -> Text:
    """When a teacher was last here, roughly: nobody's hours are anybody's business."""
    days = max(0, (now - active_at).days)
    if days < 1:
        # Translators: when a teacher was last here; likewise the following ones.
        return _("here today")
    if days < 7:
        return _("here this week")
    if days < 60:
        return n_("here {n} week ago", "here {n} weeks ago", days // 7)
    if days < 365:
        return n_("here {n} month ago", "here {n} months ago", days // 30)
    return _("here over a year ago")


def _quoted(wish: str) -> Node:
    # Translators: what a teacher wrote, between the quotation marks of your language.
    return _("“{words}”", words=Verbatim(shortened(wish)))


def shortened(wish: str, limit: int = WISH_LENGTH) -> str:
    """A wish on one line, cut at a word if it is longer than ``limit`` characters."""
    line = " ".join(wish.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    head, _space, _rest = cut.rpartition(" ")
    return (head if len(head) > limit // 2 else cut).rstrip(" ,.;:-–") + "…"


def reason(why: Reason) -> Node:
    """One reason in words. Names stand after a colon, so that no language has to inflect them."""
    return _REASONS[why.basis](why)


_REASONS: dict[Basis, Callable[[Reason], Node]] = {
    # Translators: reasons why a teacher is suggested as a partner. The names of subjects, languages and countries
    # come after the colon as they are.
    "both_teach": lambda why: _("You both teach: {subjects}", subjects=subjects(why.codes)),
    "teaches": lambda why: _("Teaches, as you wish: {subjects}", subjects=subjects(why.codes)),
    "both_work": lambda why: _("You both work in: {languages}", languages=languages(why.codes)),
    "works": lambda why: _("Works, as you wish, in: {languages}", languages=languages(why.codes)),
    # Translators: {years} is one age of pupils or a range, such as 11–13.
    "ages": lambda why: _("Ages that fit: {years}", years=ages_shown(why.ages or (0, 0))),
    "seeks_country": lambda why: _("Looks for partners in: {countries}", countries=countries(why.codes)),
    "seeks_subjects": lambda why: _("Looks for your subject: {subjects}", subjects=subjects(why.codes)),
}


def filters_line(wishes: Wishes) -> Node | None:
    """The filters that are set, in one line; None if all is open."""
    parts: list[Node] = []
    if wishes.countries:
        parts.append(countries(wishes.countries))
    if wishes.subjects:
        parts.append(subjects(wishes.subjects))
    if wishes.languages:
        parts.append(languages(wishes.languages))
    if wishes.ages:
        parts.append(ages(wishes.ages))
    return _("Looking for: {filters}", filters=Joined(tuple(parts), _DOT)) if parts else None
