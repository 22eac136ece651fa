"""A copy of a whole database while it is used, and the way back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Engine, inspect

from storage.keys import in_use
from storage.migrations import versions


class BackupError(Exception):
    """A copy cannot be made or put back; the sentence says why."""


def copy(engine: Engine, target: Path) -> None:
    """Write a consistent copy of the database into a new file. Raises `BackupError`."""
    if engine.dialect.name == "sqlite":
        _copy_file(Path(str(engine.url.database)), target)
    else:
        _run("pg_dump", engine.url, "--format=custom", "--no-owner", f"--file={target}")


def put_back(engine: Engine, source: Path) -> None:
    """Fill an empty database with a copy. Raises `BackupError`, and leaves it empty then."""
    if engine.dialect.name == "sqlite":
        _check(source)
        engine.dispose()
        place = Path(str(engine.url.database))
        place.parent.mkdir(parents=True, exist_ok=True)
        # A log of the one before belongs to that one.
        for suffix in ("-wal", "-shm"):
            place.with_name(place.name + suffix).unlink(missing_ok=True)
        source.replace(place)
    else:
        _run("pg_restore", engine.url, "--no-owner", "--single-transaction", "--exit-on-error", str(source))


def is_empty(engine: Engine) -> bool:
    """Whether there is no table yet; an SQLite file that is missing is not made by looking."""
    if engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).exists():
        return True
    return not inspect(engine).get_table_names()


def key_and_revision(engine: Engine) -> tuple[str | None, str | None]:
    """With which secret key a database is sealed, and how far it is migrated."""
    return in_use(engine), versions(engine)[0]


def _copy_file(source: Path, target: Path) -> None:
    """Page by page with SQLite's own means, in steps between which others write."""
    if not source.exists():
        raise BackupError(f"There is no database at {source}.")
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old, closing(sqlite3.connect(target)) as new:
        # One step after the other would begin anew at each write of another process, so it is one read transaction.
        old.backup(new, pages=-1)
        new.execute("PRAGMA journal_mode=DELETE")
    _check(target)


def _check(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as database:
            found = database.execute("PRAGMA quick_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"The copy is damaged ({error}).") from None
    if found != ("ok",):
        raise BackupError("The copy is damaged.")


def _run(program: str, url: URL, *words: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, where no list of processes shows it."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} is not there. Install PostgreSQL's client programs, of the server's version.")
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, **({"PGPASSWORD": url.password} if url.password else {})}
    try:
        subprocess.run(  # noqa: S603 - the program is PostgreSQL's own, the words are ours
            [found, f"--dbname={address}", *words], env=environment, capture_output=True, text=True, check=True
        )
    except subprocess.CalledProcessError as error:
        said = (error.stderr or "").strip().splitlines()
        raise BackupError(f"{program}: {said[0] if said else f'exit code {error.returncode}'}") from None
