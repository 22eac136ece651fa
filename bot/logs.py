"""The log: one line an event, as text or JSON, and never a secret in it."""

from __future__ import annotations

import json
import logging
import re
import sys

# Telegram's tokens stand in its URLs; Matrix's access tokens in query strings of older clients.
_SECRETS = re.compile(r"\d{5,}:[A-Za-z0-9_-]{20,}|access_token=[^&\s]+|syt_[A-Za-z0-9_]+")


def redact(line: str) -> str:
    """Take tokens out of a line."""
    return _SECRETS.sub("[secret]", line)


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "area": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def set_up(format_: str) -> None:
    """Send the log to standard error. Libraries speak only when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    plain = _Redacting("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler.setFormatter(_Json() if format_ == "json" else plain)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("twinbot").setLevel(logging.INFO)
