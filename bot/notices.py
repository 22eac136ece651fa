"""News for people outside of their own turn: each goes to the private chat where its reader was heard last.

Letters leave the same way, to the e-mail address that they name; so do deeds, which are for no reader.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.outgoing import Outgoing, buttons
from bot.prompts import new_token
from bot.talk import Do, Letter, Message, News
from bot.text import encode
from storage import accounts, dialogues, people, post
from storage.dialogues import Asked
from storage.people import Met
from storage.post import INTERACTIVE, ROOM, Parcel

MAIL = "mail"


class Notices:
    """Collects the parcels of news. ``key`` is unique for the work that tells; the news are counted under it. One that
    ``gathers`` writes what it is told only at `flush`."""

    def __init__(
        self, session: Session, key: str, now: datetime, lane: int = INTERACTIVE, *, gathers: bool = False
    ) -> None:
        self._session, self._key, self._now, self._lane, self._gathers = session, key, now, lane, gathers
        self._told = 0
        self._gathered: list[News] = []
        #: What may leave as soon as the work is committed; what waits for a later moment is found by the clock.
        self.parcels: list[Parcel] = []

    def tell(self, news: News | Letter | Do) -> None:
        """Put news into the outbox; somebody who has no chat any more is told nothing."""
        if isinstance(news, Letter):
            self._post(news)
            return
        if isinstance(news, Do):
            self._do(news)
            return
        if self._gathers and news.token is None:
            self._gathered.append(news)
            return
        place = self._place(news)
        if place is None:
            return
        self._told += 1
        key = f"{self._key}{self._told}"
        where = self._session, place.platform, place.external_id, place.kind
        # What changes one message keeps its order, whoever tells it: the newest is what stands there.
        lane = self._lane if news.token is None else INTERACTIVE
        out = Outgoing(*where, key=key, now=self._now, lane=lane, thread=news.thread)
        # What is told in a group is in the language of the one for whom it is.
        reader = people.reach(self._session, news.person) if news.chat is not None else None
        reader = reader or place
        out.to(Met(news.person, place.chat, reader.language, reader.timezone, frozenset(), [], None))
        message = Message(news.body, news.options, instead=news.token)
        token = out.put(message, later=news.later, named=news.token)
        # What changes in place is not what a bare number is about.
        if token is not None and news.token is None:
            dialogues.show_last(self._session, place.chat, news.person, token, self._now)
        if news.later is None:
            self.parcels += out.parcels

    def flush(self) -> None:
        """Put what was gathered into the outbox: a few statements for all of it, however many it is for."""
        gathered, self._gathered = self._gathered, []
        places = people.reach_all(self._session, {news.person for news in gathered})
        told = [(news, places[news.person]) for news in gathered if news.person in places]
        tokens = [new_token() if news.options else None for news, _place in told]
        parcels = [self._parcel(*one, token) for one, token in zip(told, tokens, strict=True)]
        laters = [None if news.later is None else self._now + news.later for news, _place in told]
        rows = [
            {"chat_id": parcel.chat_id, "payload": parcel.payload, "key": parcel.key, "not_before": later}
            for parcel, later in zip(parcels, laters, strict=True)
        ]
        prompts = []
        numbers = post.put_many(self._session, rows, self._lane, self._now)
        for (news, place), parcel, token, number in zip(told, parcels, tokens, numbers, strict=True):
            parcel.id = number
            if token is not None:
                labels = [(option.id, encode(option.label)) for option in news.options]
                prompts.append((place.chat, news.person, Asked(token, None, labels, number)))
        dialogues.show_all(self._session, prompts, self._now)
        self.parcels += [parcel for parcel, later in zip(parcels, laters, strict=True) if later is None]

    def _parcel(self, news: News, place: people.Reached, token: str | None) -> Parcel:
        """News as it leaves, before it has a number."""
        self._told += 1
        content: dict[str, Any] = {"body": encode(news.body)}
        if token is not None:
            content |= {"options": buttons(token, news.options), "controls": []}
        where = place.chat, place.platform, place.external_id, "private"
        return Parcel(0, *where, content, f"{self._key}{self._told}.0", place.language, place.timezone, self._lane)

    def _do(self, deed: Do) -> None:
        """Put a deed into the outbox, in one row with what is said in its chat; once for each key."""
        place = people.place(self._session, deed.chat)
        content = {"deed": deed.what, "args": dict(deed.args), **({} if deed.again else {"again": False})}
        if deed.body is not None:
            content |= {"body": encode(deed.body), "reader": [deed.language, "UTC"]}
        key = f"deed.{deed.key}"
        if place is None:
            return
        row = post.put_once(
            self._session, chat=deed.chat, kind=post.DEED, payload=content, key=key, lane=ROOM, now=self._now
        )
        if row is not None:
            where = row, deed.chat, place.platform, place.external_id, place.kind
            self.parcels.append(Parcel(*where, content, key, place.language, place.timezone, ROOM))

    def _place(self, news: News) -> people.Reached | None:
        """Where somebody was heard last, or where the message is that changes; or the group that is named."""
        if news.chat is not None:
            return people.place(self._session, news.chat)
        chat = None if news.token is None else dialogues.chat_of(self._session, news.person, news.token)
        return people.reach(self._session, news.person) if chat is None else people.place(self._session, chat)

    def _post(self, letter: Letter) -> None:
        """Put a letter into the outbox. Its key becomes the e-mail's own id, which has to be unique in the world."""
        chat = accounts.mailbox(self._session, MAIL, letter.address, self._now)
        content, key = _content(letter), f"{self._key}.{secrets.token_hex(12)}"
        row = post.put(
            self._session, chat=chat, kind="message", payload=content, key=key, lane=INTERACTIVE, now=self._now
        )
        parcel = Parcel(row, chat, MAIL, letter.address, "private", content, key, letter.language, "UTC")
        self.parcels.append(parcel)


def _content(letter: Letter) -> dict[str, Any]:
    content: dict[str, Any] = {"body": encode(letter.body), "subject": encode(letter.subject)}
    # An address has no person of ours behind it, so the reader travels with the letter.
    content["reader"] = [letter.language, "UTC"]
    if letter.link is not None and letter.label is not None:
        content["link"] = [encode(letter.label), letter.link]
    if letter.of is not None:
        content["of"] = letter.of
    if letter.until is not None:
        content["until"] = letter.until.isoformat()
    return content
