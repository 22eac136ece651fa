"""/register: seven short questions make a teacher; the questions themselves also serve /profile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from bot.talk import Change, Kind, Talk, go
from bot.talk.kinds import yes_no
from bot.text import Count, Joined, Name, Node, Verbatim, _, lines, n_, p_
from handlers.kinds.ages import ages_kind, ages_shown
from handlers.kinds.country import country_kind
from handlers.kinds.languages import languages_kind
from handlers.kinds.levels import level_kind, level_name
from handlers.kinds.line import Line
from handlers.kinds.person import PersonName
from handlers.kinds.school import Unlisted, named_school, school_in
from handlers.kinds.subjects import subjects_kind
from handlers.kinds.typed import Within
from handlers.staff.flags import flag_name
from storage import teachers
from storage.models import School
from storage.schools import add_school, same_school
from storage.teachers import TeacherFacts

T = TypeVar("T")

QUESTIONS = 7
NAME_LENGTH, SCHOOL_LENGTH, TOWN_LENGTH, WISH_LENGTH = 60, 120, 80, 500
MOST = 6

# Translators: the lines of a teacher's profile.
LABELS: dict[str, Node] = {
    "name": p_("profile line", "Name"),
    "country": p_("profile line", "Country"),
    "school": p_("profile line", "School"),
    "subjects": p_("profile line", "Subjects"),
    "languages": p_("profile line", "Languages"),
    "ages": p_("profile line", "Ages"),
    # Translators: what the teacher looks for in a partner, in a sentence.
    "wish": p_("profile line", "Looking for"),
}


@dataclass(frozen=True)
class ChosenSchool:
    """The school somebody chose (``known``), or the lines of one that is to be added."""

    name: str
    town: str
    level: str
    known: int | None = None


def register(talk: Talk) -> None:
    """A teacher tells who they are, so that partner schools can be suggested."""
    if teachers.facts(talk.session, talk.person) is not None:
        _known_already(talk)
        return
    name = ask_name(talk, step(1))
    country = ask_country(talk, step(2))
    school = ask_school(talk, country, step(3))
    subjects = ask_subjects(talk, school.level, step(4))
    languages = ask_languages(talk, country, step(5))
    ages = ask_ages(talk, school.level, step(6))
    wish = ask_wish(talk, step(7))
    told = TeacherFacts(name, country, school.known or 0, tuple(subjects), tuple(languages), ages, wish)
    changes = [Change(key, LABELS[key], value) for key, value in shown(told, school).items()]
    # Translators: the title of the summary of all answers, before they are saved.
    talk.review("review", _("Is everything right?"), changes, p_("button", "Save"))
    _save(talk, told, school)


def step(number: int) -> Node:
    """How far the registration is: "3/7"."""
    return Joined((Count(number), Count(QUESTIONS)), "/")


def _known_already(talk: Talk) -> None:
    talk.say(
        _("You are registered already. In your profile you can change each line."),
        go("profile", p_("button", "My profile")),
        go("partners", p_("button", "Find partners")),
    )


def _save(talk: Talk, told: TeacherFacts, school: ChosenSchool) -> None:
    """Write it down, and show the way on."""
    number = save_school(talk, told.country, school)
    teachers.register(talk.session, talk.person, replace(told, school=number), talk.now)
    flag_name(talk, told.name, told.country)
    talk.say(
        lines(
            _("Saved. Welcome, {name}!", name=Name(told.name)),
            _("You can look at partner schools at once. To write to them, show that you teach: it takes minutes."),
        ),
        go("verification", p_("button", "Get verified")),
        go("partners", p_("button", "Find partners")),
        go("profile", p_("button", "My profile")),
    )


def shown(told: TeacherFacts, school: ChosenSchool) -> dict[str, Node]:
    """Each line of a teacher in words, by its key."""
    place: tuple[Node, ...] = (named_school(school.name, school.town), level_name(school.level))
    return {
        "name": Name(told.name),
        "country": country_kind().show(told.country),
        "school": Joined(place, " · "),
        "subjects": subjects_kind(None).show(list(told.subjects)),
        "languages": languages_kind(None).show(list(told.languages)),
        "ages": ages_shown(told.ages),
        "wish": Verbatim(told.wish or "–"),
    }


def _ask(talk: Talk, key: str, question: Node, kind: Kind[T], at: Node | None) -> T:
    """Ask with the progress before the question; without progress, it may take the place of the card it came from."""
    whole = question if at is None else Joined((at, question), " · ")
    return talk.ask(key, whole, kind, instead=at is None)


def ask_name(talk: Talk, at: Node | None = None) -> str:
    """Ask what to call them; the platform's name is offered. ``at`` is how far the registration is."""
    question = _("What may partner teachers call you?")
    return _ask(talk, "name", question, PersonName(NAME_LENGTH, offer=talk.turn.name), at)


def ask_country(talk: Talk, at: Node | None = None) -> str:
    """Ask for the country; those of the reader's language are offered."""
    question = _("Which country do you teach in? Write its name in any language.")
    return _ask(talk, "country", question, country_kind(talk.reader.language), at)


def ask_subjects(talk: Talk, level: str, at: Node | None = None, chosen: tuple[str, ...] = ()) -> list[str]:
    """Ask for subjects, those usual at the level first."""
    question = n_(
        "What do you teach? Choose {n} subject, or write it.",
        "What do you teach? Choose up to {n} subjects, or write them with commas.",
        MOST,
    )
    return _ask(talk, "subjects", question, subjects_kind(level, 1, MOST, chosen=chosen), at)


def ask_languages(talk: Talk, country: str, at: Node | None = None, chosen: tuple[str, ...] = ()) -> list[str]:
    """Ask for languages, the country's own first."""
    question = n_(
        "Which language can you work in with partners? Choose {n}, or write it.",
        "Which languages can you work in with partners? Choose up to {n}, or write them with commas.",
        MOST,
    )
    return _ask(talk, "languages", question, languages_kind(country, 1, MOST, chosen=chosen), at)


def ask_ages(talk: Talk, level: str, at: Node | None = None) -> tuple[int, int]:
    """Ask how old the pupils are."""
    return _ask(talk, "ages", _("How old are your pupils? For example: 11-13"), ages_kind(level), at)


def ask_wish(talk: Talk, at: Node | None = None) -> str:
    """Ask for a sentence about what they look for; it may be left out."""
    question = _("What are you looking for? One sentence helps partners find you.")
    return _ask(talk, "wish", question, Line(WISH_LENGTH, skip=True, lines=True), at)


def ask_school(talk: Talk, country: str, at: Node | None = None) -> ChosenSchool:
    """Ask for the school; where it is not on the list, for the lines of a new one."""
    question = _("Which school? Write a part of its name, or its town.")
    found = _ask(talk, "school", question, school_in(talk.session, country), at)
    if isinstance(found, School):
        return _listed(found)
    return _ask_new(talk, country, found, at)


def _ask_new(talk: Talk, country: str, sought: Unlisted, at: Node | None) -> ChosenSchool:
    """Ask for name, town and level of a school that is not on the list, unless it turns out that it is."""
    mark = sought.mark
    named = Within(Line(SCHOOL_LENGTH, offer=sought.words), mark)
    name = _ask(talk, "school_name", _("Let us add your school. What is its full name?"), named, at)
    town = _ask(talk, "school_town", _("In which town or village is it?"), Within(Line(TOWN_LENGTH), mark), at)
    like = same_school(talk.session, country, name, town)
    if like is not None:
        question = _("This school is on the list already: {school}", school=named_school(like.name, like.town))
        # Translators: answers to "This school is on the list already: ...".
        answer = yes_no(p_("button", "That is my school"), p_("button", "Mine is another"))
        if _ask(talk, "school_same", question, Within(answer, mark, like.id), at) == "yes":
            return _listed(like)
    levels = _("Which level is your school? If it has several, choose the one where you teach most.")
    level = _ask(talk, "school_level", levels, Within(level_kind(), mark), at)
    return ChosenSchool(name, town, level)


def _listed(school: School) -> ChosenSchool:
    return ChosenSchool(school.name, school.town, school.level, known=school.id)


def save_school(talk: Talk, country: str, school: ChosenSchool) -> int:
    """The id of the school, which is added if it is new."""
    if school.known is not None:
        return school.known
    new = add_school(talk.session, country, school.name, school.town, school.level, now=talk.now, added_by=talk.person)
    return new.id
