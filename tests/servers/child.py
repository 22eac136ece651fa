"""Servers as child processes: they die with the tests, show their log when they fail, are never slept for."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

from tests.patience import PATIENCE

# On Linux the kernel signals the server when the thread that started it ends, however it ends; elsewhere an
# orphan is possible after a kill -9 of the tests. A prelude does it, because `preexec_fn` warns in Python
# 3.12 as soon as the tests have a second thread. The other user comes first, since a change of user resets
# the wish.
_PRELUDE = """
import ctypes, os, sys
last_signal, user, parent, *command = sys.argv[1:]
if int(user):
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(last_signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("The process that wanted this server is gone already.")
os.execv(command[0], command)
"""


class ServerStartError(Exception):
    """The server ended, or stayed silent for too long; the message holds the end of its log."""


def free_port() -> int:
    """A TCP port of the loopback that was free a moment ago; another process may still take it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def spawn(
    command: Sequence[str | Path], log: Path, *, last_signal: int = signal.SIGTERM, user: int = 0
) -> subprocess.Popen[bytes]:
    """Start `command`, its output appended to `log`; `last_signal` reaches it when the starting thread ends.

    Start it from a thread that lives as long as the server is needed, so from the main thread of the tests.
    """
    prelude = [sys.executable, "-I", "-S", "-c", _PRELUDE, str(last_signal), str(user), str(os.getpid())]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*prelude, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            start_new_session=True,
        )


def wait_until_ready(
    process: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path, seconds: float = PATIENCE
) -> None:
    """Return once `is_ready()` holds; raise ServerStartError if the process ends or time runs out."""
    give_up = monotonic() + seconds
    while not is_ready():
        if ended_within(process, 0.02):
            raise ServerStartError(f"It ended with exit code {process.returncode}.\n{tail(log)}")
        if monotonic() > give_up:
            end(process, signal.SIGKILL)
            raise ServerStartError(f"It was not ready after {seconds} s.\n{tail(log)}")


def ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for the end of the process, at most `seconds`; say whether it has come."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def end(process: subprocess.Popen[bytes], by: int = signal.SIGTERM, seconds: float = 10) -> None:
    """Send the signal `by` and wait; after `seconds` kill it. Harmless when it has ended already."""
    if process.poll() is None:
        process.send_signal(by)
    if not ended_within(process, seconds):
        process.kill()
        process.wait()


def tail(log: Path, characters: int = 4000) -> str:
    """The end of a log file, for an error message."""
    return log.read_text(errors="replace")[-characters:] if log.exists() else "(no log)"
