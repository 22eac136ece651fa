"""/profile: what others see of a teacher, line by line, each to be changed."""

from __future__ import annotations

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Node, Strong, _, entry, lines, p_
from handlers.register import (
    LABELS,
    ChosenSchool,
    ask_ages,
    ask_country,
    ask_languages,
    ask_name,
    ask_school,
    ask_subjects,
    ask_wish,
    save_school,
    shown,
)
from handlers.staff.flags import flag_name
from handlers.verification.moving import may_move, moved_to
from handlers.verification.standing import short
from storage import teachers
from storage.models import School
from storage.teachers import TeacherFacts
from storage.verification import cases, reading


def profile(talk: Talk) -> None:
    """Shows a teacher's card; one line is changed at a time, and the card comes back."""
    told, school = teachers.facts(talk.session, talk.person), teachers.school_of(talk.session, talk.person)
    if told is None or school is None:
        raise Excuse(
            _("You have no profile yet. Registering takes about two minutes."),
            go("register", p_("button", "Register")),
        )
    status = reading.status_of(talk.session, talk.person) or ""
    case = cases.open_of(talk.session, talk.person)
    body = lines(card(told, school, status, saved=bool(talk.start("saved"))), short(status, case))
    choice = talk.ask("choice", body, one_of(*_options(told, status)), instead=True)
    if choice == "verification":
        talk.then("verification")
        return
    if choice in {"pause", "resume"}:
        teachers.set_looking(talk.session, talk.person, choice == "resume")
    else:
        _change(talk, choice, told, school)
    talk.then("profile", saved=True)


def card(told: TeacherFacts, school: School, status: str, *, saved: bool) -> Node:
    """The lines of a profile, and whether others find it."""
    rows = shown(told, ChosenSchool(school.name, school.town, school.level))
    found = _("Others can find you.") if status == "verified" else _("Others can find you once you are verified.")
    looking = found if told.looking else _("You are not looking now, so nobody finds you.")
    return lines(
        # Translators: a change of the profile was stored.
        _("Saved.") if saved else None,
        Strong(_("Your profile")),
        *(entry(Strong(LABELS[key]), value) for key, value in rows.items()),
        _("Your school was taken off the list. Please choose it again.") if school.removed_at else None,
        looking,
    )


def _options(told: TeacherFacts, status: str) -> list[Option]:
    verify = [Option("verification", p_("button", "Get verified"))] if status == "unverified" else []
    looking = (
        Option("pause", p_("button", "Not looking now"))
        if told.looking
        else Option("resume", p_("button", "Looking again"))
    )
    return [
        *verify,
        *(Option(key, p_("button", "Change: {what}", what=label)) for key, label in LABELS.items()),
        looking,
    ]


def _change(talk: Talk, line: str, told: TeacherFacts, school: School) -> None:
    """Ask for one line anew and write it down."""
    session, person = talk.session, talk.person
    if line == "name":
        name = ask_name(talk)
        teachers.set_line(session, person, "name", name)
        flag_name(talk, name, told.country)
    elif line in {"country", "school"}:
        _move(talk, line, told)
    elif line == "subjects":
        teachers.set_line(session, person, "subjects", ask_subjects(talk, school.level, chosen=told.subjects))
    elif line == "languages":
        teachers.set_line(session, person, "languages", ask_languages(talk, told.country, chosen=told.languages))
    elif line == "ages":
        teachers.set_line(session, person, "ages", ask_ages(talk, school.level))
    else:
        teachers.set_line(session, person, "wish", ask_wish(talk))


def _move(talk: Talk, line: str, told: TeacherFacts) -> None:
    """Another school; another country means another school as well."""
    country = ask_country(talk) if line == "country" else told.country
    if line == "country" and country == told.country:
        return
    chosen = ask_school(talk, country)
    if chosen.known == told.school or may_move(talk):
        moved_to(talk, country, save_school(talk, country, chosen))
