"""Well-formed updates and events of each kind that a platform sends, and what makes them odd."""

from __future__ import annotations

import copy
import random
from typing import Any

Json = Any

#: What no field is meant to hold: of other kinds, too large, too long, empty, or with signs that no database takes.
ODD: list[Json] = [
    None, True, -1, 0, 2**63, 2**70, 1.5, "", "x" * 5000, "\u202e\u0000", [], {}, [[]], [None],
    {"id": "x"}, {"": None},
]  # fmt: skip


def places(node: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to all that JSON holds."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [(*path, key) for key, _value in inner] + [p for k, v in inner for p in places(v, (*path, k))]


def mutated(sample: Json, dice: random.Random, keep: tuple[str, ...] = ("update_id",)) -> Json:
    """The same with one to three places made odd, left out, renamed or doubled; those named by ``keep`` stay."""
    made = copy.deepcopy(sample)
    for _change in range(dice.randint(1, 3)):
        spots = [path for path in places(made) if path[0] not in keep]
        if not spots:
            break
        *way, key = dice.choice(spots)
        inside = made
        for step in way:
            inside = inside[step]
        _change_one(inside, key, dice)
    return made


def _change_one(inside: Json, key: Any, dice: random.Random) -> None:
    deed = dice.randrange(5)
    if deed == 0:
        del inside[key]
    elif deed == 1 and isinstance(inside, dict):
        inside[f"{key}_"] = inside.pop(key)
    elif deed == 2:
        inside[key] = [inside[key], copy.deepcopy(inside[key])]
    else:
        inside[key] = copy.deepcopy(dice.choice(ODD))


def updates(user: Json, bot: Json, presses: tuple[str, ...] = ("a.b",)) -> list[Json]:
    """An update of Telegram's of each kind that the bot may see, from this person; ``presses`` are data of buttons."""
    private = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
    group = {"id": -1001234567890, "type": "supergroup", "title": "Class 5", "is_forum": True}
    head = {"message_id": 77, "date": 1_772_000_000, "from": user}
    here, there = {**head, "chat": private}, {**head, "chat": group}
    from_bot = {**here, "from": bot, "text": "Which country?"}
    member, admin = {"user": user, "status": "member"}, {"user": bot, "status": "administrator", "can_be_edited": False}
    press = {"id": "7", "from": user, "chat_instance": "1", "message": from_bot}
    made = [
        *({"message": {**here, **said}} for said in _texts(bot) + _contents()),
        *({"message": {**there, **said}} for said in [*_texts(bot), *_contents()[:6], *_service(user)]),
        {"message": {**there, "text": "2", "reply_to_message": {**from_bot, "chat": group}, "message_thread_id": 4}},
        {"message": {**here, "chat_shared": {"request_id": 3, "chat_id": -1001234567890, "title": "Class 5"}}},
        {"edited_message": {**here, "text": "Hello again", "edit_date": 1_772_000_100}},
        {"edited_message": {**there, **_contents()[0], "edit_date": 1_772_000_100}},
        *({"callback_query": {**press, "data": data}} for data in presses),
        {"callback_query": {**press, "data": presses[0], "message": {"chat": group, "message_id": 4, "date": 0}}},
        {"callback_query": {"id": "8", "from": user, "chat_instance": "1", "inline_message_id": "x", "data": "a.b"}},
        *({"message_reaction": _reaction(user, chat)} for chat in (private, group)),
        {"my_chat_member": _change(private, user, {**admin, "status": "kicked", "until_date": 0}, admin)},
        {"my_chat_member": _change(group, user, {**admin, "status": "left"}, admin)},
        {"chat_member": _change(group, user, {"user": user, "status": "left"}, member)},
        {"chat_member": _change(group, user, {"user": user, "status": "restricted", "is_member": True}, member)},
        {"chat_join_request": {"chat": group, "from": user, "user_chat_id": user["id"], "date": 1, "bio": "me"}},
        {"poll": _poll()},
        {"poll_answer": {"poll_id": "5", "user": user, "option_ids": [0]}},
        {"channel_post": {**there, "chat": {**group, "type": "channel"}, "text": "News"}},
        {"inline_query": {"id": "1", "from": user, "query": "x", "offset": ""}},
    ]
    return [{"update_id": 0, **one} for one in made]


def _texts(bot: Json) -> list[Json]:
    bold = {"type": "bold", "offset": 3, "length": 4}
    lost = [{"type": "italic", "offset": -1, "length": 2**31}, {"type": "code", "offset": 1, "length": 1}]
    link = {"type": "text_link", "offset": 0, "length": 5, "url": "https://example.org/\u202e"}
    mention = {"type": "text_mention", "offset": 0, "length": 2, "user": bot}
    return [
        {"text": "hello"},
        {"text": "/start", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]},
        {"text": "/register now"},
        {"text": "👋🏽 ab and more", "entities": [bold, *lost, link]},
        {"text": "you there", "entities": [mention, {"type": "of_next_year", "offset": 0, "length": 99}]},
        {"text": f"@{bot.get('username', 'bot')} 2"},
    ]


def _contents() -> list[Json]:
    size = {"file_id": "AgAC", "file_unique_id": "u", "width": 90, "height": 60, "file_size": 900}
    file = {"file_id": "BQAC", "file_unique_id": "v", "file_size": 900, "mime_type": "application/pdf"}
    video = {**size, "duration": 3, "mime_type": "video/mp4"}
    return [
        {"photo": [size, {**size, "file_id": "AgAD"}], "caption": "our class", "media_group_id": "1"},
        {"document": {**file, "file_name": "../plan\u202e.pdf", "thumbnail": size}},
        {"voice": {**file, "mime_type": "audio/ogg", "duration": 2}},
        {"video": video, "caption": "look", "caption_entities": [{"type": "bold", "offset": 0, "length": 4}]},
        {"animation": video, "document": file},
        {"poll": _poll()},
        {"audio": {**file, "duration": 2, "title": "Song"}},
        {"video_note": {**size, "length": 60, "duration": 3}},
        {"sticker": {**size, "type": "regular", "is_animated": False, "is_video": False, "emoji": "👍"}},
        {"location": {"latitude": 48.2, "longitude": 16.4}},
        {"contact": {"phone_number": "+4312345", "first_name": "A"}},
        {"dice": {"emoji": "🎲", "value": 6}},
    ]


def _service(user: Json) -> list[Json]:
    return [
        {"new_chat_members": [user]},
        {"left_chat_member": user},
        {"migrate_to_chat_id": -1009876543210},
        {"migrate_from_chat_id": -12345},
        {"group_chat_created": True},
        {"forum_topic_created": {"name": "Ideas", "icon_color": 7322096}},
    ]


def _poll() -> Json:
    options = [{"text": "Lisbon", "voter_count": 0}, {"text": "Athens", "voter_count": 1}]
    return {
        "id": "5", "question": "Where do we meet?", "options": options, "total_voter_count": 1, "is_closed": False,
        "is_anonymous": False, "type": "regular", "allows_multiple_answers": False,
    }  # fmt: skip


def _reaction(user: Json, chat: Json) -> Json:
    new = [{"type": "emoji", "emoji": "👍"}, {"type": "custom_emoji", "custom_emoji_id": "9"}]
    return {"chat": chat, "message_id": 77, "user": user, "date": 1, "old_reaction": [], "new_reaction": new}


def _change(chat: Json, user: Json, new: Json, old: Json) -> Json:
    return {"chat": chat, "from": user, "date": 1, "old_chat_member": old, "new_chat_member": new}


#: Contents of Matrix's events, by their types: what somebody says, and what happens to a room.
EVENTS: list[tuple[str, Json]] = [
    ("m.room.message", {"msgtype": "m.text", "body": "hello"}),
    ("m.room.message", {"msgtype": "m.text", "body": "!help", "m.mentions": {"user_ids": ["@bot:x"]}}),
    (
        "m.room.message",
        {
            "msgtype": "m.text",
            "body": "> <@a:x> one\n\nhello *you*",
            "format": "org.matrix.custom.html",
            "formatted_body": "<mx-reply>one</mx-reply>hello <b>you</b><ol><li>a</li></ol>",
            "m.relates_to": {"m.in_reply_to": {"event_id": "$x"}},
        },
    ),
    (
        "m.room.message",
        {
            "msgtype": "m.text",
            "body": "* hi",
            "m.new_content": {"msgtype": "m.text", "body": "hi"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$x"},
        },
    ),
    (
        "m.room.message",
        {
            "msgtype": "m.image",
            "body": "words",
            "filename": "a.jpg",
            "url": "mxc://x/abc",
            "info": {"mimetype": "image/jpeg", "size": 900, "w": 90, "h": 60, "duration": 1500},
        },
    ),
    (
        "m.room.message",
        {
            "msgtype": "m.audio",
            "body": "voice",
            "org.matrix.msc3245.voice": {},
            "file": {"url": "mxc://x/a", "key": {"k": "A" * 43}, "iv": "A" * 22, "hashes": {"sha256": "A" * 43}},
        },
    ),
    ("m.room.message", {"msgtype": "m.location", "body": "here", "geo_uri": "geo:48.2,16.4"}),
    ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$x", "key": "👍"}}),
    ("m.sticker", {"body": "👍", "url": "mxc://x/abc", "info": {"w": 90}}),
    ("m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgA", "session_id": "s"}),
    (
        "m.poll.start",
        {
            "m.poll": {
                "question": {"m.text": [{"body": "Where?"}]},
                "answers": [{"m.id": "1", "m.text": [{"body": "Lisbon"}]}, {"m.id": "2", "m.text": [{"body": "Rome"}]}],
            }
        },
    ),
    ("m.poll.response", {"m.relates_to": {"rel_type": "m.reference", "event_id": "$x"}, "m.selections": ["1"]}),
    (
        "org.matrix.msc3381.poll.response",
        {"m.relates_to": {"event_id": "$x"}, "org.matrix.msc3381.poll.response": {"answers": ["1"]}},
    ),
    ("m.room.redaction", {"redacts": "$x", "reason": "no"}),
    ("m.room.member", {"membership": "leave", "displayname": "Amina"}),
    ("m.room.member", {"membership": "join", "displayname": "Amina"}),
    ("m.room.tombstone", {"body": "moved", "replacement_room": "!new:x"}),
    ("m.room.join_rules", {"join_rule": "knock"}),
    ("m.room.create", {"room_version": "11"}),
    ("org.example.odd", {"a": {"b": [None, 1]}}),
]


def timeline(sender: str) -> list[Json]:
    """The same as whole events, as they stand in an answer to /sync."""
    whole = []
    for number, (kind, content) in enumerate(EVENTS):
        event = {"type": kind, "sender": sender, "event_id": f"$e{number}", "content": content, "origin_server_ts": 1}
        if kind.startswith(("m.room.member", "m.room.tomb", "m.room.join", "m.room.create")):
            event |= {"state_key": sender if kind == "m.room.member" else ""}
            event |= {"unsigned": {"prev_content": {"membership": "invite"}}}
        whole.append(event)
    return whole
