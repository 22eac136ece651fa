"""The log: one line an event, as text or JSON, and never a secret in it."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from typing import Any

# Telegram's tokens stand in its URLs; Matrix's access tokens in query strings of older clients; passwords in the
# addresses of databases.
_SECRETS = re.compile(
    r"\d{4,}(?::|%3A)[A-Za-z0-9_-]{10,}|access_token=[^&\s]+|sy[tr]_[A-Za-z0-9_]+|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
)


# What people and chats are known by on a platform: Matrix ids and rooms, e-mail addresses, long numbers.
_IDS = re.compile(r"[@!#+$][^\s:]+:[\w.-]+(?::\d+)?|[\w.%+-]+@[\w-]+(?:\.[\w-]+)+|[!$][\w-]{20,}|-?\d{5,}")


def without_ids(reason: str) -> str:
    """A platform's own words about a failure, without what they may say of who was meant."""
    return _IDS.sub("[id]", reason)


def redact(line: str) -> str:
    """Take tokens out of a line."""
    return _SECRETS.sub("[secret]", line)


def trace(error: BaseException) -> str:
    """Where an error came from, and of what kind it and its causes are.

    Messages are left out, because they may quote somebody's words ("invalid literal for int(): ...").
    """
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    chain = [trace(before)] if before is not None else []
    frames = "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return "\n".join([*chain, *([frames] if frames else []), kind, *map(trace, inner)])


class _Plain(logging.Formatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name that logging gives it
        return trace(ei[1])

    def format(self, record: logging.LogRecord) -> str:
        # A record keeps the trace that another formatter may have made of it, messages and all.
        record.exc_text = None
        return redact(super().format(record))


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "area": record.name,
            "message": redact(record.getMessage()),
        }
        if followed := getattr(record, "followed", None):
            line["id"] = followed
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = redact(trace(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False)


# What the work at hand belongs to: the key of an update or of a message.
_followed: ContextVar[str | None] = ContextVar("followed", default=None)


def following(key: str) -> None:
    """Let the lines of this task name what they belong to.

    A message that an update was answered with has the update's key as the beginning of its own.
    """
    _followed.set(key)


def _name(record: logging.LogRecord) -> bool:
    record.followed = _followed.get()
    return True


def set_up(format_: str, level: str = "info") -> None:
    """Send the log to standard error. Libraries speak only when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_name)
    plain = _Plain("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler.setFormatter(_Json() if format_ == "json" else plain)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("twinbot").setLevel(level.upper())
