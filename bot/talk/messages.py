"""What is heard and what is said, as the engine and the platforms exchange it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bot.text import Node, Span

ChatKind = Literal["private", "group"]

# Why a message cannot be read; the desk answers each with a sentence.
Unread = Literal["file", "picture", "sticker", "voice", "location", "contact", "encrypted", "other"]


FileKind = Literal["picture", "file", "voice", "video", "audio"]


@dataclass(frozen=True)
class Attachment:
    """A file that came with a message, which its platform can fetch later.

    ``ref`` is the platform's own text for it, keys included; nobody else understands it. ``size`` counts bytes,
    ``duration`` seconds. Name, type, size and measures are what the sender's program claims: None if it says nothing.
    With ``anew`` its platform may not send it on as it is.
    """

    kind: FileKind
    ref: str
    name: str
    mime: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    anew: bool = False

    def to_json(self) -> dict[str, Any]:
        """As JSON, for an outbox row."""
        return {name: value for name, value in asdict(self).items() if value is not None and value is not False}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Attachment:
        """Back from the JSON of `to_json`, which may stand among other things."""
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})


@dataclass(frozen=True)
class Poll:
    """A poll that somebody has posted with the means of a platform.

    ``ids`` are how that calls the answers, if it tells who chooses which.
    """

    question: str
    answers: tuple[str, ...]
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Given:
    """A file that somebody sent in answer to a question: on which platform, and what it is.

    Once it has been looked into, ``content`` is what is in it, cleaned; or ``trouble`` says why it could not be had.
    """

    platform: str
    what: Attachment
    content: bytes | None = None
    trouble: Node | None = None


#: What happens to a group: see `Event`.
Happening = Literal["in", "out", "asks", "asked", "me", "moved", "chosen"]


@dataclass(frozen=True)
class Event:
    """Something that happened to a group, and that nobody said.

    ``what`` it was: the account ``who`` is "in" the group from now on, or "out" of it; it "asks" to be let in, or is
    "asked" in; the bot itself stands otherwise there ("me"); the group has "moved" to another id (``who``, where the
    platform leaves it to the bot to follow); or, heard in a private chat, the group ``who`` was "chosen" with a button
    of ours.

    ``name`` is what the account is called, ``data`` what else there is to know: with "me" whether the bot is ``inside``
    and which rights it ``lacks``, with "in" whether it is a ``bot``, with "out" whether somebody ``sent`` it away, with
    "chosen" the ``request`` of the button, with "asks" where a word can ``reach`` them.
    """

    what: Happening
    who: str = ""
    name: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """One thing somebody did in a chat, in the words of no platform.

    Just one of ``text``, ``press`` (the opaque payload of a button), ``reaction`` (an emoji put on the message
    ``about``), ``unread`` and ``removes`` says what it was; ``about`` with ``text`` is a reply to that message.

    ``marks`` are the stretches that stand out in ``text``, which is then what is shown and not how it was typed.
    ``files`` come with ``unread``, which says what a flow that takes no files makes of them; then ``text`` is what
    was written under them. ``thread`` is the topic of the group in which it was said. ``signs`` are all the emoji that
    the sender has on the message ``about`` now, where the platform says so. ``poll`` is what is posted where ``unread``
    is "other"; ``choice``, which stands alone, is the answer that somebody chose in the poll ``about``. ``event`` is
    what happened while nobody said anything; then nothing else is there but ``moved_to`` and ``gone``.

    ``id`` is the platform's own id of this message, ``edits`` the id of an earlier message in whose place ``text`` and
    ``files`` stand now, ``removes`` the id of one that was taken back. Whoever passes edits and removals on has to know
    whose message that was: on Matrix others may send an edit of it, which counts for nothing, or remove it with the
    right to.
    """

    chat: str
    sender: str
    kind: ChatKind = "private"
    text: str | None = None
    press: str | None = None
    reaction: str | None = None
    unread: Unread | None = None
    about: str | None = None
    addressed: bool = True
    language: str | None = None
    name: str | None = None
    moved_to: str | None = None
    gone: bool = False
    id: str | None = None
    files: tuple[Attachment, ...] = ()
    edits: str | None = None
    removes: str | None = None
    marks: tuple[Span, ...] = ()
    thread: str | None = None
    signs: tuple[str, ...] | None = None
    event: Event | None = None
    poll: Poll | None = None
    choice: str | None = None


@dataclass(frozen=True)
class Option:
    """Something to choose. ``id`` is the answer, or a command such as ``/partners``; it is never shown."""

    id: str
    label: Node
    chosen: bool = False


@dataclass(frozen=True)
class Working:
    """What stands in a message of its own while a file is made: from the beginning, and when the file has been sent."""

    begun: Node
    done: Node


@dataclass(frozen=True)
class Choosing:
    """A button with which somebody chooses a group of theirs, or makes one and brings the bot there, where a platform
    has such a thing. ``request`` comes back with the `Event` that they did."""

    request: int
    label: Node


@dataclass(frozen=True)
class Message:
    """Something the bot says, with what may be chosen under it.

    ``key`` names the question it asks, if it asks one, and ``back`` says whether a question came before it.
    ``file`` goes with it: the name of the source that has it, and what it is; ``working`` stands above it meanwhile.
    ``link`` is a way to a page: its words, and the address. ``instead`` is the prompt token of an earlier message that
    this one takes the place of, where the platform can edit.
    """

    body: Node
    options: tuple[Option, ...] = ()
    key: str | None = None
    instead: str | None = None
    back: bool = False
    file: tuple[str, Attachment] | None = None
    working: Working | None = None
    choosing: Choosing | None = None
    link: tuple[Node, str] | None = None


def go(command: str, label: Node) -> Option:
    """Offer a way on: a button that does what writing the command would do."""
    return Option(f"/{command}", label)
