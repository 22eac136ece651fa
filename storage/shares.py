"""Several processes on one PostgreSQL: which of them does which part is said by locks that fall with the process."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, NullPool, bindparam, create_engine, text

from storage.owner import OWNER

# Any fixed numbers: the first names our locks among PostgreSQL's, the second is held by everybody who works.
_OURS, _HERE = 7_239_410, 0
# A process whose machine is gone without a word is missed after about so many seconds, on both ends of the line.
_IDLE, _EVERY, _TIMES = 5, 2, 3
_GONE = {
    "keepalives_idle": _IDLE,
    "keepalives_interval": _EVERY,
    "keepalives_count": _TIMES,
    "tcp_user_timeout": 1000 * (_IDLE + _EVERY * _TIMES),
    "connect_timeout": 5,
}
_MISSED = text(
    f"SELECT set_config('tcp_keepalives_idle', '{_IDLE}', false), "
    f"set_config('tcp_keepalives_interval', '{_EVERY}', false), "
    f"set_config('tcp_keepalives_count', '{_TIMES}', false)"
)
_LOCKS = text(
    "SELECT CAST(objid AS bigint), pid = pg_backend_pid() FROM pg_locks WHERE locktype = 'advisory' AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND objsubid = 2 AND CAST(classid AS bigint) = :ours"
).bindparams(bindparam("ours", _OURS))


@dataclass(frozen=True)
class Seen:
    """Who does what: the numbers of the parts that are ours and others', and how many processes work."""

    mine: frozenset[int]
    others: frozenset[int]
    processes: int


class Shares:
    """The locks of one process, on a connection of its own. All of them raise what the database raises."""

    def __init__(self, engine: Engine) -> None:
        self._url = engine.url
        self._connection: Connection | None = None

    @property
    def joined(self) -> bool:
        """Whether the connection with our locks is there, as far as is known."""
        return self._connection is not None

    def join(self) -> bool:
        """Be among those who work. False: somebody works alone, and the tables may change."""
        if not self._try("pg_try_advisory_lock_shared(:n)", n=OWNER):
            return False
        return self._try("pg_try_advisory_lock_shared(:ours, :n)", ours=_OURS, n=_HERE)

    def alone(self) -> bool:
        """Be the only one who works; `join` ends that. False: somebody else does."""
        return self._try("pg_try_advisory_lock(:n)", n=OWNER)

    def among_others(self) -> None:
        """Let others work again, after having been alone."""
        self.join()
        self._try("pg_advisory_unlock(:n)", n=OWNER)

    def look(self) -> Seen:
        """Who does what just now."""
        found = [(int(number), bool(mine)) for number, mine in self._open().execute(_LOCKS)]
        mine = frozenset(number for number, ours in found if ours and number != _HERE)
        others = frozenset(number for number, ours in found if not ours and number != _HERE)
        return Seen(mine, others, sum(number == _HERE for number, _ours in found))

    def take(self, number: int) -> bool:
        """Take a part, which has a number above 0. False: another has it."""
        return self._try("pg_try_advisory_lock(:ours, :n)", ours=_OURS, n=number)

    def give(self, number: int) -> None:
        """Leave a part to others."""
        self._try("pg_advisory_unlock(:ours, :n)", ours=_OURS, n=number)

    def close(self) -> None:
        """Leave everything to others."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _try(self, call: str, **values: int) -> bool:
        return bool(self._open().scalar(text(f"SELECT {call}"), values))

    def _open(self) -> Connection:
        if self._connection is None:
            alone = create_engine(
                self._url, hide_parameters=True, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=_GONE
            )
            self._connection = alone.connect()
            self._connection.execute(_MISSED)
        return self._connection
