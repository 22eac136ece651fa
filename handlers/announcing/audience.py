"""Whom a draft goes to: one condition after another, or readers that were kept under a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.talk import Option, Talk, one_of, some_of
from bot.text import Language, Name, _, lines, n_, p_
from bot.text.catalogs import available, with_seconds
from handlers.announcing.kinds import HOW_TO_NAME, Accounts
from handlers.announcing.words import ROLE, platform_name, segment_shown
from handlers.kinds.country import countries_kind
from handlers.kinds.levels import level_name
from handlers.kinds.line import Line
from handlers.kinds.subjects import subjects_kind
from storage.announcing import drafts, segments
from storage.announcing.segments import Segment
from storage.models import Announcement
from storage.reference import LEVELS
from storage.staff import Post

_PLATFORMS = ("telegram", "matrix", "web")
_DAYS = (7, 30, 90, 365)


def change(talk: Talk, post: Post, row: Announcement) -> dict[str, Any] | None:
    """Ask for one condition; None where the readers were only kept under a name."""
    before = Segment.from_json(row.segment)
    counted = segments.count(talk.session, drafts.audience(row, talk.now))
    number = n_("{n} reader", "{n} readers", counted.total)
    shown = lines(*segment_shown(before, row.country), number, _("Which condition shall be changed?"))
    what = talk.ask("condition", shown, one_of(*_options(talk, post, row)))
    if what == "save":
        name = talk.ask("name", _("Under which name shall these readers be kept?"), Line(60))
        drafts.save_segment(talk.session, post, name, before, talk.now)
        return None
    if what.startswith("saved:"):
        kept = drafts.saved_segments(talk.session, post)
        return {"segment": next((one.segment for one in kept if f"saved:{one.id}" == what), row.segment)}
    if what == "people":
        return {"segment": _people(talk, before, row.country).to_json()}
    return {"segment": _CONDITIONS[what](talk, before).to_json()}


def _options(talk: Talk, post: Post, row: Announcement) -> list[Option]:
    options = [
        Option("countries", p_("button", "Countries")),
        Option("languages", p_("button", "Languages")),
        Option("subjects", p_("button", "Subjects")),
        Option("levels", p_("button", "Levels")),
        Option("roles", p_("button", "Roles")),
        Option("verified", p_("button", "Verified only"), bool(row.segment.get("verified"))),
        Option("projects", p_("button", "In projects only"), bool(row.segment.get("projects"))),
        Option("active", p_("button", "Here lately")),
        Option("platforms", p_("button", "Platforms")),
        Option("people", p_("button", "A list of accounts")),
        Option("all", p_("button", "Everybody")),
        Option("save", p_("button", "Keep these readers")),
    ]
    kept = drafts.saved_segments(talk.session, post)
    return [*(o for o in options if o.id != "countries" or row.country is None), *(_kept(one) for one in kept)]


def _kept(one: Any) -> Option:
    return Option(f"saved:{one.id}", Name(one.name))


def _countries(talk: Talk, before: Segment) -> Segment:
    chosen = talk.ask("countries", _("Which countries? None for all of them."), countries_kind(at_most=50))
    return replace(before, countries=tuple(chosen))


def _languages(talk: Talk, before: Segment) -> Segment:
    options = [Option(code, Language(code, own=True)) for code in available()]
    question = _("Those with whom I speak which languages? None for all.")
    chosen = talk.ask("languages", question, some_of(*options, at_least=0))
    return replace(before, languages=with_seconds(chosen))


def _subjects(talk: Talk, before: Segment) -> Segment:
    chosen = talk.ask("subjects", _("Which subjects? None for all of them."), subjects_kind(None, at_least=0))
    return replace(before, subjects=tuple(chosen))


def _levels(talk: Talk, before: Segment) -> Segment:
    options = [Option(code, level_name(code)) for code in LEVELS]
    chosen = talk.ask("levels", _("Which levels? None for all of them."), some_of(*options, at_least=0))
    return replace(before, levels=tuple(chosen))


def _roles(talk: Talk, before: Segment) -> Segment:
    options = [Option(code, label) for code, label in ROLE.items()]
    chosen = talk.ask("roles", _("Who is meant?"), some_of(*options, at_least=1))
    return replace(before, roles=() if chosen == ["teacher"] else tuple(chosen))


def _verified(_talk: Talk, before: Segment) -> Segment:
    return replace(before, verified=not before.verified)


def _projects(_talk: Talk, before: Segment) -> Segment:
    return replace(before, projects=not before.projects)


def _active(talk: Talk, before: Segment) -> Segment:
    options = [Option(str(days), n_("{n} day", "{n} days", days)) for days in _DAYS]
    options.append(Option("0", p_("button", "At any time")))
    return replace(before, active=int(talk.ask("active", _("Here within how many days?"), one_of(*options))))


def _platforms(talk: Talk, before: Segment) -> Segment:
    options = [Option(name, platform_name(name)) for name in _PLATFORMS]
    question = _("Those who were heard last on which platforms? None for all.")
    chosen = talk.ask("platforms", question, some_of(*options, at_least=0))
    return replace(before, platforms=tuple(chosen))


def _people(talk: Talk, before: Segment, country: str | None) -> Segment:
    question = lines(
        _("Write who gets it, one a line, or send that as a file (CSV or text). The other conditions hold as well."),
        HOW_TO_NAME,
    )
    chosen = talk.ask("people", question, Accounts(talk.session, country))
    return replace(before, people=tuple(chosen))


def _all(_talk: Talk, _before: Segment) -> Segment:
    return Segment()


_CONDITIONS: dict[str, Callable[[Talk, Segment], Segment]] = {
    "countries": _countries,
    "languages": _languages,
    "subjects": _subjects,
    "levels": _levels,
    "roles": _roles,
    "verified": _verified,
    "projects": _projects,
    "active": _active,
    "platforms": _platforms,
    "all": _all,
}
