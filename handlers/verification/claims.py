"""What is known of a teacher's claim to teach at a school: for their own screen, and for who decides on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storage import staff, teachers
from storage.models import Case, Proof, School
from storage.models.staff import AMBASSADOR
from storage.verification import proofs, reading


@dataclass(frozen=True)
class Claim:
    """A teacher and what supports them. ``case`` is the open one, ``before`` are those that came to something.

    ``proofs`` are those for the present school, the newest first.
    """

    person: int
    name: str
    country: str
    subjects: tuple[str, ...]
    status: str
    school: School
    case: Case | None
    before: tuple[Case, ...]
    proofs: tuple[Proof, ...]

    @property
    def domains(self) -> tuple[str, ...]:
        """The mail domains on the school's record; none of a school that was taken off the list."""
        return () if self.school.removed_at else tuple((self.school.domains or "").split())

    @property
    def email(self) -> str | None:
        """The school's own mail address, where its head is asked."""
        return None if self.school.removed_at else self.school.email

    def of(self, way: str, *states: str) -> list[Proof]:
        """The proofs of one way that stand in these states, the newest first."""
        return [proof for proof in self.proofs if proof.way == way and proof.state in states]

    def asked(self, way: str, now: datetime) -> list[Proof]:
        """What was asked this way and may still be answered."""
        return [proof for proof in self.of(way, "asked") if proof.until > now]


def claim_of(session: Session, person: int) -> Claim | None:
    """The claim of a teacher; None if this person is no teacher."""
    told = reading.claimant(session, person)
    if told is None:
        return None
    name, country, status, school = told
    case, before = reading.history(session, person)
    return Claim(
        person=person,
        name=name,
        country=country,
        subjects=teachers.subjects_of(session, person),
        status=status,
        school=school,
        case=case,
        before=before,
        proofs=tuple(proofs.of_teacher(session, person)),
    )


def ambassadors(session: Session, claim: Claim) -> list[staff.Post]:
    """The ambassadors of the teacher's country, without the teacher."""
    there = staff.officers(session, claim.country)
    return [post for post in there if post.role == AMBASSADOR and post.person != claim.person]


def manned(session: Session, country: str) -> list[int]:
    """The national officers of a country."""
    return [post.person for post in staff.officers(session, country) if post.role == staff.NATIONAL]


__all__ = ["Claim", "ambassadors", "claim_of", "manned"]
