"""The `twinbot` command."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from bot.commands import audit, keys, staff
from bot.commands.backup import backup, restore
from bot.commands.holidays import import_holidays
from bot.commands.shared import (
    FOUND,
    PARTLY,
    STOPPED,
    USAGE,
    AsJson,
    bar,
    err,
    log_as,
    opened,
    out,
    ready,
    result,
    saying_why,
    settings_or_stop,
)
from bot.settings import Settings

if TYPE_CHECKING:
    from storage.database import Database

#: Whose fictional officer the demo lets one be.
_DEMO_COUNTRY = "PT"

app = typer.Typer(
    help="eTwinning in a chat window: teachers register and find partner schools on Telegram, Matrix and the web.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
importing = typer.Typer(help="Bring data in.", no_args_is_help=True)
letters = typer.Typer(help="What could not be read, answered or sent.", no_args_is_help=True)
app.add_typer(importing, name="import")
app.add_typer(letters, name="dead-letters")
translating = typer.Typer(help="The catalogs of messages.", no_args_is_help=True)
app.add_typer(translating, name="locales")
importing.command("holidays")(import_holidays)
app.command()(backup)
app.command()(restore)
app.add_typer(keys.group, name="keys")
app.add_typer(audit.group, name="audit")
app.add_typer(staff.group, name="staff")


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def run() -> None:
    """Run the bot on every platform that has settings, until it is told to stop."""
    settings = settings_or_stop()
    _serve(settings, opened(settings), f"twinbot runs. The web chat is at {settings.address}")


@app.command()
def demo(
    teachers: Annotated[int, typer.Option(min=0, help="How many fictional teachers.")] = 2000,
    schools: Annotated[int, typer.Option(min=42, help="How many fictional schools.")] = 900,
) -> None:
    """Fill a database with fictional teachers and serve the web chat: the quickest way to see twinbot."""
    settings = settings_or_stop()
    database = ready(settings)
    _populate(database, teachers, schools, seed=1)
    greeting, pages = _stage(settings, database)
    _serve(settings, database, greeting, pages)


@app.command()
def chat(
    user: Annotated[str, typer.Option(help="Who you are; each name is a person of their own.")] = "guest",
    language: Annotated[str, typer.Option(help="The language to begin in, such as fr.")] = "en",
) -> None:
    """Talk with the bot here in the terminal, without any server."""
    from bot.app import App
    from bot.platforms.terminal import Terminal

    log_as("text")
    database = ready(settings_or_stop())
    out.print("[dim]Write /start to begin, Ctrl-D to leave.[/dim]")
    terminal = Terminal(
        _typed(), lambda words: out.print(words, markup=False, highlight=False), user=user, language=language
    )

    async def talk() -> None:
        talking = App(database, {"terminal": terminal})
        await talking.desk.recover()
        await talking.delivery.recover()
        await terminal.run(partial(talking.desk.hear, "terminal"))
        await talking.idle()
        await talking.stop()

    asyncio.run(talk())
    database.close()


@app.command()
def migrate() -> None:
    """Bring the database to today's tables. `run` and `demo` do it by themselves."""
    from bot.running import open_database
    from storage.migrations import upgrade, versions

    with saying_why():
        database = open_database(settings_or_stop())
        before, newest = versions(database.engine)
        upgrade(database.engine)
    out.print(f"The database is at revision {newest}" + (" (nothing to do)." if before == newest else "."))
    database.close()


@app.command()
def populate(
    teachers: Annotated[int, typer.Option(min=0, help="How many fictional teachers.")] = 2000,
    schools: Annotated[int, typer.Option(min=42, help="How many fictional schools.")] = 900,
    seed: Annotated[int, typer.Option(help="The same seed makes the same people.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Add fictional teachers and schools, the same ones for the same seed; doing it twice adds nothing."""
    database = ready(settings_or_stop())
    report = _populate(database, teachers, schools, seed)
    result({"teachers": report.teachers, "schools": report.schools, "seconds": round(report.seconds, 2)}, as_json)
    database.close()


@importing.command("schools")
def import_schools_(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV file: country, name, town, level, id."),
    ],
    strict: Annotated[bool, typer.Option("--strict", help="Refuse the whole file if one row is wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import schools. Wrong rows are listed with their line numbers, and the others are imported."""
    from bot.clock import utc_now
    from storage.schools_csv import ImportRefused
    from storage.schools_import import import_schools

    database = ready(settings_or_stop())
    try:
        with bar("Importing schools") as progress:
            report = import_schools(database, file, strict=strict, progress=progress, now=utc_now())
    except ImportRefused as refusal:
        err.print(str(refusal), markup=False)
        raise typer.Exit(FOUND) from None
    finally:
        database.close()
    problems = [{"line": p.line, "column": p.column, "problem": p.sentence} for p in report.problems]
    for line in report.notices:
        err.print(line, markup=False)
    if not as_json:
        for problem in problems:
            err.print(f"line {problem['line']}: {problem['problem']}", markup=False)
    counts = {"added": report.added, "updated": report.updated, "unchanged": report.unchanged}
    result({**counts, "problems": problems if as_json else len(problems)}, as_json)
    if problems:
        raise typer.Exit(FOUND if strict else PARTLY)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check settings, database, tokens, homeserver and catalogs, and say what to do."""
    from bot.doctor import examine

    findings = asyncio.run(examine(settings_or_stop()))
    if as_json:
        out.print_json(json.dumps([vars(finding) for finding in findings]))
    else:
        for finding in findings:
            mark = "[green]✓[/green]" if finding.good else "[red]✗[/red]"
            out.print(f"{mark} [bold]{finding.subject}[/bold]: ", end="")
            out.print(finding.sentence, markup=False, highlight=False)
    if not all(finding.good for finding in findings):
        raise typer.Exit(FOUND)


@letters.command("list")
def list_letters(as_json: AsJson = False) -> None:
    """Show updates that were set aside and messages that did not get through."""
    from storage import post

    database = ready(settings_or_stop())
    updates, rows = database.do(lambda session: (post.dead_updates(session), post.failed_rows(session)))
    shown = [
        {
            "id": f"in:{u.id}",
            "at": u.received_at.isoformat(),
            "where": u.platform,
            "reason": u.reason,
            "error": u.error_id,
        }
        for u in updates
    ] + [
        {"id": f"out:{r.id}", "at": r.created_at.isoformat(), "where": r.kind, "reason": r.error, "error": None}
        for r in rows
    ]
    database.close()
    if as_json:
        out.print_json(json.dumps(shown))
        return
    table = Table("id", "at", "where", "reason", "error")
    for row in shown:
        table.add_row(*(str(value or "") for value in row.values()))
    out.print(table if shown else "No dead letters.")


@letters.command("retry")
def retry_letters(
    ids: Annotated[list[str] | None, typer.Argument(help="Such as in:12 or out:40; all if none is given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let dead letters take their turn again. A running bot takes them up at its next start."""
    from storage import post

    inward = _numbers(ids, "in")
    outward = _numbers(ids, "out")
    database = ready(settings_or_stop())
    counts = database.do(
        lambda session: {"updates": post.retry_updates(session, inward), "messages": post.retry_rows(session, outward)}
    )
    database.close()
    result(counts, as_json)


@translating.command("check")
def check_locales() -> None:
    """Check that every catalog is fresh, complete and sound."""
    from bot.locales import check

    problems = check()
    for problem in problems:
        err.print(problem, markup=False, highlight=False)
    out.print(f"{len(problems)} problems" if problems else "All catalogs are fresh, complete and sound.")
    if problems:
        raise typer.Exit(FOUND)


@translating.command("update")
def update_locales() -> None:
    """Bring the template and every catalog up to what the code says."""
    from bot.locales import update

    update()


def _numbers(ids: list[str] | None, prefix: str) -> list[int] | None:
    if ids is None:
        return None
    for one in ids:
        head, _colon, number = one.partition(":")
        if head not in {"in", "out"} or not number.isdecimal():
            err.print(f"{one}: should look like in:12 or out:40.", markup=False)
            raise typer.Exit(USAGE)
    return [int(one.partition(":")[2]) for one in ids if one.startswith(f"{prefix}:")]


def _stage(settings: Settings, database: Database) -> tuple[str, list[Any]]:
    """What the demo says when it is ready, and the page that only it has."""
    from bot.clock import utc_now
    from bot.demo import Stage
    from bot.platforms.web.playing import PATH, playing_routes

    stage, here = Stage(database, utc_now), settings.address
    national, central, second = stage.set(_DEMO_COUNTRY)
    lines = (
        f"Open this address as a new teacher: {here}   (Ctrl-C stops)",
        "Each of these in a private window or another browser:",
        f"  support of {_DEMO_COUNTRY}, works once: {here}/in/{national}",
        f"  central support, works once: {here}/in/{central}",
        f"  a second one, who agrees to what goes to many: {here}/in/{second}",
        f"  any fictional teacher, such as one you have asked: {here}{PATH}",
    )
    return "\n".join(lines), playing_routes(stage, settings.public_url)


def _serve(settings: Settings, database: Database, greeting: str, pages: Sequence[Any] = ()) -> None:
    import uvloop

    from bot.anchor import Anchor
    from bot.app import App
    from bot.platforms.platform import Setback
    from bot.running import platforms_for, serve, watched

    log_as(settings.log_format, settings.log_level)
    # What is loaded by now stays for good; leaving it out of every later collection makes turns quicker.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    anchor = Anchor(settings.anchor_file)
    watch, watching = watched(settings, database)
    served = [*pages, *watching]
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(
                serve(
                    lambda: App(
                        database,
                        platforms_for(settings, database, served),
                        address=settings.address,
                        anchor=anchor,
                        watch=watch,
                        room_days=settings.room_days,
                    ),
                    lambda _app: err.print(greeting, markup=False, highlight=False, soft_wrap=True),
                )
            )
    except Setback as setback:
        err.print(setback.sentence, markup=False, highlight=False)
        raise typer.Exit(STOPPED) from None
    except Exception:
        # Python's own trace would show messages of errors, which may hold a token or somebody's words.
        logging.getLogger("twinbot").exception("twinbot stops because of an error that it does not expect")
        raise typer.Exit(STOPPED) from None
    finally:
        database.close()


def _populate(database: Database, teachers: int, schools: int, seed: int) -> Any:
    from bot.clock import utc_now
    from storage.populate import populate as fill

    with bar("Inventing teachers") as progress:
        return fill(database, teachers, schools, seed, progress=progress, now=utc_now())


async def _typed() -> AsyncIterator[str]:
    """Lines from standard input, without holding up the loop."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip():
            yield line.rstrip("\n")
    if os.isatty(0):
        out.print()
