"""/rematch: a partnership in which nothing is said any more; one tap ends it for both, and nobody is to blame."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Chore, Excuse, News, Option, Talk, Tell, go
from bot.text import Node, _, lines, n_, p_
from handlers.daytime import until_day
from handlers.requests.places import named_place
from storage import lines as private_lines
from storage import partners, partnerships
from storage.partnerships import Quiet

AT_ONCE = 50
_FIND = go("partners", p_("button", "Find partners"))


def rematch(talk: Talk) -> None:
    """Ends a quiet partnership, or says that it goes on; without a number, shows those that are quiet."""
    act, _space, number = talk.turn.argument.partition(" ")
    if act not in {"yes", "no"} or not (number.isascii() and number.isdecimal() and len(number) < 10):
        _show_quiet(talk)
        return
    other = partnerships.other_of(talk.session, int(number), talk.person)
    if other is None:
        raise Excuse(_("This partnership has ended already."), _FIND)
    if act == "no":
        partnerships.goes_on(talk.session, int(number), talk.now)
        talk.say(_("Good. I do not ask again for some months."), *_write_to(int(number)))
        return
    partnerships.end(talk.session, talk.person, other, None, talk.now)
    private_lines.leave_everywhere(talk.session, int(number))
    talk.tell(other, _ended(talk.session, talk.person), _FIND)
    talk.say(_ended(talk.session, other))
    talk.then("partners")


def _show_quiet(talk: Talk) -> None:
    found = partnerships.quiet_of(talk.session, talk.person, talk.now)
    if not found:
        talk.say(_("None of your partnerships has gone quiet."), _FIND)
        return
    for one in found:
        talk.say(_question(talk.session, one, talk.person), *_answers(one.partnership))


def ask_quiet(session: Session, now: datetime, tell: Tell) -> bool:
    """Ask both sides of what has gone quiet whether it goes on; whether more of it waits."""
    found = partnerships.gone_quiet(session, now, AT_ONCE)
    for one in found:
        for person in (one.one, one.other):
            if partners.myself(session, one.partner_of(person)) is not None:
                later = until_day(session, person, now)
                tell(News(person, _question(session, one, person), _answers(one.partnership), later))
    return len(found) == AT_ONCE


def _question(session: Session, one: Quiet, person: int) -> Node:
    return lines(
        n_(
            "It has been quiet for {n} day between you and:",
            "It has been quiet for {n} days between you and:",
            one.days,
        ),
        _place(session, one.partner_of(person)),
        _("A school year is full, and that is nobody's fault. Do you go on together?"),
    )


def _ended(session: Session, other: int) -> Node:
    return lines(
        _("You are free for new partners. This partnership has ended without blame for anybody:"),
        _place(session, other),
    )


def _place(session: Session, person: int) -> Node | None:
    found = partners.myself(session, person)
    return None if found is None else named_place(found)


def _answers(partnership: int) -> tuple[Option, ...]:
    return (
        *_write_to(partnership),
        # Translators: two buttons: whether two partner teachers who have been quiet go on together.
        go(f"rematch no {partnership}", p_("button", "We go on")),
        go(f"rematch yes {partnership}", p_("button", "Match us anew")),
    )


def _write_to(partnership: int) -> tuple[Option, ...]:
    return (go(f"line {partnership}", p_("button", "Write to each other")),)


rematch_chore = Chore("quiet partnerships", 3600, ask_quiet)
