"""What can be said to the bot in a group that is a door: little, and answered shortly, for the room is for others."""

from __future__ import annotations

from bot.talk import Do, Listening, TakeBack
from bot.text import Node, _, lines
from handlers.rooms import bridge
from handlers.rooms.bridge import Here, here_at
from handlers.rooms.telegram_doors import TELEGRAM
from storage import rooms
from storage.rooms import opening

#: Words for taking back what one said oneself.
DELETE = frozenset({"/delete", "/unsend"})
#: Words with which somebody wants to know what this is.
ASKING = frozenset({"/start", "/help"})


def called(heard: Listening) -> bool:
    """Words with the bot's name in them are for the room like all others: nobody there waits for the bot to answer."""
    what = heard.heard
    said = what.text is not None and not what.text.startswith("/") and what.about is None
    return what.addressed and said and what.edits is None and what.press is None and bridge.words(heard)


def taken(heard: Listening) -> bool:
    """Whether this is a command that rooms know, said at a door by somebody who is in the room; then it is done."""
    what = heard.heard
    word = (what.text or "").split(maxsplit=1)[0].casefold() if (what.text or "").strip() else ""
    ours = word in DELETE or (word in ASKING and heard.platform == TELEGRAM)
    if not ours or what.edits is not None:
        return False
    here = here_at(heard)
    if here is None:
        # Who is not in the room is not answered there.
        return heard.heard.kind == "group" and bool(rooms.doors_in(heard.session, heard.platform, what.chat))
    if word in DELETE:
        _delete(here)
    else:
        heard.say(_short())
    return True


def _delete(here: Here) -> None:
    """Somebody takes back what they said: everywhere, and here too, with the command itself."""
    what = here.heard.heard
    spoken = here.own(here.meant(what.about))
    if spoken is None:
        here.heard.say(_("Reply with /delete to a message of your own, and I take it back at all doors."))
        return
    rooms.take_back(here.heard.session, spoken.id, here.heard.now)
    door = opening.standing(here.heard.session, here.door.id)
    may = door is not None and "delete" not in door.lacks
    here.heard.relay(TakeBack(spoken.id, origin=may))
    if may and what.id is not None:
        here.heard.do(Do(here.heard.chat, f"erase.{here.heard.chat}.{what.id}", "erase", {"message": what.id}))
    here.stir()


def _short() -> Node:
    return lines(
        _("What you write here is heard at the other doors of this room."),
        _("/delete as a reply takes back a message of yours; for all else write to me in private."),
    )
