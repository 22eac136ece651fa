"""Telegram's documented limits, which the models of a library do not carry.

Sources: the Bot API reference for each method, and the constants of python-telegram-bot. Where the reference says
"characters" we count UTF-16 code units, the stricter reading. Reply keyboards are held to the limits of inline ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from telegram.constants import ReactionEmoji

from . import entities
from .wire import Json, bad

TEXT, CAPTION, CALLBACK_DATA, CALLBACK_ANSWER = 4096, 1024, 64, 200
BUTTONS, BUTTONS_A_ROW = 100, 8
ACTIONS = {
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
}  # fmt: skip
_EMOJI = {emoji.value for emoji in ReactionEmoji}


def text(method: str, p: Json) -> None:
    """The text or caption after entities parsing."""
    for name, listed, most in (("text", "entities", TEXT), ("caption", "caption_entities", CAPTION)):
        source = p.get(name)
        if source is None or method == "answercallbackquery":
            continue
        plain, found = entities.read(source, p.get("parse_mode"), p.get(listed))
        if name == "text" and not plain.strip():
            raise bad("message text is empty")
        if entities.units(plain) > most:
            raise bad(f"message {'' if name == 'text' else 'caption '}is too long ({entities.units(plain)} > {most})")
        for entity in found:
            link(entity.get("url") or (entities.cut(plain, entity["offset"], entity["length"])
                                       if entity["type"] == "url" else ""))  # fmt: skip


def link(url: str) -> None:
    """Deep links carry at most 64 of A-Z a-z 0-9 _ - in start and startgroup."""
    parts = urlsplit(url)
    if parts.hostname not in ("t.me", "telegram.me"):
        return
    query = parse_qs(parts.query, keep_blank_values=True)
    for name in ("start", "startgroup"):
        for payload in query.get(name, []):
            if payload and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload):
                raise bad(f"START_PARAM_INVALID: {name}={payload}")


def markup(method: str, p: Json) -> None:
    """Rows, buttons, labels and callback data of a keyboard."""
    given = p.get("reply_markup") or {}
    inline = "inline_keyboard" in given
    rows = given.get("inline_keyboard") or given.get("keyboard") or []
    if sum(map(len, rows)) > BUTTONS:
        raise bad(f"reply markup is too long: more than {BUTTONS} buttons")
    if any(len(row) > BUTTONS_A_ROW for row in rows):
        raise bad(f"reply markup is too wide: more than {BUTTONS_A_ROW} buttons in a row")
    placeholder = given.get("input_field_placeholder")
    if placeholder is not None and not 1 <= entities.units(placeholder) <= 64:
        raise bad("input_field_placeholder must have 1-64 characters")
    _wants(rows)
    for button in (button for row in rows for button in row):
        _button(button, inline)


def _wants(rows: list[Any]) -> None:
    """Buttons that ask for a group: numbers of their own, and no right for the bot that its giver has not."""
    asked = [b["request_chat"] for row in rows for b in row if not isinstance(b, str) and b.get("request_chat")]
    if len({one["request_id"] for one in asked}) != len(asked):
        raise bad("request_id must be unique within the message")
    for one in asked:
        theirs, ours = one.get("user_administrator_rights") or {}, one.get("bot_administrator_rights") or {}
        if not -(2**31) <= one["request_id"] < 2**31:
            raise bad("request_id must be a signed 32-bit identifier")
        if any(on and not theirs.get(right) for right, on in ours.items()):
            raise bad("bot_administrator_rights must be a subset of user_administrator_rights")


def _button(button: Any, inline: bool) -> None:
    label = button if isinstance(button, str) else button.get("text", "")
    if not label.strip():
        raise bad("button text must be non-empty")
    if not inline:
        return
    if len(ACTIONS & button.keys()) != 1:
        raise bad(f"inline keyboard button {label!r} must have exactly one action")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= CALLBACK_DATA:
        raise bad("BUTTON_DATA_INVALID: callback_data must have 1-64 bytes")
    if "url" in button:
        if not re.match(r"(https?|tg)://\S", button["url"]):
            raise bad(f"inline keyboard button URL {button['url']!r} is invalid")
        link(button["url"])


def language(method: str, p: Json) -> None:
    """A two-letter language code, or none."""
    if p.get("language_code") and not re.fullmatch(r"[a-z]{2}", p["language_code"]):
        raise bad(f"invalid language code specified: {p['language_code']!r}")


def _size(name: str, least: int, most: int) -> Callable[[Json], None]:
    def check(p: Json) -> None:
        value = p.get(name)
        if value is not None and not least <= entities.units(value) <= most:
            raise bad(f"{name} must have {least}-{most} characters, has {entities.units(value)}")

    return check


def _range(name: str, least: int, most: int) -> Callable[[Json], None]:
    def check(p: Json) -> None:
        value = p.get(name)
        if value is not None and not least <= value <= most:
            raise bad(f"{name} must be {least}-{most}, is {value}")

    return check


def _commands(p: Json) -> None:
    if len(p["commands"]) > 100:
        raise bad("too many commands: at most 100")
    for command in p["commands"]:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise bad(f"BOT_COMMAND_INVALID: {command['command']!r}")
        if not 1 <= entities.units(command["description"].strip()) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID: 1-256 characters")


def _secret(p: Json) -> None:
    if p.get("secret_token") and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", p["secret_token"]):
        raise bad("secret token contains unallowed characters")


def _invite(p: Json) -> None:
    if p.get("creates_join_request") and p.get("member_limit"):
        raise bad("member_limit can't be specified for links that create join requests")


def _reactions(p: Json) -> None:
    for reaction in p.get("reaction") or []:
        if reaction["type"] == "emoji" and reaction["emoji"] not in _EMOJI:
            raise bad(f"REACTION_INVALID: {reaction['emoji']}")
    if len(p.get("reaction") or []) > 1:
        raise bad("REACTIONS_TOO_MANY: a bot sets at most one reaction")


def _many(name: str) -> Callable[[Json], None]:
    def check(p: Json) -> None:
        if not 1 <= len(p[name]) <= 100 or any(b <= a for a, b in zip(p[name], p[name][1:], strict=False)):
            raise bad(f"{name} must be 1-100 identifiers in strictly increasing order")

    return check


_PER_METHOD: dict[str, list[Callable[[Json], None]]] = {
    "answercallbackquery": [_size("text", 0, CALLBACK_ANSWER)],
    "setmycommands": [_commands],
    "setmydescription": [_size("description", 0, 512)],
    "setmyshortdescription": [_size("short_description", 0, 120)],
    "setmyname": [_size("name", 0, 64)],
    "getupdates": [_range("limit", 1, 100), _range("timeout", 0, 50)],
    "setwebhook": [_secret, _range("max_connections", 1, 100)],
    "createchatinvitelink": [_invite, _size("name", 0, 32), _range("member_limit", 1, 99999)],
    "createforumtopic": [_size("name", 1, 128)],
    "editforumtopic": [_size("name", 0, 128)],
    "setchattitle": [_size("title", 1, 128)],
    "setchatdescription": [_size("description", 0, 255)],
    "setmessagereaction": [_reactions],
    "deletemessages": [_many("message_ids")],
    "copymessages": [_many("message_ids")],
    "forwardmessages": [_many("message_ids")],
}


def check(method: str, p: Json) -> None:
    """Every limit that concerns a request. `method` in lower case. Raises Refusal."""
    text(method, p)
    markup(method, p)
    language(method, p)
    for rule in _PER_METHOD.get(method, ()):
        rule(p)
