"""/group: an idea, a language and a size make a proposal; all of its schools are asked at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.talk import Again, Excuse, Kept, Option, Said, Talk, one_of
from bot.text import Count, Joined, Language, Node, Strong, _, lines, n_, p_
from handlers.groups.gathering import invite, joined, through
from handlers.groups.words import FIND, answers, idea_of, invitation, standing
from handlers.kinds.line import Line
from handlers.kinds.projects import kind_name
from handlers.partners.cards import card
from handlers.partners.reasons import reasons
from handlers.requests.contacts import contact_in
from storage import groups, partners
from storage.groups import Group
from storage.matching.together import companions
from storage.partners import Candidate
from storage.reference.bits import kinds

IDEA_LENGTH = 300


@dataclass(frozen=True)
class Plan:
    """What somebody wants to gather schools for, and whom that would be; kept as JSON in the state."""

    kind: str
    language: str
    idea: str
    wanted: int
    people: list[int]


class Idea(Line):
    """A few words for people who have not agreed to anything yet, so without a way out of the bot."""

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """The words, unless they hold an address or a number."""
        answer = super().read(said, draft)
        if isinstance(answer, Kept) and contact_in(answer.value) is not None:
            return Again(_("Please leave out addresses and numbers; you can exchange them when the group is open."))
        return answer


def group(talk: Talk) -> None:
    """Founds a group, answers an invitation to one, or says how one's own stands."""
    act, _space, number = talk.turn.argument.partition(" ")
    if act in {"yes", "no", "show"} and number.isascii() and number.isdecimal() and len(number) < 10:
        _answer(talk, act, int(number))
        return
    mine = groups.gathering_of(talk.session, talk.person)
    if mine is not None:
        _mine(talk, mine)
    elif talk.start("people") is not None:
        _propose(talk, Plan(**{name: talk.start(name) for name in Plan.__dataclass_fields__}))
    else:
        _plan(talk)


def _plan(talk: Talk) -> None:
    """Four questions, and a proposal that comes of them."""
    if groups.founded_lately(talk.session, talk.person, talk.now) >= groups.MOST_A_WEEK:
        raise Excuse(_too_many(), FIND)
    me = _me(talk)
    kind = talk.ask("kind", _("What is the idea about?"), one_of(*(Option(k, kind_name(k)) for k in kinds())))
    language = _language(talk, me)
    question = _("What do you want to do together? One or two sentences; all who are asked read them.")
    idea = talk.ask("idea", question, Idea(IDEA_LENGTH, lines=True))
    sizes = [Option(str(size), Count(size)) for size in range(groups.FEWEST, groups.MOST + 1)]
    wanted = int(talk.ask("size", _("How many schools shall it have, with yours?"), one_of(*sizes)))
    people = companions(
        talk.session,
        talk.person,
        kind=kind,
        language=language,
        number=wanted - 1,
        now=talk.now,
        besides=groups.invited(talk.session),
    )
    talk.then("group", **asdict(Plan(kind, language, idea, wanted, people)))


def _too_many() -> Node:
    return n_(
        "You have founded {n} group within a week. Please give those who were asked some days.",
        "You have founded {n} groups within a week. Please give those who were asked some days.",
        groups.MOST_A_WEEK,
    )


def _me(talk: Talk) -> Candidate:
    me = partners.myself(talk.session, talk.person)
    assert me is not None
    return me


def _language(talk: Talk, me: Candidate) -> str:
    """The one language, or which of several."""
    spoken = sorted(me.languages)
    if len(spoken) == 1:
        return spoken[0]
    options = [Option(code, Language(code)) for code in spoken]
    return talk.ask("language", _("In which language do you work?"), one_of(*options))


def _propose(talk: Talk, plan: Plan) -> None:
    """Show whom it would be; ask them all, or change the plan."""
    me = _me(talk)
    found = partners.candidates(talk.session, plan.people)
    if len(found) + 1 < groups.FEWEST:
        talk.say(_too_few(len(found)), FIND)
        return
    cards = [card(one, reasons(me, one), talk.now, index) for index, one in enumerate(found, 1)]
    title = Strong(_("These schools would suit you, and each other:"))
    about = _("They share your language, and none of them minds the idea. Shall I ask all of them?")
    body = Joined((title, *cards, about), "\n\n")
    # Translators: two buttons under a proposed group of schools.
    if not talk.confirm("sure", body, yes=p_("button", "Ask all of them"), no=p_("button", "Not now")):
        talk.say(_("Nobody was asked."), FIND)
        return
    _found(talk, plan)


def _too_few(number: int) -> Node:
    return lines(
        n_("I find only {n} school that suits.", "I find only {n} schools that suit.", number)
        if number
        else _("I find no schools that suit."),
        _("Another language or kind of project may bring more; so do fewer wishes in your filters."),
    )


def _found(talk: Talk, plan: Plan) -> None:
    made = groups.found(
        talk.session,
        talk.person,
        kind=plan.kind,
        language=plan.language,
        idea=plan.idea,
        wanted=plan.wanted,
        now=talk.now,
    )
    if made is None:
        raise Excuse(_("You gather a group already. /group shows how it stands."), FIND)
    invite(talk.session, made, plan.people, talk.now, through(talk))
    talk.say(lines(_("All are asked. I tell you who joins."), idea_of(made)), FIND)


def _mine(talk: Talk, mine: Group) -> None:
    """How one's group stands, and a way to give it up."""
    # Translators: two buttons under the group that somebody gathers.
    wait, stop = Option("wait", p_("button", "Go on waiting")), Option("stop", p_("button", "Give it up"))
    if talk.ask("mine", standing(talk.session, mine), one_of(wait, stop), instead=True) == "wait":
        talk.say(_("Good. I tell you who joins."), FIND)
        return
    closed = groups.close(talk.session, mine.id)
    for person in groups.people_of(talk.session, mine.id, {groups.IN}):
        talk.tell(person, lines(_("This group does not come about:"), idea_of(closed)), FIND)
    talk.say(_("The group is given up; those who were in are told."), FIND)


def _answer(talk: Talk, act: str, number: int) -> None:
    """Somebody who was asked says yes or no; only those who were asked have a say."""
    known = groups.find(talk.session, number, talk.person)
    if known is None or known[1] == "founder" or known[0].state == groups.CLOSED:
        raise Excuse(_("There is no such group any more."), FIND)
    its, state = known
    if act == "show":
        talk.say(invitation(talk.session, its), *(answers(its) if state == groups.ASKED else ()))
    elif state == groups.IN and (act == "yes" or its.state == groups.OPENED):
        talk.say(_("You are in already."), FIND)
    else:
        joined(talk, its, groups.IN if act == "yes" else groups.OUT)
