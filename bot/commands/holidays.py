"""`twinbot import holidays`: school holidays, for exceptions, warnings and common lesson hours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.shared import FOUND, PARTLY, AsJson, err, ready, result, settings_or_stop


def import_holidays(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="School holidays as JSON, from OpenHolidays."),
    ],
    country: Annotated[
        str | None, typer.Option(help="The country of entries that do not say theirs, such as PL.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import school holidays in the form of openholidaysapi.org (`/SchoolHolidays`). Wrong entries are left out."""
    from storage.breaks_import import NotOpenHolidays, import_breaks

    database = ready(settings_or_stop())
    try:
        report = import_breaks(database, file, country)
    except NotOpenHolidays as refusal:
        err.print(str(refusal), markup=False)
        raise typer.Exit(FOUND) from None
    finally:
        database.close()
    problems = [{"entry": problem.entry, "problem": problem.sentence} for problem in report.problems]
    if not as_json:
        for problem in problems:
            err.print(f"entry {problem['entry']}: {problem['problem']}", markup=False)
    counts = {"kept": report.kept, "others": report.others}
    result({**counts, "problems": problems if as_json else len(problems)}, as_json)
    if problems:
        raise typer.Exit(PARTLY)
