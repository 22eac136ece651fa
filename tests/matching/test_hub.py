"""One school that everybody wants: it is asked by as many as it can answer, and then rests until it has."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy.orm import Session

from storage import requests, teachers
from storage.database import Database
from storage.matching.finding import find, show
from storage.matching.rows import side
from storage.matching.rules import LOAD
from storage.partners import Wishes
from storage.requests import Cannot
from tests.matching.parts import NOW
from tests.matching.test_rows import register

CROWD = 12


def wants(session: Session, person: int, hub: int) -> bool:
    """Somebody looks for partners and asks the hub, if it is shown to them."""
    found = find(session, person, 5, NOW)
    show(session, person, found.people, NOW)
    if hub in found.people:
        requests.send(session, person, hub, "We admire your choir.", NOW)
    return hub in found.people


def test_a_hub_rests_until_it_has_answered(database: Database) -> None:
    hub = database.do(lambda s: register(s, country="GR"))
    crowd = [database.do(register) for _one in range(CROWD)]
    # Each of the crowd looks for Greece, and the hub is the one school there.
    asked = [database.do(partial(_wish_and_want, person=person, hub=hub)) for person in crowd]
    assert asked == [True] * LOAD + [False] * (CROWD - LOAD)
    row = database.do(lambda s: side(s, hub))
    assert row is not None
    assert row.requests == LOAD
    # Whoever saw it before it was tired, or knows the way, cannot ask it either.
    with pytest.raises(Cannot) as raised:
        database.do(lambda s: requests.send(s, crowd[-1], hub, "Please!", NOW))
    assert raised.value.why == "busy"
    # The hub may ask one of those itself; and with one answer there is room for one.
    first = database.do(lambda s: requests.listed(s, hub, NOW, offset=0, limit=1))[0]
    database.do(lambda s: requests.decline(s, first.id, hub, NOW))
    assert database.do(partial(wants, person=crowd[-1], hub=hub))
    assert not database.do(partial(wants, person=crowd[-2], hub=hub))


def test_who_is_asked_by_the_busy_one_may_answer_by_asking(database: Database) -> None:
    hub = database.do(register)
    crowd = [database.do(register) for _one in range(LOAD + 1)]
    for person in crowd[:LOAD]:
        database.do(lambda s, person=person: requests.send(s, person, hub, "We admire your choir.", NOW))
    database.do(lambda s: requests.send(s, hub, crowd[LOAD], "And we admire yours.", NOW))
    assert database.do(lambda s: requests.send(s, crowd[LOAD], hub, "You, us?", NOW)).crossed


def _wish_and_want(session: Session, person: int, hub: int) -> bool:

    teachers.save_wishes(session, person, Wishes(("GR",)))
    return wants(session, person, hub)
