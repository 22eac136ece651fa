"""Whom the lines of a list name: by account, by the e-mail address that proved them, or by their name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.domains import address_of, folded
from storage.models import Account, MailCode, Officer, Person, Teacher
from storage.models.base import ACCOUNT
from storage.sealing import vault_of

#: So many are looked up by one statement.
_CHUNK = 500
_PLATFORMS = ("telegram", "matrix", "web")
_PERSON = "person"
_MATRIX = re.compile(r"@[^\s:]+:[^\s/]+")


def named(session: Session, rows: Sequence[str], country: str | None) -> list[int | None]:
    """Whom each line names; None for nobody, for several, and for somebody of another country than ``country``."""
    found = [*_by_account(session, rows), *_by_mail(session, rows), *_by_name(session, rows, country)]
    known = dict(found)
    within = _within(session, set(known.values()), country)
    people = [known.get(row) for row in rows]
    return [person if person in within else None for person in people]


def account_in(row: str) -> tuple[str, str] | None:
    """The account that a line is: ``telegram:12345``, a bare number of Telegram, a bare id of Matrix, ``person:12``."""
    if row.isascii() and row.isdecimal():
        return "telegram", row
    if _MATRIX.fullmatch(row):
        return "matrix", row
    platform, colon, account = row.partition(":")
    platform, account = platform.strip().lower(), account.strip()
    known = platform in _PLATFORMS or (platform == _PERSON and account.isascii() and account.isdecimal())
    return (platform, account) if colon and account and known and len(account) < 300 else None


def _by_account(session: Session, rows: Sequence[str]) -> Iterator[tuple[str, int]]:
    vault = vault_of(session.get_bind().dialect)
    asked = {row: found for row in rows if (found := account_in(row)) is not None}
    yield from ((row, int(name[:15])) for row, (where, name) in asked.items() if where == _PERSON)
    for platform in _PLATFORMS:
        theirs = {row: vault.digest(name, ACCOUNT) for row, (where, name) in asked.items() if where == platform}
        columns = select(Account.external_key, Account.person_id).where(Account.platform == platform)
        known = _looked_up(session, columns, Account.external_key, {asked[row][1] for row in theirs})
        yield from ((row, known[digest]) for row, digest in theirs.items() if digest in known)


def _by_mail(session: Session, rows: Sequence[str]) -> Iterator[tuple[str, int]]:
    vault = vault_of(session.get_bind().dialect)
    asked = {row: folded(found[0]) for row in rows if (found := address_of(row)) is not None}
    columns = select(MailCode.address, MailCode.person_id).where(MailCode.proved.is_(True))
    known = _looked_up(session, columns, MailCode.address, set(asked.values()))
    digests = {row: vault.digest(address, "mail_codes.address") for row, address in asked.items()}
    yield from ((row, known[digest]) for row, digest in digests.items() if digest in known)


def _by_name(session: Session, rows: Sequence[str], country: str | None) -> Iterator[tuple[str, int]]:
    """A name that several have names nobody."""
    names = {row for row in rows if account_in(row) is None and "@" not in row}
    columns = select(Teacher.name, func.min(Teacher.person_id)).group_by(Teacher.name).having(func.count() == 1)
    if country is not None:
        columns = columns.where(Teacher.country == country)
    yield from _looked_up(session, columns, Teacher.name, names).items()


def _looked_up(session: Session, columns: Any, column: Any, values: Collection[str]) -> Mapping[str, int]:
    known: dict[str, int] = {}
    for some in _chunks(sorted(values)):
        known.update((str(key), person) for key, person in session.execute(columns.where(column.in_(some))))
    return known


def _within(session: Session, people: Collection[int], country: str | None) -> set[int]:
    """Those who have a country, and the one that is asked for."""
    theirs = func.coalesce(Teacher.country, Officer.country)
    query = select(Person.id).outerjoin(Teacher, Teacher.person_id == Person.id)
    query = query.outerjoin(Officer, Officer.person_id == Person.id).where(Person.erased_at.is_(None))
    query = query if country is None else query.where(theirs == country)
    found: set[int] = set()
    for some in _chunks(sorted(people)):
        found.update(session.scalars(query.where(Person.id.in_(some))))
    return found


def _chunks(values: Sequence[Any]) -> Iterator[list[Any]]:
    left = iter(values)
    while some := list(islice(left, _CHUNK)):
        yield some
