"""What is sent: bold stretches and buttons as Telegram counts them, and its refusals in the house's terms."""

from __future__ import annotations

import unicodedata
from typing import Any

from telegram.constants import ReactionEmoji
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.platforms.platform import (
    FLOOD,
    NO_TOPIC,
    Button,
    CannotEdit,
    Moved,
    NotCarried,
    OutcomeUnknown,
    Rejected,
    SendError,
    Shown,
    TryLater,
    Unreachable,
)
from bot.platforms.telegram import rights
from bot.platforms.telegram.entities import entities
from bot.platforms.telegram.files import MOST_SENT
from bot.platforms.telegram.transport import Flood, NotSent, Trouble
from bot.talk.messages import Attachment

Json = Any

NO_PREVIEW = {"is_disabled": True}
TICK = "✓ "
# Telegram takes a hundred buttons; two labels of this width stand side by side on a small telephone.
MOST_BUTTONS = 100
PAIR_WIDTH = 18

NOT_CONNECTED_SECONDS = 2.0
TROUBLE_SECONDS = 3.0
BAD_TOKEN_SECONDS = 60.0

_MEASURES = {
    "sendVideo": ("width", "height", "duration"),
    "sendAudio": ("duration",),
    "sendVoice": ("duration",),
}

_REACTIONS = frozenset(str(emoji.value) for emoji in ReactionEmoji)

# The descriptions of refusals are not documented; these are parts of those that Telegram's server is known to
# give, in lower case.
_UNCHANGED = "message is not modified"
_NO_EDIT = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message can't be deleted",
    "message to react not found",
    "reaction_invalid",
)
_OTHER_KIND = ("there is no text in the message to edit", "there is no caption in the message to edit")
_REMOVED = "message to delete not found"
_NO_FILE = (
    "wrong file",
    "can't use file of type",
    "wrong remote file",
    "file_parts_invalid",
    "file must be non-empty",
    "image_process_failed",
    "photo_invalid_dimensions",
    "photo_save_file_invalid",
    "photo_ext_invalid",
    "voice_messages_forbidden",
    "wrong type of the web page content",
)
# A topic that was deleted or closed; the rest of the group may well be there.
_NO_TOPIC = ("message thread not found", "topic_closed", "topic_deleted")
_TOO_BIG = ("is too big", "request entity too large")
_NOBODY_THERE = (
    "chat not found",
    "user is deactivated",
    "user not found",
    "peer_id_invalid",
    "group chat was deactivated",
    "bot was kicked",
    "not enough rights to send",
    "have no rights to send",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_restricted",
)


def content(shown: Shown, *, caption: bool = False) -> dict[str, Any]:
    """The parameters that say what a message shows, as JSON; or what stands under a file. Raises `Rejected`.

    Written as JSON at once: a tenth of a turn's time went into the library's objects for the same.
    """
    parameters: dict[str, Any] = {"caption" if caption else "text": shown.text}
    if not caption:
        parameters["link_preview_options"] = NO_PREVIEW
    marked = entities(shown.text, shown.spans)
    if marked:
        parameters["caption_entities" if caption else "entities"] = marked
    if shown.choosing is not None:
        parameters["reply_markup"] = choosing(*shown.choosing)
    elif shown.buttons or shown.link is not None:
        parameters["reply_markup"] = {"inline_keyboard": keyboard(shown)}
    return parameters


def choosing(request: int, label: str) -> Json:
    """A keyboard of one button that opens a list of one's groups, with a new one at its head; it goes when it is used.

    Whoever chooses gives the bot its rights there, which is why only groups are offered in which they can; and only
    private ones, for a public one can be read by everybody.
    """
    wants = {
        "request_id": request,
        "chat_is_channel": False,
        "chat_has_username": False,
        "user_administrator_rights": rights.wanted(of_user=True),
        "bot_administrator_rights": rights.wanted(of_user=False),
    }
    button = {"text": label, "request_chat": wants}
    return {"keyboard": [[button]], "resize_keyboard": True, "one_time_keyboard": True}


def thread(name: str | None) -> dict[str, Any]:
    """The parameters that send something to a topic."""
    return {} if name is None or not name.isdecimal() else {"message_thread_id": int(name)}


def measures(what: Attachment, method: str) -> dict[str, Any]:
    """What Telegram wants to know of a file beside its bytes, so far as it is known."""
    wanted = _MEASURES.get(method, ())
    return {name: int(value) for name in wanted if (value := getattr(what, name)) is not None}


def reaction(emoji: str) -> Json:
    """A reaction as Telegram takes it, without the sign that asks for colour. Raises `CannotEdit` for any other."""
    bare = emoji.replace("\ufe0f", "")
    if bare not in _REACTIONS:
        raise CannotEdit("no such reaction")
    return {"type": "emoji", "emoji": bare}


def reply(replies_to: str | None) -> dict[str, Any]:
    """The parameters that make it a reply, as long as the other message is there."""
    if replies_to is None or not replies_to.isdecimal():
        return {}
    return {"reply_parameters": {"message_id": int(replies_to), "allow_sending_without_reply": True}}


def keyboard(shown: Shown) -> list[list[Json]]:
    """The rows of buttons under a message: the link, short ones two in a row, controls in a row of their own.

    Raises `Rejected` if there are too many.
    """
    if len(shown.buttons) > MOST_BUTTONS:
        raise Rejected(f"{len(shown.buttons)} buttons, Telegram takes {MOST_BUTTONS}")
    rows: list[list[Json]] = [] if shown.link is None else [[{"text": shown.link[0], "url": shown.link[1]}]]
    room = controls = False
    for button in shown.buttons:
        label = _label(button)
        short = width(label) <= PAIR_WIDTH
        if not (room and short) or button.control != controls:
            rows.append([])
        controls = button.control
        rows[-1].append({"text": label, "callback_data": button.payload})
        room = short and len(rows[-1]) == 1
    return rows


def width(label: str) -> int:
    """About how many columns a label takes: marks and joiners none, wide characters and emoji two."""
    if label.isascii():
        return len(label)
    return sum(_columns(character) for character in label)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _label(button: Button) -> str:
    return TICK + button.label if button.chosen else button.label


def is_unchanged(error: TelegramError) -> bool:
    """Whether an edit was refused because the message shows just that already."""
    return isinstance(error, BadRequest) and _UNCHANGED in error.message.lower()


def is_other_kind(error: TelegramError) -> bool:
    """Whether an edit was refused because the text stands under a file, or the other way round."""
    return any(part in error.message.lower() for part in _OTHER_KIND)


def is_no_file(error: TelegramError) -> bool:
    """Whether a file was refused, such as one whose id is not known any more."""
    return any(part in error.message.lower() for part in _NO_FILE)


def is_removed(error: TelegramError) -> bool:
    """Whether a message could not be taken away because it is gone."""
    return isinstance(error, BadRequest) and _REMOVED in error.message.lower()


def send_error(error: TelegramError, *, editing: bool) -> SendError:
    """What delivery is told. An edit of unknown outcome is simply tried again, since it shows once in any case."""
    match error:
        case Flood() | NotSent() | Trouble() | InvalidToken():
            return _later(error)
        case ChatMigrated():
            return Moved(str(error.new_chat_id))
        case Forbidden():
            return Unreachable(error.message)
        case BadRequest():
            return _refused(error.message, editing=editing)
    return TryLater(TROUBLE_SECONDS, error.message) if editing else OutcomeUnknown(error.message)


def _later(error: TelegramError) -> TryLater:
    """Nothing was done. A 429 concerns the chat; a missing connection or a refused token concerns all."""
    match error:
        case Flood():
            return TryLater(error.seconds, FLOOD)
        case NotSent():
            return TryLater(NOT_CONNECTED_SECONDS, error.message, everyone=True)
        case InvalidToken():
            return TryLater(BAD_TOKEN_SECONDS, "Telegram does not accept the token", everyone=True)
    return TryLater(TROUBLE_SECONDS, error.message)


def _refused(description: str, *, editing: bool) -> SendError:
    lower = description.lower()
    if any(part in lower for part in _NOBODY_THERE):
        return Unreachable(description)
    if editing and any(part in lower for part in _NO_EDIT):
        return CannotEdit(description)
    if any(part in lower for part in _NO_TOPIC):
        return Rejected(NO_TOPIC)
    if any(part in lower for part in _TOO_BIG):
        return NotCarried("big", MOST_SENT)
    if any(part in lower for part in _NO_FILE):
        return NotCarried("refused")
    return Rejected(description)
