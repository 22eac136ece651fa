"""/reminders: what is to come, one card each, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.talk import Option, Talk, go
from bot.text import Name, Node, Strong, Verbatim, When, _, entry, lines, p_
from handlers.reminders import acting, inviting, warnings, wording
from handlers.reminders.keeping import plan_of
from handlers.reminders.remind import LABELS, ask_early, ask_what, joined
from handlers.reminders.rules import Rule
from handlers.reminders.telling import times
from storage import attendees, reminders, rooms
from storage.reminders import Kept

PAGE = 6
_LABEL = 18


def reminders_(talk: Talk) -> None:
    """Shows what is to come; a card for each; does what a button under a reminder says."""
    if talk.turn.argument:
        word, _space, page = talk.turn.argument.partition(" ")
        if word == "page" and page.isascii() and page.isdecimal() and len(page) < 4:
            _list(talk, int(page))
        else:
            acting.act(talk, talk.turn.argument.split())
        return
    card = talk.start("card")
    if card is None:
        _list(talk, 0)
        return
    kept = acting.mine(talk, int(card))
    change = _CHANGES.get(talk.start("change", ""))
    if change is None:
        _card(talk, kept)
    else:
        change(talk, kept)


def _list(talk: Talk, page: int) -> None:
    """A page of what is to come. It asks nothing, so it does not come back after something else was done."""
    found = reminders.mine(talk.session, talk.person, PAGE + 1, page * PAGE)
    if not found and page:
        _list(talk, page - 1)
        return
    if not found:
        talk.say(lines(_("There are no reminders yet."), wording.EXAMPLE), go("remind", p_("button", "New reminder")))
        return
    shown = found[:PAGE]
    ways = [Option(f"/reminders show {kept.id}", _label(kept)) for kept, _due in shown]
    if len(found) > PAGE:
        ways.append(go(f"reminders page {page + 1}", p_("button", "More")))
    if page:
        ways.append(go(f"reminders page {page - 1}", p_("button", "Previous")))
    ways.append(go("remind", p_("button", "New reminder")))
    talk.say(lines(Strong(_("What is to come")), *(_line(talk, kept) for kept, _due in shown)), *ways)


def _line(talk: Talk, kept: Kept) -> Node:
    due = acting.next_of(talk, kept)
    rule = Rule.read(kept.facts.rule) if kept.facts.rule else None
    return joined(
        p_("reminder", "paused") if kept.state == reminders.PAUSED else When(due) if due is not None else None,
        Strong(Verbatim(kept.facts.words, kept.owner)),
        wording.repeats(rule) if rule else None,
    )


def _label(kept: Kept) -> Node:
    words = kept.facts.words
    return Name(words if len(words) <= _LABEL else f"{words[:_LABEL].rstrip()}…", kept.owner)


def card(talk: Talk, kept: Kept, *, note: Node | None = None) -> Node:
    """A reminder with everything there is to know of it."""
    facts = kept.facts
    plan = plan_of(facts)
    due = acting.next_of(talk, kept)
    guests = attendees.of(talk.session, kept.id) if inviting.is_shared(kept) else []
    zones = [guest.timezone for guest in guests]
    return lines(
        note,
        Strong(Verbatim(facts.words, kept.owner)),
        inviting.owner_line(guests, kept.owner) if kept.owner != talk.person else None,
        _where(talk, kept),
        entry(LABELS["when"], wording.when(plan)),
        entry(p_("reminder line", "Next"), When(due, "full")) if due is not None else None,
        entry(LABELS["early"], wording.ahead(facts.leads)) if facts.leads else None,
        p_("reminder", "It also comes in quiet hours.") if facts.urgent else None,
        p_("reminder", "It is paused.") if kept.state == reminders.PAUSED else None,
        times(due, zones) if guests and due is not None else None,
        warnings.clocks(plan, zones, due) if guests and due is not None else None,
        *inviting.who_comes(guests),
    )


def _where(talk: Talk, kept: Kept) -> Node | None:
    """The project in whose room it is told."""
    room = None if kept.facts.room_id is None else rooms.find(talk.session, kept.facts.room_id)
    # Translators: a line of a reminder: the project in whose room it is told.
    return None if room is None else entry(p_("reminder line", "For the room of"), Verbatim(room.title))


def _card(talk: Talk, kept: Kept) -> None:
    """Everything about one, with what can be done with it. It asks nothing either."""
    note = _NOTES.get(talk.start("note", ""))
    ways: Sequence[Option] = inviting.answers_to(kept) if inviting.is_shared(kept) else ()
    if acting.may_change(talk.session, kept, talk.person):
        ways = _ways(kept)
    talk.say(card(talk, kept, note=note), *ways, go("reminders", p_("button", "All reminders")))


def _ways(kept: Kept) -> Sequence[Option]:
    """What can be done with it; the most likely first."""
    paused = kept.state == reminders.PAUSED
    ways = {
        "skip": p_("button", "Skip the next one"),
        "words": p_("button", "Change the words"),
        "time": p_("button", "Change the time"),
        "early": p_("button", "Notices before"),
        "loud": p_("button", "Not in quiet hours") if kept.facts.urgent else p_("button", "Also in quiet hours"),
        "resume": p_("button", "Resume"),
        "pause": p_("button", "Pause"),
        "delete": p_("button", "Delete"),
        "file": p_("button", "Calendar file"),
    }
    wrong = {"pause"} if paused else {"resume"}
    if paused or kept.facts.rule is None:
        wrong.add("skip")
    if not inviting.is_shared(kept):
        wrong.add("file")
    if kept.facts.room_id is not None:
        wrong.add("loud")
    return [Option(f"/reminders {verb} {kept.id}", label) for verb, label in ways.items() if verb not in wrong]


def _words(talk: Talk, kept: Kept) -> None:
    acting.change(talk, kept, words=ask_what(talk))


def _time(talk: Talk, kept: Kept) -> None:
    acting.retime(talk, kept)


def _early(talk: Talk, kept: Kept) -> None:
    acting.change(talk, kept, leads=ask_early(talk, plan_of(kept.facts)), timed=True)


_CHANGES: dict[str, Callable[[Talk, Kept], None]] = {"words": _words, "time": _time, "early": _early}

_NOTES: dict[str, Node] = {
    "saved": _("Saved."),
    "skipped": _("The next one is left out."),
    "paused": _("Paused: it stays silent until you resume it."),
    "resumed": _("It goes on."),
    "back": _("It is back."),
    "comes_yes": _("Noted: you come."),
    "comes_maybe": _("Noted: perhaps you come."),
    "comes_no": _("Noted: you do not come. You will not be reminded of it."),
}
