"""/ambassadors: officers name teachers who may vouch for others, see them, and take the role away."""

from __future__ import annotations

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Name, Node, Strong, Verbatim, _, entry, lines, n_, p_
from handlers.kinds.line import Line
from handlers.kinds.teacher import Objection, TeacherIn, teacher_shown
from handlers.staff.badge import badge, from_support
from handlers.staff.posts import my_country, my_post, note
from storage import staff
from storage.finding import Known, known
from storage.models.teachers import VERIFIED
from storage.staff import Post

PAGE = 6
_REGION = 120


def ambassadors(talk: Talk) -> None:
    """An officer sees the ambassadors of their country, a page at a time."""
    post = my_post(talk)
    there = _named(talk, post)
    page = min(int(talk.start("page", 0)), max(0, (len(there) - 1) // PAGE))
    shown = there[page * PAGE : (page + 1) * PAGE]
    ways = [Option("name", p_("button", "Name one"))]
    ways += [Option(f"one:{who.person}", Name(who.name, who.person)) for who, _post in shown]
    ways += [Option("more", p_("button", "More"))] if len(there) > (page + 1) * PAGE else []
    ways += [Option("earlier", p_("button", "Earlier ones"))] if page else []
    choice = talk.ask("choice", _list(post, there, shown), one_of(*ways), instead=True)
    if choice == "name":
        _name(talk, post)
    elif choice.startswith("one:"):
        _one(talk, post, int(choice.removeprefix("one:")))
    else:
        talk.then("ambassadors", page=page + (1 if choice == "more" else -1))


def _named(talk: Talk, post: Post) -> list[tuple[Known, Post]]:
    """The ambassadors that an officer sees, by name."""
    named = [one for one in staff.officers(talk.session, my_country(post)) if one.role == staff.AMBASSADOR]
    told = [(who, one) for one in named if (who := known(talk.session, one.person)) is not None]
    return sorted(told, key=lambda pair: (pair[0].name.casefold(), pair[0].person))


def _list(post: Post, there: list[tuple[Known, Post]], shown: list[tuple[Known, Post]]) -> Node:
    everywhere = my_country(post) is None
    rows = [_row(who, one, country=everywhere) for who, one in shown]
    count = n_("{n} ambassador:", "{n} ambassadors:", len(there)) if there else _("Nobody is an ambassador yet.")
    why = _("Ambassadors may say that they know a teacher, and nothing more.")
    return lines(badge(post.country), why, count, *rows)


def _row(who: Known, one: Post, *, country: bool) -> Node:
    shown = teacher_shown(who, country=country)
    return shown if one.region is None else entry(shown, Verbatim(one.region))


def _name(talk: Talk, post: Post) -> None:
    """Name a verified teacher, for a region in words."""
    question = _("Which teacher? Write a part of the name, or the school.")
    who = talk.ask("teacher", question, TeacherIn(talk.session, my_country(post), _objection(talk)))
    region = talk.ask("region", _("For which region? Write it in words, or skip it."), Line(_REGION, skip=True))
    sure = lines(
        Strong(_("Name this teacher as an ambassador?")),
        teacher_shown(who, country=my_country(post) is None),
        entry(p_("staff line", "Region"), Verbatim(region)) if region else None,
    )
    if not talk.confirm("sure", sure):
        talk.say(_("Nothing was changed."), *_ways())
        return
    role, place = staff.AMBASSADOR, region or None
    staff.name_officer(talk.session, who.person, role, who.country, named_by=talk.person, now=talk.now, region=place)
    note(talk, "ambassador_named", who.person, who.country)
    talk.tell(who.person, _welcome(who, region))
    talk.say(_("Done: {name} is an ambassador and has been told.", name=Name(who.name, who.person)), *_ways())


def _objection(talk: Talk) -> Objection:
    def objection(who: Known) -> Node | None:
        if who.status != VERIFIED:
            return _("Only a verified teacher can be an ambassador.")
        if staff.post_of(talk.session, who.person) is not None:
            return _("This teacher has a role already.")
        return None

    return objection


def _welcome(who: Known, region: str) -> Node:
    return from_support(
        who.country,
        _("You have been named as an ambassador. Thank you!"),
        entry(p_("staff line", "Region"), Verbatim(region)) if region else None,
        _("From now on I may ask whether you know a teacher who registers. You answer with one tap, or not at all."),
    )


def _one(talk: Talk, post: Post, person: int) -> None:
    """Look at one ambassador; the role may be taken away."""
    who, theirs = known(talk.session, person), staff.post_of(talk.session, person)
    if who is None or theirs is None or theirs.role != staff.AMBASSADOR or not post.covers(who.country):
        raise Excuse(_("That teacher is no ambassador any more."), *_ways())
    card = lines(
        Strong(Name(who.name, who.person)),
        teacher_shown(who, country=True),
        entry(p_("staff line", "Region"), Verbatim(theirs.region or "–")),
    )
    remove = Option("remove", p_("button", "Take the role away"))
    if talk.ask("what", card, one_of(remove, Option("back", p_("button", "To the list"))), instead=True) == "back":
        talk.then("ambassadors")
        return
    staff.remove_officer(talk.session, person)
    note(talk, "ambassador_removed", person, who.country)
    told = from_support(who.country, _("You are no longer an ambassador. Thank you for your help."))
    talk.tell(person, told)
    talk.say(_("Done: {name} is no ambassador any more and has been told.", name=Name(who.name, person)), *_ways())


def _ways() -> tuple[Option, ...]:
    return (go("ambassadors", p_("button", "Ambassadors")), go("staff", p_("button", "What waits")))
