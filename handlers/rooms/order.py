"""What founders and teachers do to keep order: people, lock, slow mode, words and links; and the log of it."""

from __future__ import annotations

from bot.talk import Excuse, Option, Talk, free_text, go, one_of
from bot.text import Count, Joined, Name, Node, Verbatim, When, _, entry, lines, n_, p_
from bot.text.cleaning import clean
from handlers.rooms import ordering
from handlers.rooms.bridge import stir
from handlers.rooms.ordering import Done
from handlers.rooms.screening import may_order, muted, sites
from handlers.rooms.words import titled_room
from storage import rooms
from storage.models.moderation import SAFE, SITE, STOPPED
from storage.projects import Project
from storage.rooms import Room, Seat, holding, occupants, order, wordlists
from storage.rooms.occupants import Occupant
from storage.spelling import fold

ON_A_PAGE, LOGGED = 10, 15
#: Seconds between two messages that can be chosen; 0 is as usual.
SLOW = (0, 10, 30, 60, 300)
#: Minutes for which somebody can be muted: ten minutes, an hour, a day, a week.
MUTED = (10, 60, 1440, 10080)
_LONGEST_WORD = 60

# Translators: what was done in a room, as lines of its log; who did it stands before.
ACTS: dict[str, Node] = {
    "removed": p_("room log", "took a message away"),
    "muted": p_("room log", "muted"),
    "unmuted": p_("room log", "let write again"),
    "out": p_("room log", "removed from the room"),
    "back": p_("room log", "let in again"),
    "locked": p_("room log", "locked the room"),
    "unlocked": p_("room log", "unlocked the room"),
    "slowed": p_("room log", "slow mode, in seconds"),
    "returned": p_("room log", "gave a message back"),
    "dropped": p_("room log", "removed a message that waited"),
    "released": p_("room log", "let a message out"),
    "holds": p_("room log", "changed whose messages wait"),
    "reported": p_("room log", "reported to support"),
    "appealed": p_("room log", "asked support"),
    "words": p_("room log", "changed the words and links"),
    "wave": p_("room log", "many came in at once; the codes were stopped"),
}


def card_ways(talk: Talk, room: Room, seat: Seat) -> list[Option]:
    """What somebody may do in a room, as buttons under its card."""
    number = room.id
    waits = holding.counted(talk.session, talk.person, number)
    # Translators: buttons under the card of a room.
    options = [go(f"room held {number}", p_("button", "What waits: {n}", n=Count(waits)))] if waits else []
    if room.audience == "everyone":
        options.append(go(f"room holds {number}", p_("button", "Whose words wait")))
    if seat.founder or room.audience == "everyone":
        options.append(go(f"room people {number}", p_("button", "People")))
    if not seat.founder:
        return options
    lock = p_("button", "Unlock it") if room.locked else p_("button", "Lock it")
    return [
        *options,
        # Translators: a button: give a room another name.
        *([go(f"room rename {number}", p_("button", "Rename"))] if room.kind == "more" else []),
        go(f"room {'unlock' if room.locked else 'lock'} {number}", lock),
        go(f"room slow {number}", p_("button", "Slow mode")),
        go(f"room words {number}", p_("button", "Words and links")),
        go(f"room log {number}", p_("button", "The log")),
        go(f"room export {number}", p_("button", "Take it as a file")),
    ]


def _led(talk: Talk, number: int) -> Room:
    room, seat = ordering.place(talk.session, talk.person, number)
    if not seat.founder:
        raise Excuse(_("Only those who lead the project can do that."), back_to(room))
    return room


def back_to(room: Room) -> Option:
    """The way back to a room's card."""
    return go(f"room {room.id}", p_("button", "The room"))


def lock(talk: Talk, number: int) -> None:
    """Let founders alone write for now."""
    _lock(talk, _led(talk, number), True)


def unlock(talk: Talk, number: int) -> None:
    """Let everybody write again."""
    _lock(talk, _led(talk, number), False)


def _lock(talk: Talk, room: Room, on: bool) -> None:
    if not order.lock(talk.session, room.id, on, talk.person, talk.now):
        raise Excuse(_("It is so already."), back_to(room))
    stir(talk, room.id)
    words = _("Only those who lead the project can write here now.") if on else _("Everybody can write here again.")
    undo = go(
        f"room {'unlock' if on else 'lock'} {room.id}", p_("button", "Unlock it") if on else p_("button", "Lock it")
    )
    talk.say(lines(titled_room(room), words), undo, back_to(room))


def slow(talk: Talk, number: int) -> None:
    """Choose how long everybody waits between two messages."""
    room = _led(talk, number)
    # Translators: a button: no waiting between messages.
    labels: list[Node] = [p_("button", "No waiting"), *(_seconds(each) for each in SLOW[1:])]
    options = [Option(str(each), label, each == room.slow_seconds) for each, label in zip(SLOW, labels, strict=True)]
    question = lines(titled_room(room), _("How long does everybody wait between two messages? Founders need not wait."))
    seconds = int(talk.ask("seconds", question, one_of(*options)))
    if not order.slow(talk.session, room.id, seconds, talk.person, talk.now):
        raise Excuse(_("It is so already."), back_to(room))
    stir(talk, room.id)
    talk.say(lines(titled_room(room), _("Done.")), back_to(room))


def _seconds(number: int) -> Node:
    if number >= 60:
        return n_("{n} minute", "{n} minutes", number // 60)
    return n_("{n} second", "{n} seconds", number)


def people(talk: Talk, number: int) -> None:
    """Those in a room whom somebody may mute or remove, a page at a time."""
    room, seat = ordering.place(talk.session, talk.person, number)
    found = [one for one in occupants.occupants(talk.session, number) if may_order(seat, one)]
    if not found:
        raise Excuse(_("There is nobody here whom you could mute or remove."), back_to(room))
    page = int(talk.start("more", 0))
    shown = found[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    rows = [ordering.row(one, talk.now) for one in shown]
    more = len(found) > (page + 1) * ON_A_PAGE
    options = [go(f"room who {one.member}", Name(one.name, one.person)) for one in shown]
    options += [go(f"room people {number} {page + 1}", p_("button", "More"))] if more else []
    talk.say(lines(titled_room(room), *rows), *options, back_to(room))


def who(talk: Talk, member: int) -> None:
    """What may be done about one of them."""
    one = occupants.occupant(talk.session, member)
    room, seat = ordering.place(talk.session, talk.person, 0 if one is None else one.room)
    if one is None or not may_order(seat, one):
        raise Excuse(_("Founders can do that to everybody but founders, teachers to their own pupils."), back_to(room))
    question = lines(titled_room(room), ordering.row(one, talk.now), _("What shall be done?"))
    chosen = talk.ask("what", question, one_of(*_possible(talk, one)))
    done = _done(talk, room, seat, one, chosen)
    talk.say(done.body, *done.options, back_to(room))


def _possible(talk: Talk, one: Occupant) -> list[Option]:
    # Translators: buttons: what may be done to somebody in a room.
    if one.removed_at is not None:
        return [Option("back", p_("button", "Let in again"))]
    times = (
        p_("button", "Mute: 10 minutes"),
        p_("button", "Mute: an hour"),
        p_("button", "Mute: a day"),
        p_("button", "Mute: a week"),
    )
    speak = [Option("unmute", p_("button", "Let write again"))] if muted(one, talk.now) else []
    mutes = [Option(str(minutes), label) for minutes, label in zip(MUTED, times, strict=True)]
    return [*speak, *mutes, Option("out", p_("button", "Remove from room"))]


def _done(talk: Talk, room: Room, seat: Seat, one: Occupant, chosen: str) -> Done:
    if chosen == "back":
        return ordering.let_back(talk, room, seat, one)
    if chosen == "unmute":
        return ordering.unmute(talk, room, seat, one)
    if chosen == "out":
        return ordering.put_out(talk, room, seat, one)
    return ordering.mute(talk, room, seat, one, int(chosen))


def remove(talk: Talk, message: int) -> None:
    """Take a message away, from a button under news about it."""
    room, seat = ordering.place(talk.session, talk.person, rooms.room_of(talk.session, message) or 0)
    done = ordering.remove(talk, room, seat, message)
    talk.say(done.body, *done.options)


def words(talk: Talk, number: int) -> None:
    """Words and links that a project stops, and sites to which its pupils may link."""
    room = _led(talk, number)
    known = wordlists.listed(talk.session, room.project)
    # Translators: buttons: what to do with the words and links of a project.
    options = [
        Option(STOPPED, p_("button", "Stop a word")),
        Option(SITE, p_("button", "Stop a site")),
        Option(SAFE, p_("button", "Trust a site")),
    ]
    options += [Option("strike", p_("button", "Take one off"))] if known else []
    act = talk.ask("act", lines(titled_room(room), *_listed(known)), one_of(*options))
    if act == "strike":
        chosen = talk.ask(
            "which", _("Which one?"), one_of(*(Option(str(one.id), Verbatim(one.words)) for one in known))
        )
        changed = wordlists.strike(talk.session, room.project, int(chosen))
    else:
        asked = _("Which word? Accents and capitals make no difference.") if act == STOPPED else _("Which site?")
        said = talk.ask("word", asked, free_text(at_most=_LONGEST_WORD, one_line=True))
        named = _named(act, said)
        if not named:
            raise Excuse(_("That is not the name of a site. One looks like this: example.org"), back_to(room))
        changed = wordlists.add(talk.session, room.project, act, named, talk.person, talk.now)
    if not changed:
        raise Excuse(_("That changed nothing: it stands there already, or there is no room for more."), back_to(room))
    order.record(talk.session, room.id, "words", talk.now, by=talk.person)
    talk.say(
        _("Done. It counts from the next message on."), go(f"room words {number}", p_("button", "Words and links"))
    )


def _named(kind: str, said: str) -> str:
    """A word or a site as it stands on a list; "" for what is no site."""
    if kind == STOPPED:
        return fold(clean(said, one_line=True))
    return next(iter(sites(said)), "")


def _listed(known: list[wordlists.Listed]) -> list[Node]:
    """The lists in words."""
    titles: dict[str, Node] = {
        STOPPED: _("Stopped words"),
        SITE: _("Stopped sites"),
        SAFE: _("Trusted sites"),
    }
    rows: list[Node] = [
        entry(title, Joined(tuple(Verbatim(one.words) for one in known if one.kind == kind), ", "))
        for kind, title in titles.items()
        if any(one.kind == kind for one in known)
    ]
    told = _("What a teacher writes with a stopped word or site is not passed on. What a pupil writes with one waits.")
    return [*rows, told, _("Links by pupils wait too, unless they lead to a trusted site.")]


def log(talk: Talk, number: int) -> None:
    """What was done in a room, for those who lead the project."""
    room, page = _led(talk, number), int(talk.start("more", 0))
    shown = log_rows(talk, [room], LOGGED + 1, page * LOGGED)
    more = [go(f"room log {number} {page + 1}", p_("button", "Earlier"))] if len(shown) > LOGGED else []
    none = [] if shown else [_("Nothing was done here yet.")]
    talk.say(lines(titled_room(room), *shown[:LOGGED], *none), *more, back_to(room))


def log_of_project(talk: Talk, project: Project) -> Node:
    """The last things that were done in the rooms of a project, for support."""
    its = rooms.of_project(talk.session, project.id)
    parts = [lines(titled_room(room), *log_rows(talk, [room], LOGGED, 0)) for room in its]
    return Joined(tuple(parts), "\n\n")


def log_rows(talk: Talk, its: list[Room], limit: int, skip: int) -> list[Node]:
    """Lines of the log, the newest first: when, who did what, to whom."""
    return [_row(talk, room, one) for room in its for one in order.log(talk.session, room.id, limit, skip)]


def _row(talk: Talk, room: Room, one: order.Entry) -> Node:
    to = None
    if one.pupil is not None:
        to = occupants.of_pupil(talk.session, room.id, one.pupil)
    elif one.subject is not None:
        to = occupants.of_person(talk.session, room.id, one.subject)
    amount = one.detail.get("minutes") or one.detail.get("seconds")
    parts = [
        When(one.at),
        Name(one.by) if one.by else Verbatim("🤖"),
        ACTS[one.act],
        None if amount is None else Count(amount),
        None if to is None else Name(to.name, to.person),
    ]
    return Joined(tuple(part for part in parts if part is not None), " · ")
