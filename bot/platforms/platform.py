"""What a platform is to the rest of the house: it hears raw updates, reads them, and sends what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar, Literal, Protocol, runtime_checkable

from bot.talk.messages import Attachment, FileKind, Heard
from bot.talk.onetime import Sheet
from bot.text import Mention, Span

Json = Any


@dataclass(frozen=True)
class RawUpdate:
    """An update as it came: ``event_id`` is the platform's own id (unique for the platform), ``lane`` is the chat
    whose order it keeps, ``body`` the JSON text that `Platform.read` understands."""

    event_id: str
    lane: str
    body: str


class Ear(Protocol):
    """Where a platform brings what it hears."""

    async def __call__(self, updates: Sequence[RawUpdate], marks: Mapping[str, str] | None = None) -> None:
        """Store updates and the platform's marks in one commit; only then return, so that it may acknowledge.

        Updates that are stored already are passed over. Raises if nothing could be stored: do not acknowledge.
        """


class Marks(Protocol):
    """A platform's own small state (sync token, device, offset), by key."""

    async def load(self) -> dict[str, str]:
        """All marks of this platform."""

    async def save(self, marks: Mapping[str, str]) -> None:
        """Set these marks."""


@dataclass(frozen=True)
class Button:
    """A choice under a message. ``payload`` is opaque (at most 48 ASCII characters); ``chosen``: a ticked box.

    ``control``: it is no answer but "back" or "cancel", and may stand apart from the answers. ``person``: whose name
    its label has.
    """

    label: str
    payload: str
    chosen: bool = False
    control: bool = False
    person: int | None = None


@dataclass(frozen=True)
class File:
    """A file on its way to a reader. ``what`` says what is sent; ``open`` gives its bytes, anew each time.

    Without ``open`` the file is where it goes to already: the same platform sends it again by ``what.ref``, or a
    message that has it is edited and only its text changes. ``shared`` names a file that many get, and that always is
    the same: a platform may upload it once (`bot.platforms.uploaded.Uploaded`).
    """

    what: Attachment
    open: Callable[[], BinaryIO] | None = None
    shared: str | None = None


@dataclass(frozen=True)
class Shown:
    """A message as one reader gets it: text in their language (no markup), stretches that stand out, buttons, a file.

    ``mentions`` are the stretches that are somebody's name or words: a platform that keeps messages keeps them too.
    ``answerable``: somebody else said it through the bot, so a reply to it means something. ``link`` is a way to a
    page: its words, and the address. A letter also has a ``subject``. ``choosing`` is a button with which a group is
    chosen, where the platform has such: its number and its label.
    """

    text: str
    spans: tuple[Span, ...] = ()
    buttons: tuple[Button, ...] = ()
    language: str = "en"
    direction: str = "ltr"
    mentions: tuple[Mention, ...] = ()
    file: File | None = None
    answerable: bool = False
    subject: str | None = None
    link: tuple[str, str] | None = None
    choosing: tuple[int, str] | None = None


@dataclass(frozen=True)
class Post:
    """One thing to deliver. ``chat`` is the platform's id of the chat.

    ``key`` is stable over retries: where the platform knows idempotency, sending a key twice shows it once.
    ``edits`` is the platform's id of the message to change instead of sending a new one, ``removes`` the id of one
    to take away. ``replies_to`` is the id of the message it answers; if that is gone, it is sent all the same.
    ``marks`` is the id of a message, of anybody, on which a small sign is put and nothing said: the text that is shown,
    or ``emoji`` where only that will do; where both are empty, what was put there is taken away. Raises `CannotEdit`
    where neither will. ``bulk``: many get the same.
    ``forgets`` is the account of a person who has gone for good: the bot leaves the chat and keeps nothing of them.
    ``thread`` is the topic of a chat to which it goes.
    """

    chat: str
    key: str
    shown: Shown
    edits: str | None = None
    removes: str | None = None
    replies_to: str | None = None
    marks: str | None = None
    emoji: str = ""
    bulk: bool = False
    forgets: str | None = None
    thread: str | None = None


@dataclass(frozen=True)
class Deed:
    """One thing to do that is no message. ``chat`` is the platform's id of the chat, ``what`` one of the platform's
    deeds, ``args`` JSON of its own, ``key`` stable over retries, like that of a `Post`. ``shown`` is what is said or
    called so by the way."""

    chat: str
    key: str
    what: str
    args: Mapping[str, Json]
    shown: Shown | None = None


@dataclass(frozen=True)
class Browser:
    """A browser at a page of ours: the account it speaks for, if it does, and the digest of its cookie.

    ``fresh_hash`` is the digest of a new cookie, which it gets if it is signed in now.
    """

    account: str | None
    token_hash: str
    fresh_hash: str = ""


@dataclass(frozen=True)
class Profile:
    """How the bot introduces itself in one language: its commands with a line each, what it is in a sentence."""

    language: str
    commands: tuple[tuple[str, str], ...]
    about: str
    greeting: str


@dataclass(frozen=True)
class Pace:
    """What a platform allows, for delivery to keep: seconds between messages and how many may come at once.

    ``account_rate`` is how many the account may send in any second, to all chats together; 0 is as many as it can.
    ``at_once`` is how many of what goes to many may be under way then: few where each is written into the database,
    which what people wait for has to get past.
    """

    chat_seconds: float = 0.0
    chat_burst: int = 1
    group_seconds: float = 0.0
    group_burst: int = 1
    account_rate: int = 0
    at_once: int = 128


#: Told that somebody writes just now: the platform's name, the chat, the person. Nothing of it is ever stored.
OnTyping = Callable[[str, str, str], None]


class Tickets(Protocol):
    """Who knows what one-time links are for."""

    async def show(self, token: str, browser: Browser) -> Sheet | None:
        """The page of a ticket, or None if there is no such ticket. Changes nothing."""

    async def take(self, token: str, choice: str, browser: Browser) -> Sheet | None:
        """Do what was chosen; the page that comes of it, or None if there is no such ticket."""


@runtime_checkable
class Entered(Protocol):
    """A platform with pages, at which one-time links can be used."""

    def open_to(self, tickets: Tickets) -> None:
        """Let one-time links be used; ``tickets`` knows what they are for."""


@dataclass(frozen=True)
class CalendarFile:
    """A calendar as bytes (iCalendar), and a mark that changes with it."""

    content: bytes
    mark: str


class CalendarFeeds(Protocol):
    """Who has the calendars of people."""

    async def calendar(self, secret: str) -> CalendarFile | None:
        """The calendar of a secret address; None if it opens none."""


@runtime_checkable
class Subscribed(Protocol):
    """A platform at whose address calendar programs may read."""

    def publish(self, feeds: CalendarFeeds) -> None:
        """Let calendars be read; ``feeds`` has them."""


@runtime_checkable
class Housing(Protocol):
    """A platform that has pages for rooms."""

    def house(self, rooms: Any) -> None:
        """Let people into rooms; ``rooms`` has them, in the shape in which the platform wants them."""

    async def fetch_kept(self, ref: str, into: BinaryIO, most: int) -> None:
        """Write a file that a room shows. Raises `NotCarried`."""


@runtime_checkable
class Announcing(Protocol):
    """A platform that has pages on which support writes announcements."""

    def announce_with(self, announcements: Any) -> None:
        """Let officers write there; ``announcements`` has what they write, in the shape the platform wants."""


@runtime_checkable
class Guest(Protocol):
    """A platform on which people bring the bot into their groups by a link."""

    def group_link(self, payload: str) -> str | None:
        """The link, which carries a short text that the bot is told there; None while its name is not known."""


@runtime_checkable
class Admitting(Protocol):
    """A platform by which pupils come in."""

    def admit(self, pupils: Any) -> None:
        """Let pupils in; ``pupils`` has their places, in the shape in which the platform wants them."""


@runtime_checkable
class Stirred(Protocol):
    """A platform whose open pages look for themselves for what is new in some chats."""

    def stir(self, chat: str) -> None:
        """There is something new in this chat."""


@runtime_checkable
class Shared(Protocol):
    """A platform that each of several processes serves alike: there is no account that only one of them may use."""

    def echo(self, told: Callable[[str], None], name: Callable[[str], str]) -> None:
        """Give ``told`` the name of a chat in which there is something new, for the pages that others have open."""

    def news(self, name: str) -> None:
        """Another process says that there is something new in the chat of this name."""


@runtime_checkable
class Bystander(Protocol):
    """A platform that has something to do also where another process has its account."""

    async def stand_by(self, ear: Ear) -> None:
        """Hear what reaches this process and be ready to read it, until cancelled; nothing is sent."""


@runtime_checkable
class Doing(Protocol):
    """A platform on which more can be done than sending: rooms opened, people invited, let in and sent away."""

    async def do(self, deed: Deed) -> Mapping[str, Json]:
        """Do it, and give what there is to know of it. Doing it twice does no harm.

        Raises a `SendError`: `Rejected` if the platform does not allow it, `Unreachable` if the bot is not in the chat.
        """


class Source(Protocol):
    """Where files are fetched from: a platform on which somebody sent them, or what makes them."""

    name: ClassVar[str]

    def resends(self, what: Attachment) -> bool:
        """Whether a file of this platform may be sent here again as it lies there, with nobody looking into it."""

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Write the bytes of a file that was heard here. Raises `NotCarried` or another `SendError`.

        With more than ``most`` bytes it stops, whatever size was claimed.
        """


@runtime_checkable
class Maker(Protocol):
    """A source that makes its files, which takes a while."""

    async def make(self, what: Attachment, into: BinaryIO, most: int, report: Callable[[int], None]) -> None:
        """Like `Source.fetch`; ``report`` hears how many percent are made, from any thread."""


class Platform(Source, Protocol):
    """A platform. Its tasks run inside `run`, which lasts until cancelled and raises only what nobody can mend."""

    #: Whether choices are shown as a numbered list; a bare number then always means a choice.
    numbered: ClassVar[bool]
    #: The longest text of one message, in UTF-16 code units.
    limit: ClassVar[int]
    #: The longest text under a file.
    caption: ClassVar[int]
    #: Set before `run` by whoever wants to know; a platform that cannot tell never calls it.
    on_typing: OnTyping | None

    @property
    def pace(self) -> Pace:
        """What the platform allows this account."""

    async def run(self, ear: Ear) -> None:
        """Listen until cancelled."""

    def read(self, body: Json) -> Heard | None:
        """Understand a stored update; None if it asks for nothing. Raises `Unreadable` for one that makes no sense."""

    async def send(self, post: Post) -> str:
        """Deliver one post and return the platform's id of the message. Raises one of the errors below."""

    async def largest(self, kind: FileKind) -> int:
        """The most bytes that a file of this kind may have to be sent here. Raises a `SendError`."""

    async def typing(self, chat: str, on: bool) -> None:
        """Show that somebody writes (or no longer does); never raises, and calls in quick succession cost nothing."""

    async def introduce(self, profiles: Sequence[Profile]) -> None:
        """Show commands and description in each language, where the platform can."""

    async def close(self) -> None:
        """Let go of connections."""


class Unreadable(ValueError):
    """An update that makes no sense; it is set aside with this reason."""


class SendError(Exception):
    """A post that did not get through."""


#: The reason of a `TryLater` where there was too much at once, and nothing else is wrong.
FLOOD = "429"


@dataclass(eq=False)
class TryLater(SendError):
    """Not now: wait ``seconds`` (this chat only, unless ``everyone``), then try again."""

    seconds: float
    reason: str = ""
    everyone: bool = False


@dataclass(eq=False)
class Unreachable(SendError):
    """Nobody can be reached in this chat any more: blocked, removed, deleted."""

    reason: str


@dataclass(eq=False)
class Moved(SendError):
    """The chat has another id now; send there."""

    chat: str


@dataclass(eq=False)
class OutcomeUnknown(SendError):
    """The connection broke after sending: it may have arrived."""

    reason: str


#: The reason of a `Rejected` where the topic of a group is gone or closed.
NO_TOPIC = "no such topic"


@dataclass(eq=False)
class Rejected(SendError):
    """The platform refuses this message for good."""

    reason: str


@dataclass(eq=False)
class CannotEdit(SendError):
    """The message to change or take away is gone or too old."""

    reason: str = ""


# Why a file cannot be brought from where it is to where it should go; the reader gets a sentence for each.
FileTrouble = Literal["big", "gone", "empty", "broken", "hidden", "refused"]


@dataclass(eq=False)
class NotCarried(SendError):
    """A file cannot be brought: it is too ``big`` (for ``most`` bytes), ``gone`` from where it was, ``empty``, a
    ``broken`` picture, one that may have something ``hidden`` in it, or ``refused`` where it should go."""

    why: FileTrouble
    most: int = 0


@dataclass(eq=False)
class Setback(Exception):
    """The platform cannot work until the operator mends something; the sentence says what."""

    sentence: str
