"""/record: what support did about a person, and every change of their role, as it stands in the audit log."""

from __future__ import annotations

from collections.abc import Mapping

from bot.talk import Option, Talk, go
from bot.text import Country, Joined, Node, Strong, Verbatim, When, _, lines, p_
from handlers.verification.decisions import WAYS
from storage import audit
from storage.audit import Entry

PAGE = 10
#: How far back one can go; who wants more takes their data.
_MOST = 1000

# Translators: what was done about the reader, in a list; the day and time stand before it.
WHAT: Mapping[str, Node] = {
    "officer_named": p_("record", "You became a support officer."),
    "officer_removed": p_("record", "You are a support officer no more."),
    "ambassador_named": p_("record", "You became an ambassador."),
    "ambassador_removed": p_("record", "You are an ambassador no more."),
    "verified": p_("record", "You were verified."),
    "declined": p_("record", "You could not be verified."),
    "revoked": p_("record", "Your verification was taken back."),
    "undone": p_("record", "A decision was taken back before it counted."),
    "suspended": p_("record", "Your account was suspended."),
    "reinstated": p_("record", "Your suspension ended."),
    "question_asked": p_("record", "Support asked you a question."),
    "escalated": p_("record", "Your case went to central support."),
    "report_seen": p_("record", "Support read a report of yours."),
    "report_closed": p_("record", "Support closed a report of yours."),
    "data_exported": p_("record", "Your data was sent to you."),
    "account_erased": p_("record", "Your data was erased."),
    "appeal_answered": p_("record", "Support answered your appeal."),
    "accounts_joined": p_("record", "Your accounts were joined."),
}
#: Acts that are about nobody.
IMPERSONAL = frozenset({"key_rotated", "loss_accepted", "announced"})


def record(talk: Talk) -> None:
    """Lists the newest entries; a number behind the command goes on from there."""
    words = talk.turn.argument
    start = min(int(words), _MOST) if words.isdecimal() and len(words) < 6 else 0
    found = audit.entries_about(talk.session, talk.person, limit=start + PAGE + 1)[start:]
    shown = [_line(entry, talk.person) for entry in found[:PAGE]]
    talk.say(_body(shown), *_ways_on(start, more=len(found) > PAGE))


def _body(shown: list[Node]) -> Node:
    title = Strong(_("What support did about you"))
    if not shown:
        return lines(title, _("Nothing is recorded."))
    never = _("It says what was done and when, never what was written. Nobody can change it unnoticed.")
    return lines(title, *shown, never)


def _line(entry: Entry, person: int) -> Node:
    """The moment, what was done, how, and by support of which country."""
    what = WHAT.get(entry.act)
    way = WAYS.get(str(entry.detail.get("way"))) if entry.act == "verified" else None
    by_support = entry.actor not in {None, person} and (way is None or way is WAYS["support"])
    country = Country(entry.country) if by_support and entry.country is not None else None
    more = tuple(part for part in (way, country) if part is not None)
    said = Joined((When(entry.at), *([what] if what is not None else [])), " · ")
    # What was done is a whole sentence with its full stop, so what belongs to it stands behind it in brackets.
    return Joined((said, Joined((Verbatim("("), Joined(more, ", "), Verbatim(")")), "")), " ") if more else said


def _ways_on(start: int, *, more: bool) -> list[Option]:
    # Translators: a button under a list; it shows what is older.
    earlier = [go(f"record {start + PAGE}", p_("button", "Earlier"))] if more and start < _MOST else []
    return [*earlier, go("mydata", p_("button", "Take my data"))]
