"""The database: units of work are plain functions on a Session, run off the event loop.

SQLite has one writer thread that commits many units at once (each in a savepoint of its own) and a few
readers; PostgreSQL has a pool of threads with a transaction for each unit. The same functions run on both.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout
from sqlalchemy.orm import ORMExecuteState, Session

from storage.owner import Presence
from storage.sealing import Vault, furnish

T = TypeVar("T")
Unit = Callable[[Session], T]

_BATCH = 64
# More threads than this only fight for the interpreter: eight did a third fewer turns a second than four.
_WORKERS = 4
_RETRIES = 5
_SQLITE = {"timeout": 30, "check_same_thread": False}
# PostgreSQL's serialization failure and deadlock (its manual, appendix A): the unit is run again.
_AGAIN = {"40001", "40P01"}
# What SQLite says of a full disk, a lock held too long, a file that cannot be read or written.
_SQLITE_AWAY = ("SQLITE_FULL", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")


@dataclass
class _Waiting:
    """A unit, and who waits for it: a task of an event loop, or a thread."""

    unit: Unit[Any]
    future: asyncio.Future[Any] | Future[Any]
    loop: asyncio.AbstractEventLoop | None = None


_Result = tuple[_Waiting, Any, BaseException | None]


class Database:
    """An open database. ``write`` and ``read`` take a function on a Session and give its result."""

    def __init__(self, url: str, vault: Vault) -> None:
        self.url, self.vault = make_url(url), vault
        self.engine = make_engine(url, vault)
        self.embedded = self.engine.dialect.name == "sqlite"
        #: Whoever enters keeps the key from being changed until the database is closed.
        self.presence = Presence(self.engine)
        self._readers = ThreadPoolExecutor(2 if self.embedded else _WORKERS, thread_name_prefix="read")
        self._writer = _Writer(self.engine) if self.embedded else None

    async def write(self, unit: Unit[T]) -> T:
        """Run a unit that may write; its result comes only after the commit."""
        if self._writer is not None:
            loop = asyncio.get_running_loop()
            waiting = _Waiting(unit, loop.create_future(), loop)
            self._writer.put(waiting)
            return await waiting.future  # type: ignore[no-any-return,misc]
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._transaction, unit)

    async def read(self, unit: Unit[T]) -> T:
        """Run a unit that only reads."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._look, unit)

    def do(self, unit: Unit[T]) -> T:
        """Run a unit that may write, here and now: for commands that have no event loop."""
        if self._writer is None:
            return self._transaction(unit)
        future: Future[T] = Future()
        self._writer.put(_Waiting(unit, future))
        return future.result()

    def alive(self) -> bool:
        """Whether units can still be run."""
        return self._writer is None or self._writer.alive()

    async def empty_log(self) -> None:
        """Write SQLite's log into the file and empty it, so that what was erased does not stay in it."""
        if self.embedded:
            await asyncio.get_running_loop().run_in_executor(self._readers, self._empty_log)

    def _empty_log(self) -> None:
        with self.engine.connect() as connection:
            # While somebody reads it is left for the next time.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def close(self) -> None:
        """Finish what is under way and let go of the connections."""
        if self._writer is not None:
            self._writer.stop()
        self._readers.shutdown(wait=True)
        self.presence.release()
        self.engine.dispose()

    def _transaction(self, unit: Unit[T]) -> T:
        for attempt in range(_RETRIES):
            try:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    return unit(session)
            except DBAPIError as error:
                if attempt == _RETRIES - 1 or not _passing(error):
                    raise
                time.sleep(0.05 * 2**attempt)
        raise AssertionError("unreachable")

    def _look(self, unit: Unit[T]) -> T:
        with Session(self.engine, autoflush=False) as session:
            return unit(session)


def make_engine(url: str, vault: Vault | None = None) -> Engine:
    """Make an engine set up as this program needs it (WAL and full synchronisation on SQLite).

    Errors never quote parameters: they may be somebody's words, and errors go to the log. Without a vault, sealed
    columns can be neither read nor written.
    """
    engine = _engine(make_url(url))
    if vault is not None:
        furnish(engine, vault)
    return engine


def _engine(parsed: URL) -> Engine:
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True, connect_args=_SQLITE)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(parsed, hide_parameters=True, pool_size=_WORKERS, max_overflow=4, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction control would begin transactions too late for a consistent read; the
    # writer says BEGIN IMMEDIATE itself.
    connection.isolation_level = None
    # secure_delete: what is deleted or sealed must not stay readable in pages that are free.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database cannot be used now, and nothing of the unit that met it."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, SQLAlchemyTimeout)
    name = getattr(error.orig, "sqlite_errorname", None)
    return name.startswith(_SQLITE_AWAY) if name is not None else _passing(error)


def _passing(error: DBAPIError) -> bool:
    """Whether a unit may succeed when it is run again (PostgreSQL)."""
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return error.connection_invalidated or isinstance(error, OperationalError)
    # 08: no connection; 53: no room, no memory, too many connections; 57P: shut down or starting up.
    return error.connection_invalidated or state in _AGAIN or state.startswith(("08", "53", "57P"))


class _Writer:
    """SQLite's one writer: takes the units that wait, runs each in a savepoint, commits them together."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._units: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def put(self, waiting: _Waiting) -> None:
        if self._stopped:
            raise RuntimeError("the database is closed")
        self._units.put(waiting)

    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._stopped = True
        self._units.put(None)
        self._thread.join()

    def _work(self) -> None:
        going = True
        while going:
            batch, going = self._take()
            # A unit whose caller has gone before it began is left out.
            batch = [waiting for waiting in batch if not waiting.future.cancelled()]
            if batch:
                self._commit(batch)

    def _take(self) -> tuple[list[_Waiting], bool]:
        """Wait for one unit, then take what else is there."""
        batch: list[_Waiting] = []
        item = self._units.get()
        while True:
            if item is None:
                return batch, False
            batch.append(item)
            if len(batch) >= _BATCH:
                return batch, True
            try:
                item = self._units.get_nowait()
            except queue.Empty:
                return batch, True

    def _commit(self, batch: list[_Waiting]) -> None:
        """Run a batch in one transaction. If the commit fails, every unit of it has failed."""
        results: list[_Result] = []
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    self._run(connection, batch, results)
                except BaseException:
                    connection.exec_driver_sql("ROLLBACK")
                    raise
                connection.exec_driver_sql("COMMIT")
        except BaseException as error:
            results = [(waiting, None, error) for waiting in batch]
        # All results of a loop go there in one call, which costs far less than one for each.
        for loop in {waiting.loop for waiting in batch}:
            theirs = [result for result in results if result[0].loop is loop]
            if loop is None:
                _tell(theirs)
            else:
                with suppress(RuntimeError):  # The loop is closed, so nobody waits any more.
                    loop.call_soon_threadsafe(_tell, theirs)

    def _run(self, connection: Connection, batch: list[_Waiting], results: list[_Result]) -> None:
        """Run the units of a batch, each in a savepoint. They share a session, which forgets all after each."""
        session = _session(connection)
        for waiting in batch:
            # Straight to the driver: these three words need nothing of what SQLAlchemy does around a statement.
            say = connection.connection.driver_connection.execute  # type: ignore[union-attr]
            say("SAVEPOINT unit")
            try:
                result = waiting.unit(session)
                session.flush()
            except Exception as error:
                say("ROLLBACK TO unit")
                say("RELEASE unit")
                results.append((waiting, None, error))
                session = _session(connection)
            else:
                say("RELEASE unit")
                results.append((waiting, result, None))
                session.expunge_all()
                session.info.clear()


def _session(connection: Connection) -> Session:
    return Session(connection, expire_on_commit=False, join_transaction_mode="rollback_only")


def _tell(results: list[_Result]) -> None:
    for waiting, result, failure in results:
        if waiting.future.done():
            continue
        if failure is not None:
            waiting.future.set_exception(failure)
        else:
            waiting.future.set_result(result)


@contextmanager
def undoing(session: Session) -> Iterator[None]:
    """What is written inside is undone if it ends with an exception; the session forgets what it knew."""
    connection = session.connection()
    connection.exec_driver_sql("SAVEPOINT undoing")
    try:
        yield
    except Exception:
        session.expunge_all()
        session.info.pop("wrote", None)
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT undoing")
        raise
    finally:
        connection.exec_driver_sql("RELEASE SAVEPOINT undoing")


@event.listens_for(Session, "do_orm_execute")
def _note_writes(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info["wrote"] = True


@event.listens_for(Session, "after_flush")
def _note_flush(session: Session, _context: object) -> None:
    session.info["wrote"] = True
