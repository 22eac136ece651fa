"""Short commands at a door, as a reply to a message: to keep order, to decide on what waits, to report."""

from __future__ import annotations

from collections.abc import Callable

from bot.talk import Excuse, Listening
from bot.text import Node, Strong, lines, p_
from handlers.rooms import ballots, bridge, ordering, reporting
from handlers.rooms.bridge import Here
from handlers.rooms.ordering import Done
from handlers.rooms.words import room_name
from storage.relay import Spoken
from storage.rooms import occupants

REPORT = "/report"


def ordered(heard: Listening) -> bool:
    """Do what a reply such as "/remove" or "/mute 30" asks for. The one who wrote it is told in private what came of
    it, so that the room stays quiet."""
    what = heard.heard
    word, _space, rest = (what.text or "").strip().partition(" ")
    deed = _DEEDS.get(word.casefold())
    here = None if deed is None or what.about is None else bridge.here_at(heard)
    spoken = None if here is None else here.pointed(what.about)
    if here is None or spoken is None:
        return False
    obey(here, spoken, word, rest)
    return True


def obey(here: Here, spoken: Spoken, word: str, rest: str = "") -> bool:
    """Do what such a word asks for; whether it was done."""
    heard = here.heard
    try:
        _check(here, word)
        done = _DEEDS[word.casefold()](here, spoken, rest.strip())
    except Excuse as excuse:
        heard.tell(heard.person, lines(Strong(room_name(here.room)), excuse.reason), *excuse.options)
        return False
    heard.tell(heard.person, done.body, *done.options)
    return True


def _check(here: Here, word: str) -> None:
    """Whoever was suspended keeps no order any more at the doors at which they still are; they may report."""
    if here.seat.pupil is None and here.seat.status != "verified" and word.casefold() != REPORT:
        raise Excuse(p_("room", "Only verified teachers write in rooms."))


def by_pupil(here: Here) -> Node | None:
    """Let a pupil do something at their page; why it cannot be, if so. They keep no order, and say that something is
    wrong without having to explain, about a message or as such."""
    what = here.heard.heard
    if what.press is not None:
        return ballots.pressed(here)
    if what.text == REPORT:
        spoken = here.meant(what.about)
        try:
            reporting.report(here.heard, here.room, here.seat, None if spoken is None else spoken.id)
        except Excuse as excuse:
            return excuse.reason
        return None
    new = what.edits is None and what.removes is None and what.reaction is None
    return bridge.say(here) if new else bridge.change(here)


def _remove(here: Here, spoken: Spoken, _rest: str) -> Done:
    return ordering.remove(here.heard, here.room, here.seat, spoken.id)


def _mute(here: Here, spoken: Spoken, rest: str) -> Done:
    known = rest.isascii() and rest.isdecimal() and 0 < len(rest) < 6
    minutes = int(rest) or ordering.MINUTES if known else ordering.MINUTES
    return ordering.mute(here.heard, here.room, here.seat, _author(here, spoken), minutes)


def _out(here: Here, spoken: Spoken, _rest: str) -> Done:
    return ordering.put_out(here.heard, here.room, here.seat, _author(here, spoken))


def _report(here: Here, spoken: Spoken, rest: str) -> Done:
    if here.meant(here.heard.heard.about) is None:
        raise ordering.nothing()
    return reporting.report(here.heard, here.room, here.seat, spoken.id, rest)


def _free(here: Here, spoken: Spoken, _rest: str) -> Done:
    return ordering.release(here.heard, here.room, spoken.id)


def _return(here: Here, spoken: Spoken, rest: str) -> Done:
    return ordering.give_back(here.heard, here.room, spoken.id, rest[:300])


def _drop(here: Here, spoken: Spoken, _rest: str) -> Done:
    return ordering.drop(here.heard, here.room, spoken.id)


def _author(here: Here, spoken: Spoken) -> occupants.Occupant:
    found = occupants.author_of(here.heard.session, spoken.id)
    if found is None:
        raise ordering.nothing()
    return found


_DEEDS: dict[str, Callable[[Here, Spoken, str], Done]] = {
    "/remove": _remove,
    "/mute": _mute,
    "/out": _out,
    REPORT: _report,
    "/free": _free,
    "/return": _return,
    "/drop": _drop,
}
