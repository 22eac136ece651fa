"""A few people in every table that seals something, and whether all of them are still there."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from storage import dialogues, people, post, web
from storage.dialogues import Asked
from storage.models import Account, Base, Dialogue, OutboxRow, Prompt, Update
from storage.sealing import Sealed, SealedJson

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WHERE = [("telegram", "500123456"), ("matrix", "@amina:example.org"), ("web", "web-account-1"), ("terminal", "ines")]
WORDS = {"text": "write to amina@escola.pt"}


def settle(session: Session, more: int = 0) -> None:
    """Let them in, and so many accounts more."""
    for platform, name in WHERE:
        met = people.meet(session, platform, name, name, "private", now=NOW, language="en")
        events = [(f"e{number}", name, f"body {number}") for number in range(3)]
        waiting, answered, odd = post.store_updates(session, platform, events, {"token": f"secret {name}"}, NOW)
        assert waiting.lane == answered.lane == odd.lane
        post.done(session, answered.id)
        post.set_aside(session, odd.id, "unreadable: odd")
        dialogues.keep(session, met.chat, met.person, [WORDS], "t", NOW)
        dialogues.show(session, met.chat, met.person, Asked(f"t {name}", None, [("a", WORDS)], None), NOW)
        post.put(session, chat=met.chat, kind="message", payload=WORDS, key=name, lane=0, now=NOW)
    crowd = [{"person_id": met.person, "platform": "fiction", "external_id": f"7/{number}"} for number in range(more)]
    if crowd:
        session.execute(insert(Account), crowd)
    # Somebody who has written, and whose first turn is still to come.
    post.store_updates(session, "web", [("first", "web-account-2", "body first")], {}, NOW)
    for number in (1, 2):
        account = f"web-account-{number}"
        web.sign_in(session, f"hash {number}", account, NOW)
        web.put(session, account, "me:1", WORDS, True, NOW)
        web.put(session, account, "u1.0", WORDS, False, NOW)
    # Somebody whose browser was signed out before the first turn: nobody can read that line again.
    web.put(session, "web-account-3", "me:1", WORDS, True, NOW)


def all_there(session: Session, more: int = 0) -> None:
    """Everybody is found, with everything that is theirs."""
    for platform, name in WHERE:
        met = people.meet(session, platform, name, name, "private", now=NOW, language="en")
        assert (met.new, met.stack) == (False, [WORDS])
        assert post.marks(session, platform)["token"] == f"secret {name}"
        waiting = post.waiting_parcels(session, met.chat, 0, 9, NOW)
        assert [(parcel.chat, parcel.payload) for parcel in waiting] == [(name, WORDS)]
        # What comes from now on goes into the lane in which something waits.
        (new,) = post.store_updates(session, platform, [("e9", name, "body 9")], {}, NOW)
        bodies = [one.body for one in post.waiting_updates(session, platform, new.lane, 0, 9)]
        assert bodies == ["body 0", "body 9"]
    (second,) = post.store_updates(session, "web", [("second", "web-account-2", "body second")], {}, NOW)
    assert [one.body for one in post.waiting_updates(session, "web", second.lane, 0, 9)] == [
        "body first",
        "body second",
    ]
    assert sorted(letter.chat for letter in post.dead_updates(session)) == sorted(name for _platform, name in WHERE)
    assert session.scalars(select(Dialogue.stack)).all() == [[WORDS]] * len(WHERE)
    assert session.scalars(select(Prompt.options)).all() == [[["a", WORDS]]] * len(WHERE)
    assert session.scalars(select(OutboxRow.payload)).all() == [WORDS] * len(WHERE)
    for number in (1, 2):
        account = f"web-account-{number}"
        assert web.account_of(session, f"hash {number}") == account
        assert [line.content for line in web.latest(session, account, None, 9)] == [WORDS, WORDS]
    crowd = {f"7/{number}" for number in range(more)}
    assert set(session.scalars(select(Account.external_id).where(Account.platform == "fiction"))) == crowd
    found = select(Account.external_id).where(Account.external_key.in_(crowd))
    assert set(session.scalars(found)) == crowd
    session.execute(delete(Update).where(Update.event_id.in_(["e9", "second"])))


def names_of_keys(session: Session) -> dict[str, int]:
    """With which keys the values lie sealed in the database, and how many with each."""
    found: dict[str, int] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Sealed | SealedJson):
                for (value,) in session.execute(text(f'SELECT "{column.name}" FROM "{table.name}"')):
                    if value not in {None, "", "[]"}:
                        name = str(value).partition(":")[0]
                        found[name] = found.get(name, 0) + 1
    return found
