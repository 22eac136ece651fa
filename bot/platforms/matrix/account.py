"""Who the bot is on its homeserver: logged in once, then with the kept token and device."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.platforms.matrix.patience import Pause, insist
from bot.platforms.matrix.wire import CLIENT, Json, Refused, Wire
from bot.platforms.platform import Marks, Setback

log = logging.getLogger("twinbot.matrix")

USER, DEVICE, TOKEN, SINCE, PENDING = "user", "device", "token", "since", "pending"
DEVICE_NAME = "twinbot"


def signed_out() -> Setback:
    """The login was ended by somebody while the bot ran."""
    return Setback(
        "The homeserver does not accept the bot's login any more: it was signed out, or the account was closed. "
        "If that was not on purpose, start twinbot again: it then logs in anew with TWINBOT_MATRIX_USER and "
        "TWINBOT_MATRIX_PASSWORD."
    )


class Account:
    """Logs in. ``has_keys`` says whether the encryption keys of a device are at hand; a device without is not used."""

    def __init__(
        self, wire: Wire, user: str, password: str, marks: Marks, has_keys: Callable[[str], bool], pause: Pause
    ) -> None:
        self._wire, self._user, self._password = wire, user, password
        self._marks, self._has_keys, self._pause = marks, has_keys, pause

    async def log_in(self) -> str:
        """Set the wire's token and return the device id; waits while the homeserver is away.

        Raises `Setback` if user and password are not accepted.
        """
        kept = await self._marks.load()
        if kept.get(USER) != self._user:
            kept = {}
        device = kept.get(DEVICE) or ""
        if device and kept.get(TOKEN) and await self._still_good(device, kept[TOKEN]):
            return device
        return await self._anew(keep_place=bool(kept))

    async def _still_good(self, device: str, token: str) -> bool:
        if not self._has_keys(device):
            log.warning("the encryption keys of device %s are not here; logging in as a new device", device)
            return False
        self._wire.token = token
        try:
            found = await insist(lambda: self._wire.call("GET", f"{CLIENT}/account/whoami"), self._pause)
        except Refused as refused:
            log.warning("the kept login is not accepted any more (%s); logging in once as a new device", refused)
            return False
        return found.get("user_id") == self._user

    async def _anew(self, *, keep_place: bool) -> str:
        """Log in with the password; marks of another account do not count for this one."""
        self._wire.token = None
        answer = await self._with_password()
        device, token = answer.get("device_id"), answer.get("access_token")
        if not isinstance(device, str) or not isinstance(token, str) or answer.get("user_id") != self._user:
            raise Setback("TWINBOT_MATRIX_USER: the homeserver knows this account under another name.")
        place = {} if keep_place else {SINCE: "", PENDING: ""}
        await self._marks.save({USER: self._user, DEVICE: device, TOKEN: token, **place})
        self._wire.token = token
        log.info("logged in as %s, device %s", self._user, device)
        return device

    async def _with_password(self) -> Json:
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self._user},
            "password": self._password,
            "initial_device_display_name": DEVICE_NAME,
        }
        try:
            return await insist(lambda: self._wire.call("POST", f"{CLIENT}/login", body), self._pause)
        except Refused as refused:
            if refused.status in (404, 405):
                raise Setback(
                    f"TWINBOT_MATRIX_HOMESERVER: nobody can log in at {self._wire.base} ({refused}). It should be the "
                    "address of the homeserver's client API, such as https://matrix.example.org."
                ) from None
            raise Setback(
                f"TWINBOT_MATRIX_USER and TWINBOT_MATRIX_PASSWORD: the homeserver does not accept {self._user} with "
                f"this password ({refused}). Check both, and that the account exists and may log in by password."
            ) from None
