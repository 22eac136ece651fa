"""/line and /leave: to whom words in this chat go. /unsend takes something back."""

from __future__ import annotations

from datetime import timedelta

from bot.talk import Excuse, Option, TakeBack, Talk, go
from bot.text import Joined, Name, Node, Strong, Verbatim, _, lines, n_, p_
from handlers.lines.choosing import ask_line, wanted
from handlers.lines.sending import bring_waiting, closed, send_waiting, talking_on
from handlers.lines.words import KINDS, left, who
from handlers.partners.cards import ARROW, last_seen, shortened
from storage import lines as store
from storage import people, relay
from storage.lines import Line
from storage.relay import Spoken

SHOWN = 200
#: Nobody needs to be told that what was written just now was not seen yet.
ABSENT = timedelta(hours=1)


def line(talk: Talk) -> None:
    """Lists the partners; who is chosen gets what is written in this chat from now on."""
    if talk.turn.argument:
        # Begun anew with what was written, so that it is still there if a question has to be asked.
        told = wanted(talk.turn.argument)
        talk.then("line", number=told.number, name=told.name, act=told.act)
        return
    act = talk.start("act")
    if act == "drop":
        _drop(talk)
        return
    title = _("To whom?") if act == "send" else _("Your partners")
    chosen = ask_line(talk, title, number=talk.start("number"), name=talk.start("name", ""))
    if act == "more":
        talk.say(_more_title(chosen), *_more(chosen))
    else:
        _open(talk, chosen, sending=act == "send")


def _drop(talk: Talk) -> None:
    """What waited for a choice goes to nobody."""
    dropped = store.take_up(talk.session, talk.turn.chat)
    talk.say(_("Not sent.") if dropped else _("There is nothing to send any more."))


def _open(talk: Talk, chosen: Line, *, sending: bool) -> None:
    """Words in this chat go to this partner from now on; what waited for that, or for me, goes out."""
    unavailable = closed(chosen)
    if unavailable is not None:
        raise Excuse(_("This person cannot be written to at the moment."))
    if sending and not store.waits(talk.session, talk.turn.chat):
        talk.say(_("There is nothing to send any more."))
    sent = send_waiting(talk, talk.turn.chat, chosen) if sending else 0
    store.choose(talk.session, talk.turn.chat, chosen.id, talk.now)
    bring_waiting(talk, chosen)
    talk.say(_opened(talk, chosen, sent), go("leave", p_("button", "Leave")), go(f"line {chosen.id} more", _MORE))
    store.read(talk.session, chosen.id, talk.person, talk.now)


# Translators: a button while writing to a partner: take back, share a contact, report, block, end.
_MORE = p_("button", "More…")


def _opened(talk: Talk, chosen: Line, sent: int) -> Node:
    return lines(
        Strong(Joined((ARROW, who(chosen)), " ")) if not sent else None,
        _("What you write in this chat goes to {name} now, until you write /leave.", name=_name(chosen)),
        _standing(talk, chosen),
    )


def _standing(talk: Talk, chosen: Line) -> Node:
    """When the other was here, and whether they may have seen what was written last."""
    place = people.reach(talk.session, chosen.other)
    stands = store.standing(talk.session, chosen.id, talk.person, chosen.other)
    seen = last_seen(chosen.active_at, talk.now)
    if place is None or place.lost:
        return _("They cannot be reached at the moment. What you write is kept and goes out when they are back.")
    said, heard = stands.mine_at, place.heard_at
    if stands.unseen and said and talk.now - said > ABSENT and (heard is None or heard < said):
        return lines(seen, n_("{n} message of yours not seen yet", "{n} messages of yours not seen yet", stands.unseen))
    return seen


def _name(chosen: Line) -> Node:
    return Name(chosen.name, chosen.other)


def _more_title(chosen: Line) -> Node:
    return Strong(who(chosen))


def _more(chosen: Line) -> list[Option]:
    """What can be done about a line beside writing."""
    return [
        # Translators: buttons about a partner one writes with. The first takes back the last message.
        go("unsend", p_("button", "Take back")),
        go(f"contact {chosen.id}", p_("button", "Share my contact")),
        go(f"report {chosen.id}", p_("button", "Report")),
        go(f"block {chosen.id}", p_("button", "Block")),
        go(f"end {chosen.id}", p_("button", "End the line")),
    ]


def leave(talk: Talk) -> None:
    """Words in this chat are for the bot again."""
    chosen = talking_on(talk, talk.turn.chat)
    if chosen is None:
        talk.say(_("You are not writing to a partner now."), go("line", p_("button", "My partners")))
        return
    store.choose(talk.session, talk.turn.chat, None, talk.now)
    talk.say(left(chosen), go("line", p_("button", "My partners")))


def unsend(talk: Talk) -> None:
    """Takes back what this is a reply to, or the last thing that was said from this chat."""
    if talk.turn.about is not None:
        talk.then("unsend", about=_about(talk, talk.turn.about))
        return
    mine = _meant(talk)
    if not talk.confirm(
        "sure",
        lines(_("Take this message back?"), _shown(mine)),
        yes=p_("button", "Take back"),
        no=p_("button", "Keep it"),
    ):
        talk.say(_("It stays."))
        return
    relay.take_back(talk.session, mine.id, talk.now)
    talk.relay(TakeBack(mine.id))
    talk.say(_("Taken back. Where it can no longer be deleted, its words are taken out."))


def _about(talk: Talk, ref: str) -> int:
    spoken = relay.said_in(talk.session, talk.turn.chat, ref)
    if spoken is None or spoken.author != talk.person:
        raise Excuse(_("You can only take back what you wrote to a partner yourself."))
    return spoken.id


def _meant(talk: Talk) -> Spoken:
    """What is to be taken back; it has to be one's own, and still there."""
    session, about = talk.session, talk.start("about")
    mine = relay.last_from(session, talk.person, talk.turn.chat) if about is None else relay.find(session, about)
    if mine is None or mine.author != talk.person or mine.removed_at is not None:
        raise Excuse(_("There is nothing to take back."))
    return mine


def _shown(mine: Spoken) -> Node:
    if not mine.words.strip() and mine.files:
        return KINDS[mine.files[0]["kind"]]
    return _("“{words}”", words=Verbatim(shortened(mine.words, SHOWN), mine.author))
