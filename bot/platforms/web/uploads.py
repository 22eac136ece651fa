"""A form with a file: read piece by piece, so that nothing larger than allowed is ever kept."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from bot.platforms.sniffing import ENOUGH, SHOWN, UNKNOWN, kind_of, sniff
from bot.platforms.web.guard import HEAVIEST, Refused, read_form
from bot.talk.messages import Attachment
from bot.text.cleaning import clean, file_name

# A browser that is cut off shows an error of its own instead of our answer, so a little more than allowed is read.
_PATIENCE = 4
_FIELDS = 20


@dataclass
class Upload:
    """A file that came with a form."""

    name: str
    claimed: str | None
    size: int
    content: BinaryIO

    def digest(self) -> str:
        """By this it is known again."""
        self.content.seek(0)
        digest = hashlib.sha256()
        while piece := self.content.read(HEAVIEST):
            digest.update(piece)
        return digest.hexdigest()

    def attachment(self, ref: str) -> Attachment:
        """What it is, by its own bytes; what the browser says of it counts only for what no browser shows."""
        self.content.seek(0)
        found = sniff(self.content.read(ENOUGH))
        kind = kind_of(found)
        claimed = clean(self.claimed or "", one_line=True, limit=100)
        mime = found if found != UNKNOWN or claimed in SHOWN else claimed or UNKNOWN
        return Attachment(kind, ref, file_name(self.name, kind), mime, self.size)


@asynccontextmanager
async def reading(request: Request, most: int) -> AsyncIterator[tuple[dict[str, str], Upload | None]]:
    """The fields of a form and its file, if there is one, which is there within the block.

    Raises Refused as `read_form` does; 413 for a file of more than ``most`` bytes, 422 for an empty one.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        yield await read_form(request), None
        return
    parser = MultiPartParser(
        request.headers, _limited(request, most), max_files=1, max_fields=_FIELDS, max_part_size=HEAVIEST
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise Refused(400, "odd") from None
    try:
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        request.state.draft = fields.get("text", "")
        file = form.get("file")
        yield fields, _upload(file, most) if isinstance(file, UploadFile) else None
    finally:
        await form.close()


def _upload(file: UploadFile, most: int) -> Upload | None:
    size = file.size or 0
    if not file.filename and not size:
        return None  # So browsers say that none was chosen.
    if not size:
        raise Refused(422, "empty_file")
    if size > most:
        raise Refused(413, "big_file")
    return Upload(file.filename or "", file.content_type, size, file.file)


async def _limited(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body as it comes, up to a file of ``most`` bytes with its fields."""
    seen, allowed = 0, most + 2 * HEAVIEST
    async for piece in request.stream():
        seen += len(piece)
        if seen > _PATIENCE * allowed:
            break
        if seen <= allowed:
            yield piece
    if seen > allowed:
        raise Refused(413, "big_file" if most else "no_files")
