"""Methods that send, edit, copy and delete messages, answer button presses and move files."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from PIL import Image

from . import entities
from .registry import registry
from .wire import Json, Refusal, bad, cannot
from .world import Chat, Message, keyboard

if TYPE_CHECKING:
    from .server import BotApi

METHODS, method = registry()
CALLBACK_SECONDS = 150
DELETE_SECONDS = 48 * 3600
MOST_FETCHED, MOST_UPLOADED, MOST_PHOTO = 20_000_000, 50_000_000, 10_485_760


def _texts(p: Json, name: str, listed: str) -> Json:
    if not p.get(name):
        return {}
    text, found = entities.read(p[name], p.get("parse_mode"), p.get(listed))
    return {name: text} | ({listed: found} if found else {})


def _thread(chat: Chat, p: Json) -> Json:
    thread = p.get("message_thread_id")
    if thread is None:
        return {}
    if thread not in chat.topics:
        raise cannot("message thread not found")
    if chat.topics[thread].get("closed"):
        raise cannot("TOPIC_CLOSED")
    return {"message_thread_id": thread, "is_topic_message": True}


def _reply(chat: Chat, p: Json) -> Json:
    given = p.get("reply_parameters") or {}
    wanted = given.get("message_id", p.get("reply_to_message_id"))
    if wanted is None:
        return {}
    target = chat.kept.get(wanted)
    if target is None or target.deleted:
        if given.get("allow_sending_without_reply", p.get("allow_sending_without_reply")):
            return {}
        raise cannot("message to be replied not found")
    return {"reply_to_message": {key: value for key, value in target.wire.items() if key != "reply_to_message"}}


def _markup(p: Json) -> Json:
    """Inline keyboards stay on the message; Telegram does not repeat the other kinds in a Message."""
    given = p.get("reply_markup")
    if not given:
        return {}
    return {"reply_markup" if "inline_keyboard" in given else "_keyboard": given}


def post(api: BotApi, p: Json, content: Json) -> Message:
    """Put a message of the bot into a chat. Raises Refusal where the bot may not write."""
    chat = api.reach(p["chat_id"])
    if chat.type != "private" and not chat.lets_write(api.me["id"]):
        raise cannot("not enough rights to send text messages to the chat")
    asks = any(
        key.startswith("request_") for row in keyboard({"_keyboard": p.get("reply_markup")}) for b in row for key in b
    )
    if asks and chat.type != "private":
        raise bad("buttons that ask for something can be used in private chats only")
    extra = {"has_protected_content": True} if p.get("protect_content") else {}
    return api.keep(chat, api.me, {**_thread(chat, p), **_reply(chat, p), **content, **_markup(p), **extra})


@method("sendMessage")
def send_message(api: BotApi, p: Json, files: Any) -> Json:
    """Text."""
    content = _texts(p, "text", "entities")
    if not content.get("text"):
        raise bad("message text is empty")
    return post(api, p, content).wire


def _media(api: BotApi, kind: str, p: Json, files: dict[str, tuple[str, bytes]]) -> Any:
    given = str(p[kind])
    if given.startswith("attach://"):
        name, data = files[given.removeprefix("attach://")]
        _takes(kind, data)
        return api.file_object(kind, data, name)
    if given.startswith(("http://", "https://")):
        return api.file_object(kind, b"", given.rsplit("/", 1)[-1])
    if given not in api.files:
        raise cannot("wrong file identifier/HTTP URL specified")
    if api.kinds[given] != kind:
        raise cannot(f"can't use file of type {api.kinds[given].title()} as {kind.title()}")
    name, data = api.files[given]
    return api.file_object(kind, data, name)


def _takes(kind: str, data: bytes) -> None:
    """Refuse an upload as Telegram does."""
    if not data:
        raise cannot("file must be non-empty")
    if len(data) > MOST_UPLOADED:
        raise Refusal(413, "Request Entity Too Large")
    if kind != "photo":
        return
    if len(data) > MOST_PHOTO:
        raise cannot(f"file of size {len(data)} bytes is too big for a photo; the maximum size is {MOST_PHOTO} bytes")
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            image.load()
            sides = sorted(image.size)
    except Exception:
        raise cannot("IMAGE_PROCESS_FAILED") from None
    if sum(sides) > 10_000 or sides[1] > 20 * sides[0]:
        raise cannot("PHOTO_INVALID_DIMENSIONS")


@method("sendPhoto", "sendDocument", "sendVoice", "sendSticker", "sendVideo", "sendAudio", "sendAnimation")
def send_media(api: BotApi, p: Json, files: Any) -> Json:
    """One file, with a caption where the kind allows it."""
    kind = next(kind for kind in api.MEDIA if kind in p)
    media = {kind: _media(api, kind, p, files)}
    if kind == "animation":
        media["document"] = api.file_object("document", b"", "animation.mp4")
    return post(api, p, {**media, **_texts(p, "caption", "caption_entities")}).wire


@method("sendLocation")
def send_location(api: BotApi, p: Json, files: Any) -> Json:
    """A point on the map."""
    return post(api, p, {"location": {"latitude": p["latitude"], "longitude": p["longitude"]}}).wire


def own(api: BotApi, p: Json, verb: str) -> Message:
    """The bot's message that a request names. Raises Refusal."""
    chat = api.reach(p["chat_id"])
    message = chat.kept.get(p["message_id"])
    if message is None or message.deleted:
        raise cannot(f"message to {verb} not found")
    if not message.by_bot:
        raise cannot(f"message can't be {verb}ed")
    return message


def _edit(api: BotApi, p: Json, content: Json, dropped: tuple[str, ...]) -> Json:
    if "chat_id" not in p:
        raise bad("inline messages are not modelled by this server")
    message = own(api, p, "edit")
    kept = {key: value for key, value in message.data.items() if key not in (*dropped, "reply_markup")}
    new = {**kept, **content, **_markup(p)}
    if json.dumps(new, sort_keys=True) == json.dumps(message.data, sort_keys=True):
        raise cannot(
            "message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message"
        )
    api.change(message, new | {"edit_date": int(api.now())})
    return message.wire


@method("editMessageText")
def edit_text(api: BotApi, p: Json, files: Any) -> Json:
    """New text; without reply_markup the keyboard goes away."""
    content = _texts(p, "text", "entities")
    if not content.get("text"):
        raise bad("message text is empty (rich messages are not modelled by this server)")
    if "text" not in own(api, p, "edit").data:
        raise cannot("there is no text in the message to edit")
    return _edit(api, p, content, ("text", "entities"))


@method("editMessageCaption")
def edit_caption(api: BotApi, p: Json, files: Any) -> Json:
    """New caption of a medium."""
    if "text" in own(api, p, "edit").data:
        raise cannot("there is no caption in the message to edit")
    return _edit(api, p, _texts(p, "caption", "caption_entities"), ("caption", "caption_entities"))


@method("editMessageReplyMarkup")
def edit_markup(api: BotApi, p: Json, files: Any) -> Json:
    """New buttons, or none."""
    return _edit(api, p, {}, ())


@method("deleteMessage")
def delete_message(api: BotApi, p: Json, files: Any) -> bool:
    """Own messages for 48 hours; others' with the right to."""
    chat = api.reach(p["chat_id"])
    message = chat.kept.get(p["message_id"])
    if message is None or message.deleted:
        raise cannot("message to delete not found")
    others = not message.by_bot and chat.type != "private" and not chat.may(api.me["id"], "can_delete_messages")
    if others or api.now() - message.data["date"] > DELETE_SECONDS:
        raise cannot("message can't be deleted for everyone")
    api.delete(message)
    return True


@method("deleteMessages")
def delete_messages(api: BotApi, p: Json, files: Any) -> bool:
    """Several at once; those that cannot be found are skipped."""
    kept = api.reach(p["chat_id"]).kept
    for message_id in p["message_ids"]:
        if message_id in kept and not kept[message_id].deleted:
            delete_message(api, {"chat_id": p["chat_id"], "message_id": message_id}, files)
    return True


def _source(api: BotApi, p: Json, message_id: int, verb: str) -> Message:
    message = api.reach(p["from_chat_id"]).kept.get(message_id)
    if message is None or message.deleted:
        raise cannot(f"message to {verb} not found")
    if message.data.get("has_protected_content"):
        raise cannot(f"message can't be {verb}ed")
    return message


def _copy(api: BotApi, p: Json, message_id: int) -> Json:
    source = _source(api, p, message_id, "copy").data
    left = ("message_id", "from", "chat", "date", "edit_date", "reply_to_message", "reply_markup", "forward_origin")
    content = {key: value for key, value in source.items() if key not in left and not key.startswith("_")}
    return {"message_id": post(api, p, content | _texts(p, "caption", "caption_entities")).id}


def _forward(api: BotApi, p: Json, message_id: int) -> Message:
    source = _source(api, p, message_id, "forward").data
    origin = {"type": "user", "sender_user": source["from"], "date": source["date"]}
    left = ("message_id", "from", "chat", "date", "edit_date", "reply_to_message", "reply_markup")
    content = {key: value for key, value in source.items() if key not in left and not key.startswith("_")}
    return post(api, p, {"forward_origin": origin, **content})


@method("copyMessage")
def copy_message(api: BotApi, p: Json, files: Any) -> Json:
    """The content without its author."""
    return _copy(api, p, p["message_id"])


@method("copyMessages")
def copy_messages(api: BotApi, p: Json, files: Any) -> list[Json]:
    """Several contents without their authors."""
    return [_copy(api, p, message_id) for message_id in p["message_ids"]]


@method("forwardMessage")
def forward_message(api: BotApi, p: Json, files: Any) -> Json:
    """The content with its author."""
    return _forward(api, p, p["message_id"]).wire


@method("forwardMessages")
def forward_messages(api: BotApi, p: Json, files: Any) -> list[Json]:
    """Several contents with their authors."""
    return [{"message_id": _forward(api, p, message_id).id} for message_id in p["message_ids"]]


@method("answerCallbackQuery")
def answer_callback(api: BotApi, p: Json, files: Any) -> bool:
    """Ends the little clock on the pressed button; possible for 150 seconds."""
    query = api.queries.get(p["callback_query_id"])
    if query is None or api.now() - query.date > CALLBACK_SECONDS:
        raise cannot("query is too old and response timeout expired or query ID is invalid")
    query.answer = p
    api.bell.ring()
    return True


@method("setMessageReaction")
def set_reaction(api: BotApi, p: Json, files: Any) -> bool:
    """The bot's own reaction to a message."""
    message = api.reach(p["chat_id"]).kept.get(p["message_id"])
    if message is None or message.deleted:
        raise cannot("message to react not found")
    message.bot_reaction = p.get("reaction") or []
    api.touch(message)
    return True


@method("sendChatAction")
def chat_action(api: BotApi, p: Json, files: Any) -> bool:
    """Shows that the bot is typing, and the like."""
    api.reach(p["chat_id"]).actions.append(p["action"])
    return True


@method("getFile")
def get_file(api: BotApi, p: Json, files: Any) -> Json:
    """Where a file can be downloaded; at most 20 MB."""
    if p["file_id"] not in api.files:
        raise cannot("wrong file_id or the file is temporarily unavailable")
    _, data = api.files[p["file_id"]]
    if api.claimed.get(p["file_id"], len(data)) > MOST_FETCHED:
        raise cannot("file is too big")
    return {**api.file_names(p["file_id"]), "file_size": len(data), "file_path": f"files/{p['file_id']}"}
