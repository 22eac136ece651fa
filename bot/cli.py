"""The `twinbot` command."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from storage.database import Database

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

out = Console()
err = Console(stderr=True)

# Exit codes beside 0: something was found wrong; the settings or the call are; a platform cannot go on;
# a part of the work was left out.
FOUND, USAGE, STOPPED, PARTLY = 1, 2, 3, 4

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def run() -> None:
    """Run the bot on every platform that has settings, until it is told to stop."""
    settings = _settings()
    _serve(settings, _opened(settings), f"twinbot runs. The web chat is at {settings.address}")


@app.command()
def demo(
    teachers: Annotated[int, typer.Option(min=0, help="How many fictional teachers.")] = 2000,
    schools: Annotated[int, typer.Option(min=42, help="How many fictional schools.")] = 900,
) -> None:
    """Fill a database with fictional teachers and serve the web chat: the quickest way to see twinbot."""
    settings = _settings()
    database = _ready(settings)
    _populate(database, teachers, schools, seed=1)
    _serve(settings, database, f"Open this address as a new teacher: {settings.address}   (Ctrl-C stops)")


@app.command()
def chat(
    user: Annotated[str, typer.Option(help="Who you are; each name is a person of their own.")] = "guest",
    language: Annotated[str, typer.Option(help="The language to begin in, such as fr.")] = "en",
) -> None:
    """Talk with the bot here in the terminal, without any server."""
    from bot.app import App
    from bot.platforms.terminal import Terminal

    _log("text")
    database = _ready(_settings())
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

    with _saying_why():
        database = open_database(_settings())
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
    database = _ready(_settings())
    report = _populate(database, teachers, schools, seed)
    _result({"teachers": report.teachers, "schools": report.schools, "seconds": round(report.seconds, 2)}, as_json)
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

    database = _ready(_settings())
    try:
        with _bar("Importing schools") as progress:
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
    _result({**counts, "problems": problems if as_json else len(problems)}, as_json)
    if problems:
        raise typer.Exit(FOUND if strict else PARTLY)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check settings, database, tokens, homeserver and catalogs, and say what to do."""
    from bot.doctor import examine

    findings = asyncio.run(examine(_settings()))
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

    database = _ready(_settings())
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
    database = _ready(_settings())
    counts = database.do(
        lambda session: {"updates": post.retry_updates(session, inward), "messages": post.retry_rows(session, outward)}
    )
    database.close()
    _result(counts, as_json)


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


def _settings() -> Settings:
    """Read the settings, or say what is wrong with them and stop before anything starts."""
    try:
        return load()
    except SettingsError as error:
        for sentence in error.sentences:
            err.print(sentence, markup=False, highlight=False)
        raise typer.Exit(USAGE) from None


def _ready(settings: Settings) -> Database:
    """Open the database and bring it to today's tables, or say why that cannot be."""
    from bot.running import ready_database

    with _saying_why():
        return ready_database(settings)


def _opened(settings: Settings) -> Database:
    """Open the database and see that it answers; the process that comes to own it migrates it."""
    from bot.running import open_database
    from storage.migrations import versions

    with _saying_why():
        database = open_database(settings)
        versions(database.engine)
        return database


@contextmanager
def _saying_why() -> Iterator[None]:
    """A database that cannot be used is a sentence for the operator."""
    from sqlalchemy.exc import DBAPIError

    from bot.logs import redact

    try:
        yield
    except (DBAPIError, OSError) as error:
        reason = redact(str(getattr(error, "orig", None) or error).splitlines()[0])
        err.print(
            f"The database cannot be opened: {reason}. Check TWINBOT_DATABASE_URL.", markup=False, highlight=False
        )
        raise typer.Exit(STOPPED) from None


def _log(format_: str) -> None:
    from bot.logs import set_up

    set_up(format_)


def _serve(settings: Settings, database: Database, greeting: str) -> None:
    import uvloop

    from bot.app import App
    from bot.platforms.platform import Setback
    from bot.running import platforms_for, serve

    _log(settings.log_format)
    # What is loaded by now stays for good; leaving it out of every later collection makes turns quicker.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(
                serve(lambda: App(database, platforms_for(settings, database)), lambda _app: err.print(greeting))
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

    with _bar("Inventing teachers") as progress:
        return fill(database, teachers, schools, seed, progress=progress, now=utc_now())


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar that shows itself only when there is progress to show."""
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=False) as progress:
        task = progress.add_task(title, total=None, visible=False)
        yield lambda done, total: progress.update(task, completed=done, total=total, visible=True)


def _result(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps(values))
    else:
        out.print(", ".join(f"{name}: {value}" for name, value in values.items()))


async def _typed() -> AsyncIterator[str]:
    """Lines from standard input, without holding up the loop."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip():
            yield line.rstrip("\n")
    if os.isatty(0):
        out.print()
