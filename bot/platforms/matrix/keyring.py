"""Where the encryption keys stand: a folder for each device and the identity of the account beside them."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import quote

from bot.platforms.matrix.encryption import Encryption
from bot.platforms.matrix.identity import Identity, OtherIdentity, seeds
from bot.platforms.matrix.wire import Away, Refused, Wire

log = logging.getLogger("twinbot.matrix")


def device_folder(store: Path, device: str) -> Path:
    """The folder of one device's keys."""
    return store / quote(device, safe="")


def has_keys(store: Path, device: str) -> bool:
    """Whether the keys of a device are there."""
    return any(device_folder(store, device).glob("*.db"))


class Keyring:
    """Opens the keys of this device and has the account vouch for it."""

    def __init__(self, wire: Wire, user: str, password: str, store: Path) -> None:
        self._wire, self._user, self._password, self._store = wire, user, password, store

    def open(self, device: str) -> Encryption:
        """The keys of a device; new ones if there are none yet."""
        folder = device_folder(self._store, device)
        for path in (self._store, folder):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Encryption(self._wire, self._user, device, folder)

    async def vouch(self, device: str, keys: Encryption) -> None:
        """Set up cross-signing once. Without it encryption works all the same, but some clients refuse to talk."""
        path = self._store / f"identity-{quote(self._user, safe='@')}.json"
        identity = Identity(self._wire, self._user, self._password, seeds(path))
        try:
            done = await identity.vouch_for(device, keys.olm.account.sign)
        except OtherIdentity:
            log.error(
                "%s has a cross-signing identity that was made elsewhere, so nobody vouches for this device: verify "
                "device %s there, or put back the file %s",
                *(self._user, device, path.name),
            )
        except (Away, Refused) as error:
            log.error("cross-signing could not be set up; the next start tries again: %s", error)
        else:
            log.info("cross-signing: %s", " and ".join(done) or "in order")
