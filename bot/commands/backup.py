"""`twinbot backup` and `twinbot restore`: everything but the secret key in one file, made while the bot runs."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.clock import utc_now
from bot.commands.shared import STOPPED, AsJson, err, result, saying_why, settings_or_stop
from bot.secret import KeyFile, decoded
from bot.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

_DATABASE, _MANIFEST = "database", "manifest.json"
#: What goes along from the state directory: files of the web chat, the keys of Matrix.
FOLDERS = ("files", "matrix")


def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write, such as twinbot.backup.")],
    as_json: AsJson = False,
) -> None:
    """Write a backup; the bot may run. The secret key is not in it: keep that apart."""
    from storage.backup import copy, key_and_revision
    from storage.database import make_engine

    settings = settings_or_stop()
    engine = make_engine(settings.database_url)
    with saying_why(), _saying_what(), TemporaryDirectory(dir=_beside(file)) as folder:
        made = Path(folder) / _DATABASE
        copy(engine, made)
        key, revision = key_and_revision(engine)
        manifest = {"engine": engine.dialect.name, "key": key, "revision": revision, "made_at": utc_now().isoformat()}
        _pack(file, made, settings, manifest)
    engine.dispose()
    result({"file": str(file), "bytes": file.stat().st_size, "key": key, "revision": revision}, as_json)


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="What backup wrote.")],
    as_json: AsJson = False,
) -> None:
    """Put a backup into an empty database. The bot must not run, and its secret key must be there."""
    from storage.backup import is_empty, put_back
    from storage.database import make_engine
    from storage.owner import Presence

    settings = settings_or_stop()
    engine = make_engine(settings.database_url)
    with saying_why(), _saying_what(), TemporaryDirectory(dir=_beside(settings.state_dir / _DATABASE)) as folder:
        manifest = _unpack(file, Path(folder))
        _fits(manifest, engine, settings)
        presence = Presence(engine)
        if not presence.alone():
            _stop("Another twinbot uses this database. Stop it first, also one that stands by.")
        try:
            if not is_empty(engine):
                _stop("The database is not empty. Move it away, or name another one in TWINBOT_DATABASE_URL.")
            put_back(engine, Path(folder) / _DATABASE)
            left = [name for name in FOLDERS if not _place(Path(folder) / name, settings.state_dir / name)]
        finally:
            presence.release()
    engine.dispose()
    for name in left:
        err.print(f"{settings.state_dir / name} is there already and stays as it is.", markup=False, highlight=False)
    result({"made_at": manifest["made_at"], "revision": manifest["revision"]}, as_json)


def _pack(file: Path, database: Path, settings: Settings, manifest: dict[str, Any]) -> None:
    """Write the archive beside its name and give it that when it is whole; only its owner may read it."""
    part = file.with_name(f"{file.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    about = database.with_name(_MANIFEST)
    about.write_text(json.dumps(manifest))
    with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as archive:
        archive.add(about, _MANIFEST)
        archive.add(database, _DATABASE)
        for name in FOLDERS:
            _add(archive, settings.state_dir / name, name)
    with part.open("rb") as whole:
        os.fsync(whole.fileno())
    part.replace(file)


def _add(archive: tarfile.TarFile, folder: Path, name: str) -> None:
    """Add what is in a folder; a file that the running bot takes away meanwhile is not missed."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        try:
            archive.add(path, f"{name}/{path.relative_to(folder)}", recursive=False)
        except FileNotFoundError:
            continue


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / _MANIFEST).read_text())
    except (tarfile.TarError, OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict) or not (folder / _DATABASE).is_file():
        _stop(f"{file} is no backup of twinbot, or not a whole one.")
    return dict(manifest)


def _fits(manifest: dict[str, Any], engine: Engine, settings: Settings) -> None:
    """Stop unless this database can take the backup, and its key is at hand."""
    from storage.sealing import Vault

    if manifest.get("engine") != engine.dialect.name:
        _stop(f"The backup is of {manifest.get('engine')}, and TWINBOT_DATABASE_URL names {engine.dialect.name}.")
    given = decoded(settings.secret_key.get_secret_value()) if settings.secret_key else None
    present = [given] if given is not None else KeyFile(settings.key_file).present()
    if manifest.get("key") not in {None, *(Vault(key).id for key in present)}:
        place = "TWINBOT_SECRET_KEY" if given is not None else str(settings.key_file)
        _stop(f"The backup is sealed with the secret key {manifest.get('key')}: put that into {place} first.")


def _place(source: Path, target: Path) -> bool:
    """Move a folder of the backup to its place. False: there is one already."""
    if not source.is_dir():
        return True
    if target.is_dir() and any(target.iterdir()):
        return False
    if target.is_dir():
        target.rmdir()
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    return True


def _beside(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.parent


@contextmanager
def _saying_what() -> Iterator[None]:
    from storage.backup import BackupError

    try:
        yield
    except BackupError as error:
        _stop(str(error))


def _stop(sentence: str, code: int = STOPPED) -> Any:
    err.print(sentence, markup=False, highlight=False)
    raise typer.Exit(code)
