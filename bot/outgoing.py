"""What a turn says: each message becomes an outbox row, and a prompt if something may be chosen under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.prompts import new_token, payload
from bot.talk import Message, Option, Working
from bot.text import Joined, encode
from storage import dialogues, post
from storage.dialogues import Asked
from storage.people import Met
from storage.post import INTERACTIVE, Parcel


class Outgoing:
    """Collects the parcels of one turn. ``key`` is unique for the turn; the messages are counted under it. ``thread``
    is the topic of a group to which they go."""

    def __init__(
        self,
        session: Session,
        platform: str,
        chat: str,
        kind: str,
        *,
        key: str,
        now: datetime,
        lane: int = INTERACTIVE,
        thread: str | None = None,
    ) -> None:
        self.thread = thread
        self.session, self.platform, self.chat, self.kind = session, platform, chat, kind
        self.key, self.now, self.lane = key, now, lane
        self.parcels: list[Parcel] = []

    def to(self, met: Met) -> None:
        """Address what follows to this person in this chat."""
        self.met = met

    def put(
        self,
        message: Message,
        *,
        question: str | None = None,
        controls: tuple[Option, ...] = (),
        later: timedelta | None = None,
        more: Mapping[str, Any] | None = None,
        named: str | None = None,
    ) -> str | None:
        """Say a message, now or later. Returns the token of its prompt, or None if nothing can be chosen under it.

        ``more`` is what else its payload holds (see `bot.dispatch`); ``named`` is the token of a new prompt.
        """
        options = (*message.options, *controls)
        asked = self._earlier(message.instead)
        token = (named or new_token()) if options and (asked is None or asked.question != question) else None
        token = token or (asked.token if asked is not None and options else None)
        begun = self._begin(message.working)
        content = {**self._content(message, controls, token), **begun, **(more or {})}
        row = self._row(content, asked.row if asked else None, later)
        if token is not None:
            shown = [(option.id, encode(option.label)) for option in options]
            placed = asked.row if asked is not None and asked.row is not None else row
            dialogues.show(
                self.session, self.met.chat, self.met.person, Asked(token, question, shown, placed), self.now
            )
        if message.working is not None:
            self._row({"body": encode(message.working.done)}, begun["working"]["row"])
        return token

    def _begin(self, working: Working | None) -> dict[str, Any]:
        """Say that something is being made; what its message has to know, to show how far that is."""
        if working is None:
            return {}
        body = encode(working.begun)
        return {"working": {"row": self._row({"body": body}, None), "body": body}}

    def close(self, message: Message) -> None:
        """Show an answered question in place, with its answer and without its buttons."""
        asked = self._earlier(message.instead)
        if asked is not None and asked.row is not None:
            self._row(self._content(message, (), None), asked.row)

    def effect(self, kind: str, content: dict[str, Any]) -> None:
        """Do something else in the chat: ``content`` is its payload."""
        self._store(kind, content, None)

    def _earlier(self, token: str | None) -> Asked | None:
        return None if token is None else dialogues.prompt(self.session, self.met.chat, self.met.person, token)

    def _content(self, message: Message, controls: tuple[Option, ...], token: str | None) -> dict[str, Any]:
        content: dict[str, Any] = {"body": encode(message.body)}
        if message.file is not None:
            source, attachment = message.file
            content["file"] = {**attachment.to_json(), "platform": source}
        if message.link is not None:
            content["link"] = [encode(message.link[0]), message.link[1]]
        if message.choosing is not None:
            content["choosing"] = [message.choosing.request, encode(message.choosing.label)]
        if token is not None:
            content["options"] = [_button(token, o) for o in message.options]
            content["controls"] = [_button(token, o) for o in controls]
        return content

    def _row(self, content: dict[str, Any], edits: int | None, later: timedelta | None = None) -> int:
        if edits is not None:
            content["edits"] = edits
        if self.kind == "group":
            # A group has no reader of its own: it reads as the one who asked.
            content["reader"] = [self.met.language, self.met.timezone]
        if self.thread is not None:
            content["thread"] = self.thread
        return self._store("edit" if edits is not None else "message", content, later)

    def _store(self, kind: str, content: dict[str, Any], later: timedelta | None) -> int:
        key = f"{self.key}.{len(self.parcels)}"
        row = post.put(
            self.session,
            chat=self.met.chat,
            kind=kind,
            payload=content,
            key=key,
            lane=self.lane,
            now=self.now,
            not_before=None if later is None else self.now + later,
        )
        self.parcels.append(
            Parcel(
                id=row,
                chat_id=self.met.chat,
                platform=self.platform,
                chat=self.chat,
                kind=self.kind,
                payload=content,
                key=key,
                language=self.met.language,
                timezone=self.met.timezone,
                lane=self.lane,
            )
        )
        return row


def merged(messages: list[Message]) -> list[Message]:
    """Put messages that follow each other into one, as long as only the last one offers something.

    One message a turn is easier to read on a small screen, and costs less of what a platform allows.
    """
    joined: list[Message] = []
    for message in messages:
        before = joined[-1] if joined else None
        plain = before is not None and not before.options and before.instead is None and before.file is None
        plain = plain and before is not None and before.choosing is None and before.link is None
        if before is not None and plain and message.instead is None and message.file is None and message.link is None:
            body = Joined((before.body, message.body), "\n\n")
            joined[-1] = Message(body, message.options, message.key, None, message.back, choosing=message.choosing)
        else:
            joined.append(message)
    return joined


def buttons(token: str, options: Sequence[Option]) -> list[Any]:
    """What may be chosen, as a payload has it."""
    return [_button(token, option) for option in options]


def _button(token: str, option: Option) -> list[Any]:
    return [encode(option.label), payload(token, option.id), option.chosen]
