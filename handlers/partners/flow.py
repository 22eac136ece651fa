"""/partners: five suggestions at a time, why each, what one thinks of them, and filters that change in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from bot.talk import Again, Excuse, Kept, Option, Said, Talk, go, one_of
from bot.talk.kinds import Choice
from bot.text import Node, Verbatim, _, p_
from handlers.partners.filters import LONGEST_LINE, named, question
from handlers.partners.one import look_at
from handlers.partners.page import LABELS, ON_A_PAGE, Page, Trail, page_of
from storage import partners as store
from storage import teachers
from storage.matching import finding
from storage.partners import FILTERS, Candidate, Filter, Wishes

_WORDS = "words:"
_MOST_UNKNOWN, _MOST_OUTSIDE = 5, 3


class Listing(Choice):
    """What can be done with a page of suggestions; words that name something are new filters."""

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """An option, or a line of filters."""
        if said.option is not None:
            return super().read(said, draft)
        words = (said.text or "")[:LONGEST_LINE]
        if named(words):
            return Kept(_WORDS + words)
        return Again(_("Choose a button, or write what you look for, such as: Greece, music, 10-12"))

    def recall(self, kept: Any) -> str:
        """The words, or the option while it is offered."""
        return str(kept) if str(kept).startswith(_WORDS) else super().recall(kept)

    def show(self, value: str) -> Node:
        """The words, or the option's label."""
        return Verbatim(value.removeprefix(_WORDS)) if value.startswith(_WORDS) else super().show(value)


def partners(talk: Talk) -> None:
    """A teacher looks for partner schools; what they filter by is remembered as their wishes."""
    me = store.myself(talk.session, talk.person)
    if me is None:
        raise Excuse(
            _("To suggest schools that fit yours, I need to know it. Registering takes about two minutes."),
            go("register", p_("button", "Register")),
        )
    if talk.turn.argument:
        _search(talk, me, talk.turn.argument)
    elif talk.start("pages") is None:
        said = {name: talk.start(name, []) for name in ("unknown", "outside")}
        _find(talk, Trail(**said, note=talk.start("note", "")))
    else:
        trail = Trail(**{name: talk.start(name, value) for name, value in Trail().as_start().items()})
        page = page_of(talk.session, me, trail, talk.now)
        _act(talk, me, trail, page, talk.ask("choice", page.body, Listing(page.options), instead=True))


def _find(talk: Talk, trail: Trail) -> None:
    """Find the next page, note whom it shows, and show it. That is a step of its own: a question may not write."""
    found = finding.find(talk.session, talk.person, ON_A_PAGE, talk.now)
    finding.show(talk.session, talk.person, found.people, talk.now)
    looser = finding.loosened(talk.session, talk.person, talk.now) if found.total < ON_A_PAGE else []
    pages = [*trail.pages, list(found.people)]
    made = replace(
        trail,
        pages=pages,
        at=len(pages) - 1,
        total=found.total,
        left=found.left,
        looser=[[one.filter, one.total] for one in looser],
    )
    talk.then("partners", **made.as_start())


def _act(talk: Talk, me: Candidate, trail: Trail, page: Page, choice: str) -> None:
    """Do what was chosen, and show the page that comes of it."""
    del page
    head, _colon, rest = choice.partition(":")
    trail = replace(trail, unknown=[], outside=[], note="")
    if choice.startswith(_WORDS):
        _search(talk, me, rest)
    elif head == "one":
        look_at(talk, me, trail, int(rest))
    elif head == "filters":
        _change(talk, me)
    elif head == "clear":
        _save(talk, Wishes())
    elif head == "without":
        _save(talk, store.without(me.wishes, cast("Filter", rest)))
    elif head == "add":
        _save(talk, replace(me.wishes, countries=tuple(dict.fromkeys((*me.wishes.countries, rest)))))
    elif head == "drop":
        _save(talk, _dropped(me.wishes, *rest.split(":")))
    elif head in {"earlier", "later"}:
        _again(talk, head)
    elif head == "new":
        talk.then("partners")
    else:
        _turn(talk, trail, 1 if head == "more" else -1)


def _turn(talk: Talk, trail: Trail, by: int) -> None:
    """A page further or back; a further one is made if it was not yet."""
    if 0 <= trail.at + by < len(trail.pages):
        talk.then("partners", **replace(trail, at=trail.at + by).as_start())
    else:
        _find(talk, trail)


def _again(talk: Talk, view: str) -> None:
    """Those who were suggested before and may still be, or those who were put off."""
    people = finding.again(talk.session, talk.person, view, talk.now)
    pages = [people[start : start + ON_A_PAGE] for start in range(0, len(people), ON_A_PAGE)]
    talk.then("partners", **Trail(pages=pages or [[]], view=view, total=len(people)).as_start())


def _change(talk: Talk, me: Candidate) -> None:
    """Ask for one filter anew."""
    which = _("What do you want to filter by?")
    name = cast("Filter", talk.ask("which", which, one_of(*_filters()), instead=True))
    asked, kind = question(name, me)
    answer = talk.ask(name, asked, kind, instead=True)
    _save(talk, replace(me.wishes, **{name: answer if name == "ages" else tuple(answer)}))


def _filters() -> list[Option]:
    return [Option(name, LABELS[name]) for name in FILTERS]


def _dropped(wishes: Wishes, name: str, code: str = "") -> Wishes:
    """The wishes without one value, or without all of a filter."""
    if not code:
        return store.without(wishes, cast("Filter", name))
    return replace(wishes, **{name: tuple(each for each in getattr(wishes, name) if each != code)})


def _search(talk: Talk, me: Candidate, line: str) -> None:
    """Take a line of words as filters; what was not understood is said above the list."""
    found = named(line)
    _save(talk, found.over(me.wishes), found.unknown, found.outside)


def _save(talk: Talk, wishes: Wishes, unknown: Sequence[str] = (), outside: Sequence[str] = ()) -> None:
    """Remember the filters and show the first page that they give."""
    teachers.save_wishes(talk.session, talk.person, wishes)
    talk.then("partners", unknown=list(unknown)[:_MOST_UNKNOWN], outside=list(outside)[:_MOST_OUTSIDE])
