"""What a sync left out: a long timeline is completed from the room's history, in order."""

from __future__ import annotations

import json
import logging
from typing import Any

from bot.platforms.matrix.rooms import events, inside, membership
from bot.platforms.matrix.updates import WANTED
from bot.platforms.matrix.wire import Refused, Wire, room_path

log = logging.getLogger("twinbot.matrix")

Json = Any

MOST_EVENTS = 500
_MOST_PAGES = 20
_PAGE = {"dir": "b", "limit": "100", "filter": json.dumps({"types": WANTED})}


class History:
    """Reads backwards from where a timeline begins."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def complete(self, room: str, news: Json, since: str, guest: str | None) -> list[Json]:
        """All events of a room after ``since``, oldest first.

        For a ``guest`` who has just come in, all that was said after the invitation: people write at once, and
        what they said to others before is not for the bot. Raises `Away`; history that is refused is left out.
        """
        timeline = events(news, "timeline")
        if inside(news, "timeline", "limited") is True and (guest is None or _invited(timeline, guest) is None):
            start = inside(news, "timeline", "prev_batch")
            before = await self._before(room, start, None if guest else since, guest)
            timeline = [*before, *timeline]
        return timeline if guest is None else _after_invitation(timeline, guest)

    async def _before(self, room: str, start: Json, until: str | None, guest: str | None) -> list[Json]:
        found: list[Json] = []
        query = _PAGE if until is None else {**_PAGE, "to": until}
        for _page in range(_MOST_PAGES):
            reached = guest is not None and _invited(found, guest) is not None
            if not isinstance(start, str) or len(found) >= MOST_EVENTS or reached:
                break
            try:
                page = await self._wire.call("GET", room_path(room, "messages"), query={**query, "from": start})
            except Refused as refused:
                if refused.limited or refused.signed_out:
                    raise
                log.warning("a gap in a room's timeline stays: %s", refused)
                break
            found += events({"events": page.get("chunk")})
            start = page.get("end") if page.get("end") != start else None
        if len(found) >= MOST_EVENTS:
            log.warning("a gap in a room's timeline was too long; the oldest messages in it are not answered")
        return found[:MOST_EVENTS][::-1]


def _invited(timeline: list[Json], guest: str) -> int | None:
    """Where the guest was invited, the last time."""
    places = [place for place, event in enumerate(timeline) if membership(event, guest) == "invite"]
    return places[-1] if places else None


def _after_invitation(timeline: list[Json], guest: str) -> list[Json]:
    """Without a visible invitation the guest's own coming in is where it begins."""
    place = _invited(timeline, guest)
    if place is None:
        joins = [at for at, event in enumerate(timeline) if membership(event, guest) == "join"]
        place = joins[0] if joins else -1
    return timeline[place + 1 :]
