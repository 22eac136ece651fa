"""/suspend: officers suspend a teacher with a reason, read appeals, answer them, and let the teacher back in."""

from __future__ import annotations

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Country, Joined, Name, Node, Strong, Verbatim, When, _, entry, lines, n_, p_
from handlers.kinds.line import Line
from handlers.kinds.teacher import Objection, TeacherIn, teacher_shown
from handlers.staff.badge import badge, from_support
from handlers.staff.posts import my_country, my_post, note
from storage import staff, suspensions
from storage.finding import Known
from storage.models.teachers import SUSPENDED
from storage.staff import Post
from storage.suspensions import Suspended

PAGE = 5
_REASON = 500


def suspend(talk: Talk) -> None:
    """An officer sees who is suspended, or with a number one of them.

    "undo" and a number lets somebody back in; "teacher" and a person's number begins with that teacher.
    """
    post = my_post(talk)
    words = talk.turn.argument.split()
    if words[:1] == ["teacher"]:
        talk.then("suspend", teacher=_number(words[-1]))
    elif words:
        talk.then("suspend", number=_number(words[-1]), undo=words[0] == "undo")
    elif talk.start("teacher") is not None:
        _suspend(talk, post)
    elif (number := talk.start("number")) is not None:
        _one(talk, post, int(number), undo=bool(talk.start("undo")))
    else:
        _choose(talk, post)


def _number(word: str) -> int:
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 16 else 0


def _choose(talk: Talk, post: Post) -> None:
    """Those who are suspended, a page at a time, and a way to suspend somebody."""
    there = my_country(post)
    page = int(talk.start("page", 0))
    shown = suspensions.lasting(talk.session, there, skip=page * PAGE, limit=PAGE + 1)
    ways = [Option("new", p_("button", "Suspend a teacher"))]
    ways += [Option(f"one:{one.id}", _label(one)) for one in shown[:PAGE]]
    ways += [Option("more", p_("button", "More"))] if len(shown) > PAGE else []
    ways += [Option("earlier", p_("button", "Earlier ones"))] if page else []
    choice = talk.ask("choice", _list(talk, post), one_of(*ways), instead=True)
    if choice == "new":
        _suspend(talk, post)
    elif choice.startswith("one:"):
        talk.then("suspend", number=int(choice.removeprefix("one:")))
    else:
        talk.then("suspend", page=page + (1 if choice == "more" else -1))


def _list(talk: Talk, post: Post) -> Node:
    all_, waiting = suspensions.count(talk.session, my_country(post))
    count = n_("{n} teacher is suspended.", "{n} teachers are suspended.", all_) if all_ else _("Nobody is suspended.")
    appeals = n_("{n} appeal waits for an answer.", "{n} appeals wait for an answer.", waiting) if waiting else None
    return lines(badge(post.country), count, appeals)


def _label(one: Suspended) -> Node:
    name = Name(one.name, one.person)
    # Translators: stands before the name of a teacher whose appeal waits for an answer.
    return name if one.waiting is None else Joined((p_("button", "Appeal:"), name), " ")


def _suspend(talk: Talk, post: Post) -> None:
    """Find a teacher, give a reason that they will read, and agree to it."""
    question = _("Which teacher? Write a part of the name, or the school.")
    who = talk.ask("teacher", question, TeacherIn(talk.session, my_country(post), _objection(talk)))
    why = lines(
        Strong(teacher_shown(who, country=my_country(post) is None)),
        _("Why do you suspend this teacher? Your words are shown to them."),
    )
    reason = talk.ask("reason", why, Line(_REASON, lines=True))
    sure = lines(
        Strong(_("Suspend this teacher?")),
        teacher_shown(who, country=my_country(post) is None),
        entry(p_("staff line", "Reason"), Verbatim(reason, talk.person)),
        _("From now on this teacher can only read why, answer, and take their data. Nobody is shown them any more."),
    )
    if not talk.confirm("sure", sure):
        talk.say(_("Nothing was changed."), *_ways())
        return
    number = suspensions.suspend(talk.session, who.person, reason, by=talk.person, now=talk.now)
    if number is None:
        raise Excuse(_("This teacher is suspended already."), *_ways())
    note(talk, "suspended", who.person, who.country)
    talk.say(
        _("Done: {name} is suspended, and is told in a moment.", name=Name(who.name, who.person)),
        go(f"suspend undo {number}", p_("button", "Undo")),
        *_ways(),
    )


def _objection(talk: Talk) -> Objection:
    def objection(who: Known) -> Node | None:
        if who.person == talk.person:
            return _("That is you.")
        theirs = staff.post_of(talk.session, who.person)
        if theirs is not None and theirs.support:
            return _("This is a support officer. Their role has to be taken away first, by whoever runs this bot.")
        return _("This teacher is suspended already.") if who.status == SUSPENDED else None

    return objection


def _one(talk: Talk, post: Post, number: int, *, undo: bool) -> None:
    """One suspended teacher: what was said, and what to do now."""
    one = suspensions.get(talk.session, number)
    if one is None or not post.covers(one.country):
        raise Excuse(_("That teacher is not suspended, or not in your country."), *_ways())
    if undo:
        _reinstate(talk, one)
        return
    ways = [Option("answer", p_("button", "Answer"))] if one.waiting is not None else []
    ways += [Option("back_in", p_("button", "Let them back in")), Option("list", p_("button", "To the list"))]
    choice = talk.ask("what", card(one), one_of(*ways), instead=True)
    if choice == "answer":
        _answer(talk, one)
    elif choice == "back_in":
        _reinstate(talk, one)
    else:
        talk.then("suspend")


def card(one: Suspended) -> Node:
    """A suspension with everything that was said."""
    said: list[Node] = []
    for appeal in one.appeals:
        said.append(entry(p_("staff line", "Appeal"), Verbatim(appeal.words, one.person)))
        said += [entry(p_("staff line", "Answer"), Verbatim(appeal.answer))] if appeal.answer is not None else []
    return lines(
        Strong(Name(one.name, one.person)),
        Joined((Name(one.school), Name(one.town), Country(one.country)), " · "),
        entry(p_("staff line", "Suspended since"), When(one.since)),
        entry(p_("staff line", "Reason"), Verbatim(one.reason)),
        *said,
    )


def _answer(talk: Talk, one: Suspended) -> None:
    """Answer the appeal; the teacher stays suspended, and may answer again."""
    words = talk.ask("answer", _("What do you answer? The teacher stays suspended."), Line(_REASON, lines=True))
    if not suspensions.answer(talk.session, one.id, words, by=talk.person, now=talk.now):
        raise Excuse(_("Somebody else has answered already."), go(f"suspend {one.id}", p_("button", "Look at it")))
    note(talk, "appeal_answered", one.person, one.country)
    told = from_support(one.country, _("Your appeal was read. The answer:"), Verbatim(words, talk.person))
    talk.tell(one.person, told, go("suspended", p_("button", "My suspension")))
    talk.say(_("Your answer is on its way."), *_ways())


def _reinstate(talk: Talk, one: Suspended) -> None:
    """Give the teacher back what they were; they hear of it if they had heard of the suspension."""
    if not suspensions.end(talk.session, one.id, by=talk.person, now=talk.now):
        raise Excuse(_("That teacher is not suspended, or not in your country."), *_ways())
    note(talk, "reinstated", one.person, one.country)
    name = Name(one.name, one.person)
    if one.told_at is None:
        talk.say(_("Undone: {name} is not suspended and has heard nothing of it.", name=name), *_ways())
        return
    told = from_support(one.country, _("You are no longer suspended. Everything is as it was. Welcome back!"))
    talk.tell(one.person, told, go("start", p_("button", "Start")))
    talk.say(_("Done: {name} is back and has been told.", name=name), *_ways())


def _ways() -> tuple[Option, ...]:
    return (go("suspend", p_("button", "Suspensions")), go("staff", p_("button", "What waits")))
