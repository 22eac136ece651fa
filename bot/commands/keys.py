"""`twinbot keys`: the secret key that contact data is sealed with, and how it is changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from dotenv import dotenv_values
from rich.table import Table

from bot.clock import utc_now
from bot.commands.shared import STOPPED, USAGE, AsJson, bar, err, opened, out, saying_why, settings_or_stop
from bot.secret import KeyFile, KeyTrouble, decoded, encoded
from bot.secret import new as new_key
from bot.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

group = typer.Typer(help="The secret key that contact data is sealed with.", no_args_is_help=True)

_STOP_FIRST = "Another twinbot uses this database. Stop it first, also one that stands by."
_SAME = (
    "TWINBOT_SECRET_KEY is the key of now. Set it to a new one (`twinbot keys new` prints one), put the key of now "
    "into another variable, and name that variable with --from."
)


@group.command("new")
def new() -> None:
    """Print a new key, for TWINBOT_SECRET_KEY. Nothing is changed."""
    out.print(encoded(new_key()), markup=False, highlight=False)


@group.command("list")
def list_(as_json: AsJson = False) -> None:
    """Show which key the database is sealed with and which it was, and whether each is at hand."""
    from storage.keys import history

    settings = settings_or_stop()
    database = opened(settings)
    with saying_why():
        at_hand = set(_names(settings))
        known = database.do(history)
    database.close()
    rows = [(key.id, _moment(key.since), key.until and _moment(key.until), key.id in at_hand) for key in known]
    if as_json:
        names = ("key", "since", "until", "at_hand")
        out.print_json(json.dumps([dict(zip(names, row, strict=True)) for row in rows]))
        return
    table = Table("key", "since", "until", "at hand")
    for name, since, until, here in rows:
        table.add_row(name, since, until or "in use", "yes" if here else "no")
    out.print(table)


@group.command("rotate")
def rotate(
    source: Annotated[
        str | None,
        typer.Option("--from", help="The variable that has the key of now, if the key file does not have it."),
    ] = None,
) -> None:
    """Make a new key and seal everything with it. The bot must not run meanwhile."""
    settings = settings_or_stop()
    with saying_why(), _alone(settings.database_url) as engine:
        old = _key_of_now(settings, engine, source)
        new = _new_key(settings, old)
        name = _change(settings.database_url, old, new)
    out.print(f"The database is sealed with the key {name} now.", markup=False, highlight=False)
    place = "TWINBOT_SECRET_KEY" if settings.secret_key else str(settings.key_file)
    err.print(
        f"Keep a copy of {place} apart from the database. Backups made until now open with the key of before: keep "
        "that as long as you keep them. `twinbot keys forget` takes it out of the key file.",
        markup=False,
        highlight=False,
    )


@group.command("forget")
def forget(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take all keys but the one in use out of the key file. Backups of their time cannot be read any more."""
    from storage.sealing import Vault

    settings = settings_or_stop()
    database = opened(settings)
    with saying_why():
        file = KeyFile(settings.key_file)
        kept = [key for key in file.present() if Vault(key).id == database.vault.id]
        dropped = len(file.present()) - len(kept)
        if not dropped:
            out.print("There is no other key in the key file.")
        elif yes or typer.confirm(f"Drop {dropped} other? Backups made in their time cannot be read any more."):
            file.replace(kept)
            out.print(f"What is left is the key {database.vault.id}.", markup=False, highlight=False)
    database.close()


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


@contextmanager
def _alone(url: str) -> Iterator[Engine]:
    """Nobody else uses the database meanwhile, or this ends here."""
    from storage.database import make_engine
    from storage.owner import Ownership, Presence

    engine = make_engine(url)
    owner, presence = Ownership(engine), Presence(engine)
    try:
        if not (owner.take() and presence.alone()):
            err.print(_STOP_FIRST)
            raise typer.Exit(STOPPED)
        yield engine
    finally:
        presence.release()
        owner.release()
        engine.dispose()


def _key_of_now(settings: Settings, engine: Engine, source: str | None) -> bytes:
    """The key the database is sealed with, wherever it is at hand."""
    from storage.keys import in_use
    from storage.sealing import Vault

    wanted = in_use(engine)
    if wanted is None:
        raise KeyTrouble("The database is not sealed yet; `twinbot migrate` does that.")
    found = _at_hand(settings)
    if source is not None:
        key = decoded(os.environ.get(source) or dotenv_values(".env").get(source) or "")
        if key is None:
            raise KeyTrouble(f"{source} should be a secret key: 32 bytes in url-safe base64.")
        found.append(key)
    for key in found:
        if Vault(key).id == wanted:
            return key
    raise KeyTrouble(f"The database is sealed with the secret key {wanted}, which is not here. Name it with --from.")


def _new_key(settings: Settings, old: bytes) -> bytes:
    """The key of the environment, or one that is made now and stands in the key file before it is used."""
    if settings.secret_key is not None:
        given = decoded(settings.secret_key.get_secret_value())
        assert given is not None
        if given == old:
            err.print(_SAME)
            raise typer.Exit(USAGE)
        return given
    made, file = new_key(), KeyFile(settings.key_file)
    file.replace(list(dict.fromkeys([made, old, *file.present()])))
    return made


def _change(url: str, old: bytes, new: bytes) -> str:
    """Bring the tables up to date with the old key, then change it. Gives the new key's name."""
    from storage.database import make_engine
    from storage.migrations import upgrade
    from storage.rotation import rotate as change
    from storage.sealing import Vault

    before, after = make_engine(url, Vault(old)), make_engine(url, Vault(new, old))
    try:
        upgrade(before)
        with bar("Sealing anew") as progress:
            change(after, Vault(old), now=utc_now(), progress=progress)
    finally:
        before.dispose()
        after.dispose()
    return Vault(new).id


def _at_hand(settings: Settings) -> list[bytes]:
    """The keys of the environment and of the file."""
    given = decoded(settings.secret_key.get_secret_value()) if settings.secret_key else None
    return [*([given] if given else []), *KeyFile(settings.key_file).present()]


def _names(settings: Settings) -> list[str]:
    from storage.sealing import Vault

    return [Vault(key).id for key in _at_hand(settings)]
