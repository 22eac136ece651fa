"""Files of the chat as a browser gets them: only who may read the line, and nothing that could run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from bot.platforms.sniffing import SHOWN, UNKNOWN
from bot.platforms.web.shelf import Shelf
from bot.talk.messages import Attachment

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
# A file that is opened by itself stands in a sandbox: it has no scripts, no forms and no share in our cookies.
_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


def handed(shelf: Shelf, what: Attachment, asked: str | None) -> Response | None:
    """A file, or the part that the header Range asks for: telephones play no film without. None if it is gone."""
    size = shelf.size(what.ref)
    if size is None:
        return None
    part = _part(asked, size)
    if part is None:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = part
    whole = (start, end) == (0, size)
    headers = {**_headers(what), "Content-Length": str(end - start)}
    if not whole:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return StreamingResponse(shelf.pieces(what.ref, start, end), 200 if whole else 206, headers)


def _headers(what: Attachment) -> Mapping[str, Any]:
    shown = what.mime in SHOWN
    return {
        "Content-Type": what.mime if shown else UNKNOWN,
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(what.name, safe='')}",
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600",
        "Accept-Ranges": "bytes",
    }


def _part(asked: str | None, size: int) -> tuple[int, int] | None:
    """From where to before where; the whole file if nothing, or several parts, are asked for."""
    found = _RANGE.fullmatch((asked or "").strip())
    if found is None or not (found[1] or found[2]):
        return 0, size
    if not found[1]:
        return max(0, size - int(found[2])), size
    start, end = int(found[1]), min(size, int(found[2]) + 1 if found[2] else size)
    return (start, end) if start < end else None
