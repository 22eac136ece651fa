"""A stored event is understood: Matrix's JSON becomes `Heard`. Anybody may have sent it, so any shape may come."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.platforms.matrix.files import attachment, caption
from bot.platforms.matrix.html import read_html
from bot.platforms.matrix.rooms import TOMBSTONE, inside, membership
from bot.platforms.platform import Unreadable
from bot.talk.messages import ChatKind, Event, Happening, Heard, Poll, Unread
from bot.text import Span

Json = Any

MESSAGE, ENCRYPTED, REACTION, STICKER = "m.room.message", "m.room.encrypted", "m.reaction", "m.sticker"
REDACTION = "m.room.redaction"
POLLS = ("m.poll.start", "org.matrix.msc3381.poll.start")

VOTES = ("m.poll.response", "org.matrix.msc3381.poll.response")

#: Under which names the content of a poll has it.
_ASKED = ("m.poll", "org.matrix.msc3381.poll.start")
_TEXTS = ("m.text", "m.emote")
# Bots speak in notices, so that no two of them ever talk to each other; the rest is the talk of machines.
_NEVER_ANSWERED = ("m.notice", "m.server_notice", "m.key.verification.request")
_UNREAD: dict[str, Unread] = {
    "m.image": "picture",
    "m.audio": "voice",
    "m.location": "location",
    "m.file": "file",
    "m.video": "file",
    MESSAGE: "other",
    STICKER: "sticker",
    ENCRYPTED: "encrypted",
    **dict.fromkeys(POLLS, "other"),
}
# Element takes a line with a slash for a command of its own and does not send it, unless the slash is doubled.
_COMMAND = re.compile(r"(?:!|/{1,2})(?=[^\W\d_])")
_LONGEST_KEY = 100
LONGEST_ID = 200


def read(body: Json, me: str) -> Heard | None:
    """Understand what `hearing.update` has stored; None if it asks for nothing. Raises `Unreadable`."""
    room, kind, event = inside(body, "room"), inside(body, "kind"), inside(body, "event")
    sender = inside(event, "sender")
    if not isinstance(room, str) or kind not in ("private", "group") or not isinstance(sender, str):
        raise Unreadable("no room, kind or sender")
    what = inside(body, "what")
    if what == "gone":
        event = Event("me", data={"inside": False}) if kind == "group" else None
        return Heard(room, sender, kind, gone=True, event=event)
    if what == "happened":
        return _happened(room, sender, event, me)
    if sender == me:
        return None
    name = inside(body, "name")
    called = _clean(name) if isinstance(name, str) else None
    reader = _Reader(room, sender, kind, called, me, None if what == "joined" else event_id(event))
    if what == "joined":
        return reader.heard(text="/start")
    return reader.event(event)


def _happened(room: str, sender: str, event: Json, me: str) -> Heard | None:
    """Somebody's place in a group has changed, or the group has moved. Raises `Unreadable`."""
    if inside(event, "type") == TOMBSTONE:
        found = _id(inside(event, "content", "replacement_room"))
        return None if found is None else Heard(room, sender, "group", event=Event("moved", found))
    who, now = _id(inside(event, "state_key")), membership(event)
    if who is None or now not in _PLACES:
        raise Unreadable("a change of nobody's place")
    sent = {"sent": True} if now in ("leave", "ban") and sender != who else {}
    return None if who == me else Heard(room, sender, "group", event=Event(_PLACES[now], who, data=sent))


_PLACES: dict[str, Happening] = {"join": "in", "invite": "asked", "knock": "asks", "leave": "out", "ban": "out"}


class _Reader:
    """Reads what one person sent to one room."""

    def __init__(
        self, room: str, sender: str, kind: ChatKind, name: str | None, me: str, event: str | None = None
    ) -> None:
        self._room, self._sender, self._kind, self._name, self._me = room, sender, kind, name, me
        self._event = event

    def heard(self, *, addressed: bool = False, **what: Any) -> Heard:
        """In a group only commands and mentions are for the bot."""
        private = self._kind == "private"
        return Heard(
            self._room,
            self._sender,
            self._kind,
            name=self._name,
            addressed=private or addressed,
            language=None,
            id=self._event,
            **what,
        )

    def event(self, event: Json) -> Heard | None:
        """An event of any type that concerns the bot."""
        kind, content = inside(event, "type"), inside(event, "content")
        if kind == MESSAGE:
            return self.message(content)
        if kind == REACTION:
            return self.reaction(inside(content, "m.relates_to"))
        if kind == REDACTION:
            return self.redaction(event)
        if kind == STICKER:
            return self.file(content, STICKER)
        if kind == ENCRYPTED:
            return self.heard(unread="encrypted")
        if kind in (*POLLS, *VOTES):
            return self.heard(unread="other", poll=_poll(content)) if kind in POLLS else self.vote(content)
        raise Unreadable("an event of another type")

    def vote(self, content: Json) -> Heard | None:
        """A vote in a poll of a group, with what was chosen first; None for one that is taken back, which says nothing
        of what they want instead."""
        about, chosen = _id(inside(content, "m.relates_to", "event_id")), inside(content, "m.selections")
        older = inside(content, VOTES[1], "answers")
        for answers in (chosen, older):
            if isinstance(answers, list) and answers and about is not None and self._kind == "group":
                choice = _id(answers[0])
                return None if choice is None else self.heard(choice=choice, about=about)
        return None

    def message(self, content: Json) -> Heard | None:
        """A message of any type: words, files, places. An edit is read as what stands in its place."""
        if not is_edit(content):
            return self._message(content)
        edited, new = _id(inside(content, "m.relates_to", "event_id")), inside(content, "m.new_content")
        found = self._message(new) if edited is not None and isinstance(new, dict) else None
        return None if found is None else replace(found, edits=edited)

    def _message(self, content: Json) -> Heard | None:
        kind, words = inside(content, "msgtype"), inside(content, "body")
        if content == {} or kind in _NEVER_ANSWERED:
            return None
        if not isinstance(kind, str) or not isinstance(words, str):
            raise Unreadable("a message without type or text")
        if kind not in _TEXTS:
            return self.file(content, kind)
        about = _replied_to(content)
        text, mentioned = self._unmentioned(_clean(_without_fallback(words) if about else words), content)
        text, commands = _COMMAND.subn("/", text, count=1) if _COMMAND.match(text) else (text, 0)
        addressed = mentioned or commands > 0
        rich = None if addressed else _rich(content)
        if rich is not None:
            text, marks = rich
            return self.heard(text=text, about=about, marks=marks)
        return self.heard(text=text, about=about, addressed=addressed)

    def file(self, content: Json, kind: str) -> Heard:
        """A file with the words under it, or anything else that is no text."""
        words = caption(content)
        file = attachment(content, kind)
        return self.heard(
            unread=_UNREAD.get(kind, "other"),
            text=_clean(words) or None if words is not None and file is not None else None,
            files=() if file is None else (file,),
            about=_replied_to(content),
        )

    def redaction(self, event: Json) -> Heard:
        """Something was taken back; newer rooms say what inside the content."""
        removed = _id(inside(event, "redacts") or inside(event, "content", "redacts"))
        if removed is None:
            raise Unreadable("a redaction of nothing")
        return self.heard(removes=removed)

    def reaction(self, relation: Json) -> Heard:
        """An emoji put on a message."""
        key, about = inside(relation, "key"), _id(inside(relation, "event_id"))
        if not isinstance(key, str) or about is None or len(key) > _LONGEST_KEY:
            raise Unreadable("a reaction without emoji or message")
        return self.heard(reaction=_clean(key), about=about)

    def _unmentioned(self, text: str, content: Json) -> tuple[str, bool]:
        """The words without the bot's name before them, and whether it was mentioned at all."""
        text = text.strip()
        users, local = inside(content, "m.mentions", "user_ids"), self._me[1:].partition(":")[0]
        named = re.match(rf"@?(?:{re.escape(self._me[1:])}|{re.escape(local)})(?:[:,]\s*|\s+|$)", text, re.IGNORECASE)
        mentioned = (isinstance(users, list) and self._me in users) or self._me in text or named is not None
        return (text[named.end() :] if named and self._kind == "group" else text), mentioned


def _rich(content: Json) -> tuple[str, tuple[Span, ...]] | None:
    """The text of a message as it is shown, where something stands out in it."""
    html = inside(content, "formatted_body")
    if inside(content, "format") != "org.matrix.custom.html" or not isinstance(html, str):
        return None
    found = read_html(_clean(html))
    return found if found is not None and found[1] else None


def _poll(content: Json) -> Poll | None:
    """What a poll asks, as it is written today and as it was before the specification had it."""
    for name in _ASKED:
        question, answers = _said(inside(content, name, "question")), inside(content, name, "answers")
        if question and isinstance(answers, list):
            said = [(_said(each), _id(inside(each, "m.id") or inside(each, "id"))) for each in answers]
            known = [(words, name) for words, name in said if words]
            ids = tuple(name for _words, name in known if name is not None)
            words = tuple(words for words, _name in known)
            return Poll(question, words, ids if len(ids) == len(words) else ())
    return None


def _said(part: Json) -> str:
    """The words of a part of a poll."""
    newer = inside(part, "m.text")
    first = inside(newer[0], "body") if isinstance(newer, list) and newer else newer
    for words in (first, inside(part, "org.matrix.msc1767.text"), inside(part, "body")):
        if isinstance(words, str):
            return _clean(words)
    return ""


def event_id(event: Json) -> str | None:
    """The id of an event, if it can be one."""
    return _id(inside(event, "event_id"))


def _id(found: Json) -> str | None:
    return found if isinstance(found, str) and 0 < len(found) <= LONGEST_ID and found.isprintable() else None


def is_edit(content: Json) -> bool:
    """Whether it changes an earlier message; those are never answered a second time."""
    return bool(inside(content, "m.relates_to", "rel_type") == "m.replace")


def _replied_to(content: Json) -> str | None:
    """The message this replies to. In a thread, older clients point at its newest message: no reply of a person."""
    relation = inside(content, "m.relates_to")
    if inside(relation, "rel_type") == "m.thread" and inside(relation, "is_falling_back") is True:
        return None
    return _id(inside(relation, "m.in_reply_to", "event_id"))


def _without_fallback(text: str) -> str:
    """A reply without the quoted lines that older clients put before it."""
    rows = text.split("\n")
    quoted = 0
    while quoted < len(rows) and rows[quoted].startswith("> "):
        quoted += 1
    if quoted and quoted < len(rows) and not rows[quoted].strip():
        quoted += 1
    return "\n".join(rows[quoted:])


def _clean(text: str) -> str:
    """Text that every database takes: no NUL, no halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
