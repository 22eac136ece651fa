"""Sending off a draft: what is wrong with it, who has to agree, and the message that will show its progress."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.talk.pressing import new_token
from bot.text import Joined, Language, Node, Strong, _, entry, lines, n_, p_
from handlers.announcing import markup
from handlers.announcing.doer import Doer
from handlers.announcing.words import CATEGORY, body, enclosed_shown, segment_shown, title
from handlers.staff.badge import badge
from storage import audit, staff
from storage.announcing import drafts, segments
from storage.announcing.drafts import DRAFT, SCHEDULED, WAITING
from storage.announcing.segments import Counted, Segment
from storage.models import Announcement
from storage.staff import Post

#: More readers than this need a second officer.
ALONE = 500
SECOND = _("Because they are many, a second officer has to agree.")
_AGREED = _("You have agreed, and it is on its way.")


def send(talk: Talk, post: Post, row: Announcement, counted: Counted) -> None:
    """Send a draft off, or put it before a second officer."""
    wrong = problems(talk, row, counted)
    if wrong:
        raise Excuse(lines(_("It cannot go out like this:"), *wrong), _back(row))
    if not talk.confirm("sure", sure(counted)):
        talk.then("announce", what=str(row.id), verb="look")
        return
    told = sent_off(talk, post, row, counted)
    talk.say(told or _("It is on its way. The message above shows how far it is."), _home())


def sure(counted: Counted) -> Node:
    """What is asked before a draft is sent."""
    number = n_("It goes to {n} reader.", "It goes to {n} readers.", counted.total)
    return lines(Strong(_("Send this announcement?")), number, SECOND if counted.total > ALONE else None)


def sent_off(doer: Doer, post: Post, row: Announcement, counted: Counted) -> Node | None:
    """Send a draft, or put it before a second officer, which is told then. Raises Excuse where that cannot be."""
    wrong = problems(doer, row, counted)
    if wrong:
        raise Excuse(lines(_("It cannot go out like this:"), *wrong), _back(row))
    second = counted.total > ALONE
    if not drafts.move(doer.session, row.id, DRAFT, WAITING if second else SCHEDULED, author_id=doer.person):
        raise Excuse(_("Somebody else has sent or deleted it meanwhile."), _home())
    if second:
        return _ask_others(doer, post, row, counted)
    launch(doer, row, doer.person)
    return None


def problems(doer: Doer, row: Announcement, counted: Counted) -> list[Node]:
    """What is wrong with a draft."""
    words = drafts.texts(doer.session, row.id)
    found: list[Node] = []
    for language, text in words.items():
        wrong = markup.trouble(text)
        found += [entry(Language(language, own=True), wrong)] if wrong is not None else []
    wrong = markup.link_trouble(row.link) if row.link else None
    found += [wrong] if wrong is not None else []
    if counted.total == 0:
        found.append(_("Nobody is meant by these conditions."))
    if row.at is not None and row.at <= doer.now:
        found.append(_("The time at which it was to go out has passed. Choose another one."))
    return found


def _ask_others(doer: Doer, post: Post, row: Announcement, counted: Counted) -> Node:
    drafts.note(doer.session, row.id, doer.person, "asked", doer.now)
    number = n_("{n} reader", "{n} readers", counted.total)
    told = lines(
        badge(post.country),
        _("An announcement waits for a second officer:"),
        title(drafts.texts(doer.session, row.id)[row.language]),
        number,
    )
    others = second_officers(doer, row)
    for one in others:
        doer.tell(one, told, go(f"announce {row.id}", p_("button", "Look at it")))
    nobody = None if others else _("There is no second officer yet. Whoever runs this bot can name one.")
    return lines(_("It waits for a second officer."), nobody)


def announcements_wait(session: Session, post: Post, _now: datetime) -> tuple[Node, Option] | None:
    """The newest announcement of somebody else to which this officer may agree."""
    for row in drafts.listed(session, post, WAITING):
        if post.support and _covers(post, row) and row.author_id != post.person:
            first = title(drafts.texts(session, row.id)[row.language])
            told = lines(_("An announcement waits for a second officer:"), first)
            return told, go(f"announce {row.id}", p_("button", "Look at it"))
    return None


def second_officers(doer: Doer, row: Announcement) -> list[int]:
    """Those who may agree, but for whoever asks."""
    posts = [one for one in staff.officers(doer.session) if one.support and _covers(one, row)]
    return [one.person for one in posts if one.person not in {doer.person, row.author_id}]


def _covers(post: Post, row: Announcement) -> bool:
    """Whether a post reaches as far as an announcement goes."""
    return post.country is None or row.country == post.country


def waiting(talk: Talk, post: Post, row: Announcement) -> None:
    """An announcement that waits for a second officer: its author takes it back, another one decides."""
    counted = segments.count(talk.session, drafts.audience(row, talk.now))
    words = drafts.texts(talk.session, row.id)
    others = {code: text for code, text in words.items() if code != row.language}
    shown = lines(
        badge(row.country),
        Strong(_("It waits for a second officer.")),
        body(row, words[row.language]),
        # Whoever agrees, agrees to every language; the whole of each stands on the web page.
        *(entry(Language(code, own=True), title(text)) for code, text in others.items()),
        *enclosed_shown(talk.session, row),
        entry(p_("announcement", "Kind"), CATEGORY[row.category]),
        *segment_shown(Segment.from_json(row.segment), row.country),
        n_("{n} reader", "{n} readers", counted.total),
    )
    ways = [Option("back", p_("button", "Give it back"))]
    if talk.person != row.author_id:
        ways.insert(0, Option("approve", p_("button", "Agree and send")))
    # Another version is another question: what is agreed to is what was looked at.
    choice = talk.ask(f"decide {row.version}", shown, one_of(*ways), instead=True)
    if choice == "approve":
        told = approved(talk, row, counted)
        way = go(f"announce {row.id}", p_("button", "How far it is")) if told is _AGREED else _back(row)
        talk.say(told, way)
    else:
        given_back(talk, row)
        talk.say(_("It is a draft again."), _back(row))


def approved(doer: Doer, row: Announcement, counted: Counted) -> Node:
    """Agree to what another officer wants to send; what is told then. Raises Excuse where that cannot be."""
    author = None if row.author_id is None else staff.post_of(doer.session, row.author_id)
    if author is None or not author.support or not _covers(author, row):
        drafts.move(doer.session, row.id, WAITING, DRAFT, author_id=doer.person)
        drafts.note(doer.session, row.id, None, "returned", doer.now)
        return _("Whoever wrote it is not support any more, so it is a draft again. It is yours now, if you want it.")
    wrong = problems(doer, row, counted)
    if wrong:
        raise Excuse(lines(_("It cannot go out like this:"), *wrong), _back(row))
    if not drafts.move(doer.session, row.id, WAITING, SCHEDULED, approved_by=doer.person):
        raise Excuse(_("Somebody else has decided meanwhile."), _home())
    drafts.note(doer.session, row.id, doer.person, "approved", doer.now)
    launch(doer, row, author.person)
    return _AGREED


def given_back(doer: Doer, row: Announcement) -> None:
    """Make what waits for a second officer a draft again. Raises Excuse where somebody else has decided."""
    if not drafts.move(doer.session, row.id, WAITING, DRAFT):
        raise Excuse(_("Somebody else has decided meanwhile."), _home())
    drafts.note(doer.session, row.id, doer.person, "refused", doer.now)
    if row.author_id is not None and row.author_id != doer.person:
        doer.tell(row.author_id, _("Your announcement was given back to be changed."), _back(row))


def launch(doer: Doer, row: Announcement, author: int) -> None:
    """From now on the clock takes care of it; a message to its author will show how far it is."""
    doer.session.refresh(row)
    row.card, row.card_for, row.shown = new_token(), author, {}
    doer.session.flush()
    drafts.note(doer.session, row.id, doer.person, "launched", doer.now)
    audit.record(
        doer.session, actor=doer.person, act="announced", subject=None, country=row.country,
        detail={"announcement": row.id}, now=doer.now,
    )  # fmt: skip
    head = title(drafts.texts(doer.session, row.id)[row.language])
    begun = Joined((_("It begins in a moment."), head), "\n")
    doer.tell(author, begun, go(f"announce {row.id} cancel", p_("button", "Cancel")), token=row.card)


def _home() -> Option:
    return go("announce", p_("button", "Announcements"))


def _back(row: Announcement) -> Option:
    return go(f"announce {row.id}", p_("button", "To the draft"))
