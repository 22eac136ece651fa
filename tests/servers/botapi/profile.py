"""Methods about the bot itself: its user, webhook, command menus, names and descriptions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .registry import registry
from .wire import Json

if TYPE_CHECKING:
    from .server import BotApi

METHODS, method = registry()


@method("getMe")
def get_me(api: BotApi, p: Json, files: Any) -> Json:
    """The bot's own user."""
    return api.me | {
        "can_join_groups": True,
        "can_read_all_group_messages": api.reads_all,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method("logOut", "close")
def leave_server(api: BotApi, p: Json, files: Any) -> bool:
    """Accepted, without effect here."""
    return True


@method("setWebhook")
def set_webhook(api: BotApi, p: Json, files: Any) -> bool:
    """Deliver updates to an address."""
    api.updates.set_webhook(p)
    return True


@method("deleteWebhook")
def delete_webhook(api: BotApi, p: Json, files: Any) -> bool:
    """Go back to polling."""
    api.updates.set_webhook({**p, "url": ""})
    return True


@method("getWebhookInfo")
def webhook_info(api: BotApi, p: Json, files: Any) -> Json:
    """How delivery goes."""
    return api.updates.webhook_info()


def scope_key(p: Json) -> tuple[str, str]:
    """Commands are kept per scope and language."""
    return json.dumps(p.get("scope") or {"type": "default"}, sort_keys=True), p.get("language_code") or ""


@method("setMyCommands")
def set_commands(api: BotApi, p: Json, files: Any) -> bool:
    """The menu for a scope and language."""
    api.commands[scope_key(p)] = p["commands"]
    return True


@method("getMyCommands")
def get_commands(api: BotApi, p: Json, files: Any) -> list[Json]:
    """The menu of exactly this scope and language; empty if none was set."""
    return api.commands.get(scope_key(p), [])


@method("deleteMyCommands")
def delete_commands(api: BotApi, p: Json, files: Any) -> bool:
    """Forget the menu of this scope and language."""
    api.commands.pop(scope_key(p), None)
    return True


def _profile(name: str, field: str) -> None:
    def setter(api: BotApi, p: Json, files: Any) -> bool:
        api.profile[(field, p.get("language_code") or "")] = p.get(field) or ""
        return True

    def getter(api: BotApi, p: Json, files: Any) -> Json:
        default = api.profile.get((field, ""), api.me["first_name"] if field == "name" else "")
        return {field: api.profile.get((field, p.get("language_code") or "")) or default}

    method(f"setMy{name}")(setter)
    method(f"getMy{name}")(getter)


for _name, _field in (("Name", "name"), ("Description", "description"), ("ShortDescription", "short_description")):
    _profile(_name, _field)


@method("setChatMenuButton")
def set_menu(api: BotApi, p: Json, files: Any) -> bool:
    """The button beside the text field."""
    api.menus[p.get("chat_id") or 0] = p.get("menu_button") or {"type": "default"}
    return True


@method("getChatMenuButton")
def get_menu(api: BotApi, p: Json, files: Any) -> Json:
    """The button beside the text field."""
    return api.menus.get(p.get("chat_id") or 0, api.menus.get(0, {"type": "commands"}))
