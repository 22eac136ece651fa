"""/pupils: a teacher makes places for a class, gets cards to print, and looks after them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

from bot.talk import Attachment, Excuse, Option, Talk, go, one_of
from bot.text import Count, Joined, Language, Name, Node, Verbatim, _, lines, n_, p_
from bot.text.catalogs import available
from handlers.acts import acted, told_number
from handlers.kinds.numbers import Number
from handlers.kinds.typed import Within
from handlers.projects.words import MINE
from handlers.pupils.elsewhere import PLATFORMS
from handlers.pupils.names import made_up, sign_of
from handlers.pupils.one import card, nickname, one, revoke
from handlers.pupils.printing import SOURCE
from handlers.pupils.words import MINE as MY_PUPILS
from handlers.pupils.words import excuse, titled
from storage import projects, teachers
from storage import pupils as places
from storage.projects import Cannot, Project
from storage.pupils import MOST_AT_ONCE, Place
from storage.reference import country
from storage.rooms import holding
from storage.rooms.seats import holds

YOUNGEST, OLDEST = 3, 21
LISTED = 8
_TITLE = 15
NEW = go("pupils new", p_("button", "Make places"))


def pupils(talk: Talk) -> None:
    """Does something with places; without a word more it lists them."""
    if not acted(talk, "pupils", _ACTS, _told(talk.turn.argument)):
        _list(talk)


def _told(argument: str) -> dict[str, Any]:
    """What stands after the command: a number of places, or such as "card 12"."""
    act, _space, rest = argument.strip().partition(" ")
    act, rest = act.casefold(), rest.strip()
    if act == "new":
        return {"new": 0}
    act, number = ("new", act) if act.isdecimal() else (act, rest)
    return told_number(_ACTS, act, number)


def _list(talk: Talk) -> None:
    """The classes of a teacher: one project's places at once, several by their names."""
    mine: dict[int, list[Place]] = {}
    for place in places.of_owner(talk.session, talk.person):
        mine.setdefault(place.project, []).append(place)
    if not mine:
        _projects(talk)
        talk.say(
            _(
                "Your pupils come into the class room with a card: no account, no e-mail, no name. "
                "I make a place and a card for each of them; you print the cards."
            ),
            NEW,
        )
        return
    if len(mine) == 1:
        _show(talk, next(iter(mine)))
        return
    found = [(projects.find(talk.session, number), its) for number, its in mine.items()]
    rows = [lines(titled(project), _counted(its)) for project, its in found if project is not None]
    buttons = [go(f"pupils show {one.id}", _label(one)) for one, _its in found if one is not None]
    talk.say(lines(*rows), *buttons[:LISTED], NEW)


def _counted(its: Sequence[Place]) -> Node:
    taken = sum(place.taken for place in its)
    return lines(
        n_("{n} place", "{n} places", len(its)),
        n_("{n} of them is taken", "{n} of them are taken", taken) if taken else None,
    )


def _label(project: Project) -> Node:
    title = project.facts.title
    return Verbatim(title if len(title) <= _TITLE else title[: _TITLE - 1].rstrip() + "…")


def _show(talk: Talk, project: int, start: int = 0) -> None:
    """The places of one project, some at a time."""
    found, its = projects.find(talk.session, project), places.of_owner(talk.session, talk.person, project)
    if found is None or not its:
        raise excuse(Cannot("foreign"))
    page = its[start : start + LISTED]
    rows = [_row(place) for place in page]
    more = start + LISTED if start + LISTED < len(its) else 0 if start else None
    options = [go(f"pupils one {place.id}", Name(place.nickname)) for place in page]
    if more is not None:
        options.append(go(f"pupils page {project * _PAGES + more}", p_("button", "More pupils")))
    ways = [
        NEW,
        go(f"pupils print {project}", p_("button", "Print all cards")),
        go(f"pupils end {project}", p_("button", "End all places")),
    ]
    talk.say(lines(titled(found), _counted(its), *rows, _("● has come in, ○ not yet")), *options, *ways)


#: A page of a project travels as one number.
_PAGES = 1000


def _page(talk: Talk, number: int) -> None:
    _show(talk, number // _PAGES, number % _PAGES)


def _row(place: Place) -> Node:
    sign = Verbatim(f"{'●' if place.taken else '○'} {sign_of(place.picture)}")
    return Joined((sign, Name(place.nickname)), " ")


def _projects(talk: Talk) -> list[Project]:
    """The open projects of a teacher. Raises Excuse if there is none."""
    found = [project for project, _role in projects.mine(talk.session, talk.person, ("open",))]
    if not found:
        raise Excuse(_("Places for pupils belong to a project that is open. You are in none yet."), MINE)
    return found


def _new(talk: Talk, number: int) -> None:
    """Make places: which project, how old, how many, in which language; then the cards."""
    project = _project(talk)
    age = _age(talk, project)
    elsewhere = _elsewhere(talk, age)
    wanted = number if 1 <= number <= MOST_AT_ONCE else _number(talk)
    code = talk.ask("language", _("In which language shall I speak to them?"), one_of(*_languages(talk, project)))
    mine = places.names_in(talk.session, project.id)
    try:
        places.set_age(talk.session, project.id, talk.person, age)
        names = made_up(code, wanted, mine, random.SystemRandom())
        made = places.make(talk.session, project.id, talk.person, names, code, talk.now, elsewhere=elsewhere)
    except Cannot as cannot:
        raise excuse(cannot) from None
    body = lines(
        titled(project),
        n_("{n} place is made.", "{n} places are made.", len(made)),
        _hold_said(talk, project, age),
        _("Print the cards and hand them out. Names stay on your paper; I never ask for them."),
    )
    give(talk, body, made)


def _project(talk: Talk) -> Project:
    found = _projects(talk)
    if len(found) == 1:
        return found[0]
    options = [Option(str(one.id), _label(one)) for one in found[:LISTED]]
    chosen = talk.ask("project", _("For which project?"), one_of(*options))
    return next(one for one in found if str(one.id) == chosen)


def _age(talk: Talk, project: Project) -> int:
    """The age is asked for once in a project; it decides what is held."""
    known = places.age_of(talk.session, project.id, talk.person)
    if known is not None:
        return known
    youngest, oldest = project.facts.ages
    question = _(
        "How old are the youngest of them? What pupils under {age} write waits for your tap before others see it.",
        age=Count(13),
    )
    kind = Number(YOUNGEST, OLDEST, tuple(range(youngest, min(oldest, youngest + 5) + 1)))
    return talk.ask("age", question, Within(kind, str(project.id)))


def _elsewhere(talk: Talk, age: int) -> bool:
    """Whether pupils who are old enough in their country may come in by a private chat, too; no, unless it is said."""
    told = teachers.facts(talk.session, talk.person)
    there = PLATFORMS & frozenset(talk.turn.extra.get("platforms", ()))
    if told is None or not there or age < country(told.country).consent_age:
        return False
    question = _(
        "They are old enough to come in by Telegram or Matrix as well. Then I know their account; others see the "
        "nickname alone. Shall their cards open the class room there?"
    )
    # Translators: buttons: whether the cards of pupils open the class room on Telegram and Matrix too.
    options = Option("web", p_("button", "Web page only")), Option("all", p_("button", "There too"))
    return talk.ask("elsewhere", question, one_of(*options)) == "all"


def _number(talk: Talk) -> int:
    return talk.ask("number", _("How many pupils?"), Number(1, MOST_AT_ONCE, (10, 20, 24, 30)))


def _languages(talk: Talk, project: Project) -> list[Option]:
    """The teacher's language first, then those of the project, then all others that I speak."""
    first = [talk.reader.language, *project.facts.languages]
    known = dict.fromkeys([*(code for code in first if code in available()), *available()])
    return [Option(code, Language(code, own=True)) for code in known]


def _hold_said(talk: Talk, project: Project, age: int) -> Node:
    held, first, _age_before = holding.holds_of(talk.session, project.id, talk.person)
    if holds(None, held, age):
        return _("What they write waits for your tap before others see it.")
    if first:
        return _("The first message of each of them waits for your tap; what they write later is seen at once.")
    return _("What they write is seen at once.")


def give(talk: Talk, body: Node, numbers: Sequence[int]) -> None:
    """Say something, with the cards of these places as a file."""
    ref = json.dumps([talk.person, list(numbers), talk.reader.chosen])
    file = Attachment("file", ref, "cards.pdf", "application/pdf")
    talk.say(body, MY_PUPILS, file=(SOURCE, file))


def _print(talk: Talk, project: int) -> None:
    """The cards of all places in a project, once more."""
    found, its = projects.find(talk.session, project), places.of_owner(talk.session, talk.person, project)
    good = places.numbered(talk.session, talk.person, [place.id for place in its], talk.now)
    if found is None or not good:
        raise excuse(Cannot("foreign"))
    words = lines(titled(found), n_("The card of {n} pupil", "The cards of {n} pupils", len(good)))
    give(talk, words, [place.id for place in good])


def _end(talk: Talk, project: int) -> None:
    """End all places of a class."""
    found, its = projects.find(talk.session, project), places.of_owner(talk.session, talk.person, project)
    if found is None or not its:
        raise excuse(Cannot("foreign"))
    question = lines(
        titled(found),
        n_(
            "End {n} place? Its card opens nothing then. What was said stays.",
            "End {n} places? Their cards open nothing then. What was said stays.",
            len(its),
        ),
    )
    # Translators: two buttons under the question whether to end the places of pupils.
    if talk.confirm("sure", question, yes=p_("button", "End them"), no=p_("button", "Keep them")):
        places.revoke(talk.session, talk.person, [place.id for place in its], talk.now)
        talk.say(_("They are ended. Whoever was in is out."), NEW)
    else:
        talk.say(_("Good, they stay."), MY_PUPILS)


def _card(talk: Talk, pupil: int) -> None:
    words = card(talk, pupil)
    give(talk, words, [pupil])


_ACTS: dict[str, Callable[[Talk, int], None]] = {
    "new": _new,
    "show": _show,
    "page": _page,
    "print": _print,
    "end": _end,
    "one": one,
    "card": _card,
    "name": nickname,
    "off": revoke,
}
