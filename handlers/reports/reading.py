"""/reports: support reads what was reported, and says what comes of it."""

from __future__ import annotations

from bot.talk import Excuse, Option, Talk, free_text, go, one_of
from bot.text import Country, Joined, Name, Node, Strong, Verbatim, When, _, entry, lines, n_, p_
from handlers.lines.words import KINDS
from handlers.partners.cards import flag
from handlers.reports.making import LABELS
from handlers.rooms.ordering import lift
from handlers.rooms.words import titled_room
from storage import audit, reports, rooms, staff, teachers
from storage.audit import Act
from storage.models import Report
from storage.reports import DISMISSED, NOTED, Evidence
from storage.staff import Post

LISTED = 8


def reports_(talk: Talk) -> None:
    """Lists what waits, the oldest first; one that is opened counts as read, and the reporter hears so."""
    if talk.turn.argument:
        talk.then("reports", chosen=talk.turn.argument)
        return
    post = staff.post_of(talk.session, talk.person)
    if post is None:
        raise Excuse(_("There is no such report."))
    if talk.start("case") is not None:
        _case(talk, _found(talk, post, str(talk.start("case"))), post)
    else:
        _see(talk, _found(talk, post, str(talk.start("chosen") or _ask(talk, post))))


def _ask(talk: Talk, post: Post) -> str:
    open_ = reports.waiting(talk.session, post, LISTED)
    if not open_:
        raise Excuse(_("No report waits."))
    options = [Option(str(one.id), LABELS[one.reason]) for one in open_]
    rows = [Joined((When(one.made_at), LABELS[one.reason]), " · ") for one in open_]
    title = n_("{n} report waits", "{n} reports wait", len(open_))
    return talk.ask("which", lines(Strong(title), *rows), one_of(*options))


def _found(talk: Talk, post: Post, number: str) -> Report:
    known = number.isascii() and number.isdecimal() and len(number) < 10
    found = reports.find(talk.session, int(number), post) if known else None
    if found is None:
        raise Excuse(_("There is no such report."), go("reports", p_("button", "Reports")))
    return found


def _see(talk: Talk, report: Report) -> None:
    """The first officer who opens it lets the reporter know."""
    if reports.see(talk.session, report.id, talk.now) and report.reporter_id is not None:
        talk.tell(report.reporter_id, _("Support has read your report. Thank you for telling us."))
    _record(talk, report, "report_seen")
    talk.then("reports", case=report.id)


def _record(talk: Talk, report: Report, act: Act, **more: str) -> None:
    """Into the audit log, as an act about the reporter: who was reported must not learn from it that they were."""
    audit.record(
        talk.session,
        actor=talk.person,
        act=act,
        subject=report.reporter_id,
        country=report.reporter_country,
        detail={"report": report.id, **more},
        now=talk.now,
    )


def _case(talk: Talk, report: Report, post: Post) -> None:
    body = _shown(talk, report)
    if report.state != reports.OPEN:
        talk.say(lines(body, _("This report is closed.")), go("reports", p_("button", "Reports")))
        return
    if report.reason == "appeal":
        _answer(talk, report, body)
        return
    # Translators: buttons of support under a report.
    options = [Option("note", p_("button", "Close with a note")), Option("dismiss", p_("button", "Nothing to do"))]
    if report.reported_id is not None and post.support and post.covers(report.reported_country):
        options.append(Option("suspend", p_("button", "Suspend")))
    choice = talk.ask("act", body, one_of(*options))
    if choice == "suspend":
        # The report stays open, to be closed with a note afterwards.
        talk.then("suspend", teacher=report.reported_id)
        return
    note = None
    if choice == "note":
        note = talk.ask("note", _("What shall be noted? Only support reads it."), free_text(at_most=1000))
    state = NOTED if choice == "note" else DISMISSED
    if reports.close(talk.session, report.id, state, talk.person, talk.now, note):
        _record(talk, report, "report_closed", how=state)
        talk.say(_("The report is closed."), go("reports", p_("button", "Reports")))
    else:
        talk.say(_("Somebody else has closed it meanwhile."), go("reports", p_("button", "Reports")))


def _answer(talk: Talk, report: Report, body: Node) -> None:
    """An appeal against what was done in a room: it is taken back or stays; the one who asked reads the answer."""
    # Translators: buttons of support under the appeal of a teacher against what was done to them in a room.
    options = [Option("lift", p_("button", "Take it back")), Option("stay", p_("button", "It stays"))]
    choice = talk.ask("act", body, one_of(*options))
    words = talk.ask("answer", _("What do you answer? The teacher reads it."), free_text(at_most=1000))
    state = NOTED if choice == "lift" else DISMISSED
    if not reports.close(talk.session, report.id, state, talk.person, talk.now, words):
        talk.say(_("Somebody else has closed it meanwhile."), go("reports", p_("button", "Reports")))
        return
    if report.reporter_id is not None:
        lifted = choice == "lift" and report.room_id is not None
        if lifted and report.room_id is not None:
            lift(talk, report.room_id, report.reporter_id, talk.person)
        said = _("Support has taken it back.") if lifted else _("Support has looked at it, and it stays.")
        talk.tell(report.reporter_id, lines(said, Verbatim(words)), go("room", p_("button", "Rooms")))
    _record(talk, report, "report_closed", how=state)
    talk.say(_("The report is closed."), go("reports", p_("button", "Reports")))


def _shown(talk: Talk, report: Report) -> Node:
    evidence = [Evidence.from_json(one) for one in report.evidence]
    return Joined(
        (
            lines(
                Strong(_("Report")),
                _room(talk, report),
                entry(_("By"), _person(talk, report.reporter_id, report.reporter_country, report.reporter_pupil)),
                entry(_("About"), _person(talk, report.reported_id, report.reported_country, report.reported_pupil)),
                entry(_("Why"), LABELS[report.reason]),
                entry(_("Added"), Verbatim(report.words, report.reporter_id)) if report.words else None,
            ),
            *(_said(one, report) for one in evidence),
        ),
        "\n\n",
    )


def _room(talk: Talk, report: Report) -> Node | None:
    """The room that a report is about, where it is about one."""
    room = None if report.room_id is None else rooms.find(talk.session, report.room_id)
    return None if room is None else titled_room(room)


def _person(talk: Talk, person: int | None, country: str, pupil: int | None = None) -> Node:
    if pupil is not None:
        voice = rooms.pupil_voice(talk.session, pupil)
        return Joined((p_("person", "a pupil"), Name(voice.name), Name(voice.school), Country(country)), " · ")
    told = None if person is None else teachers.facts(talk.session, person)
    school = None if person is None else teachers.school_of(talk.session, person)
    if told is None or school is None:
        return Joined((p_("person", "a former member"), Country(country)), " · ")
    return Joined((Name(told.name, person), Name(school.name), Verbatim(flag(country)), Country(country)), " · ")


def _said(one: Evidence, report: Report) -> Node:
    """One thing that was said: who, when, the words, what they were before, and whether it is what was reported."""
    # Translators: in a report, which of the two said something.
    author: Node = _("the reporter") if one.author == report.reporter_id else _("the reported person")
    if report.room_id is not None or one.name:
        author = Name(one.name, one.author or None)
    head = Joined((Verbatim("▶") if one.reported else Verbatim("·"), author, When(one.said_at)), " ")
    words = [Verbatim(one.words, one.author)] if one.words.strip() else []
    before = [entry(_("Before it was changed"), Verbatim(each, one.author)) for each in one.earlier]
    files = [Joined((Verbatim("📎"), KINDS[kind]), " ") for kind in one.files]
    gone = [_("(taken back since)")] if one.taken_back else []
    return lines(Strong(head) if one.reported else head, *words, *files, *before, *gone)
