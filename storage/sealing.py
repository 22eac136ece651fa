"""Sealed at rest: where people can be reached and what they say stands in the database encrypted.

A `Vault` has the secret key. Columns of the types here ask for it through their engine's dialect, so queries and
flows work on plain values: `Sealed` and `SealedJson` seal what is written and open what is read, `Keyed` keeps a
keyed digest by which a sealed value can be looked up.
"""

from __future__ import annotations

import binascii
import json
import os
from base64 import b32encode, urlsafe_b64encode
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, Engine, String, Text, TypeDecorator

KEY_BYTES = 32
_NONCE = 12
_ID = 8
_REMEMBERED = 4096
# What says nothing of anybody is not sealed: most dialogues are closed, and most updates emptied.
_NOTHING = frozenset({"", "[]", "{}"})


class SealError(Exception):
    """A sealed value cannot be opened: it was sealed with a key that is not here, or it was changed."""


class NoVault(Exception):
    """This engine was made without a vault, so it cannot read or write what is sealed."""


class Digest(str):
    """A keyed digest, as `Keyed` columns give it. Bound to such a column again, it is taken as it is."""

    __slots__ = ()


class _Key:
    """One secret key: a name that gives nothing away, and a subkey for each use."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a secret key has {KEY_BYTES} bytes")
        self.id = b32encode(_derived(secret, "name", 5)).decode().lower()
        self.cipher = AESGCM(_derived(secret, "seal", 32))
        self.lookup = HMAC(_derived(secret, "lookup", 32), SHA256())
        self.audit = _derived(secret, "audit", 32)


def _derived(secret: bytes, use: str, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=f"twinbot 1 {use}".encode()).derive(secret)


class Vault:
    """Seals with one key; opens what was sealed with it or with one of the older ones that are given.

    ``place`` names the column a value belongs to: sealed for one, it does not open in another.
    """

    def __init__(self, secret: bytes, *older: bytes) -> None:
        self._key = _Key(secret)
        self.id = self._key.id
        self._start = f"{self.id}:"
        self._ciphers = {key.id: key.cipher for key in (*map(_Key, older), self._key)}
        # Whoever talks now is looked up at each turn, and a turn is short enough to feel every digest.
        self.digest = lru_cache(_REMEMBERED)(self._digest)
        #: As `seal`, but a value may come out as it did before. For columns where a digest shows equal values anyway.
        self.seal_alike = lru_cache(_REMEMBERED)(self.seal)

    @property
    def audit_key(self) -> bytes:
        """The subkey that chains the audit log."""
        return self._key.audit

    def seal(self, plain: str, place: str) -> str:
        """Encrypt and authenticate; "" and empty JSON stay as they are."""
        if len(plain) < 3 and plain in _NOTHING:
            return plain
        # A random nonce: one key is good for some thousand million values.
        nonce = os.urandom(_NONCE)
        body = nonce + self._key.cipher.encrypt(nonce, plain.encode(), place.encode())
        return self._start + binascii.b2a_base64(body, newline=False).decode()

    def open(self, sealed: str, place: str) -> str:
        """What was sealed for this place. Raises `SealError`."""
        if len(sealed) < 3 and sealed in _NOTHING:
            return sealed
        cipher = self._ciphers.get(sealed[:_ID])
        if cipher is None:
            raise SealError("sealed with another key")
        try:
            body = binascii.a2b_base64(sealed[_ID + 1 :])
            return cipher.decrypt(body[:_NONCE], body[_NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError):
            raise SealError("changed since it was sealed") from None

    def _digest(self, plain: str, place: str) -> Digest:
        """A digest that only the holder of the key can compute; equal for equal values of a place."""
        mac = self._key.lookup.copy()
        mac.update(f"{place}\0{plain}".encode())
        return Digest(urlsafe_b64encode(mac.finalize()).decode().rstrip("="))


def furnish(engine: Engine, vault: Vault) -> None:
    """Give an engine the vault that its sealed columns use."""
    # Types are only ever handed the dialect, and each engine has one of its own.
    engine.dialect.vault = vault  # type: ignore[attr-defined]


def vault_of(dialect: Dialect) -> Vault:
    """The vault of an engine's dialect. Raises `NoVault`."""
    vault = getattr(dialect, "vault", None)
    if not isinstance(vault, Vault):
        raise NoVault
    return vault


class Sealed(TypeDecorator[str]):
    """Text that is sealed at rest, for the place (table and column) that is named.

    ``alike``: a digest stands beside it and shows which values are equal, so equal ones may be sealed alike.
    """

    impl = Text
    cache_ok = True

    def __init__(self, place: str, *, alike: bool = False) -> None:
        super().__init__()
        self.place, self.alike = place, alike

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal what is written."""
        if value is None:
            return None
        vault = vault_of(dialect)
        return vault.seal_alike(value, self.place) if self.alike else vault.seal(value, self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Open what is read."""
        return None if value is None else vault_of(dialect).open(value, self.place)


class SealedJson(TypeDecorator[Any]):
    """A dictionary or list, kept as JSON that is sealed at rest for the place that is named."""

    impl = Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Seal what is written."""
        return None if value is None else vault_of(dialect).seal(json.dumps(value), self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Open what is read."""
        return None if value is None else json.loads(vault_of(dialect).open(value, self.place))


class Keyed(TypeDecorator[str]):
    """The keyed digest of a value: compared with a plain value, it finds it; read, it gives a `Digest`.

    ``place`` says among what it is looked up; columns of the same place have the same digest of the same value.
    ``of`` is the sealed column of the same table that holds the value itself: from it the digest is filled in when a
    row is inserted, and computed anew when the key changes.
    """

    impl = String(43)
    cache_ok = True

    def __init__(self, place: str, of: str | None = None) -> None:
        super().__init__()
        self.place, self.of = place, of

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Turn a plain value into its digest."""
        if value is None or isinstance(value, Digest):
            return value
        return vault_of(dialect).digest(value, self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Digest | None:
        """What is read is a digest."""
        return None if value is None else Digest(value)
