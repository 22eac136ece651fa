"""/project new: a teacher plans a project with a partner, from an idea of their own or from a ready plan."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

from bot.talk import Change, Excuse, Option, Talk, go, one_of
from bot.text import Count, Joined, Month, Name, Node, Strong, Verbatim, _, lines, n_, p_, plain
from handlers.kinds.ages import Ages, ages_shown
from handlers.kinds.languages import languages_kind
from handlers.kinds.line import Line
from handlers.kinds.months import Months, month_after
from handlers.kinds.numbers import Number
from handlers.kinds.subjects import subjects_kind
from handlers.kinds.typed import Within
from handlers.partners.cards import languages, subjects
from handlers.projects.plans import PLANS, Plan
from handlers.projects.words import LABELS, MINE, excuse, proposal, titled
from storage import lines as private_lines
from storage import partners, partnerships, projects, teachers
from storage.lines import Line as Partner
from storage.partners import Candidate
from storage.projects import Cannot, Facts

TITLE, ABOUT, RESULTS = 80, 600, 300
MOST_PUPILS = 5000
MOST_SUBJECTS, MOST_LANGUAGES = 6, 6
#: A project begins within so many months, and lasts at most so many.
AHEAD, LASTS = 17, 24
OFFERED_PARTNERS = 8
OWN = "own"


def new(talk: Talk, _number: int) -> None:
    """Eleven questions, some of them answered by a ready plan; then the partner is asked to co-sign."""
    me = partners.myself(talk.session, talk.person)
    known = _partners(talk)
    if me is None or not known:
        raise Excuse(
            _("A project needs a partner. Find one first; as soon as you are partners, you can begin."),
            go("partners", p_("button", "Find partners")),
        )
    partner = _partner(talk, known)
    plan = _plan(talk)
    facts = _facts(talk, me, plan)
    changes = [Change(key, LABELS[key], value) for key, value in _shown(partner, facts).items()]
    # Translators: the title of the summary of a project, before the partner is asked.
    talk.review("review", _("Shall I ask your partner?"), changes, p_("button", "Ask them"))
    _propose(talk, partner, facts)


def _partners(talk: Talk) -> list[Partner]:
    found = private_lines.lines_of(talk.session, talk.person)
    return [line for line in found if line.status == "verified"][:OFFERED_PARTNERS]


def _partner(talk: Talk, known: list[Partner]) -> Partner:
    options = [Option(str(line.other), Name(line.name, line.other)) for line in known]
    chosen = int(talk.ask("partner", _("With whom do you begin? Others can join later."), one_of(*options)))
    return next(line for line in known if line.other == chosen)


def _plan(talk: Talk) -> str:
    """Which ready plan, or none."""
    rows = [
        lines(
            Joined((Count(number), Strong(plan.title)), ". "),
            Joined((n_("{n} week", "{n} weeks", plan.weeks), _ages(plan)), " · "),
            plan.about,
        )
        for number, plan in enumerate(PLANS.values(), 1)
    ]
    title = _("Start from a ready plan, or from an idea of your own? You can change everything.")
    options = [
        Option(code, Joined((Count(n), n_("{n} week", "{n} weeks", PLANS[code].weeks)), " · "))
        for n, code in enumerate(PLANS, 1)
    ]
    # Translators: a button: begin a project without a ready plan.
    own = Option(OWN, p_("button", "My own idea"))
    return talk.ask("plan", Joined((title, *rows), "\n\n"), one_of(*options, own))


def _ages(plan: Plan) -> Node:
    # Translators: {years} is one age of pupils or a range, such as 11–13.
    return _("ages: {years}", years=ages_shown(plan.ages))


def _facts(talk: Talk, me: Candidate, code: str) -> Facts:
    """What the project is about; a plan offers answers, and those given for another plan are asked for again."""
    plan = PLANS.get(code)

    def offered(node: Node | None, limit: int) -> str | None:
        return None if node is None else plain(node, talk.reader)[:limit]

    def ask(key: str, question: Node, kind: Any) -> Any:
        return talk.ask(key, question, Within(kind, code))

    title = ask("title", _("What is it called?"), Line(TITLE, offer=offered(plan.title if plan else None, TITLE)))
    words = ask(
        "about",
        _("What is it about? A few sentences."),
        Line(ABOUT, offer=offered(plan.about if plan else None, ABOUT), lines=True),
    )
    teaches = ask(
        "subjects",
        _("Which subjects?"),
        subjects_kind(me.level, at_most=MOST_SUBJECTS, chosen=plan.subjects if plan else sorted(me.subjects)),
    )
    works = ask(
        "languages",
        _("In which languages do you work together?"),
        languages_kind(me.country, at_most=MOST_LANGUAGES, chosen=sorted(me.languages)),
    )
    ages = ask("ages", _("How old are the pupils?"), Ages(dict.fromkeys((*([plan.ages] if plan else []), me.ages))))
    pupils = ask("pupils", _("About how many pupils, in all schools?"), Number(1, MOST_PUPILS, (20, 40, 60)))
    starts, ends = _months(talk, plan)
    results = ask(
        "results",
        _("What shall come of it? A sentence."),
        Line(RESULTS, offer=offered(plan.results if plan else None, RESULTS), lines=True),
    )
    last = ends.replace(day=calendar.monthrange(ends.year, ends.month)[1])
    kept = code if plan is not None else None
    return Facts(title, words, results, tuple(teaches), tuple(works), ages, pupils, starts, last, kept)


def _months(talk: Talk, plan: Plan | None) -> tuple[date, date]:
    """Its first and its last month; the last one is asked for again if the first one changes."""
    today = talk.now.date()
    language, latest = talk.reader.language, month_after(today, AHEAD)
    starts: date = talk.ask("starts", _("In which month does it start?"), Months(today, latest, language))
    weeks = timedelta(weeks=plan.weeks) if plan is not None else timedelta(weeks=10)
    kind = Months(starts, month_after(starts, LASTS), language, likely=starts + weeks)
    ends: date = talk.ask("ends", _("In which month does it end?"), Within(kind, starts.isoformat()))
    return starts, ends


def _shown(partner: Partner, facts: Facts) -> dict[str, Node]:
    return {
        "partner": Name(partner.name, partner.other),
        "title": Verbatim(facts.title),
        "about": Verbatim(facts.about),
        "subjects": subjects(facts.subjects),
        "languages": languages(facts.languages),
        "ages": ages_shown(facts.ages),
        "pupils": Count(facts.pupils),
        "starts": Month(facts.starts_on),
        "ends": Month(facts.ends_on),
        "results": Verbatim(facts.results),
    }


def _propose(talk: Talk, partner: Partner, facts: Facts) -> None:
    """Keep it, and ask the partner; they may have become somebody else's business meanwhile."""
    if (
        partnerships.between(talk.session, talk.person, partner.other) is None
        or teachers.facts(talk.session, partner.other) is None
    ):
        raise Excuse(_("You are not partners any more."), MINE)
    try:
        made = projects.propose(talk.session, talk.person, partner.other, facts, talk.now)
    except Cannot as cannot:
        raise excuse(cannot) from None
    me = projects.member(talk.session, made.id, talk.person)
    assert me is not None
    talk.tell(partner.other, proposal(facts, me), *answers(made.id))
    talk.say(
        lines(titled(made), _("Your partner is asked. As soon as they agree, it is open, and so are its rooms.")),
        # Translators: a button: what was proposed to a partner is taken back.
        go(f"project drop {made.id}", p_("button", "Take it back")),
        MINE,
    )


def answers(project: int) -> tuple[Option, ...]:
    """What may be answered to a proposal, and to an invitation."""
    return (
        # Translators: two buttons: whether somebody takes part in a project.
        go(f"project yes {project}", p_("button", "Yes, gladly")),
        go(f"project no {project}", p_("button", "Not this time")),
    )
