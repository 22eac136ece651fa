"""The one who takes commands and presses at the doors of rooms."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection
from functools import partial

from bot.talk import Excuse, Listener, Listening, go
from bot.talk.pressing import payload
from bot.text import _, p_
from handlers.planning import commands, pressing
from handlers.planning.here import Here, here
from handlers.rooms.rules import shut
from storage import relay
from storage.rooms import notices
from storage.rooms.notices import Notice

_KEYCAP = "\ufe0f\u20e3"
_COMMANDS: dict[str, Callable[[Here, str], None]] = {
    "remind": commands.remind,
    "reminders": commands.reminders_,
    "appointment": commands.appointment,
    "when": commands.when,
    "calendar": commands.calendar,
    "poll": commands.poll,
}


def plan_listener(known: Collection[str]) -> Listener:
    """Takes what is asked of the bot in a room; ``known`` are the words of all commands."""
    return Listener(partial(_take, known), _never, _never, _never)


def _never(_heard: Listening) -> bool:
    return False


def _take(known: Collection[str], heard: Listening) -> bool:
    what = heard.heard
    if what.edits is not None or what.removes is not None or what.files:
        return False
    command = what.text is not None and what.text.startswith("/")
    if not command and what.press is None and what.about is None:
        return False
    asked = here(heard)
    if asked is None:
        return False
    if command:
        return _commanded(asked, known)
    found = _chosen(asked)
    if found is not None:
        _answering(asked, lambda: pressing.press(asked, *found))
    return found is not None


def _commanded(asked: Here, known: Collection[str]) -> bool:
    """A line that begins with a command. Other commands are for the private chat; on the page of a room that is said,
    where elsewhere the bot says it anyway."""
    word, _space, argument = (asked.heard.heard.text or "")[1:].partition(" ")
    act = _COMMANDS.get(word.casefold())
    if act is not None:
        _answering(asked, lambda: act(asked, argument.strip()))
        return True
    if asked.door.platform != "web" or word.casefold() not in known:
        return False
    asked.answer(_("That is for our private chat, so that your answers stay yours. I have written to you there."))
    asked.privately(_("You can use this command here:"), go(word.casefold(), p_("button", "Go on here")))
    return True


def _answering(asked: Here, act: Callable[[], None]) -> None:
    """Do it, if anything may be done in this room now; say why not, where it cannot."""
    refused = shut(asked.room, asked.seat, asked.now)
    if refused is not None:
        asked.privately(refused)
        return
    try:
        act()
    except Excuse as excuse:
        asked.answer(excuse.reason)


def _chosen(asked: Here) -> tuple[Notice, str] | None:
    """What was chosen under something that the bot said in this room: by a button, a number or a reaction."""
    what, session = asked.heard.heard, asked.session
    if what.press is not None:
        notice = notices.by_token(session, what.press.partition(".")[0])
        if notice is None or notice.room != asked.room.id:
            return None
        for option, _label in notice.options:
            if hmac.compare_digest(payload(notice.token, option).encode(), what.press.encode()):
                return notice, option
        # It stood there a moment ago; the card says what holds now.
        return notice, ""
    number = (what.reaction or what.text or "").strip().replace(_KEYCAP, "").replace("\u20e3", "").rstrip(".)")
    if not (number.isascii() and number.isdecimal() and len(number) < 3):
        return None
    spoken = relay.shown_in(session, asked.heard.chat, what.about or "")
    notice = None if spoken is None else notices.find(session, spoken.id)
    if notice is None or notice.room != asked.room.id or not 1 <= int(number) <= len(notice.options):
        return None
    return notice, notice.options[int(number) - 1][0]
