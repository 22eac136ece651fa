"""What is done with a reminder: done, again later, skip, pause, change, delete, bring back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Excuse, Option, Talk, go
from bot.text import Strong, Verbatim, When, _, lines, p_
from handlers.reminders import inviting, wording
from handlers.reminders.keeping import closed_for, facts_of, note_answer, people_of, schedule_of, set_alarms
from handlers.reminders.kinds import Time
from handlers.reminders.plans import Plan
from handlers.reminders.schedule import Alarm, next_alarm, upcoming
from handlers.reminders.sending import calendar_file
from handlers.reminders.zones import moment, wall
from storage import alarms, attendees, projects, reminders, rooms
from storage.alarms import NewAlarm
from storage.projects import Member
from storage.reminders import Kept

_DAY = 24 * 60
#: Longer than any plan looks ahead.
_EVER = timedelta(days=15 * 366)
#: The longest that a button puts off, in minutes.
_LONGEST = 7 * _DAY


def mine(talk: Talk, reminder: int, *, deleted: bool = False) -> Kept:
    """A reminder that this person has, or is asked to. Raises Excuse if it is not theirs or gone."""
    kept = reminders.get(talk.session, reminder)
    if kept is None or (kept.state == reminders.DELETED and not deleted):
        raise gone()
    if not may_see(talk.session, kept, talk.person):
        raise gone()
    return kept


def may_see(session: Session, kept: Kept, person: int) -> bool:
    """Whether somebody may look at a reminder: it is theirs, they are asked to it, or in its room or project."""
    asked = kept.owner == person or person in {guest.person for guest in attendees.of(session, kept.id)}
    return asked or _part_in(session, kept, person) is not None


def may_change(session: Session, kept: Kept, person: int) -> bool:
    """Whether somebody may change a reminder: who made it, and who leads the project that it is for."""
    part = _part_in(session, kept, person)
    return kept.owner == person or (part is not None and part.founder)


def _part_in(session: Session, kept: Kept, person: int) -> Member | None:
    """Somebody's part in the project that a reminder is for."""
    room = None if kept.facts.room_id is None else rooms.find(session, kept.facts.room_id)
    project = room.project if room is not None else attendees.project_in(kept.facts.circle)
    part = None if project is None else projects.member(session, project, person)
    return part if part is not None and part.state == "in" else None


def gone() -> Excuse:
    """There is no such reminder, or it is not theirs."""
    return Excuse(_("That reminder is gone."), go("reminders", p_("button", "All reminders")))


def next_of(talk: Talk, kept: Kept) -> datetime | None:
    """The moment of the next occurrence, while it is told; None while it is paused, and at its end."""
    if kept.state != reminders.ACTIVE:
        return None
    closed = closed_for(talk.session, kept.owner, talk.now) if kept.facts.but_holidays else None
    found = upcoming(schedule_of(kept.facts, closed), talk.now, talk.now + _EVER, 1)
    return moment(found[0], kept.facts.timezone) if found else None


def act(talk: Talk, words: Sequence[str]) -> None:
    """Do what a button under a reminder says: a verb, the reminder's number, and more."""
    verb, number, *rest = [*words, "", ""]
    if verb not in VERBS or not number.isdecimal() or len(number) > 18:
        talk.then("reminders")
        return
    VERBS[verb](talk, mine(talk, int(number), deleted=verb == "undo"), [word for word in rest if word])


def done(talk: Talk, kept: Kept, rest: Sequence[str]) -> None:
    """This occurrence need not be told again: notices and repetitions of it that are still to come are dropped."""
    occurrence = _time(rest)
    for alarm in alarms.of_reminder(talk.session, kept.id, talk.person):
        if alarm.snoozed or alarm.occurrence == occurrence:
            _pass_over(talk, kept, alarm.id, None if alarm.snoozed else Alarm(alarm.due_at, alarm.occurrence, 0))
    reminders.finish(talk.session, [kept.id], talk.now)
    talk.say(lines(_("Done:"), Strong(Verbatim(kept.facts.words, kept.owner))))


def _pass_over(talk: Talk, kept: Kept, alarm: int, after: Alarm | None) -> None:
    """Take one alarm away, and set the one that follows the occurrence."""
    alarms.take(talk.session, alarm)
    if after is None:
        return
    told = Alarm(moment(after.occurrence, kept.facts.timezone), after.occurrence, 0)
    closed = closed_for(talk.session, kept.owner, talk.now) if kept.facts.but_holidays else None
    following = next_alarm(schedule_of(kept.facts, closed), kept.facts.leads, told)
    if following is not None:
        new = NewAlarm(kept.id, talk.person, following.due, following.occurrence, following.lead)
        alarms.put(talk.session, [new])


def snooze(talk: Talk, kept: Kept, rest: Sequence[str]) -> None:
    """Tell it again after so many minutes; tomorrow is at the same time of day, whatever clocks do."""
    occurrence, minutes = _time(rest), int(rest[1]) if len(rest) > 1 and rest[1].isdecimal() else 10
    if occurrence is None or not 0 < minutes <= _LONGEST:
        raise gone()
    zone = talk.reader.timezone
    due = talk.now + timedelta(minutes=minutes)
    if minutes % _DAY == 0:
        due = moment(wall(talk.now, zone) + timedelta(minutes=minutes), zone)
    alarms.drop(talk.session, kept.id, talk.person, snoozed=True)
    # Each time it is put off has a lead of its own, so that it counts as another telling.
    lead = -int(due.timestamp() // 60)
    alarms.put(talk.session, [NewAlarm(kept.id, talk.person, due, occurrence, lead, snoozed=True)])
    if kept.state == reminders.DONE:
        reminders.change(talk.session, kept.id, talk.now, state=reminders.ACTIVE)
    talk.say(lines(_("I will tell you again:"), When(due, "full"), Strong(Verbatim(kept.facts.words, kept.owner))))


def skip(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
    """Leave the next occurrence out."""
    _owned(talk, kept)
    at = next_of(talk, kept)
    if at is None:
        raise gone()
    skipped = (*kept.facts.skipped, wall(at, kept.facts.timezone).isoformat())
    if inviting.is_shared(kept):
        inviting.off(talk, kept, at)
    change(talk, kept, skipped=skipped, timed=True, note="skipped", silent=True)


def pause(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
    """Stay silent until it is resumed."""
    _owned(talk, kept)
    reminders.end(talk.session, kept.id, reminders.PAUSED, talk.now)
    if inviting.is_shared(kept):
        inviting.off(talk, kept)
    talk.then("reminders", card=kept.id, note="paused")


def resume(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
    """Go on after a pause; what has passed meanwhile is not told."""
    _owned(talk, kept)
    _revive(talk, kept)
    talk.then("reminders", card=kept.id, note="resumed")


def loud(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
    """Let it come in quiet hours, or not."""
    change(talk, kept, urgent=not kept.facts.urgent, silent=True)


def delete(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
    """Delete it; for some days it can be brought back."""
    _owned(talk, kept)
    reminders.end(talk.session, kept.id, reminders.DELETED, talk.now)
    if inviting.is_shared(kept) and kept.state == reminders.ACTIVE:
        inviting.off(talk, kept)
    talk.say(
        lines(_("Deleted:"), Strong(Verbatim(kept.facts.words, kept.owner))),
        Option(f"/reminders undo {kept.id}", p_("button", "Undo")),
        go("reminders", p_("button", "All reminders")),
    )


def undo(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
    """Bring a deleted one back."""
    _owned(talk, kept)
    if kept.state == reminders.DELETED:
        _revive(talk, kept)
    talk.then("reminders", card=kept.id, note="back")


def _revive(talk: Talk, kept: Kept) -> None:
    reminders.change(talk.session, kept.id, talk.now, state=reminders.ACTIVE)
    if not set_alarms(talk.session, kept, people_of(talk.session, kept), talk.now):
        raise Excuse(
            lines(_("Its time has passed:"), Strong(Verbatim(kept.facts.words, kept.owner))),
            go("remind", p_("button", "New reminder")),
        )
    if inviting.is_shared(kept):
        inviting.on(talk, kept)


def ask_to(change_: str) -> Callable[[Talk, Kept, Sequence[str]], None]:
    """Lead to the question for another time, or whatever else is to change."""

    def asking(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
        _owned(talk, kept)
        talk.then("reminders", card=kept.id, change=change_)

    return asking


def retime(talk: Talk, kept: Kept) -> None:
    """Ask for another time; the notices before stay as they are, unless the answer has others."""
    _owned(talk, kept)
    kind = Time(talk.reader, talk.now, closed_for(talk.session, kept.owner, talk.now))
    plan = talk.ask("when", kind.question(), kind)
    if not talk.confirm("sure", lines(_("Is this right?"), wording.when(plan))):
        talk.then("reminders", card=kept.id)
        return
    leads = plan.leads or kept.facts.leads
    facts = facts_of(Plan(**{**vars(plan), "leads": leads}), kept.facts.words)
    names = ("start", "timezone", "rule", "leads", "but_holidays", "skipped", "minutes")
    minutes = facts.minutes or kept.facts.minutes
    change(talk, kept, timed=True, **{**{name: getattr(facts, name) for name in names}, "minutes": minutes})


def change(
    talk: Talk, kept: Kept, *, timed: bool = False, note: str = "saved", silent: bool = False, **values: Any
) -> None:
    """Change columns; with ``timed`` the alarms are set anew. Those concerned are told, unless it is ``silent``."""
    _owned(talk, kept)
    reminders.change(talk.session, kept.id, talk.now, **values)
    changed = reminders.get(talk.session, kept.id)
    assert changed is not None
    if inviting.is_shared(kept) and not silent:
        inviting.changed(talk, changed, timed="start" in values)
    active = timed and kept.state == reminders.ACTIVE
    if active and not set_alarms(talk.session, changed, people_of(talk.session, changed), talk.now):
        reminders.finish(talk.session, [kept.id], talk.now)
        talk.say(_("Saved. There is no other time to come, so that was the last one."))
        return
    talk.then("reminders", card=kept.id, note=note)


def _owned(talk: Talk, kept: Kept) -> None:
    if not may_change(talk.session, kept, talk.person):
        raise Excuse(_("Only whoever made it can change it, and whoever leads its project."))


def _time(rest: Sequence[str]) -> datetime | None:
    """The occurrence that a button names."""
    try:
        found = datetime.fromisoformat(rest[0]) if rest else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo is None else None


def answer(talk: Talk, kept: Kept, said: str) -> None:
    """Somebody says whether they come; whoever does not is reminded no more."""
    if not note_answer(talk.session, kept, talk.person, said, talk.now):
        raise gone()
    inviting.answered(talk, kept, said)
    talk.then("reminders", card=kept.id, note=f"comes_{said}")


def _yes(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
    answer(talk, kept, attendees.YES)


def _maybe(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
    answer(talk, kept, attendees.MAYBE)


def _no(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
    answer(talk, kept, attendees.NO)


def show(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
    """Show the card."""
    talk.then("reminders", card=kept.id)


def file(talk: Talk, kept: Kept, _rest: Sequence[str]) -> None:
    """Send it as a file for a calendar program."""
    talk.say(_("Open this file with your calendar program."), file=calendar_file(kept.id))


VERBS: dict[str, Callable[[Talk, Kept, Sequence[str]], None]] = {
    "done": done,
    "snooze": snooze,
    "delete": delete,
    "undo": undo,
    "skip": skip,
    "pause": pause,
    "resume": resume,
    "loud": loud,
    **{change_: ask_to(change_) for change_ in ("words", "time", "early")},
    "yes": _yes,
    "maybe": _maybe,
    "no": _no,
    "show": show,
    "file": file,
}
