"""An announcement on its way: the chore that sends it in chunks, and one message with bar, rate, time left, buttons."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy.orm import Session

from bot.talk import Chore, Excuse, News, Option, Talk, Tell, go, one_of
from bot.talk.pressing import new_token
from bot.text import Count, Joined, Language, Node, Strong, Verbatim, When, _, lines, n_, p_
from bot.text.catalogs import available, with_seconds
from handlers.announcing.doer import Doer
from handlers.announcing.kinds import Body
from handlers.announcing.words import STATE, body, carried, title, variants
from handlers.reminders.quiet import quiet_until
from handlers.reminders.zones import moment, wall
from storage import staff
from storage.announcing import drafts, figures, sending
from storage.announcing.drafts import CANCELLED, DRAFT, FINISHED, PAUSED, RUNNING, SCHEDULED
from storage.announcing.sending import CORRECT, REMOVE, SEND, Moment, Reader
from storage.models import Announcement
from storage.rhythms import QUIET
from storage.staff import Post

#: Each reader's morning begins at this hour of their clock.
MORNING = 8
#: Rows that wait for mornings are made so long before the first of them. Clocks lie at most 26 hours apart, so whatever
#: zone the day was thought in, its mornings are all still to come; made sooner, they would reach whoever leaves until
#: then, and go out for an officer who loses the role.
AHEAD = timedelta(hours=26)
#: So long after it was cancelled everything that was under way has ended.
_ENDED = timedelta(seconds=10)
_LATELY = timedelta(days=1)
#: Where nothing has left for so long, the others wait for their time.
_STILL = timedelta(seconds=15)
_CELLS = 10
#: What is asked before one is cancelled.
CANCEL = _("Cancel it? Who has it keeps it; nobody else gets it.")


def work(session: Session, now: datetime, tell: Tell) -> bool:
    """Begin what is due, make rows for one chunk, count what has ended; whether there is more to do at once."""
    for row in sending.moving(session, SCHEDULED):
        if is_due(row, now):
            _begin(session, row, now, tell)
    more = False
    for row in sending.moving(session, RUNNING):
        more = _expand(session, row, now) or more
        if _put_off(session, row, now):
            more = True
        else:
            _look_after(session, row, now, tell)
    for row in sending.moving(session, CANCELLED):
        if row.ended_at is not None and now - row.ended_at < _LATELY:
            more = _tidy(session, row, now, tell) or more
    return more


def is_due(row: Announcement, now: datetime) -> bool:
    """Whether one that waits for its moment begins now. Its rows wait for the mornings of their readers."""
    return row.at is None or row.at - (AHEAD if row.morning else timedelta(0)) <= now


announcement_chore = Chore("announcements", 1, work)


def _begin(session: Session, row: Announcement, now: datetime, tell: Tell) -> None:
    """Its moment has come, unless somebody who sent it off or agreed to it may not do so any more."""
    if not all(_answers_for(session, person, row) for person in _answering(row)):
        _give_back(session, row, now, tell)
        return
    texts = drafts.texts(session, row.id)
    if sending.begin_step(session, row, SEND, texts, lambda language: carried(session, row, texts[language]), now):
        drafts.note(session, row.id, None, "started", now)


def _answering(row: Announcement) -> list[int | None]:
    """Who sent it off, and who agreed to it if somebody had to."""
    return [row.author_id] if row.approved_by is None else [row.author_id, row.approved_by]


def _give_back(session: Session, row: Announcement, now: datetime, tell: Tell) -> None:
    """It is a draft again. The other officers of its country are told, or central support where it has none."""
    if not drafts.move(session, row.id, SCHEDULED, DRAFT, card=None, approved_by=None):
        return
    drafts.note(session, row.id, None, "returned", now)
    posts = [post for post in staff.officers(session) if post.support]
    near = [post for post in posts if post.country == row.country]
    for post in near or [post for post in posts if post.country is None]:
        told = _("An announcement was not sent, for nobody answers for it any more. It is a draft again.")
        tell(News(post.person, told, (_look_option(row),)))


def _answers_for(session: Session, person: int | None, row: Announcement) -> bool:
    post = None if person is None else staff.post_of(session, person)
    return post is not None and post.support and (post.country is None or post.country == row.country)


def _expand(session: Session, row: Announcement, now: datetime) -> bool:
    if row.cursor is None:
        return False
    texts = drafts.texts(session, row.id)
    read_in = variants(dict.fromkeys(with_seconds(available()), 0), texts, row.language)
    return sending.expand(session, row, read_in, _moments(row, now, in_morning=row.morning), now)


def _put_off(session: Session, row: Announcement, now: datetime) -> bool:
    """Put off what would reach readers at another time than it was made for; whether there may be more of that.

    What was held is judged like new before it goes on, and what runs for hours when quiet hours may have begun.
    """
    held = sending.is_held(session, row)
    if row.doing == SEND and (held or _is_next_minute(row, now)):
        # A morning that has come has not passed because the chore looks a little later.
        moments = _moments(row, now, in_morning=held and row.morning)
        if sending.put_off(session, row, moments, now):
            return True
    if held:
        sending.release(session, row)
    return False


def _is_next_minute(row: Announcement, now: datetime) -> bool:
    """Whether a minute has begun since it was looked at last: quiet hours begin with one."""
    minute = now.replace(second=0, microsecond=0)
    return "at" in row.shown and datetime.fromisoformat(row.shown["at"]) < minute


def _moments(row: Announcement, now: datetime, *, in_morning: bool) -> Moment:
    """When each reader gets it: at once, in their morning, when their quiet hours end."""
    start = max(now, row.at or now)

    @lru_cache(maxsize=4096)
    def when(zone: str, quiet: tuple[int, int]) -> datetime | None:
        at = morning(start, zone) if in_morning else start
        until = None if row.category == "urgent" else quiet_until(at, quiet, zone)
        at = max(at, until or at)
        return at if at > now else None

    def of(reader: Reader) -> datetime | None:
        return when(reader.timezone, reader.quiet or QUIET)

    return of


def morning(start: datetime, zone: str) -> datetime:
    """The first morning of a zone that begins at a moment or after it."""
    local = wall(start, zone)
    first = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return moment(first if first >= local else first + timedelta(days=1), zone)


def _look_after(session: Session, row: Announcement, now: datetime, tell: Tell) -> None:
    """Show how far it is, now and then; and its end."""
    due = datetime.fromisoformat(row.shown["next"]) if "next" in row.shown else now
    if due > now and row.cursor is not None:
        return
    left = sending.remaining(session, row)
    if row.cursor is None and left == 0:
        _end(session, row, now, tell)
    elif due <= now:
        _measure(row, left, now)
        session.flush()
        if row.card_for is not None and row.card is not None:
            tell(News(row.card_for, card(session, row), ways(row), token=row.card))


def _measure(row: Announcement, left: int, now: datetime) -> None:
    """Note how much is left, and how many left a second since it was noted last."""
    before, rate, moved = row.shown, None, now.isoformat()
    if "at" in before:
        seconds = max(1.0, (now - datetime.fromisoformat(before["at"])).total_seconds())
        done = (before["total"] - before["left"], row.total - left)
        rate = max(0.0, (done[1] - done[0]) / seconds)
        moved = moved if rate else before.get("moved", moved)
    begun = datetime.fromisoformat(before["begun"]) if "begun" in before else now
    # Nobody looks at a message for hours, and each change of it costs one of the account's messages.
    pause = 3 if now - begun < timedelta(minutes=1) else 10 if now - begun < timedelta(minutes=10) else 30
    row.shown = {
        "at": now.isoformat(), "left": left, "total": row.total, "rate": rate, "begun": begun.isoformat(),
        "moved": moved, "next": (now + timedelta(seconds=pause)).isoformat(),
    }  # fmt: skip


def _end(session: Session, row: Announcement, now: datetime, tell: Tell) -> None:
    if not sending.finish(session, row, now):
        return
    if row.doing == SEND:
        figures.keep(session, row)
    drafts.note(session, row.id, None, "finished", now)
    _tell_end(session, row, tell)


def _tell_end(session: Session, row: Announcement, tell: Tell) -> None:
    if row.card_for is None:
        return
    if row.card is not None:
        tell(News(row.card_for, card(session, row), token=row.card))
    done = figures.by(figures.count(session, row) if row.doing != SEND else figures.figures(session, row), "outcome")
    number = done.get("delivered", 0)
    if row.doing == SEND:
        told = n_("The announcement has arrived at {n} reader.", "The announcement has arrived at {n} readers.", number)
    elif row.doing == CORRECT:
        told = n_("It was corrected for {n} reader.", "It was corrected for {n} readers.", number)
    else:
        told = n_("It was taken back from {n} reader.", "It was taken back from {n} readers.", number)
    tell(News(row.card_for, told, (go(f"announce {row.id} report", p_("button", "Figures")), _look_option(row))))


def _tidy(session: Session, row: Announcement, now: datetime, tell: Tell) -> bool:
    """What a cancelled one has left is marked as that; then it is counted and told."""
    if sending.withdraw(session, row):
        return True
    if row.doing == SEND and row.total and not row.figures and row.ended_at and now - row.ended_at >= _ENDED:
        figures.keep(session, row)
        _tell_end(session, row, tell)
    return False


def card(session: Session, row: Announcement) -> Node:
    """How far it is: a bar, the rate, the time left."""
    head = title(drafts.texts(session, row.id).get(row.language, ""))
    total, left = row.total, row.shown.get("left", row.total)
    if row.state in {FINISHED, CANCELLED}:
        return lines(Strong(head), STATE[row.state])
    done, share = total - left, part(row, left)
    bar = Verbatim("█" * int(share * _CELLS) + "░" * (_CELLS - int(share * _CELLS)))
    percent = Joined((bar, Count(int(share * 100)), Verbatim("%")), " ")
    number = _("{done} of {total}", done=Count(done), total=Count(total))
    return lines(Strong(head), STATE[row.state], percent, number, *pace(row, left))


def part(row: Announcement, left: int) -> float:
    """Which part of it is done, from 0 to 1, where so many rows are left."""
    return (row.total - left) / row.total if row.total else 0.0


def pace(row: Announcement, left: int) -> list[Node]:
    """How fast it goes, and for how long yet."""
    if row.state != RUNNING:
        return []
    if row.cursor is not None:
        return [_("The list of readers is still being made.")]
    rate = row.shown.get("rate")
    if rate is None:
        # Nothing is known before it has been looked at twice.
        return []
    if rate < 0.05:
        still = datetime.fromisoformat(row.shown["at"]) - datetime.fromisoformat(
            row.shown.get("moved", row.shown["at"])
        )
        # The first look may come before the first one has left; that is no reason to speak of tomorrow.
        waits = left and still >= _STILL
        return [_("The others get it when their quiet hours end, or in their morning.")] if waits else []
    minutes = int(left / rate / 60)
    shown: list[Node] = [n_("{n} a second", "{n} a second", max(1, round(rate)))]
    shown.append(
        n_("About {n} minute left", "About {n} minutes left", minutes) if minutes else _("Less than a minute left")
    )
    return shown


def ways(row: Announcement) -> tuple[Option, ...]:
    """What can be done with it as it stands."""
    labels = {
        "pause": p_("button", "Pause"),
        "resume": p_("button", "Resume"),
        "cancel": p_("button", "Cancel"),
        "report": p_("button", "Figures"),
        "correct": p_("button", "Correct it"),
        "remove": p_("button", "Take it back"),
        "copy": p_("button", "Another like it"),
        "history": p_("button", "History"),
    }
    named: dict[str, tuple[str, ...]] = {
        SCHEDULED: ("cancel", "history"),
        RUNNING: ("pause", "cancel", "report"),
        PAUSED: ("resume", "cancel", "report"),
        FINISHED: ("report", "correct", "remove", "copy", "history"),
        CANCELLED: ("report", "correct", "remove", "copy", "history"),
    }
    return tuple(go(f"announce {row.id} {verb}", labels[verb]) for verb in named.get(row.state, ()))


def look(talk: Talk, _post: Post, row: Announcement) -> None:
    """How far it is. While it moves, the message that changes is from now on this one."""
    if row.state in {RUNNING, PAUSED}:
        row.card, row.card_for = new_token(), talk.person
        if "at" in row.shown:
            row.shown = {**row.shown, "left": sending.remaining(talk.session, row), "total": row.total}
        talk.session.flush()
        talk.tell(talk.person, card(talk.session, row), *ways(row), token=row.card)
        return
    words = drafts.texts(talk.session, row.id)[row.language]
    at = None if row.at is None else When(row.at)
    talk.say(lines(body(row, words), STATE[row.state], at), *ways(row))


def pause(talk: Talk, _post: Post, row: Announcement) -> None:
    """Hold it; what is under way in this moment still arrives."""
    _turn(talk, row, "paused", done=sending.pause(talk.session, row.id))


def resume(talk: Talk, _post: Post, row: Announcement) -> None:
    """Let it go on."""
    _turn(talk, row, "resumed", done=sending.resume(talk.session, row.id))


def cancel(talk: Talk, _post: Post, row: Announcement) -> None:
    """Let nothing more leave. What has arrived stays, and may be taken back."""
    if row.state not in {RUNNING, PAUSED, SCHEDULED}:
        raise Excuse(lines(_("There is nothing to stop any more."), STATE[row.state]), *ways(row))
    if not talk.confirm("sure", CANCEL, no=p_("button", "Let it go on")):
        talk.say(STATE[row.state], _look_option(row))
        return
    _turn(talk, row, "cancelled", done=sending.cancel(talk.session, row.id, talk.now))


def _turn(talk: Talk, row: Announcement, deed: str, *, done: bool) -> None:
    turned(talk, row, deed, done=done)
    if row.card_for != talk.person or not talk.turn.pressed:
        talk.say(STATE[row.state], _look_option(row))


def turned(doer: Doer, row: Announcement, deed: str, *, done: bool) -> None:
    """Note that it was held, let go on or cancelled, and show it where its progress is shown. Raises Excuse if it was
    not ``done``."""
    doer.session.refresh(row)
    if not done:
        # It ended, or somebody else was faster, in the very same moment.
        raise Excuse(lines(_("That cannot be done now."), STATE[row.state]), *ways(row))
    drafts.note(doer.session, row.id, doer.person, deed, doer.now)
    if "at" in row.shown:
        left = sending.remaining(doer.session, row)
        # While it was held nothing left, which says nothing of how fast it goes.
        at = doer.now.isoformat()
        row.shown = {**row.shown, "at": at, "moved": at, "left": left, "total": row.total, "rate": None}
        doer.session.flush()
    if row.card is not None and row.card_for is not None:
        doer.tell(row.card_for, card(doer.session, row), *ways(row), token=row.card)


def correct(talk: Talk, _post: Post, row: Announcement) -> None:
    """Other words for what was delivered already."""
    _ended(row)
    words = drafts.texts(talk.session, row.id)
    languages = [Option(code, Language(code, own=True)) for code in words]
    language = talk.ask("language", _("The words of which language?"), one_of(*languages))
    question = lines(body(row, words[language]), _("Write what shall stand there instead."))
    said = talk.ask("words", question, Body())
    changed = {**words, language: said}
    if not talk.confirm("sure", lines(body(row, said), _("Change it for everybody who has it?"))):
        talk.say(_("Nothing was changed."), _look_option(row))
        return
    _ended(row)
    drafts.set_text(talk.session, row.id, language, said)
    _step(talk, row, CORRECT, changed)


def remove(talk: Talk, _post: Post, row: Announcement) -> None:
    """Take it away where the platform does that; elsewhere its words go."""
    _ended(row)
    if not talk.confirm("sure", _("Take it back from everybody who has it? This cannot be undone.")):
        talk.say(_("Nothing was changed."), _look_option(row))
        return
    _ended(row)
    _step(talk, row, REMOVE, drafts.texts(talk.session, row.id))


def _ended(row: Announcement) -> None:
    if row.state not in {FINISHED, CANCELLED} or row.started_at is None:
        raise Excuse(lines(_("That cannot be done now."), STATE[row.state]), *ways(row))
    if row.doing == REMOVE:
        raise Excuse(_("It was taken back already."), *ways(row))


def _step(talk: Talk, row: Announcement, doing: str, words: dict[str, str]) -> None:
    if not row.figures:
        figures.keep(talk.session, row)
    if not sending.begin_step(
        talk.session, row, doing, words, lambda language: carried(talk.session, row, words[language]), talk.now
    ):
        raise Excuse(lines(_("That cannot be done now."), STATE[row.state]), *ways(row))
    row.card, row.card_for = new_token(), talk.person
    talk.session.flush()
    drafts.note(talk.session, row.id, talk.person, "corrected" if doing == CORRECT else "removed", talk.now)
    talk.tell(talk.person, card(talk.session, row), *ways(row), token=row.card)


def _look_option(row: Announcement) -> Option:
    return go(f"announce {row.id}", p_("button", "Look at it"))
