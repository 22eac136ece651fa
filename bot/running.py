"""From settings to a running program: the database, the platforms that have settings, signals."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from bot.app import App, StoredMarks
from bot.clock import utc_now
from bot.metrics import Metrics
from bot.platforms.platform import Platform
from bot.platforms.web import Web
from bot.platforms.web.watching import watching_routes
from bot.secret import KeyFile, KeyTrouble, decoded
from bot.settings import Settings
from bot.watch import Watch
from storage.database import Database, make_engine
from storage.keys import check, in_use
from storage.migrations import upgrade
from storage.sealing import Vault
from storage.web import WebBook


def open_database(settings: Settings) -> Database:
    """Open the database of the settings, with its key; an SQLite file's folder is made if need be.

    Raises `KeyTrouble` if the secret key is not the one that the database is sealed with, or is being changed.
    """
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    given = settings.secret_key.get_secret_value() if settings.secret_key else None
    database = Database(settings.database_url, vault_for(settings.database_url, given, KeyFile(settings.key_file)))
    try:
        if not database.presence.enter():
            raise KeyTrouble("The secret key of this database is being changed. Try again when that has ended.")
        # It may have been changed while we came in.
        check(database.engine)
    except BaseException:
        database.close()
        raise
    return database


def vault_for(url: str, given: str | None, file: KeyFile) -> Vault:
    """The vault of a database: with the key it is sealed with, or, for one that is not sealed yet, the newest.

    ``given`` is the key from the environment, which counts more than the file. Raises `KeyTrouble`.
    """
    wanted = _in_use(url)
    present = _present(given, file, wanted)
    for key in present:
        vault = Vault(key)
        if wanted in {None, vault.id}:
            return vault
    place = "TWINBOT_SECRET_KEY" if given else str(file.path)
    raise KeyTrouble(
        f"The database is sealed with the secret key {wanted}, and {place} has another one ({Vault(present[0]).id}). "
        f"Put back the one it was sealed with."
    )


def _present(given: str | None, file: KeyFile, wanted: str | None) -> list[bytes]:
    key = decoded(given) if given else None
    if key is not None:
        return [key]
    present = file.present()
    if not present and wanted is not None:
        raise KeyTrouble(
            f"The database is sealed with the secret key {wanted}, and {file.path} is not there. "
            "Put it back or set TWINBOT_SECRET_KEY: without the key contact data cannot be read."
        )
    return present or file.create()


def _in_use(url: str) -> str | None:
    engine = make_engine(url)
    try:
        return in_use(engine)
    finally:
        engine.dispose()


def ready_database(settings: Settings) -> Database:
    """Open the database and migrate it to today's tables."""
    database = open_database(settings)
    upgrade(database.engine)
    return database


def platforms_for(settings: Settings, database: Database, pages: Sequence[Any] = ()) -> dict[str, Platform]:
    """The platforms that have settings; the web always has. A platform that is off costs no import.

    ``pages`` are routes that the web serves beside its own.
    """
    platforms: dict[str, Platform] = {}
    routes: list[Any] = list(pages)
    if settings.telegram_token is not None:
        platforms["telegram"] = _telegram(settings, database, settings.telegram_token.get_secret_value(), routes)
    if settings.matrix_homeserver and settings.matrix_user and settings.matrix_password:
        platforms["matrix"] = _matrix(settings, database, settings.matrix_password.get_secret_value())
    if settings.smtp_url is not None:
        platforms["mail"] = _mail(settings.smtp_url.get_secret_value())
    platforms["web"] = _web(settings, database, routes)
    return platforms


def watched(settings: Settings, database: Database) -> tuple[Watch, list[Any]]:
    """Who tells how the program is, and the pages where it does."""
    watch = Watch(database, Metrics(), utc_now)
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    return watch, watching_routes(watch, token)


async def serve(make: Callable[[], App], ready: Callable[[App], Any] = lambda _app: None) -> None:
    """Run an app until SIGINT or SIGTERM, or until a platform cannot go on; then its error is raised."""
    app = make()
    running = asyncio.ensure_future(app.run())
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, running.cancel)
    app.tasks.start("ready", _when_listening(app, ready))
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def _when_listening(app: App, ready: Callable[[App], Any]) -> None:
    """Call ``ready`` once people can reach the web chat: not while standing by, nor if its port is taken."""
    web = app.platforms["web"]
    assert isinstance(web, Web)
    await web.started.wait()
    ready(app)


def _telegram(settings: Settings, database: Database, token: str, routes: list[Any]) -> Platform:
    from bot.platforms.telegram import Telegram
    from bot.platforms.web.webhook import TELEGRAM_PATH, webhook_route

    telegram = Telegram(
        token=token,
        api_url=settings.telegram_api_url,
        webhook_url=f"{settings.address}{TELEGRAM_PATH}" if settings.telegram_webhook else None,
        marks=StoredMarks(database, "telegram"),
        now=utc_now,
        rate=settings.telegram_rate,
    )
    if settings.telegram_webhook:
        routes.append(webhook_route(telegram.receive))
    return telegram


def _matrix(settings: Settings, database: Database, password: str) -> Platform:
    from bot.platforms.matrix import Matrix

    assert settings.matrix_homeserver is not None and settings.matrix_user is not None
    return Matrix(
        homeserver=settings.matrix_homeserver,
        user=settings.matrix_user,
        password=password,
        marks=StoredMarks(database, "matrix"),
        store_dir=settings.state_dir / "matrix",
        encryption=settings.matrix_encryption,
        now=utc_now,
    )


def _mail(url: str) -> Platform:
    from bot.platforms.mail.mail import Mail
    from bot.platforms.mail.server import server_of

    return Mail(server_of(url), now=utc_now)


def _web(settings: Settings, database: Database, routes: list[Any]) -> Platform:
    return Web(
        WebBook(database, utc_now),
        host=settings.web_host,
        port=settings.web_port,
        public_url=settings.public_url,
        healthy=database.alive,
        extra_routes=routes,
        files=settings.state_dir / "files",
        most=settings.web_file_mb * 1_000_000,
        now=utc_now,
    )
