"""Something is said on a line: kept, brought to the other, and confirmed to the one who said it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from bot.talk import Attachment, Heard, Mark, Option, PassOn, Relayed, go
from bot.text import Node, _, p_
from handlers.lines.rules import PERIOD, refusal
from handlers.lines.words import arrow, copy, quote, receipt
from storage import lines, people, relay
from storage.lines import Line

Json = Any


#: The sign that something went out, where a platform has only emoji.
WENT_OUT = "🕊"


class Voice(Protocol):
    """What flows and listeners have in common: they say something to the one who speaks, and bring it to others."""

    @property
    def session(self) -> Session:
        """The database session of this turn."""

    @property
    def person(self) -> int:
        """The one who speaks."""

    @property
    def now(self) -> datetime:
        """The moment of this turn."""

    def say(self, body: Node, *options: Option) -> None:
        """Say something to the one who speaks."""

    def relay(self, what: Relayed) -> None:
        """Bring to others what was said."""


@dataclass(frozen=True)
class Words:
    """What somebody says to another: a text, files, or both. ``ref`` is the platform's id of their message, ``answers``
    the utterance it replies to; ``platform`` is where the files lie."""

    text: str
    platform: str
    files: tuple[Attachment, ...] = ()
    ref: str | None = None
    answers: int | None = None

    @classmethod
    def heard(cls, heard: Heard, platform: str, answers: int | None = None) -> Words:
        """What was just heard."""
        return cls(heard.text or "", platform, heard.files, heard.id, answers)

    def to_json(self) -> dict[str, Json]:
        """As JSON, to be kept until it is known to whom it goes."""
        files = [file.to_json() for file in self.files]
        return {"text": self.text, "platform": self.platform, "files": files, "ref": self.ref}

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Words:
        """Back from the JSON of `to_json`."""
        files = tuple(Attachment.from_json(file) for file in data["files"])
        return cls(data["text"], data["platform"], files, data["ref"])


def send(voice: Voice, chat: int, line: Line, words: Words, note: Node | None = None) -> bool:
    """Say something on a line, from this chat. Says so if it cannot go; whether it went. ``note`` stands before it."""
    session, now = voice.session, voice.now
    refused = closed(line) or refusal(words.text, words.files, relay.said_since(session, voice.person, now - PERIOD))
    if refused is not None:
        voice.say(refused)
        return False
    place = people.reach(session, line.other)
    said = _keep(voice, chat, line, words)
    bring(voice, line, said, note)
    _confirm(voice, chat, line, said, lost=place is None or place.lost)
    lines.read(session, line.id, voice.person, now)
    return True


def closed(line: Line) -> Node | None:
    """Why nothing can be said on a line any more, or for now."""
    if not line.open:
        return _("Not sent: this line has ended. A new request opens it again.")
    if line.status != "verified":
        return _("Not sent: this person cannot be written to at the moment.")
    return None


def _keep(voice: Voice, chat: int, line: Line, words: Words) -> int:
    return relay.keep(
        voice.session,
        author=voice.person,
        chat=chat,
        ref=words.ref,
        partnership=line.id,
        words=words.text,
        files=[{**file.to_json(), "platform": words.platform} for file in words.files],
        answers=words.answers,
        now=voice.now,
    )


def bring(voice: Voice, line: Line, said: int, note: Node | None = None) -> None:
    """Bring what was said to the other: the words with the first file, and each more file on its own. ``line`` is as
    its author sees it."""
    session = voice.session
    spoken, mirrored = relay.find(session, said), lines.line_of(session, line.id, line.other)
    assert spoken is not None
    assert mirrored is not None
    answered = None if spoken.answers is None else relay.find(session, spoken.answers)
    first = PassOn(
        said,
        copy(mirrored, spoken.words, note),
        person=line.other,
        options=_reply(session, line),
        answers=spoken.answers,
        quote=None if answered is None else quote(answered),
    )
    alone = PassOn(said, copy(mirrored, ""), person=line.other)
    files = [(Attachment.from_json(file), str(file["platform"])) for file in spoken.files]
    with_files = [
        replace(alone if place else first, file=file, source=source) for place, (file, source) in enumerate(files)
    ]
    for what in with_files or [first]:
        voice.relay(what)


def _reply(session: Session, line: Line) -> tuple[Option, ...]:
    """A button to answer, unless the other talks on this line anyway in the chat where they will read it."""
    place = people.reach(session, line.other)
    talking = place is not None and lines.chosen(session, place.chat)[0] == line.id
    # Translators: a button under a message of a partner, to answer them.
    return () if talking else (go(f"line {line.id}", p_("button", "Reply")),)


def _confirm(voice: Voice, chat: int, line: Line, said: int, *, lost: bool) -> None:
    """In words where somebody is written to for the first time or after another one; else by a sign."""
    before = lines.chosen(voice.session, chat)[1]
    if before != line.id or lost:
        voice.say(receipt(line, voice.now, lost=lost))
    else:
        voice.relay(Mark(said, chat, arrow(line), WENT_OUT))
    lines.spoke(voice.session, chat, line.id, voice.now)


def send_waiting(voice: Voice, chat: int, line: Line) -> int:
    """Send what waited for this choice, in its order; how much it was. From now on words in this chat go there."""
    waiting = lines.take_up(voice.session, chat)
    for data in waiting:
        send(voice, chat, line, Words.from_json(data))
    lines.choose(voice.session, chat, line.id, voice.now)
    return len(waiting)


def talking_on(voice: Voice, chat: int) -> Line | None:
    """The line that was chosen in this chat."""
    chosen = lines.chosen(voice.session, chat)[0]
    return None if chosen is None else lines.line_of(voice.session, chosen, voice.person)


def bring_waiting(voice: Voice, line: Line) -> int:
    """Bring to the one who speaks what could not be brought before; how much it was. ``line`` is as they see it."""
    if closed(line) is not None:
        return 0
    waiting = lines.waiting(voice.session, line.id, line.other)
    mirrored = lines.line_of(voice.session, line.id, line.other)
    for said in waiting if mirrored is not None else []:
        assert mirrored is not None
        bring(voice, mirrored, said)
    return len(waiting)
