"""Matrix without a server: events of any shape are read, and what is shown becomes HTML."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.matrix.reading import read
from bot.platforms.matrix.rooms import Room, Rooms
from bot.platforms.matrix.updates import WANTED, update
from bot.platforms.matrix.writing import LARGEST_CONTENT, content, edit, html, size
from bot.platforms.platform import Button, Shown, Unreadable
from bot.talk.messages import Event, Heard
from bot.text import Span

ME, AMINA, ROOM = "@bot:example.org", "@amina:example.org", "!room"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
_KEYS = (
    *("msgtype", "body", "m.relates_to", "rel_type", "event_id", "key", "m.in_reply_to", "m.mentions", "user_ids"),
    *("m.new_content", "url", "file", "k", "iv", "hashes", "sha256", "filename", "info", "size", "duration", "redacts"),
)
_WORDS = (
    "m.text",
    "m.notice",
    "m.image",
    "mxc://a/b",
    "AAAAAAAAAAA",
    "m.replace",
    "m.annotation",
    "m.thread",
    "> a\n\nb",
    "!start",
    ME,
    "$e",
    "\0",
)
likely = st.recursive(
    json_values | st.sampled_from(_WORDS),
    lambda inner: st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6) | st.lists(inner, max_size=2),
    max_leaves=20,
)


def heard(content: Any, kind: str = "m.room.message", group: bool = False) -> Heard | None:
    event = {"type": kind, "sender": AMINA, "event_id": "$1", "content": content}
    return read({"what": "message", "room": ROOM, "kind": "group" if group else "private", "event": event}, ME)


def says(text: str, *, group: bool = False, relation: Any = None) -> Heard:
    related = {} if relation is None else {"m.relates_to": relation}
    found = heard({"msgtype": "m.text", "body": text, **related}, group=group)
    assert found is not None
    return found


@given(json_values)
def test_any_json_is_read_or_unreadable(body: Any) -> None:
    with pytest.raises(Unreadable):
        read(body, ME)


@given(st.sampled_from(WANTED), likely, st.booleans(), likely, likely)
def test_any_event_is_stored_and_read_or_unreadable(
    kind: str, content: Any, group: bool, name: Any, event_id: Any
) -> None:
    room = Room(joined={ME, AMINA} | ({"@joao:example.org"} if group else set()))
    room.take({"type": "m.room.member", "state_key": AMINA, "content": {"membership": "join", "displayname": name}})
    stored = update(ROOM, room, {"type": kind, "sender": AMINA, "event_id": event_id, "content": content})
    assert stored.event_id.isprintable()
    assert len(stored.event_id) <= 200
    try:
        found = read(json.loads(stored.body), ME)
    except Unreadable:
        return
    if found is not None:
        of_files = [text for file in found.files for text in (file.ref, file.name, file.mime)]
        for text in (
            found.text,
            found.reaction,
            found.name,
            found.id,
            found.about,
            found.edits,
            found.removes,
            *of_files,
        ):
            assert text is None or "\0" not in text
            (text or "").encode()
        assert (found.chat, found.sender) == (ROOM, AMINA)


@given(st.sampled_from(WANTED), likely, likely, likely)
def test_anything_that_happens_is_stored_and_read_or_unreadable(
    kind: str, content: Any, state_key: Any, replaced: Any
) -> None:
    room = Room(joined={ME, AMINA})
    event = {"type": kind, "sender": AMINA, "event_id": "$1", "content": content, "state_key": state_key}
    stored = update(ROOM, room, {**event, "unsigned": replaced}, "happened")
    try:
        found = read(json.loads(stored.body), ME)
    except Unreadable:
        return
    assert found is None or (found.event is not None and found.event.who.isprintable())


def happened(kind: str, content: Any, key: str = "", by: str = AMINA) -> Any:
    event = {"type": kind, "sender": by, "event_id": "$1", "content": content, "state_key": key}
    found = read(json.loads(update(ROOM, Room(made=True), event, "happened").body), ME)
    return None if found is None else found.event


def test_what_happens_to_a_group() -> None:
    def member(membership: str, of: str = AMINA, by: str = AMINA) -> Any:
        return happened("m.room.member", {"membership": membership, "displayname": "Amina"}, of, by)

    assert member("join") == Event("in", AMINA)
    assert member("invite", by=ME) == Event("asked", AMINA)
    assert member("knock") == Event("asks", AMINA)
    assert member("leave") == Event("out", AMINA)
    assert member("leave", by=ME) == Event("out", AMINA, data={"sent": True})
    assert member("ban", by=ME) == Event("out", AMINA, data={"sent": True})
    assert member("join", of=ME) is None
    assert happened("m.room.tombstone", {"body": "x", "replacement_room": "!new"}) == Event("moved", "!new")
    assert happened("m.room.tombstone", {"body": "x"}) is None


def test_a_room_of_our_own_is_a_group_however_few_are_in_it() -> None:
    room = Room(joined={ME})
    room.take({"type": "m.room.create", "state_key": "", "sender": AMINA, "content": {}}, ME)
    assert room.kind == "private"
    room.take({"type": "m.room.create", "state_key": "", "sender": ME, "content": {}}, ME)
    assert room.kind == "group"
    other = Room(joined={ME, AMINA})
    other.take({"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "restricted"}}, ME)
    assert other.kind == "group"


@given(st.lists(json_values, max_size=5), json_values)
def test_any_state_is_taken(state: list[Any], content: Any) -> None:
    rooms = Rooms(ME)
    member = {"type": "m.room.member", "state_key": AMINA, "content": content}
    rooms.take(ROOM, [*state, member, {**member, "content": {"membership": "join"}}])
    assert rooms[ROOM].joined == {AMINA}
    assert not rooms.alone(ROOM)


@pytest.mark.parametrize(
    ("typed", "text"),
    [("/start", "/start"), ("!start", "/start"), ("//start", "/start"), ("!!", "!!"), ("!", "!"), ("/ 2", "/ 2")],
)
def test_commands_as_clients_let_them_through(typed: str, text: str) -> None:
    assert says(typed).text == text


def test_a_reply_is_read_without_its_quotation() -> None:
    relation = {"m.in_reply_to": {"event_id": "$asked"}}
    found = says("> <@bot:example.org> Which?\n> 1. one\n\n2", relation=relation)
    assert (found.text, found.about) == ("2", "$asked")
    assert says("> no reply").text == "> no reply"


def test_in_a_thread_only_a_real_reply_is_about_a_message() -> None:
    relation = {"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$newest"}}
    assert says("2", relation={**relation, "is_falling_back": True}).about is None
    assert says("2", relation=relation).about == "$newest"


@pytest.mark.parametrize(
    ("typed", "text", "addressed"),
    [
        ("bot: partners", "partners", True),
        ("@bot:example.org !help", "/help", True),
        ("Bot", "", True),
        ("bottles are nice", "bottles are nice", False),
        ("who is @bot:example.org?", "who is @bot:example.org?", True),
        ("!help", "/help", True),
        ("hello", "hello", False),
    ],
)
def test_mentions_in_a_group(typed: str, text: str, addressed: bool) -> None:
    found = says(typed, group=True)
    assert (found.text, found.addressed, found.kind) == (text, addressed, "group")


def test_what_stands_out_comes_with_the_text_as_it_is_shown() -> None:
    rich = {"format": "org.matrix.custom.html", "formatted_body": "see <b>you</b>"}
    found = heard({"msgtype": "m.text", "body": "see **you**", **rich}, group=True)
    assert found is not None and (found.text, found.marks) == ("see you", (Span(4, 7),))
    new = {"msgtype": "m.text", "body": "see **you**", **rich}
    edit = {"rel_type": "m.replace", "event_id": "$0"}
    found = heard({"msgtype": "m.text", "body": "* x", "m.new_content": new, "m.relates_to": edit})
    assert found is not None and (found.text, found.marks, found.edits) == ("see you", (Span(4, 7),), "$0")
    # A command is read as it was typed.
    found = heard({"msgtype": "m.text", "body": "!help **me**", **rich})
    assert found is not None and (found.text, found.marks) == ("/help **me**", ())


def test_what_is_never_answered() -> None:
    assert heard({}) is None, "a message that was taken back"
    assert heard({"msgtype": "m.notice", "body": "b"}) is None
    assert heard({"msgtype": "m.text", "body": "* b", "m.relates_to": {"rel_type": "m.replace"}}) is None
    assert heard({"msgtype": "m.key.verification.request", "body": "b"}) is None
    event = {"type": "m.room.message", "sender": ME, "content": {"msgtype": "m.text", "body": "b"}}
    assert read({"room": ROOM, "kind": "private", "event": event}, ME) is None


class _Words(HTMLParser):
    """Reads HTML back into text, and notes its tags."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags = "", set[str]()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self.text += "\n" if tag == "br" else ""

    def handle_data(self, data: str) -> None:
        self.text += data


# Characters that HTML cannot carry through a parser unchanged are none of ours.
shown_text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n<>&;"))


@given(shown_text, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4), shown_text, st.booleans())
def test_html_says_what_the_text_says(text: str, spans: list[tuple[int, int]], label: str, rtl: bool) -> None:
    shown = Shown(text, tuple(Span(*s) for s in spans), (Button(label, "p"),), direction="rtl" if rtl else "ltr")
    words = _Words(html(shown))
    assert words.text == f"{text}\n\n1. {' '.join(label.split(chr(10)))}"
    assert words.tags <= {"strong", "br", "div"}


@pytest.mark.parametrize("letter", ["a", "ж", "ა"])
def test_the_longest_texts_fit(letter: str) -> None:
    shown = Shown(letter * 10_000, (Span(0, 3),), tuple(Button(letter * 60, "p") for _ in range(9)))
    assert size(content(shown)) <= LARGEST_CONTENT
    changed = edit(shown, "$event")
    assert size(changed) <= LARGEST_CONTENT + 4_000
    assert changed["m.new_content"]["body"].startswith(shown.text)
