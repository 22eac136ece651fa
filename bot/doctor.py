"""`twinbot doctor`: looks at everything the bot needs, and says of each fault what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import aiohttp
from sqlalchemy.exc import SQLAlchemyError

from bot.anchor import Anchor, AnchorTrouble
from bot.clock import utc_now
from bot.logs import redact
from bot.platforms.mail.server import server_of
from bot.platforms.platform import TryLater
from bot.running import open_database
from bot.secret import KeyTrouble
from bot.settings import Settings, unknown
from bot.text.catalogs import available, catalog
from storage.audit_check import check
from storage.keys import WrongKey
from storage.matching.rows import mend
from storage.migrations import versions

_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass
class Finding:
    """One thing looked at: whether it is good, and a sentence about it."""

    subject: str
    good: bool
    sentence: str


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything, in the order in which a newcomer would mend it."""
    findings = [_settings(), _state(settings), *_database(settings)]
    if all(finding.good for finding in findings):
        findings += [_audit(settings), _matching(settings)]
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as http:
        findings += [finding async for finding in _telegram(settings, http)]
        findings += [finding async for finding in _matrix(settings, http)]
    return [*findings, await _mail(settings), _web(settings), _catalogs()]


def _settings() -> Finding:
    strange = unknown()
    if strange:
        return Finding("settings", False, f"{', '.join(strange)}: no such setting. Is it misspelt?")
    return Finding("settings", True, "all can be read.")


def _state(settings: Settings) -> Finding:
    try:
        settings.state_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.state_dir / ".doctor"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        return Finding("state directory", False, f"{settings.state_dir}: {error.strerror}. Set TWINBOT_STATE_DIR.")
    return Finding("state directory", True, f"{settings.state_dir} can be written.")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        database = open_database(settings)
        with closing(database):
            current, newest = versions(database.engine)
    except (KeyTrouble, WrongKey) as trouble:
        yield Finding("secret key", False, str(trouble))
        return
    except (SQLAlchemyError, OSError) as error:
        reason = redact(str(getattr(error, "orig", None) or error).splitlines()[0])
        yield Finding("database", False, f"cannot be opened: {reason}. Check TWINBOT_DATABASE_URL.")
        return
    kind = database.engine.dialect.name
    if current != newest:
        yield Finding("database", False, f"{kind}, at revision {current}, the newest is {newest}: twinbot migrate")
    else:
        yield Finding("database", True, f"{kind}, at the newest revision.")
    yield _key(settings, database.vault.id)


def _key(settings: Settings, name: str) -> Finding:
    """The key fits, or we would not be here. What is left to say is who else can read it, and to keep a copy."""
    if settings.secret_key is not None:
        return Finding("secret key", True, f"{name}, from TWINBOT_SECRET_KEY. Keep a copy apart from the database.")
    if settings.key_file.stat().st_mode & 0o077:
        return Finding("secret key", False, f"others may read {settings.key_file}: chmod 600 {settings.key_file}")
    copy = "Keep a copy apart from the database: without it contact data is lost."
    return Finding("secret key", True, f"{name}, in {settings.key_file}. {copy}")


def _audit(settings: Settings) -> Finding:
    """Whether the record of what support did goes on from where it ended when it was last looked at."""
    try:
        since = Anchor(settings.anchor_file).read()
        with closing(open_database(settings)) as database:
            found = database.do(partial(check, since=since))
    except AnchorTrouble as trouble:
        return Finding("audit log", False, str(trouble))
    if found.problems:
        return Finding("audit log", False, f"{found.problems[0]}. See all: twinbot audit verify")
    return Finding("audit log", True, f"{found.head.number} entries; twinbot audit verify looks at each.")


def _matching(settings: Settings) -> Finding:
    """What suggestions rest on is derived from other tables, so whatever is wrong there is made anew at once."""
    with closing(open_database(settings)) as database:
        mended = mend(database)
    if mended:
        return Finding("matching", True, f"{mended} rows were not what teachers had said, and are mended.")
    return Finding("matching", True, "suggestions rest on what teachers have said.")


async def _telegram(settings: Settings, http: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    if settings.telegram_token is None:
        yield Finding("Telegram", True, "off. To use it, set TWINBOT_TELEGRAM_TOKEN.")
        return
    url = f"{settings.telegram_api_url}/bot{settings.telegram_token.get_secret_value()}/getMe"
    try:
        async with http.get(url) as answer:
            known = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        yield Finding(
            "Telegram", False, redact(f"{settings.telegram_api_url} does not answer: {type(error).__name__}.")
        )
        return
    if isinstance(known, dict) and known.get("ok"):
        yield Finding("Telegram", True, f"the token is that of @{known['result'].get('username')}.")
    else:
        yield Finding("Telegram", False, "the token is refused. Ask BotFather for it and set TWINBOT_TELEGRAM_TOKEN.")


async def _matrix(settings: Settings, http: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    if settings.matrix_homeserver is None:
        yield Finding("Matrix", True, "off. To use it, set TWINBOT_MATRIX_HOMESERVER, _USER and _PASSWORD.")
        return
    try:
        async with http.get(f"{settings.matrix_homeserver}/_matrix/client/versions") as answer:
            good = answer.status == 200 and "versions" in await answer.json(content_type=None)
        known = good and await _matrix_login(settings, http)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        yield Finding("Matrix", False, f"{settings.matrix_homeserver} does not answer: {type(error).__name__}.")
        return
    if known:
        yield Finding("Matrix", True, f"{settings.matrix_homeserver} lets {settings.matrix_user} in.")
    elif good:
        yield Finding(
            "Matrix", False, "the homeserver refuses user or password. Check TWINBOT_MATRIX_USER and _PASSWORD."
        )
    else:
        yield Finding("Matrix", False, "this is no homeserver. Check TWINBOT_MATRIX_HOMESERVER.")


async def _matrix_login(settings: Settings, http: aiohttp.ClientSession) -> bool:
    """Log in as the bot and out again at once, so that no device is left behind."""
    assert settings.matrix_password is not None
    client = f"{settings.matrix_homeserver}/_matrix/client/v3"
    who = {"type": "m.id.user", "user": settings.matrix_user}
    body = {"type": "m.login.password", "identifier": who, "password": settings.matrix_password.get_secret_value()}
    async with http.post(f"{client}/login", json=body) as answer:
        token = (await answer.json(content_type=None)).get("access_token") if answer.status == 200 else None
    if token is None:
        return False
    async with http.post(f"{client}/logout", headers={"Authorization": f"Bearer {token}"}):
        return True


async def _mail(settings: Settings) -> Finding:
    if settings.smtp_url is None:
        return Finding("mail", True, "off: no e-mail is sent. TWINBOT_SMTP_URL turns it on.")
    from bot.platforms.mail.mail import Mail

    server = server_of(settings.smtp_url.get_secret_value())
    try:
        async with Mail(server, now=utc_now).connected():
            return Finding("mail", True, f"{server.host} takes letters from {server.sender}.")
    except TryLater as error:
        return Finding("mail", False, f"{server.host} does not let us in: {error.reason}. Check TWINBOT_SMTP_URL.")


def _web(settings: Settings) -> Finding:
    address = urlsplit(settings.address)
    if settings.public_url and address.scheme != "https" and address.hostname not in {"localhost", "127.0.0.1"}:
        return Finding("web", False, f"{settings.address} is not https: what people write would travel in clear.")
    return Finding("web", True, f"people reach it at {settings.address}.")


def _catalogs() -> Finding:
    missing = [code for code in available() if not catalog(code).forms and code != "en"]
    if missing:
        return Finding("catalogs", False, f"empty: {', '.join(missing)}.")
    return Finding("catalogs", True, f"{len(available())} languages: {', '.join(available())}.")
