"""`twinbot audit`: what support did, and whether the record of it is whole."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from bot.clock import utc_now
from bot.commands.shared import FOUND, STOPPED, AsJson, err, out, ready, settings_or_stop

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from storage.audit import Head

group = typer.Typer(help="The record of what support did.", no_args_is_help=True)

_MOST_SHOWN = 20


@group.command("list")
def list_(
    person: Annotated[int | None, typer.Option(help="Only entries in which this person acts or is meant.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, from the newest on.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show what was done: when, by whom (a person's number, or the operator), what, about whom."""
    from storage.audit import entries

    database = ready(settings_or_stop())
    found = database.do(partial(entries, person=person, limit=limit))
    database.close()
    if as_json:
        shown = [{**vars(entry), "at": entry.at.isoformat()} for entry in found]
        out.print_json(json.dumps(shown))
        return
    table = Table("entry", "at", "by", "act", "about", "country", "detail")
    for e in found:
        detail = ", ".join(f"{name}: {value}" for name, value in e.detail.items())
        by = "operator" if e.actor is None else str(e.actor)
        about = "" if e.subject is None else str(e.subject)
        table.add_row(str(e.number), e.at.isoformat(timespec="seconds"), by, e.act, about, e.country or "", detail)
    out.print(table if found else "Nothing is recorded yet.")


@group.command("verify")
def verify(
    accept: Annotated[
        bool, typer.Option("--accept", help="Go on from here although entries are lost, as after an older backup.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Follow the whole log: was an entry changed, removed, inserted or exchanged, or the end cut off?"""
    from bot.anchor import Anchor, AnchorTrouble
    from storage.audit_check import check, compare

    settings = settings_or_stop()
    anchor = Anchor(settings.anchor_file)
    database = ready(settings)
    try:
        since = anchor.read()
        found = database.do(lambda session: (check(session), compare(session, since)))
        whole, missing = found
        problems = [*missing, *whole.problems]
        if accept and problems:
            anchor.write(database.do(partial(_accept, problems=len(problems))))
        elif not problems:
            anchor.write(whole.head)
    except AnchorTrouble as trouble:
        err.print(str(trouble), markup=False, highlight=False)
        raise typer.Exit(STOPPED) from None
    finally:
        database.close()
    _say(whole.head, problems, since, as_json)
    if problems:
        raise typer.Exit(FOUND)


def _accept(session: Session, problems: int) -> Head:
    """Say in the log itself that it is not whole."""
    from storage.audit import head, record

    record(session, actor=None, act="loss_accepted", subject=None, detail={"problems": problems}, now=utc_now())
    return head(session)


def _say(head: Head, problems: list[str], since: Head | None, as_json: bool) -> None:
    if as_json:
        known = None if since is None else since.number
        out.print_json(json.dumps({"entries": head.number, "known": known, "problems": problems}))
        return
    for problem in problems[:_MOST_SHOWN]:
        err.print(problem, markup=False, highlight=False)
    if len(problems) > _MOST_SHOWN:
        err.print(f"and {len(problems) - _MOST_SHOWN} more")
    if since is None:
        err.print("Nothing was known of an earlier look, so whether the end was cut off cannot be said.")
    whole = "1 entry, as it was recorded." if head.number == 1 else f"{head.number} entries, all as they were recorded."
    out.print(f"{len(problems)} problem{'s' * (len(problems) > 1)}" if problems else whole)
