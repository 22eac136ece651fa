"""Who may say what in a room, and how fast. Pure rules, without I/O."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.text import Count, Node, _, n_, p_
from storage.rooms import Room, Seat

MOST_CHARACTERS = 4000
MOST_IN_PERIOD = 20
PERIOD = timedelta(minutes=1)
#: Some platforms take any text for a reaction.
LONGEST_SIGN = 16


def shut(room: Room, seat: Seat, now: datetime) -> Node | None:
    """Why somebody can say nothing in a room now; None if they can."""
    if not room.open:
        return p_("room", "This project is closed; its rooms can only be read.")
    if seat.pupil is None and seat.status != "verified":
        return p_("room", "Only verified teachers write in rooms.")
    if room.locked and not seat.founder:
        return p_("room", "This room is locked for now; those who lead the project can write.")
    if seat.muted_until is not None and now < seat.muted_until:
        return p_("room", "You cannot write in this room for a while.")
    return None


def refusal(room: Room, seat: Seat, words: str, files: int, lately: int, now: datetime) -> Node | None:
    """Why this cannot be said now; None if it can. ``lately`` is how much they said to others within `PERIOD`."""
    why = shut(room, seat, now)
    if why is not None:
        return why
    if not words.strip() and not files:
        return p_("room", "That cannot be passed on. Words, pictures, voice messages and files can.")
    if len(words) > MOST_CHARACTERS:
        return _("A message in a room has {most} characters at most.", most=Count(MOST_CHARACTERS))
    if lately >= MOST_IN_PERIOD or too_soon(room, seat, now):
        return n_(
            "That was very quick. Please wait {n} second.",
            "That was very quick. Please wait {n} seconds.",
            max(room.slow_seconds, 5),
        )
    return None


def too_soon(room: Room, seat: Seat, now: datetime) -> bool:
    """Whether somebody spoke a moment ago in a room where everybody has to wait; founders need not."""
    wait = timedelta(seconds=room.slow_seconds)
    return not seat.founder and seat.spoke_at is not None and now < seat.spoke_at + wait
