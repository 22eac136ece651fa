"""The one secret key of all tests: give `VAULT` to every `Database` and `make_engine`, `KEY` to every program."""

from __future__ import annotations

from bot.secret import encoded
from storage.sealing import Vault

SECRET = bytes(range(32))
KEY = encoded(SECRET)
VAULT = Vault(SECRET)
