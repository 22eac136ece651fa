"""The bytes of files, from Telegram and to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, BinaryIO

from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.platforms.platform import File, NotCarried
from bot.platforms.telegram import files, sending
from bot.platforms.telegram.transport import Transport, Upload
from bot.platforms.uploaded import Uploaded
from bot.talk.messages import Attachment

Json = Any


async def send(transport: Transport, file: File, params: dict[str, Json], uploaded: Uploaded[Attachment]) -> Json:
    """Send a file with what ``params`` say beside it; gives Telegram's answer. Raises `TelegramError`.

    What many get is uploaded once; from then on Telegram sends it by its id, as long as it knows that.
    """
    if file.shared is None or file.open is None:
        return await _send(transport, file, params)
    if uploaded.known(file.shared) is None:
        async with uploaded.lock(file.shared):
            if uploaded.known(file.shared) is None:
                return await _first(transport, file, params, uploaded)
    known = uploaded.known(file.shared)
    assert known is not None
    try:
        return await _send(transport, replace(file, what=replace(file.what, ref=known.ref), open=None), params)
    except BadRequest as error:
        if not sending.is_no_file(error):
            raise
        uploaded.forget(file.shared)
        return await _first(transport, file, params, uploaded)


async def _first(transport: Transport, file: File, params: dict[str, Json], uploaded: Uploaded[Attachment]) -> Json:
    """Upload a file that many get, with the first message that has it."""
    sent = await _send(transport, file, params)
    found = files.sent(sent)
    if found is not None and files.resends(found) and file.shared is not None:
        uploaded.note(file.shared, found)
    return sent


async def _send(transport: Transport, file: File, params: dict[str, Json]) -> Json:
    how, what = files.method(file), file.what
    params = {**params, **sending.measures(what, how.name)}
    if file.open is None:
        return await transport.call(how.name, {**params, how.parameter: files.file_id(what)})
    upload = Upload(what.name, what.mime or files.UNKNOWN, what.size or 0, file.open())
    return await transport.upload(how.name, params, how.parameter, upload)


async def fetch(transport: Transport, what: Attachment, into: BinaryIO, most: int) -> None:
    """Download a file. Raises `NotCarried` or another `SendError`."""
    most = min(most, files.MOST_FETCHED)
    if (what.size or 0) > most:
        raise NotCarried("big", most)
    path = await _prepared(transport, files.file_id(what))
    try:
        whole = await transport.download(path, into, most)
    except (InvalidToken, BadRequest):
        raise NotCarried("gone") from None  # What getFile has prepared is there for an hour at least.
    except TelegramError as error:
        raise sending.send_error(error, editing=True) from None
    if not whole:
        raise NotCarried("big", most)


async def _prepared(transport: Transport, file_id: str) -> str:
    """Where Telegram has put a file for us."""
    try:
        found = await transport.call("getFile", {"file_id": file_id})
    except BadRequest as error:
        raise NotCarried("big" if "too big" in error.message.lower() else "gone", files.MOST_FETCHED) from None
    except TelegramError as error:
        raise sending.send_error(error, editing=True) from None
    path = found.get("file_path") if isinstance(found, dict) else None
    if not isinstance(path, str):
        raise NotCarried("gone")
    return path
