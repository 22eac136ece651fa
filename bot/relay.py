"""Brings what people say to the chats of others, and has the copies there follow what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.outgoing import Outgoing, buttons
from bot.talk import Attachment, Mark, Message, PassOn, Relayed, Rewrite, Stir, TakeBack
from bot.text import encode, lines
from storage import dialogues, people, post, relay
from storage.people import Met, Reached
from storage.post import ROOM, Parcel


class Relay:
    """Collects the parcels of what is brought. ``key`` is unique for the turn; what is brought is counted under it."""

    def __init__(self, session: Session, key: str, now: datetime) -> None:
        self._session, self._key, self._now = session, key, now
        self._brought = 0
        # What waited for somebody may be asked for twice in one turn; it is brought once.
        self._there: set[tuple[int, int, Attachment | None]] = set()
        self.parcels: list[Parcel] = []

    def bring(self, what: Relayed) -> None:
        """Put it into the outbox. Where nobody can be reached, nothing happens: it has no copy there."""
        match what:
            case PassOn():
                self._pass_on(what)
            case Rewrite():
                for chat, row in relay.copies(self._session, what.utterance):
                    if what.chat in (None, chat):
                        self._rewrite(chat, row, what)
            case TakeBack():
                self._take_back(what)
            case Mark():
                self._mark(what)
            case Stir():
                self._stir(what.chat)

    def _pass_on(self, what: PassOn) -> None:
        place = self._place(what)
        if place is None or place.lost or (what.utterance, place.chat, what.file) in self._there:
            return
        self._there.add((what.utterance, place.chat, what.file))
        answered = None if what.answers is None else relay.place_of(self._session, what.answers, place.chat)
        quoted = what.quote if answered is None else None
        out = self._out(place)
        file = None if what.file is None else (what.source or place.platform, what.file)
        more: dict[str, Any] = {"answerable": True}
        more |= {} if answered is None else {"replies": answered}
        more |= {} if what.thread is None else {"thread": what.thread}
        if what.token is not None:
            more["options"] = buttons(what.token, what.options)
        own = () if what.token is not None else what.options
        token = out.put(Message(lines(quoted, what.body), own, file=file), more=more)
        if token is not None:
            dialogues.show_last(self._session, place.chat, out.met.person, token, self._now)
        relay.add_copy(self._session, what.utterance, place.chat, out.parcels[-1].id)
        self.parcels += out.parcels

    def _place(self, what: PassOn) -> Reached | None:
        if what.person is not None:
            return people.reach(self._session, what.person)
        place = None if what.chat is None else people.place(self._session, what.chat)
        if place is None or what.reads is None:
            return place
        return replace(place, language=what.reads[0], timezone=what.reads[1])

    def _rewrite(self, chat: int, row: int, what: Rewrite) -> None:
        """Change a copy. All else about it stays, so that its file and what may be chosen under it do."""
        content = {**post.payload_of(self._session, row), "body": encode(what.body), "edits": row}
        if what.options is not None and what.token is not None:
            content["options"] = buttons(what.token, what.options)
        self._do("edit", chat, content)

    def _take_back(self, what: TakeBack) -> None:
        for chat, row in relay.copies(self._session, what.utterance):
            self._do("remove", chat, {"removes": row})
        spoken = relay.find(self._session, what.utterance) if what.origin else None
        if spoken is not None and spoken.chat is not None and spoken.ref is not None:
            self._do("remove", spoken.chat, {"removes": spoken.ref})

    def _mark(self, what: Mark) -> None:
        marked = relay.place_of(self._session, what.utterance, what.chat)
        if marked is not None:
            said = {} if what.otherwise is None else {"otherwise": encode(what.otherwise)}
            sign = {"body": encode(what.sign), "emoji": what.emoji, "marks": marked}
            self._do("mark", what.chat, {**sign, **said})

    def _stir(self, chat: int) -> None:
        """A parcel without a row: should it get lost, the page finds what is new all the same, a little later."""
        place = people.place(self._session, chat)
        if place is not None:
            content = {"stirs": True}
            self.parcels.append(
                Parcel(0, chat, place.platform, place.external_id, place.kind, content, "", place.language, "UTC")
            )

    def _do(self, kind: str, chat: int, content: dict[str, Any]) -> None:
        place = people.place(self._session, chat)
        if place is not None:
            out = self._out(place)
            out.effect(kind, content)
            self.parcels += out.parcels

    def _out(self, place: Reached) -> Outgoing:
        self._brought += 1
        key = f"{self._key}{self._brought}"
        where = self._session, place.platform, place.external_id, place.kind
        out = Outgoing(*where, key=key, now=self._now, lane=ROOM)
        out.to(Met(place.person, place.chat, place.language, place.timezone, frozenset(), [], None))
        return out
