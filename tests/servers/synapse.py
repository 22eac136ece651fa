"""A real Synapse, the reference homeserver of Matrix, on loopback: SQLite, no federation, no limits."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any

from tests.servers.child import ServerStartError, end, free_port, spawn, wait_until_ready

NAME = "twinbot.test"

# Synapse's own default limits would stretch a test to minutes (0.2 messages a second). A limit is either one
# {per_second, burst_count} or a group of them.
_UNLIMITED = {"per_second": 1e6, "burst_count": 1_000_000}
_SINGLE_LIMITS = [
    *("message", "room_creation", "joins_per_room", "admin_redaction", "media_create", "key_requests"),
    *("registration", "reports", "profile", "user_directory", "delayed_event_mgmt"),
]
_GROUPED_LIMITS = {
    "login": ("address", "account", "failed_attempts"),
    "joins": ("local", "remote"),
    "invites": ("per_room", "per_user", "per_issuer"),
    "presence": ("per_user",),
}


@dataclass(frozen=True)
class UserLogin:
    """What a registration gives: the full Matrix id, the token and the device it belongs to."""

    user_id: str
    access_token: str
    device_id: str
    password: str


class Synapse:
    """A running homeserver. The same data and port come back after `stop()` or `kill()` with `start()`."""

    name = NAME

    def __init__(self, directory: Path, *, limited: bool = False) -> None:
        """Prepare it in `directory` (made if missing); `limited` leaves Synapse's default rate limits on."""
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.log = directory / "synapse.log"
        self.port = 0
        self._limited = limited
        self._secret = token_hex()
        self._signing_key = f"ed25519 a_test {b64encode(token_bytes(32)).decode().rstrip('=')}\n"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The base address of the client API, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process, "It was not started."
        return self._process.pid

    def start(self) -> None:
        """Start on a free port the first time, on the same one afterwards. Raises ServerStartError."""
        kept = self.port
        for attempts_left in (2, 1, 0):
            self.port = kept or free_port()
            try:
                return self._start_once()
            except ServerStartError:
                if kept or not attempts_left:
                    raise
        return None

    def stop(self) -> None:
        """End it in order: open requests break, everything it accepted is kept."""
        if self._process:
            end(self._process)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        if self._process:
            end(self._process, signal.SIGKILL)

    def restart(self) -> None:
        """An outage of about three seconds."""
        self.stop()
        self.start()

    def register(self, localpart: str, password: str = "a long enough pass phrase") -> UserLogin:
        """Register an account and log it in on a new device. Raises HTTPError, as when the name is taken."""
        body = {"username": localpart, "password": password, "auth": {"type": "m.login.dummy"}}
        answer = self._post("/_matrix/client/v3/register", body)
        return UserLogin(answer["user_id"], answer["access_token"], answer["device_id"], password)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            result: dict[str, Any] = json.load(answer)
            return result

    def _start_once(self) -> None:
        config = self.directory / "hs.yaml"
        config.write_text(json.dumps(self._config()))
        command: list[str | Path] = [sys.executable, "-m", "synapse.app.homeserver", "-c", config]
        self._process = spawn(command, self.log)
        wait_until_ready(self._process, self._is_healthy, self.log)

    def _is_healthy(self) -> bool:
        # A stranger who was given the same port has no /health that says OK.
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
                return bool(answer.read() == b"OK")
        except (OSError, urllib.error.URLError):
            return False

    def _config(self) -> dict[str, Any]:
        """The configuration; every YAML reader also reads JSON."""
        listener = {
            "port": self.port,
            "type": "http",
            "bind_addresses": ["127.0.0.1"],
            "resources": [{"names": ["client", "media"]}],
        }
        return {
            "server_name": NAME,
            "public_baseurl": f"{self.url}/",
            "pid_file": str(self.directory / "synapse.pid"),
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(self.directory / "synapse.db")}},
            "media_store_path": str(self.directory / "media"),
            "signing_key": self._signing_key,
            "macaroon_secret_key": self._secret,
            "form_secret": self._secret,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "report_stats": False,
            "url_preview_enabled": False,
            "enable_registration": True,
            "enable_registration_without_verification": True,
            "bcrypt_rounds": 4,
            # A sync without `since` would otherwise be answered from a cache of two minutes.
            "caches": {"sync_response_cache_duration": 0},
            **({} if self._limited else _lifted_limits()),
        }


def _lifted_limits() -> dict[str, Any]:
    singles = {f"rc_{name}": _UNLIMITED for name in _SINGLE_LIMITS}
    groups = {f"rc_{name}": dict.fromkeys(parts, _UNLIMITED) for name, parts in _GROUPED_LIMITS.items()}
    return {**singles, **groups}


@contextmanager
def synapse(directory: Path, *, limited: bool = False) -> Iterator[Synapse]:
    """A homeserver for as long as the block lasts, its files in `directory`. Takes about three seconds."""
    server = Synapse(directory, limited=limited)
    try:
        server.start()
        yield server
    finally:
        server.kill()
