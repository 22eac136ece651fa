"""Which secret key a database is sealed with: it says so itself, so another key is refused and never half works."""

from __future__ import annotations

from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session

from storage.models import VaultKey
from storage.sealing import vault_of


class WrongKey(Exception):
    """The database is sealed with another key than the present one."""

    def __init__(self, wanted: str, present: str) -> None:
        super().__init__(f"The database is sealed with the secret key {wanted}, and the present one is {present}.")
        self.wanted = wanted


def in_use(engine: Engine) -> str | None:
    """The name of the key a database is sealed with; None before it has any. Needs no vault."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(VaultKey.__tablename__):
            return None
        return connection.scalar(select(VaultKey.id).where(VaultKey.until.is_(None)))


def check(engine: Engine) -> None:
    """Raise `WrongKey` unless the engine's vault has the key that the database is sealed with."""
    wanted, present = in_use(engine), vault_of(engine.dialect).id
    if wanted not in {None, present}:
        raise WrongKey(wanted, present)


def history(session: Session) -> list[VaultKey]:
    """The keys that the database was sealed with, the present one first."""
    return list(session.scalars(select(VaultKey).order_by(VaultKey.until.is_not(None), VaultKey.until.desc())))
