"""What the groups of commands share: the two consoles, exit codes, opening the database, progress."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from storage.database import Database

out = Console()
err = Console(stderr=True)

# Exit codes beside 0: something was found wrong; the settings or the call are; a platform cannot go on;
# a part of the work was left out.
FOUND, USAGE, STOPPED, PARTLY = 1, 2, 3, 4

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]


def settings_or_stop() -> Settings:
    """Read the settings, or say what is wrong with them and stop before anything starts."""
    try:
        return load()
    except SettingsError as error:
        for sentence in error.sentences:
            err.print(sentence, markup=False, highlight=False)
        raise typer.Exit(USAGE) from None


def ready(settings: Settings) -> Database:
    """Open the database and bring it to today's tables, or say why that cannot be."""
    from bot.running import ready_database

    with saying_why():
        return ready_database(settings)


def opened(settings: Settings) -> Database:
    """Open the database and see that it answers; the process that comes to own it migrates it."""
    from bot.running import open_database
    from storage.migrations import versions

    with saying_why():
        database = open_database(settings)
        versions(database.engine)
        return database


@contextmanager
def saying_why() -> Iterator[None]:
    """A database that cannot be used is a sentence for the operator."""
    from sqlalchemy.exc import DBAPIError

    from bot.logs import redact
    from bot.secret import KeyTrouble
    from storage.keys import WrongKey

    try:
        yield
    except (KeyTrouble, WrongKey) as trouble:
        err.print(str(trouble), markup=False, highlight=False)
        raise typer.Exit(STOPPED) from None
    except (DBAPIError, OSError) as error:
        reason = redact(str(getattr(error, "orig", None) or error).splitlines()[0])
        err.print(
            f"The database cannot be opened: {reason}. Check TWINBOT_DATABASE_URL.", markup=False, highlight=False
        )
        raise typer.Exit(STOPPED) from None


def log_as(format_: str, level: str = "info") -> None:
    """Set up the log, as text or json."""
    from bot.logs import set_up

    set_up(format_, level)


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar that shows itself only when there is progress to show."""
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=False) as progress:
        task = progress.add_task(title, total=None, visible=False)
        yield lambda done, total: progress.update(task, completed=done, total=total, visible=True)


def result(values: dict[str, Any], as_json: bool) -> None:
    """Print what came out, for a reader or for a script."""
    if as_json:
        out.print_json(json.dumps(values))
    else:
        out.print(", ".join(f"{name}: {value}" for name, value in values.items()))
