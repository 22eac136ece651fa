"""What goes over the wire: parameters read from a request, and both directions checked by aiogram's models.

aiogram is an independent reading of the Bot API documentation, so a request or an answer that it accepts is not
merely what our own two halves agree on.
"""

from __future__ import annotations

import inspect
import json
import re
import types
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin
from urllib.parse import parse_qsl

import aiogram.methods as documented
from aiogram.client.default import Default
from aiogram.methods import TelegramMethod
from aiogram.types import (
    BufferedInputFile,
    ForceReply,
    InlineKeyboardMarkup,
    InputFile,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from aiogram.types import Update as UpdateModel
from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

Json = dict[str, Any]

# Bot API 10.3 (aiogram) requires these fields; python-telegram-bot 22.8 (Bot API 10.0) has no way to send them.
# They are filled in before validation, wherever an object stands under the named key.
_RIGHTS = {"can_send_welcome_messages": False}
TOLERATED: dict[str, Json] = {
    "rights": _RIGHTS,
    "user_administrator_rights": _RIGHTS,
    "bot_administrator_rights": _RIGHTS,
}

MARKUPS: dict[str, type[BaseModel]] = {
    "inline_keyboard": InlineKeyboardMarkup,
    "keyboard": ReplyKeyboardMarkup,
    "remove_keyboard": ReplyKeyboardRemove,
    "force_reply": ForceReply,
}
METHOD_MODELS: dict[str, type[TelegramMethod[Any]]] = {
    model.__api_method__.lower(): model
    for model in vars(documented).values()
    if inspect.isclass(model) and issubclass(model, TelegramMethod) and model is not TelegramMethod
}


class Refusal(Exception):
    """An answer that is not ok: HTTP code, description and response parameters as Telegram sends them.

    `violation` marks a request that breaks the documented interface, as against one that merely came too late
    or met a chat it may not write to.
    """

    def __init__(self, code: int, description: str, *, violation: bool = False, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description = code, description
        self.violation, self.parameters = violation, parameters


def bad(description: str) -> Refusal:
    """A 400 for a request that no bot should have sent: it is also recorded as a violation."""
    return Refusal(400, f"Bad Request: {description}", violation=True)


def cannot(description: str) -> Refusal:
    """A 400 for a well-formed request that the state of the chat does not allow."""
    return Refusal(400, f"Bad Request: {description}")


async def raw_params(request: web.Request) -> tuple[Json, dict[str, tuple[str, bytes]]]:
    """The undecoded parameters (query, form, multipart or JSON) and the uploaded files by field name.

    Raises ValueError for a body that cannot be read.
    """
    values: Json = dict(request.query)
    files: dict[str, tuple[str, bytes]] = {}
    if request.content_type == "multipart/form-data":
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = (value.filename, value.file.read())
            else:
                values[name] = value
    elif body := await request.read():
        if request.content_type == "application/json":
            parsed = json.loads(body)
            if not isinstance(parsed, dict):
                raise ValueError("the body is no object")
            values.update(parsed)
        else:
            values.update(parse_qsl(body.decode(), keep_blank_values=True))
    return values, files


def _leaves(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _leaves(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [leaf for part in get_args(annotation) for leaf in _leaves(part)]
    return [annotation]


@cache
def _kinds(model: type[TelegramMethod[Any]]) -> dict[str, str]:
    """How each parameter of a method is written in a form: as text, a chat id, a file, or JSON."""
    kinds = {}
    for name, field in model.model_fields.items():
        leaves = {leaf for leaf in _leaves(field.annotation) if leaf not in (type(None), Default)}
        if InputFile in leaves:
            kinds[name] = "file"
        elif leaves == {str}:
            kinds[name] = "text"
        elif leaves == {int, str}:
            kinds[name] = "chat"
        else:
            kinds[name] = "json"
    return kinds


def decode(model: type[TelegramMethod[Any]], raw: Json, files: dict[str, tuple[str, bytes]]) -> Json:
    """Form text turned into the values it stands for. Raises Refusal for text that is not the JSON it should be."""
    kinds = _kinds(model)
    values: Json = {}
    for name, value in raw.items():
        kind = kinds.get(name, "text")
        if kind == "chat" and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
            values[name] = int(value)
        elif kind == "json" and isinstance(value, str):
            try:
                values[name] = json.loads(value)
            except ValueError:
                raise bad(f"can't parse {name}: it is not JSON") from None
        else:
            values[name] = value
    for name in files:
        if kinds.get(name) == "file":
            values[name] = f"attach://{name}"
    return values


def _filled(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {**TOLERATED.get(key, {}), **{name: _filled(part, name) for name, part in value.items()}}
    if isinstance(value, list):
        return [_filled(part, key) for part in value]
    return value


def _markup(given: Any) -> BaseModel:
    """The keyboard as its own model: aiogram's loosest kinds would take any object, even a wrong keyboard."""
    for key, model in MARKUPS.items():
        if isinstance(given, dict) and key in given:
            rows = given.get("keyboard")
            if isinstance(rows, list):
                # Telegram takes a plain text for a button; aiogram's model knows only the object.
                plain = [[{"text": b} if isinstance(b, str) else b for b in row] for row in rows]
                given = given | {"keyboard": plain}
            return model.model_validate(given)
    raise bad("reply_markup: neither a keyboard nor its removal nor a forced reply")


def unknown_fields(value: Any, path: str = "") -> list[str]:
    """The dotted names of every field, at any depth, that the documentation does not know."""
    if isinstance(value, list):
        return [name for part in value for name in unknown_fields(part, path)]
    if not isinstance(value, BaseModel):
        return []
    found = [f"{path}{name}" for name in value.model_extra or {}]
    for name in value.model_fields_set:
        if name in type(value).model_fields:
            found += unknown_fields(getattr(value, name), f"{path}{name}.")
    return found


def without(values: Any, names: list[str]) -> Any:
    """Values without the fields of these dotted names: Telegram passes over what it does not know."""
    if isinstance(values, list):
        return [without(part, names) for part in values]
    if not isinstance(values, dict):
        return values
    kept = {}
    for key, value in values.items():
        inner = [name[len(key) + 1 :] for name in names if name.startswith(f"{key}.")]
        if key not in names:
            kept[key] = without(value, inner) if inner else value
    return kept


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def check_request(model: type[TelegramMethod[Any]], values: Json, files: dict[str, Any]) -> list[str]:
    """Validate decoded parameters against the method's model.

    Returns the names of undocumented fields (Telegram ignores them, a test should not). Raises Refusal.
    """
    candidate = _filled(values)
    for name, kind in _kinds(model).items():
        given = candidate.get(name)
        if kind == "file" and isinstance(given, str) and given.startswith("attach://"):
            if given.removeprefix("attach://") not in files:
                raise bad(f"{name}: no attached file of this name")
            candidate[name] = BufferedInputFile(b"", "upload")
    try:
        if candidate.get("reply_markup") is not None:
            candidate["reply_markup"] = _markup(candidate["reply_markup"])
        return unknown_fields(model.model_validate(candidate))
    except ValidationError as error:
        raise bad(_reason(error)) from None


@cache
def _answer_model(model: type[TelegramMethod[Any]]) -> TypeAdapter[Any]:
    return TypeAdapter(model.__returning__)


def check_answer(model: type[TelegramMethod[Any]], result: Any) -> None:
    """Raises AssertionError if what this server is about to answer is not what Telegram documents."""
    _honest(_answer_model(model), result, model.__api_method__)


def check_update(update: Json) -> None:
    """Raises AssertionError if an update made by this server is not what Telegram documents."""
    _honest(TypeAdapter(UpdateModel), update, "update")


def _honest(adapter: TypeAdapter[Any], value: Any, what: str) -> None:
    try:
        strange = unknown_fields(adapter.validate_python(value))
    except ValidationError as error:
        raise AssertionError(f"this test server made a wrong {what}: {_reason(error)}") from None
    if strange:
        raise AssertionError(f"this test server made a {what} with undocumented fields: {', '.join(strange)}")
