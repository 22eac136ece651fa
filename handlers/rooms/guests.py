"""Who is in the chats of a project on Matrix, and who should be: what is to be done about the difference."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from bot.talk import Do
from storage.models import Guest
from storage.models.rooms import OPEN
from storage.rooms import places
from storage.rooms.places import ASKED, CALLED, GOING, IN, KNOCKING, OUT, STUCK, Spot

#: Have a deed done, after the commit.
Doing = Callable[[Do], None]
Step = Literal["invite", "remove", "forget"]


def step(should: bool, state: str | None) -> Step | None:
    """What is to be done about an account that should, or should not, be in a chat, and stands so to it.

    Who left by themselves is not asked again until they want it. What is under way is waited for.
    """
    if should:
        return "invite" if state in (None, KNOCKING, STUCK) else None
    if state in (CALLED, ASKED, KNOCKING, IN):
        return "remove"
    return "forget" if state == OUT else None


def tend(session: Session, spot: Spot, now: datetime, do: Doing) -> None:
    """Invite who is missing in a chat, send away who is too much."""
    if spot.chat is None or spot.state != OPEN:
        return
    wanted, known = places.wanted(session, spot), places.guests(session, spot.chat)
    near = places.near(session, spot)
    for key in [*wanted, *(key for key in known if key not in wanted)]:
        row = known.get(key)
        account = wanted[key][0] if row is None else row.external_id
        act = step(key in wanted, row.state if row is not None else None)
        _act(session, spot, account, row, act, now, do, bar=key in near)
    places.mirror(session, spot, now)


def _act(
    session: Session,
    spot: Spot,
    account: str,
    row: Guest | None,
    act: Step | None,
    now: datetime,
    do: Doing,
    *,
    bar: bool,
) -> None:
    """Do what is to be done about an account. Who is in the space could come back to a room: they are barred."""
    assert spot.chat is not None
    if act is None:
        return
    if act == "forget":
        if row is not None:
            places.drop(session, row)
        return
    places.note(session, spot.chat, account, CALLED if act == "invite" else GOING, now)
    do(deed(spot, act, user=account, **({"bar": True} if act == "remove" and bar else {})))


def deed(spot: Spot, what: str, **args: object) -> Do:
    """A deed in a chat of a project. That it is wanted once is seen to by whoever wants it."""
    assert spot.chat is not None
    return Do(spot.chat, f"{what}.{secrets.token_hex(10)}", what, args)


def moved(session: Session, spot: Spot, account: str, event: str, sent: bool, now: datetime) -> None:
    """Note what an account did in a chat, or what was done with it, as the platform tells it."""
    assert spot.chat is not None
    row = places.guest(session, spot.chat, account)
    state = None if row is None else row.state
    if event in ("in", "asks"):
        places.note(session, spot.chat, account, IN if event == "in" else KNOCKING, now)
    elif event == "asked" and state in (None, CALLED, OUT):
        places.note(session, spot.chat, account, ASKED, now)
    elif event == "out" and row is not None and state != CALLED:
        if sent and state == GOING:
            places.drop(session, row)
        else:
            places.note(session, spot.chat, account, OUT, now)


def invited(session: Session, spot: Spot, account: str, membership: str | None, now: datetime) -> None:
    """Note what came of an invitation: they are asked, or there already; or it could not be sent (None)."""
    assert spot.chat is not None
    row = places.guest(session, spot.chat, account)
    if row is not None and row.state == CALLED:
        found = {"join": IN, "invite": ASKED}.get(membership or "", OUT)
        places.note(session, spot.chat, account, found, now)


def removed(session: Session, spot: Spot, account: str, done: bool, now: datetime) -> None:
    """Note that somebody was sent away, or could not be. Who has come back since is in again."""
    assert spot.chat is not None
    row = places.guest(session, spot.chat, account)
    if row is None or row.state != GOING:
        return
    if done:
        places.drop(session, row)
    else:
        places.note(session, spot.chat, account, STUCK, now)
