"""Cross-signing: the account vouches for the bot's device, since clients do not talk to devices nobody vouches for.

Three Ed25519 seeds make up the identity. They are kept before they are published; who loses them needs a new
identity, and everybody who talks to the bot is warned.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from nio import Api
from unpaddedbase64 import decode_base64, encode_base64

from bot.platforms.matrix.rooms import inside
from bot.platforms.matrix.wire import CLIENT, Json, Refused, Wire

log = logging.getLogger("twinbot.matrix")

USAGES = ("master", "self_signing", "user_signing")


class OtherIdentity(Exception):
    """The account has an identity whose seeds are not here: set up in another client, or lost."""


class Signer:
    """An Ed25519 key pair from a seed of 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        self._key = ECC.construct(curve="Ed25519", seed=seed)
        self.public = encode_base64(self._key.public_key().export_key(format="raw"))

    def sign(self, thing: Json) -> str:
        """The signature of a JSON object, as Matrix signs: canonical, without signatures and unsigned."""
        bare = {name: value for name, value in thing.items() if name not in ("signatures", "unsigned")}
        return str(encode_base64(eddsa.new(self._key, "rfc8032").sign(Api.to_canonical_json(bare).encode())))


def seeds(path: Path) -> dict[str, bytes]:
    """The seeds in a file that only we can read; made at the first start. The file is complete or absent."""
    if not path.exists():
        draft = path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({usage: encode_base64(os.urandom(32)) for usage in USAGES}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    return {usage: decode_base64(text) for usage, text in json.loads(path.read_text()).items()}


class Identity:
    """The cross-signing identity of one account."""

    def __init__(self, wire: Wire, user: str, password: str, kept: dict[str, bytes]) -> None:
        self._wire, self._user, self._password = wire, user, password
        self._signers = {usage: Signer(seed) for usage, seed in kept.items()}

    async def vouch_for(self, device: str, sign: Callable[[str], str]) -> list[str]:
        """Publish the identity if there is none, and vouch for the device. Returns what was done; again is harmless.

        ``sign`` signs with the device's own key, which must be on the server already. Raises `OtherIdentity`,
        `Away` or `Refused`.
        """
        known = await self._wire.call("POST", f"{CLIENT}/keys/query", {"device_keys": {self._user: []}})
        done = []
        master = self._published(known, "master")
        if master not in (None, self._signers["master"].public):
            raise OtherIdentity
        if master is None or self._published(known, "self_signing") != self._signers["self_signing"].public:
            await self._publish()
            done.append("published")
        keys = inside(known, "device_keys", self._user, device)
        signed = inside(keys, "signatures", self._user, f"ed25519:{self._signers['self_signing'].public}")
        if isinstance(keys, dict) and signed is None:
            await self._sign(device, keys, sign)
            done.append("device signed")
        return done

    def _published(self, known: Json, usage: str) -> str | None:
        keys = inside(known, f"{usage}_keys", self._user, "keys")
        return next(iter(keys.values()), None) if isinstance(keys, dict) else None

    def _key(self, usage: str) -> Json:
        public = self._signers[usage].public
        return {"user_id": self._user, "usage": [usage], "keys": {f"ed25519:{public}": public}}

    async def _publish(self) -> None:
        master = self._signers["master"]
        body = {f"{usage}_key": self._key(usage) for usage in USAGES}
        for usage in USAGES[1:]:
            key = body[f"{usage}_key"]
            key["signatures"] = {self._user: {f"ed25519:{master.public}": master.sign(key)}}
        path = f"{CLIENT}/keys/device_signing/upload"
        try:
            await self._wire.call("POST", path, body)  # Many homeservers ask for no password the first time.
        except Refused as refused:
            if refused.status != 401 or "session" not in refused.body:
                raise
            who = {"type": "m.id.user", "user": self._user}
            proof = {"type": "m.login.password", "identifier": who, "password": self._password}
            await self._wire.call("POST", path, {**body, "auth": {**proof, "session": refused.body["session"]}})

    async def _sign(self, device: str, keys: Json, sign: Callable[[str], str]) -> None:
        """The self-signing key signs the device, and the device signs the master key."""
        signer, master = self._signers["self_signing"], self._key("master")
        keys = {name: value for name, value in keys.items() if name != "unsigned"}
        keys["signatures"] = {self._user: {f"ed25519:{signer.public}": signer.sign(keys)}}
        master["signatures"] = {self._user: {f"ed25519:{device}": sign(Api.to_canonical_json(master))}}
        body = {self._user: {device: keys, self._signers["master"].public: master}}
        answer = await self._wire.call("POST", f"{CLIENT}/keys/signatures/upload", body)
        if answer.get("failures"):  # Single signatures are refused with status 200.
            raise Refused(200, {"errcode": "SIGNATURES", "error": "a signature was refused"})
