"""Roles beyond a teacher's: support officers, national and central, and the ambassadors whom they name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.models import Officer
from storage.models.staff import AMBASSADOR, CENTRAL, NATIONAL

__all__ = [
    "AMBASSADOR",
    "CENTRAL",
    "NATIONAL",
    "Post",
    "carry_over",
    "name_officer",
    "officers",
    "post_of",
    "remove_officer",
    "support_for",
]


@dataclass(frozen=True)
class Post:
    """A role that somebody holds; ``country`` (ISO code) is None for central support, ``region`` is in words."""

    person: int
    role: str
    country: str | None
    region: str | None = None

    @property
    def support(self) -> bool:
        """Whether this is a support officer, who decides, and not an ambassador, who only vouches."""
        return self.role in {NATIONAL, CENTRAL}

    def covers(self, country: str) -> bool:
        """Whether the role counts for this country."""
        return self.role == CENTRAL or self.country == country


def post_of(session: Session, person: int) -> Post | None:
    """The role of a person, or None."""
    row = session.get(Officer, person, populate_existing=True)
    return None if row is None else _post(row)


def officers(session: Session, country: str | None = None) -> list[Post]:
    """All who hold a role, or those whose role is for this country; support before ambassadors."""
    query = select(Officer).order_by(Officer.role.desc(), Officer.country, Officer.named_at)
    if country is not None:
        query = query.where(Officer.country == country)
    return [_post(row) for row in session.scalars(query)]


def name_officer(
    session: Session,
    person: int,
    role: str,
    country: str | None,
    *,
    named_by: int | None,
    now: datetime,
    region: str | None = None,
) -> Post:
    """Give a person a role in the place of the one they had. Raises ValueError where the country does not suit it."""
    if role not in {AMBASSADOR, NATIONAL, CENTRAL} or (country is None) != (role == CENTRAL):
        raise ValueError(f"{role} with country {country}")
    session.execute(delete(Officer).where(Officer.person_id == person))
    row = Officer(person_id=person, role=role, country=country, region=region, named_by=named_by, named_at=now)
    session.add(row)
    session.flush()
    return _post(row)


def carry_over(session: Session, person: int, into: int) -> None:
    """Let a role go with a person whose accounts become somebody else's, unless that one has a role already."""
    session.execute(update(Officer).where(Officer.named_by == person).values(named_by=into))
    if post_of(session, into) is None:
        session.execute(update(Officer).where(Officer.person_id == person).values(person_id=into))


def support_for(session: Session, country: str) -> list[int]:
    """The people who decide for a country: its national officers, or central support where it has none."""
    national = select(Officer.person_id).where(Officer.role == NATIONAL, Officer.country == country)
    found = list(session.scalars(national.order_by(Officer.person_id)))
    central = select(Officer.person_id).where(Officer.role == CENTRAL).order_by(Officer.person_id)
    return found or list(session.scalars(central))


def remove_officer(session: Session, person: int) -> bool:
    """Take a person's role away; False if they had none."""
    had = post_of(session, person) is not None
    session.execute(delete(Officer).where(Officer.person_id == person))
    return had


def _post(row: Officer) -> Post:
    return Post(row.person_id, row.role, row.country, row.region)
