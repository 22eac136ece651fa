"""What a message has to do before it comes out: words and links that a project stops, and what of pupils waits.

Pure rules, without I/O. Words are compared in the form in which spelling is forgiven (`storage.spelling.fold`), so
capitals, accents and stops between letters hide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.text import Node, p_
from storage.rooms import Seat
from storage.rooms.occupants import Occupant
from storage.rooms.wordlists import Lists
from storage.spelling import fold

#: What can stand in the name of a site; a full stop has other forms too.
_NAMES = re.compile(r"[\w.\-]+")
_STOPS = str.maketrans({"\u3002": ".", "\uff0e": "."})
_LONGEST_ENDING = 24
#: In a room so much is said in a minute by lively people; beyond it everybody waits a little between two messages.
MOST_IN_ROOM, SLOWED, MINUTE = 60, 10, timedelta(minutes=1)


def sites(words: str) -> list[str]:
    """The names of the sites that a text leads to, by the web or by e-mail, in small letters.

    "Hello.Everybody" looks like one as well: that costs a teacher a tap, and a link that is not seen could cost more.
    """
    found = []
    for name in _NAMES.findall(words.translate(_STOPS).replace("..", " ")):
        parts = [part for part in name.casefold().split(".") if part]
        numbered = len(parts) == 4 and all(part.isdecimal() for part in parts)
        if numbered or (len(parts) > 1 and parts[-1].isalpha() and 2 <= len(parts[-1]) <= _LONGEST_ENDING):
            found.append(".".join(parts).removeprefix("www."))
    return found


def within(site: str, known: Iterable[str]) -> bool:
    """Whether a site is one of these, or belongs to one of them."""
    return any(site == one or site.endswith(f".{one}") for one in known)


def stopped(words: str, lists: Lists) -> bool:
    """Whether a text has a word that is stopped, or a link to a site that is."""
    text = f" {fold(words)} "
    if any(f" {word} " in text for word in lists.stopped):
        return True
    return any(within(site, lists.sites) for site in sites(words))


def refused(seat: Seat, words: str, lists: Lists) -> Node | None:
    """Why a teacher's words do not come out; None if they do. What a pupil writes waits instead."""
    if seat.pupil is not None or not stopped(words, lists):
        return None
    return p_("room", "A word or a link in this is stopped in this project, so it was not passed on.")


def waits(seat: Seat, words: str, lists: Lists, *, files: int = 0, heard_before: bool = True) -> bool:
    """Whether a message waits for a teacher: of pupils whose messages do, the first words and files of a pupil of whom
    nothing came out yet, and any with a stopped word or with a link to a site that is not trusted."""
    if seat.pupil is None:
        return False
    if seat.holds or ((files or seat.first) and not heard_before) or stopped(words, lists):
        return True
    return any(not within(site, lists.safe) for site in sites(words))


def may_remove(seat: Seat, author: Occupant | None) -> bool:
    """Whether somebody may take a message away for all: founders any, teachers their own and their own pupils'."""
    if seat.pupil is not None:
        return False
    return seat.founder or (author is not None and seat.person in {author.person, author.owner})


def may_order(seat: Seat, who: Occupant) -> bool:
    """Whether somebody may mute another, or remove them from the room: founders everybody but founders, teachers their
    own pupils."""
    if seat.pupil is not None or who.founder or who.person == seat.person:
        return False
    return seat.founder or (who.pupil is not None and who.owner == seat.person)


def muted(who: Occupant, now: datetime) -> bool:
    """Whether somebody can say nothing at the moment."""
    return who.muted_until is not None and now < who.muted_until
