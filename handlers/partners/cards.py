"""How a suggestion looks: a card with who, where, what, when last seen, their wish, and why they are suggested."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.text import Count, Country, Joined, Language, Name, Node, Strong, Text, Verbatim, _, lines, n_, p_
from handlers.kinds.ages import ages_shown
from handlers.kinds.levels import level_name
from handlers.kinds.projects import kind_name
from handlers.kinds.subjects import subject_name
from handlers.partners.reasons import Basis, Reason
from storage.partners import Candidate, Wishes
from storage.reference import country

WISH_LENGTH = 120
_DOT = " · "
# Translators: an arrow before what follows; it points the way your language is read.
ARROW = p_("arrow", "→")


def card(other: Candidate, why: Iterable[Reason], now: datetime, number: int | None = None) -> Node:
    """A teacher as a suggestion, with its number in a list. Their name stays out of it: a school is looked for, not a
    person."""
    school = Strong(Name(other.school))
    town = Joined((Verbatim(flag(other.country)), Name(other.town)), " ")
    about = Joined((subjects(other.subjects), languages(other.languages), ages(other.ages)), _DOT)
    return lines(
        school if number is None else Joined((Count(number), school), ". "),
        Joined((Joined((town, Country(other.country)), ", "), last_seen(other.active_at, now)), _DOT),
        about,
        _quoted(other) if other.wish.strip() else None,
        Joined((ARROW, Joined(tuple(reason(each) for each in why), _DOT)), " "),
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


def levels(codes: Iterable[str]) -> Node:
    """Levels of schools in one row."""
    return Joined(tuple(level_name(code) for code in codes), ", ")


def kinds(codes: Iterable[str]) -> Node:
    """Kinds of projects in one row."""
    return Joined(tuple(kind_name(code) for code in codes), ", ")


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


def _quoted(other: Candidate) -> Node:
    # Translators: what a teacher wrote, between the quotation marks of your language.
    return _("“{words}”", words=Verbatim(shortened(other.wish), other.person))


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
    "both_plan": lambda why: _("You both plan: {kinds}", kinds=kinds(why.codes)),
    "seeks_country": lambda why: _("Looks for partners in: {countries}", countries=countries(why.codes)),
    "seeks_subjects": lambda why: _("Looks for your subject: {subjects}", subjects=subjects(why.codes)),
    "seeks_level": lambda why: _("Looks for your kind of school: {levels}", levels=levels(why.codes)),
    # Translators: how many of the requests that a teacher got were answered, such as: 4 of 5.
    "answers": lambda why: _("Requests answered: {answered} of {asked}", **_figures(why.figures or (0, 0))),
}


def _figures(figures: tuple[int, int]) -> dict[str, Node]:
    answered, asked = figures
    return {"answered": Count(answered), "asked": Count(asked)}


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
    if wishes.levels:
        parts.append(levels(wishes.levels))
    if wishes.kinds:
        parts.append(kinds(wishes.kinds))
    return _("Looking for: {filters}", filters=Joined(tuple(parts), _DOT)) if parts else None
