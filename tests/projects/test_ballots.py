"""Polls in rooms: who asks, who votes, what is counted, and when it is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from telegram import Bot

from bot.platforms.matrix.reading import read
from bot.platforms.telegram.reading import Me
from bot.platforms.telegram.reading import read as read_telegram
from bot.talk import Excuse
from bot.talk.messages import Poll
from bot.talk.pressing import payload
from bot.text import Reader
from handlers.reminders.cards import look_after
from handlers.rooms import ballots as asking
from handlers.rooms.exporting import _row
from storage import rooms
from storage.database import Database
from storage.models import Account, Chat
from storage.rooms import ballots, notices
from storage.rooms.notices import Notice, Words
from tests.projects.classroom import GROUP, ClassRoom
from tests.projects.town import AMINA, DAY, JOAO, NOW, opened, settle


@pytest.fixture
def school() -> Iterator[ClassRoom]:
    school = ClassRoom()
    yield school
    school.close()


def ballot(school: ClassRoom) -> Notice:
    number = school.sees("amina")[-1].id
    with school.session() as session:
        found = notices.find(session, number)
    assert found is not None and found.kind == notices.BALLOT
    return found


def goes_on(school: ClassRoom) -> None:
    """Let the chore of the cards look at the clock."""
    with school.session() as session:
        look_after(session, school.now, lambda _what: None)


def counted(school: ClassRoom) -> tuple[int, ...]:
    with school.session() as session:
        found = ballots.get(session, ballot(school).id)
    assert found is not None
    return found.votes


def test_all_in_a_room_vote_once_and_may_change_it(school: ClassRoom) -> None:
    school.page("amina", text="/poll Where do we meet? | Lisbon | Athens")
    asked = ballot(school)
    assert "Where do we meet?" in school.screen(GROUP)[-1]
    lisbon, athens, end = (payload(asked.token, each) for each in ("answer 0", "answer 1", "end"))
    school.page("joao", press=lisbon)
    assert school.pupil(school.heron, press=lisbon) is None
    assert school.pupil(school.fox, press=athens) is None
    assert school.pupil(school.heron, press=athens) is None
    assert school.pupil(school.bear, press=end) is None
    assert counted(school) == (1, 2)
    school.now += timedelta(seconds=10)
    goes_on(school)
    assert "Athens: 2" in school.sees("amina")[-1].words.replace("\u2068", "").replace("\u2069", "")
    school.page("ines", press=end)
    school.page("ines", press=lisbon)
    assert counted(school) == (2, 2)
    school.page("amina", press=end)
    school.page("joao", press=athens)
    assert counted(school) == (2, 2)
    kept = _row(school.sees("amina")[-1], {}, Reader("en"))["poll"]
    assert [each["votes"] for each in kept["answers"]] == [2, 2]


def test_a_poll_ends_after_a_week(school: ClassRoom) -> None:
    school.page("amina", text="/poll Tea? | Yes | No")
    school.now += asking.OPEN_FOR + timedelta(minutes=1)
    goes_on(school)
    assert "This vote is over." in school.sees("joao")[-1].words
    school.page("joao", press=payload(ballot(school).token, "answer 0"))
    assert counted(school) == (0, 0)


def test_a_poll_of_a_platform_is_put_to_the_room_once(school: ClassRoom) -> None:
    posted = Poll("Tea?", ("Yes", "No"))
    for _time in range(2):
        school.at("telegram", GROUP, "joao", unread="other", poll=posted, id="77")
    assert sum("Tea?" in line.words for line in school.sees("amina")) == 1
    assert "Only votes under this list count." in school.sees("amina")[-1].words


@pytest.mark.parametrize("line", ["", "Tea?", "Tea? | Yes", "Tea? | Yes | Yes", f"{'x' * 301} | a | b"])
def test_what_is_no_poll(line: str) -> None:
    with pytest.raises(Excuse):
        asking.understood(line)


def test_polls_of_matrix_old_and_new() -> None:
    old = {"question": {"org.matrix.msc1767.text": "Tea?"}, "answers": [{"id": "1", "org.matrix.msc1767.text": "Yes"}]}
    new = {"question": {"m.text": [{"body": "Tea?"}]}, "answers": [{"m.id": "1", "m.text": [{"body": "Yes"}]}]}
    for kind, content in (
        ("org.matrix.msc3381.poll.start", {"org.matrix.msc3381.poll.start": old}),
        ("m.poll.start", {"m.poll": new}),
    ):
        event = {"type": kind, "sender": "@a:b", "event_id": "$1", "content": content}
        heard = read(json.loads(json.dumps({"room": "!r", "kind": "group", "event": event})), "@bot:b")
        assert heard is not None and heard.poll == Poll("Tea?", ("Yes",), ("1",))


def test_votes_of_matrix_old_and_new() -> None:
    about = {"m.relates_to": {"rel_type": "m.reference", "event_id": "$1"}}
    told = [
        ("m.poll.response", {"m.selections": ["1", "2"]}, "1"),
        ("org.matrix.msc3381.poll.response", {"org.matrix.msc3381.poll.response": {"answers": ["1"]}}, "1"),
        ("m.poll.response", {"m.selections": []}, None),
        ("m.poll.response", {"m.selections": [7]}, None),
        ("m.poll.response", {"org.matrix.msc3381.poll.response": 7}, None),
    ]
    for kind, content, choice in told:
        event = {"type": kind, "sender": "@a:b", "event_id": "$2", "content": {**content, **about}}
        for place in ("group", "private"):
            heard = read(json.loads(json.dumps({"room": "!r", "kind": place, "event": event})), "@bot:b")
            assert (heard and (heard.choice, heard.about)) == ((choice, "$1") if choice and place == "group" else None)


def test_votes_in_a_poll_of_matrix_count_as_those_under_the_list(school: ClassRoom) -> None:
    """Everybody has one vote, wherever they give it; of a poll that is over, or of none, nothing is counted."""
    with_matrix(school)
    posted = Poll("Tea?", ("Yes", "No"), ("a1", "a2"))
    school.at("matrix", "!room", "joao", unread="other", poll=posted, id="$poll")
    assert "Only votes under this list count." not in school.sees("amina")[-1].words
    school.at("matrix", "!room", "joao", choice="a2", about="$poll")
    school.at("matrix", "!room", "joao", choice="a1", about="$poll")
    school.at("matrix", "!room", "joao", choice="a3", about="$poll")
    school.at("matrix", "!room", "joao", choice="a2", about="$other")
    assert counted(school) == (1, 0)
    school.page("joao", press=payload(ballot(school).token, "answer 1"))
    school.page("amina", press=payload(ballot(school).token, "answer 0"))
    assert counted(school) == (1, 1)
    school.page("amina", press=payload(ballot(school).token, "end"))
    school.at("matrix", "!room", "joao", choice="a1", about="$poll")
    assert counted(school) == (1, 1)


def test_votes_are_not_counted_where_two_answers_read_the_same(school: ClassRoom) -> None:
    with_matrix(school)
    posted = Poll("Tea?", ("Yes", "No", "Yes"), ("a1", "a2", "a3"))
    school.at("matrix", "!room", "joao", unread="other", poll=posted, id="$poll")
    school.at("matrix", "!room", "joao", choice="a3", about="$poll")
    assert counted(school) == (0, 0) and "Only votes under this list count." in school.sees("amina")[-1].words


def with_matrix(school: ClassRoom) -> None:
    """Give the class room a door on Matrix, through which João comes."""
    with school.session() as session:
        chat = Chat(platform="matrix", external_id="!room", kind="group")
        session.add(chat)
        session.flush()
        rooms.add_door(session, school.room.id, "matrix", chat.id, school.now)
        session.add(Account(person_id=school.joao, platform="matrix", external_id="joao"))


def test_one_vote_each_on_every_database(database: Database) -> None:
    database.do(settle)
    project = opened(database)

    def open_(session: Session) -> int:
        room = rooms.of_project(session, project)[0].id
        words = Words(["v", "Tea?"], [], "Tea?")
        said = notices.say(session, room, words, kind=notices.BALLOT, token="t", reads=("en", "UTC"), now=NOW, person=1)
        ballots.opened(session, said.id, AMINA, ballots.Asks("Tea?", ("Yes", "No")), NOW + DAY)
        return said.id

    message = database.do(open_)

    def votes(person: int, answer: int, after: timedelta = timedelta()) -> bool:
        def vote(session: Session) -> bool:
            seat = rooms.seat_of(session, rooms.of_project(session, project)[0].id, person)
            assert seat is not None
            return ballots.vote(session, message, seat, answer, NOW + after)

        return database.do(vote)

    assert all(votes(person, answer) for person, answer in ((AMINA, 0), (JOAO, 0), (AMINA, 1), (AMINA, 1)))
    assert not votes(JOAO, 1, DAY)
    assert database.do(lambda s: ballots.overdue(s, NOW + DAY, 5)) == [message]
    found = database.do(lambda s: ballots.get(s, message))
    assert found is not None and found.votes == (1, 1)
    assert database.do(lambda s: ballots.close(s, message))
    assert not database.do(lambda s: ballots.close(s, message))


def test_a_poll_of_telegram_is_read() -> None:
    options = [{"text": text, "voter_count": 0, "persistent_id": text} for text in ("Yes", "No")]
    asked = {"id": "9", "question": "Tea?", "options": options, "total_voter_count": 0, "type": "regular"}
    told = dict.fromkeys(("is_closed", "is_anonymous", "allows_multiple_answers", "allows_revoting"), False)
    more = {"members_only": False}
    who = {
        "chat": {"id": -7, "type": "supergroup", "title": "g"},
        "from": {"id": 3, "is_bot": False, "first_name": "A"},
    }
    update = {"update_id": 1, "message": {"message_id": 5, "date": 1, **who, "poll": {**asked, **told, **more}}}
    heard = read_telegram(update, Bot("1:x"), Me(1, "twinbot"))
    assert heard is not None and heard.unread == "other" and heard.poll == Poll("Tea?", ("Yes", "No"))
