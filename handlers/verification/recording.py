"""What verification writes into the audit log: who decided or proved what about whom, in codes and never in words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from storage import audit
from storage.audit import Act
from storage.models import Case

_ACTS: dict[str | None, Act] = {"approved": "verified", "declined": "declined", "revoked": "revoked"}


def carried_out(session: Session, case: Case, now: datetime) -> None:
    """A decision of an officer was carried out."""
    detail = {"way": "support", "why": case.reason or ("own_words" if case.words else "none")}
    _note(session, case, _ACTS[case.outcome], case.decided_by, detail, now)


def undone(session: Session, case: Case, by: int | None, now: datetime) -> None:
    """A decision was taken back by its officer, or (None) because the officer's post was taken away."""
    _note(session, case, "undone", by, {"decision": case.outcome or "none"}, now)


def question_asked(session: Session, subject: int, country: str, officer: int, now: datetime) -> None:
    """An officer asked a teacher something."""
    audit.record(session, actor=officer, act="question_asked", subject=subject, country=country, now=now)


def passed_on(session: Session, case: Case, now: datetime) -> None:
    """A case went to central support by itself."""
    _note(session, case, "escalated", None, {}, now)


def proved(session: Session, subject: int, country: str, way: str, by: int | None, now: datetime) -> None:
    """A proof verified a teacher; ``by`` is who gave it, if that is a person of ours."""
    audit.record(session, actor=by, act="verified", subject=subject, country=country, detail={"way": way}, now=now)


def moved(session: Session, subject: int, country: str, now: datetime) -> None:
    """A teacher changed schools, and is verified no more."""
    detail = {"why": "school_changed"}
    audit.record(session, actor=subject, act="revoked", subject=subject, country=country, detail=detail, now=now)


def _note(session: Session, case: Case, act: Act, actor: int | None, detail: dict[str, str], now: datetime) -> None:
    audit.record(
        session, actor=actor, act=act, subject=case.person_id, country=case.country, detail=dict(detail), now=now
    )
