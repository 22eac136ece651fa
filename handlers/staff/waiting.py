"""What may wait for an officer: a line and a way to it for each kind of work, none where there is nothing to do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Option, go
from bot.text import Node, n_, p_
from handlers.staff.posts import my_country
from storage import reports, suspensions
from storage.staff import Post
from storage.verification import queue

_COUNTED = 100


def cases_wait(session: Session, post: Post, _now: datetime) -> tuple[Node, Option] | None:
    """Teachers who wait to be verified."""
    waiting = queue.tally(session, my_country(post)).waiting
    line = n_("{n} teacher waits to be verified.", "{n} teachers wait to be verified.", waiting)
    return (line, go("verify", p_("button", "Who waits"))) if waiting else None


def reports_wait(session: Session, post: Post, _now: datetime) -> tuple[Node, Option] | None:
    """Reports that nobody has closed."""
    waiting = len(reports.waiting(session, post, _COUNTED))
    line = n_("{n} report waits", "{n} reports wait", waiting)
    return (line, go("reports", p_("button", "Reports"))) if waiting else None


def appeals_wait(session: Session, post: Post, _now: datetime) -> tuple[Node, Option] | None:
    """Appeals of suspended teachers."""
    _all, waiting = suspensions.count(session, my_country(post))
    line = n_("{n} appeal waits for an answer.", "{n} appeals wait for an answer.", waiting)
    return (line, go("suspend", p_("button", "Suspensions"))) if waiting else None
