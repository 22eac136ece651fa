"""What a press on something does that the bot said in a room: it counts for the one who pressed, and all see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.talk import Do, Letter, News, Relayed, TellAll, go
from bot.text import Strong, Verbatim, _, lines, p_
from handlers import speaking
from handlers.planning.here import Here
from handlers.reminders import cards, deciding, inviting, wording
from handlers.reminders.acting import may_change
from handlers.reminders.appointment import arrange
from handlers.reminders.keeping import facts_of, keep, note_answer, people_of, set_alarms
from handlers.reminders.plans import Plan
from handlers.rooms import ballots
from handlers.speaking import Saying
from storage import attendees, polls, reminders
from storage.reminders import Kept
from storage.rooms import notices
from storage.rooms.notices import Notice

#: When all have voted, so long anybody may still think again.
SECOND_THOUGHTS = timedelta(minutes=10)


def press(here: Here, notice: Notice, option: str) -> None:
    """Do what a button says; one that no longer holds does nothing."""
    verb, _space, rest = option.partition(" ")
    if notice.kind == notices.BALLOT:
        refused = ballots.press(here.at, notice, option)
        if refused is not None:
            here.privately(refused)
        return
    act = _ACTS.get(verb)
    if act is not None:
        act(here, notice, rest or verb)


def _save(here: Here, notice: Notice, _rest: str) -> None:
    """Somebody said yes to what was understood."""
    if notice.draft is None or not _asked_for(here, notice):
        return
    words, plan = notice.draft["what"], Plan.from_json(notice.draft["when"])
    owner = notice.person or here.person
    reminding = notice.draft["do"] == "remind"
    made = _keep(here, owner, words, plan) if reminding else _arrange(here, owner, words, plan)
    if made is None:
        said = Saying(lines(Strong(Verbatim(words, owner)), wording.trouble("never")))
        speaking.redraw(here.session, here.heard.relay, notice, said, here.now, kind=notices.SAID, draft=None)
        return
    zones = speaking.zones(here.session, here.room.id)
    said = cards.reminder(made, zones, here.now) if reminding else cards.appointment(here.session, made, here.now)
    kind = notices.REMINDER if reminding else notices.APPOINTMENT
    bring = here.heard.relay
    speaking.redraw(here.session, bring, notice, said, here.now, kind=kind, reminder_id=made.id, draft=None)


def _keep(here: Here, owner: int, words: str, plan: Plan) -> Kept | None:
    facts = replace(facts_of(plan, words), room_id=here.room.id)
    made = keep(here.session, owner, facts, here.now)
    return None if made is None else reminders.get(here.session, made)


def _arrange(here: Here, owner: int, words: str, plan: Plan) -> Kept | None:
    people = [guest.person for guest in here.guests()]
    return arrange(here.session, owner, words, plan, people, here.now, here.circle)


def _drop(here: Here, notice: Notice, _rest: str) -> None:
    if _asked_for(here, notice):
        speaking.take_back(here.session, here.heard.relay, notice, here.now)


def _comes(here: Here, notice: Notice, said: str) -> None:
    """Whether the one who pressed comes; who came into the room later is asked as well."""
    kept = _kept(here, notice)
    if kept is None or kept.state != reminders.ACTIVE:
        return
    if not note_answer(here.session, kept, here.person, said, here.now):
        attendees.invite(here.session, kept.id, [here.person])
        note_answer(here.session, kept, here.person, said, here.now)
    cards.refresh(here.session, here.heard.relay, notice, here.now)


def _change(here: Here, notice: Notice, _rest: str) -> None:
    kept = _changeable(here, notice)
    if kept is not None:
        here.privately(
            Strong(Verbatim(kept.facts.words, kept.owner)), go(f"reminders show {kept.id}", p_("button", "Change it"))
        )


def _file(here: Here, notice: Notice, _rest: str) -> None:
    """The file for a calendar program is fetched in private: it is for one person's own device."""
    kept = _kept(here, notice)
    if kept is not None:
        way = go(f"reminders file {kept.id}", p_("button", "Calendar file"))
        here.privately(Strong(Verbatim(kept.facts.words, kept.owner)), way)
        here.on_page(_("I have written to you in our private chat."))


def _delete(here: Here, notice: Notice, _rest: str) -> None:
    kept = _changeable(here, notice)
    if kept is not None and kept.state in {reminders.ACTIVE, reminders.PAUSED}:
        reminders.end(here.session, kept.id, reminders.DELETED, here.now)
        _redraw(here, notice)


def _undo(here: Here, notice: Notice, _rest: str) -> None:
    kept = _changeable(here, notice)
    if kept is not None and kept.state == reminders.DELETED:
        reminders.change(here.session, kept.id, here.now, state=reminders.ACTIVE)
        if not set_alarms(here.session, kept, people_of(here.session, kept), here.now):
            reminders.finish(here.session, [kept.id], here.now)
        _redraw(here, notice)


def _slot(here: Here, notice: Notice, place: str) -> None:
    """One of the times of a vote suits, or does not any more."""
    poll = None if notice.poll is None else polls.get(here.session, notice.poll)
    if poll is None or poll.state != polls.OPEN:
        return
    before = set(polls.votes(here.session, poll.id).get(here.person) or ())
    chosen = set() if place == "none" else before ^ {int(place)}
    _vote(here, notice, chosen)


def _vote(here: Here, notice: Notice, chosen: set[int]) -> None:
    assert notice.poll is not None
    polls.join(here.session, notice.poll, here.person)
    if not polls.vote(here.session, notice.poll, here.person, sorted(chosen), here.now):
        return
    if None not in polls.votes(here.session, notice.poll).values():
        polls.hasten(here.session, notice.poll, here.now + SECOND_THOUGHTS)
    cards.refresh(here.session, here.heard.relay, notice, here.now)


def _decide(here: Here, notice: Notice, _rest: str) -> None:
    """No more votes are wanted."""
    poll = None if notice.poll is None else polls.get(here.session, notice.poll)
    if poll is not None and _asked_for(here, notice):
        deciding.decide(here.session, poll, here.now, _bring(here))
        _redraw(here, notice)


def _bring(here: Here) -> TellAll:
    """Tell and bring through what is heard."""

    def bring(what: News | Letter | Do | Relayed) -> None:
        if isinstance(what, News):
            here.heard.news.append(what)
        elif not isinstance(what, Letter | Do):
            here.heard.relay(what)

    return bring


def _redraw(here: Here, notice: Notice) -> None:
    """Show at once what somebody did who may; that is seldom."""
    said = cards.drawn(here.session, notice, here.now)
    if said is not None:
        speaking.redraw(here.session, here.heard.relay, notice, said, here.now)


def _kept(here: Here, notice: Notice) -> Kept | None:
    return None if notice.reminder is None else reminders.get(here.session, notice.reminder)


def _changeable(here: Here, notice: Notice) -> Kept | None:
    kept = _kept(here, notice)
    if kept is None or may_change(here.session, kept, here.person):
        return kept
    _refuse(here)
    return None


def _asked_for(here: Here, notice: Notice) -> bool:
    """Whether it is for them to say yes or no to it: who asked for it, and who leads the project."""
    if here.person == notice.person or here.seat.founder:
        return True
    _refuse(here)
    return False


def _refuse(here: Here) -> None:
    why = _("Only whoever made it can change it, and whoever leads its project.")
    here.privately(why)
    here.on_page(why)


_ACTS: dict[str, Callable[[Here, Notice, str], None]] = {
    "save": _save,
    "drop": _drop,
    **dict.fromkeys(inviting.ANSWERS, _comes),
    "file": _file,
    "change": _change,
    "delete": _delete,
    "undo": _undo,
    "slot": _slot,
    "none": _slot,
    "decide": _decide,
}
