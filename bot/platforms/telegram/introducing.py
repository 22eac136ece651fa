"""The bot's profile: the menu of commands and two descriptions in each language, set only where they changed."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from telegram import Bot, BotCommand

from bot.platforms.platform import Marks, Profile
from bot.platforms.telegram.entities import units
from bot.platforms.telegram.patience import Pause, Refused, insist

log = logging.getLogger("twinbot.telegram")

INTRODUCED = "introduced"
# Telegram's limits in characters, counted here as UTF-16 code units, the stricter reading.
COMMANDS, LINE, ABOUT, GREETING = 100, 256, 120, 512


@dataclass(frozen=True)
class Step:
    """One thing to set: ``key`` names it, ``value`` is all that it says, ``call`` sets it."""

    key: str
    value: str
    call: Callable[[], Awaitable[bool]]

    @property
    def digest(self) -> str:
        """Changes when the value does."""
        return hashlib.sha256(self.value.encode("utf-8", "replace")).hexdigest()[:12]


async def introduce(bot: Bot, profiles: Sequence[Profile], marks: Marks, source: str, pause: Pause) -> None:
    """Set what differs from what was set before on this server for this bot; a restart costs no calls.

    Telegram allows few of these calls, so each 429 is waited out. What it refuses is logged and left out.
    """
    kept = _kept((await marks.load()).get(INTRODUCED, ""), source)
    done = dict(kept)
    try:
        for step in _steps(bot, profiles):
            if done.get(step.key) != step.digest and await _done(step, pause):
                done[step.key] = step.digest
    finally:
        if done != kept:
            await marks.save({INTRODUCED: json.dumps({"source": source, "done": done}, sort_keys=True)})


async def _done(step: Step, pause: Pause) -> bool:
    try:
        return await insist(step.key, step.call, pause)
    except Refused as refused:
        log.error("%s", refused.sentence)
        return False


def _steps(bot: Bot, profiles: Sequence[Profile]) -> list[Step]:
    """English, else the first language, is for everybody; the others need a two-letter code."""
    languages: dict[str, Profile] = {}
    for profile in profiles:
        code = re.split("[_-]", profile.language)[0]
        if len(code) == 2:
            languages.setdefault(code, profile)
    if profiles:
        languages[""] = languages.get("en", profiles[0])
    return [step for code, profile in languages.items() for step in _of_language(bot, code, profile)]


def _of_language(bot: Bot, code: str, profile: Profile) -> list[Step]:
    menu = _menu(profile)
    greeting, about = cut(profile.greeting, GREETING), cut(profile.about, ABOUT)
    language = code or None
    return [
        Step(
            f"setMyCommands {code}",
            json.dumps([command.to_dict() for command in menu]),
            lambda: bot.set_my_commands(menu, language_code=language),
        ),
        Step(
            f"setMyDescription {code}",
            greeting,
            lambda: bot.set_my_description(greeting, language_code=language),
        ),
        Step(
            f"setMyShortDescription {code}",
            about,
            lambda: bot.set_my_short_description(about, language_code=language),
        ),
    ]


def _menu(profile: Profile) -> list[BotCommand]:
    """Commands that Telegram can show in a menu: small Latin letters, with a line each."""
    fitting = [(word, line) for word, line in profile.commands if re.fullmatch("[a-z0-9_]{1,32}", word) and line]
    return [BotCommand(word, cut(line, LINE)) for word, line in fitting[:COMMANDS]]


def cut(text: str, most: int) -> str:
    """Shorten a text to ``most`` UTF-16 code units at the end of a word, with an ellipsis."""
    if units(text) <= most:
        return text
    while units(text) >= most:
        shorter = text.rpartition(" ")[0].rstrip()
        text = shorter if shorter else text[:-1]
    return text.rstrip(" ,;:–-") + "…"


def _kept(mark: str, source: str) -> dict[str, str]:
    try:
        found = json.loads(mark)
        return {str(k): str(v) for k, v in found["done"].items()} if found["source"] == source else {}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}
