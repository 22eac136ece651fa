"""The requests of a teacher in both directions, five on a page; each opens to be dealt with."""

from __future__ import annotations

from bot.talk import Option, Talk, go, one_of
from bot.text import Count, Joined, Name, Node, Strong, Verbatim, _, lines, n_, p_
from handlers.partners.cards import flag
from handlers.requests.places import place
from handlers.requests.words import standing
from handlers.rights.ending import FORMER
from storage import partners
from storage import requests as store
from storage.partners import Candidate
from storage.requests import MOST_OPEN, Request

ON_A_PAGE = 5
#: A town on a button is cut after so many characters.
_TOWN = 12

#: A request with the other of it, who may be gone.
_Row = tuple[Request, Candidate | None]


def listing(talk: Talk) -> None:
    """Shows a page; what waits for an answer stands first."""
    total = store.counted(talk.session, talk.person)
    if not total:
        talk.say(_nothing(), go("partners", p_("button", "Find partners")))
        return
    page = min(max(0, int(talk.start("page", 0))), (total - 1) // ON_A_PAGE)
    found = store.listed(talk.session, talk.person, talk.now, offset=page * ON_A_PAGE, limit=ON_A_PAGE)
    rows: list[_Row] = [(one, partners.myself(talk.session, one.other(talk.person))) for one in found]
    choice = talk.ask("choice", _page(talk, rows), one_of(*_options(rows, page, total)), instead=True)
    if choice.isdecimal():
        talk.then("requests", show=int(choice), page=page)
    else:
        talk.then("requests", page=page + (1 if choice == "more" else -1))


def _nothing() -> Node:
    return lines(
        _("You have no requests yet."),
        _("Choose a school among the suggestions and ask. Whoever asks you is shown here too."),
    )


def _page(talk: Talk, rows: list[_Row]) -> Node:
    sent = store.number_open(talk.session, talk.person, talk.now)
    head = lines(
        Strong(_("Your requests")),
        n_(
            "{n} of yours is open; at most {most} can be.",
            "{n} of yours are open; at most {most} can be.",
            sent,
            most=Count(MOST_OPEN),
        ),
    )
    cards = [_row(index, request, other, talk.person) for index, (request, other) in enumerate(rows, 1)]
    return Joined((head, *cards), "\n\n")


def _row(number: int, request: Request, other: Candidate | None, person: int) -> Node:
    """One request in two lines: which school, and how it stands."""
    school: Node = FORMER if other is None else place(other)
    return lines(Joined((Count(number), school), ". "), standing(request, person))


def _options(rows: list[_Row], page: int, total: int) -> list[Option]:
    options = [Option(str(request.id), _label(index, other)) for index, (request, other) in enumerate(rows, 1)]
    if (page + 1) * ON_A_PAGE < total:
        options.append(Option("more", p_("button", "More")))
    if page:
        options.append(Option("previous", p_("button", "Previous")))
    return options


def _label(number: int, other: Candidate | None) -> Node:
    """A request on a button: its number, flag and town."""
    if other is None:
        return Count(number)
    town = other.town if len(other.town) <= _TOWN else other.town[: _TOWN - 1] + "…"
    return Joined((Joined((Count(number), Verbatim(flag(other.country))), ". "), Name(town)), " ")
