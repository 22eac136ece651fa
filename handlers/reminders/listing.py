"""/reminders: what is to come, one card each, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.talk import Option, Talk, go, one_of
from bot.text import Name, Node, Strong, Verbatim, When, _, entry, lines, p_
from handlers.reminders import acting, inviting, warnings, wording
from handlers.reminders.keeping import plan_of
from handlers.reminders.remind import LABELS, ask_early, ask_what, joined
from handlers.reminders.rules import Rule
from handlers.reminders.telling import times
from storage import attendees, reminders
from storage.reminders import Kept

PAGE = 6
_LABEL = 18

Json = Any


def reminders_(talk: Talk) -> None:
    """Shows what is to come; a card for each; does what a button under a reminder says."""
    if talk.turn.argument:
        acting.act(talk, talk.turn.argument.split())
        return
    card = talk.start("card")
    if card is None:
        _list(talk, int(talk.start("page", 0)))
        return
    kept = acting.mine(talk, int(card))
    _card(talk, kept)


def _list(talk: Talk, page: int) -> None:
    found = reminders.mine(talk.session, talk.person, PAGE + 1, page * PAGE)
    if not found and page:
        talk.then("reminders", page=page - 1)
        return
    if not found:
        talk.say(lines(_("There are no reminders yet."), wording.EXAMPLE), go("remind", p_("button", "New reminder")))
        return
    shown = found[:PAGE]
    options = [Option(str(kept.id), _label(kept)) for kept, _due in shown]
    if len(found) > PAGE:
        options.append(Option("more", p_("button", "More")))
    if page:
        options.append(Option("previous", p_("button", "Previous")))
    options.append(Option("new", p_("button", "New reminder")))
    body = lines(Strong(_("What is to come")), *(_line(talk, kept) for kept, _due in shown))
    choice = talk.ask("choice", body, one_of(*options), instead=True)
    if choice == "new":
        talk.then("remind")
    elif choice in {"more", "previous"}:
        talk.then("reminders", page=page + (1 if choice == "more" else -1))
    else:
        talk.then("reminders", card=int(choice), page=page)


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
        entry(LABELS["when"], wording.when(plan)),
        entry(p_("reminder line", "Next"), When(due, "full")) if due is not None else None,
        entry(LABELS["early"], wording.ahead(facts.leads)) if facts.leads else None,
        p_("reminder", "It also comes in quiet hours.") if facts.urgent else None,
        p_("reminder", "It is paused.") if kept.state == reminders.PAUSED else None,
        times(due, zones) if guests and due is not None else None,
        warnings.clocks(plan, zones, due) if guests and due is not None else None,
        *inviting.who_comes(guests),
    )


def _card(talk: Talk, kept: Kept) -> None:
    note = _NOTES.get(talk.start("note", ""))
    if kept.owner != talk.person:
        # Whoever was asked has answered with it: nothing stays open that would be asked again after other things.
        ways = (*inviting.answers_to(kept), go("reminders", p_("button", "All reminders")))
        talk.say(card(talk, kept, note=note), *ways)
        return
    choice = talk.ask("act", card(talk, kept, note=note), one_of(*_options(talk, kept)), instead=True)
    if choice == "list":
        talk.then("reminders", page=talk.start("page", 0))
    elif choice in _CHANGES:
        _CHANGES[choice](talk, kept)
    else:
        acting.do(talk, kept, choice)


def _options(talk: Talk, kept: Kept) -> Sequence[Option]:
    """What can be done with it; the most likely first."""
    shared = inviting.is_shared(kept)
    file = [Option("file", p_("button", "Calendar file"))] if shared else []
    paused, repeating = kept.state == reminders.PAUSED, kept.facts.rule is not None
    loud = p_("button", "Not in quiet hours") if kept.facts.urgent else p_("button", "Also in quiet hours")
    options = []
    if repeating and not paused:
        options.append(Option("skip", p_("button", "Skip the next one")))
    options += [
        Option("words", p_("button", "Change the words")),
        Option("time", p_("button", "Change the time")),
        Option("early", p_("button", "Notices before")),
        Option("loud", loud),
        Option("resume", p_("button", "Resume")) if paused else Option("pause", p_("button", "Pause")),
        Option("delete", p_("button", "Delete")),
        *file,
        Option("list", p_("button", "All reminders")),
    ]
    return options


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
