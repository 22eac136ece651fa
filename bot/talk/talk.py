"""A flow is replayed over its named answers at each turn; this is the replay.

What was said before an answered question was heard in an earlier turn, so it is dropped; what comes after the
last answer is new. Code before the last question runs on every turn and therefore only reads: a flow that
wrote before a question it still has to ask is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from bot.talk.errors import FileWanted, FlowError, NoFile, Outdated
from bot.talk.kinds import Again, Kept, Kind, Said, fold, labelled, one_of, yes_no
from bot.talk.letters import Letter
from bot.talk.messages import Attachment, Choosing, Message, Option, Working
from bot.talk.relaying import Do, Relayed
from bot.talk.state import State
from bot.talk.turns import Change, News, Outcome, Turn
from bot.text import Joined, Node, Reader, Strong, Verbatim, _, encode, entry, lines, p_, plain

T = TypeVar("T")
Json = Any
Flow = Callable[["Talk"], None]
#: A question, or what makes it: called only where it is shown, for one that has to look up much.
Question = Node | Callable[[], Node]

BACK, CANCEL = "!back", "!cancel"


class _Waiting(BaseException):
    """The flow stops here until the person speaks again; no flow can catch it by accident."""


class _Replay(BaseException):
    """The answers have changed; the flow runs again from its first line."""


class Talk:
    """What a flow talks through: say, ask, confirm, review, then."""

    def __init__(self, turn: Turn, state: State, said: Said | None) -> None:
        self.turn, self._state, self._said = turn, state, said
        self._messages: list[Message] = []
        self._news: list[News | Letter | Do] = []
        self._relayed: list[Relayed] = []
        self._asked: list[str] = []
        self._shown = turn.shown
        self._notes: list[Node] = []
        self._answered: Callable[[], Message] | None = None
        self.follow: tuple[str, dict[str, Json]] | None = None

    @property
    def session(self) -> Session:
        """The database session of this turn; writes are for after the last question."""
        return self.turn.session

    @property
    def person(self) -> int:
        """The id of the person who talks."""
        return self.turn.person

    @property
    def reader(self) -> Reader:
        """The language and time zone of the person who talks."""
        return self.turn.reader

    @property
    def now(self) -> datetime:
        """The moment of this turn, in UTC."""
        return self.turn.now

    def say(
        self,
        body: Node,
        *options: Option,
        file: tuple[str, Attachment] | None = None,
        working: Working | None = None,
        choosing: Choosing | None = None,
        link: tuple[Node, str] | None = None,
    ) -> None:
        """Say something; options under it are ways on (see `go`).

        A file comes from the source that is named; ``working`` shows how far it is, if it has to be made. ``choosing``
        lets a group be chosen; options cannot stand beside it. ``link`` leads to a page: its words, and the address.
        """
        self._messages.append(Message(body, options, file=file, working=working, choosing=choosing, link=link))

    def tell(
        self, person: int, body: Node, *options: Option, later: timedelta | None = None, token: str | None = None
    ) -> None:
        """Tell another person something, where they were last heard; only after the last question, like a write.

        ``later`` is how long it waits before it is sent; ``token`` names a message that changes in place (see `News`).
        """
        self._news.append(News(person, body, options, later, token))

    @property
    def mails(self) -> bool:
        """Whether e-mails can be sent; where they cannot, no way that needs one is offered."""
        return bool(self.turn.extra.get("mails"))

    def mail(
        self,
        address: str,
        subject: Node,
        body: Node,
        *,
        language: str | None = None,
        link: tuple[str, Node] | None = None,
        until: datetime | None = None,
    ) -> None:
        """Write an e-mail to an address that `mail_address` gave; only after the last question, like a write.

        ``language`` is the reader's, if they are another person than the one who talks. ``link`` is a web address of
        ours (see `web_address`) with the words on it. After ``until`` the letter is worthless and no longer sent.
        """
        if not self.mails:
            raise FlowError(f"{self._state.flow}: writes an e-mail where none can be sent")
        url, label = link or (None, None)
        letter = Letter(address, subject, body, language or self.reader.chosen, url, label, until, self.person)
        self._news.append(letter)

    def web_address(self, path: str) -> str:
        """The full address of a page of ours, such as ``in/<token>``."""
        return f"{self.turn.extra.get('address', 'http://localhost')}/{path}"

    def relay(self, what: Relayed) -> None:
        """Bring to others what was said, or what became of it; only after the last question, like a write."""
        self._relayed.append(what)

    def tell_all(self, what: News | Letter | Do) -> None:
        """Tell others, or have something done, by what was made elsewhere; only after the last question."""
        self._news.append(what)

    def do(self, deed: Do) -> None:
        """Have something done on a platform, after the commit; only after the last question, like a write."""
        self._news.append(deed)

    def start(self, key: str, default: Json = None) -> Json:
        """A value that the flow was started with by `then`; not a question."""
        known, value = self._state.answer(key)
        return value if known else default

    def then(self, flow: str, **start: Json) -> None:
        """When this flow ends, go on with another one, which begins from ``start``."""
        self.follow = (flow, start)

    def ask(self, key: str, question: Question, kind: Kind[T], *, instead: bool = False) -> T:
        """Return the answer kept under ``key``, or ask and wait. ``question`` may be a function (see `Question`).

        ``instead``: the question may take the place of the message whose button led to it (a list turned to its
        next page), where the platform can edit.
        """
        if key in self._asked:
            raise FlowError(f"{self._state.flow}: {key!r} is asked twice")
        if self._news or self._relayed:
            raise FlowError(f"{self._state.flow}: told somebody before its question {key!r}")
        self._asked.append(key)
        value = self._kept(key, kind)
        if value is None and self._answers(key):
            value = self._read(key, question, kind)
        if value is None:
            # A question that is repeated after an interruption must stand below it, not far above.
            self._open(key, question, kind, instead=instead and self._state.asked != key)
        self._messages.clear()
        return value.value  # type: ignore[union-attr, no-any-return]

    def confirm(self, key: str, question: Node, *, yes: Node | None = None, no: Node | None = None) -> bool:
        """Ask for a yes or a no."""
        kind = yes_no(yes or p_("button", "Yes"), no or p_("button", "No"))
        return self.ask(key, question, kind) == "yes"

    def review(self, key: str, title: Node, changes: Sequence[Change], yes: Node) -> None:
        """Show all answers with a "change" for each line; go on only when the person agrees."""
        rows = [entry(Strong(c.label), c.value) for c in changes]
        options = [Option("yes", yes)]
        options += [Option(f"change:{c.key}", p_("button", "Change: {what}", what=c.label)) for c in changes if c.key]
        summary = lines(Strong(title), *rows)
        self._agree_on(key, summary)
        choice = self.ask(key, summary, one_of(*options))
        if choice == "yes":
            return
        changed = choice.removeprefix("change:")
        self._state.forget(key)
        self._state.before = list(self._state.answers)
        self._state.forget(changed)
        raise _Replay

    def _agree_on(self, key: str, summary: Node) -> None:
        """What was agreed to before another question came between counts only if the summary is still the same."""
        digest = blake2b(json.dumps(encode(summary)).encode(), digest_size=8).hexdigest()
        pending = self._state.pending
        if pending is not None and pending[0] == key and self._state.summary != digest:
            self._state.pending = None
        self._state.summary = digest

    def _kept(self, key: str, kind: Kind[T]) -> Kept | None:
        known, kept = self._state.answer(key)
        if not known:
            return None
        try:
            return Kept(kind.recall(kept))
        except Outdated as reason:
            self._state.forget(key)
            self._note(reason.note)
            return None

    def _answers(self, key: str) -> bool:
        """Whether what the person just said, or said before another question came between, is for this key."""
        pending = self._state.pending
        if self._said is None and pending is not None and pending[0] == key:
            self._state.pending = None
            self._state.asked, self._said, self._shown = key, pending[1], ()
        return self._said is not None and self._state.asked == key

    def _read(self, key: str, question: Question, kind: Kind[T]) -> Kept | None:
        """Read what was said as the answer to this question; on Again the question stays open."""
        said, self._said = self._said, None
        assert said is not None
        result = self._understood(said, kind)
        if isinstance(result, Again):
            in_place = said.pressed and result.note is None
            self._state.draft = result.draft
            self._note(result.note)
            self._messages.clear()
            self._open(key, question, kind, instead=in_place)
            return None
        kept, value = result
        self._state.keep(key, kept)
        self._state.draft = None
        # What follows a press mostly takes the place of the question, which nobody sees then.
        asked = question if self.turn.pressed else _made(question)
        self._answered = partial(self._closed, asked, kind.show(value), said, self._state.token)
        self._notes.clear()
        return Kept(value)

    def _closed(self, question: Question, answer: Node, said: Said, token: str | None) -> Message:
        """An answered question: with the answer as it was understood, unless it stands below in the same words."""
        body = _made(question)
        if said.text is None or fold(said.text) != fold(plain(answer, self.reader)):
            body = lines(body, Joined((Verbatim("✓"), answer), " "))
        return Message(body, instead=token)

    def answered(self) -> Message | None:
        """The question that was just answered, as it is left behind; None if what follows takes its place."""
        replaced = self.follow is not None and self.turn.pressed
        return None if self._answered is None or replaced else self._answered()

    def _understood(self, said: Said, kind: Kind[T]) -> tuple[Json, T] | Again:
        """What was said as JSON and as a value; an option may have ceased to be one since it was shown."""
        draft = self._state.draft
        if said.file is not None:
            _look_into(said, kind.reads_files)
            if said.file.trouble is not None:
                return Again(said.file.trouble, draft)
        result = kind.read(self._resolved(said, kind, draft), draft)
        if isinstance(result, Again):
            return result
        try:
            return result.value, kind.recall(result.value)
        except Outdated as reason:
            return Again(reason.note)

    def _resolved(self, said: Said, kind: Kind[Any], draft: Json) -> Said:
        """Turn "2" or a label into the option it means. A number counts in what was shown, whatever is offered now."""
        if said.option is not None or said.text is None or said.file is not None:
            return said
        options = kind.options(draft)
        found = labelled(said.text, options, self.reader)
        place = place_in_list(said.text)
        if found is None and place is not None and (self.turn.numbered or not kind.reads_numbers):
            shown = self._shown or [option.id for option in options]
            found = shown[place] if 0 <= place < len(shown) else None
        return said if found is None else replace(said, option=found)

    def _note(self, note: Node | None) -> None:
        if note is not None:
            self._notes.append(note)

    def _open(self, key: str, question: Question, kind: Kind[T], *, instead: bool) -> None:
        if self.session.info.get("wrote") or self.session.new or self.session.dirty or self.session.deleted:
            raise FlowError(f"{self._state.flow}: wrote before its question {key!r}")
        put_by = self._said is not None and self._said.file is None  # A file is not kept for later.
        if put_by and self._said is not None and self._state.asked is not None and self._state.asked != key:
            self._state.pending = (self._state.asked, self._said)
        if self._state.asked != key:
            self._state.draft = None
        self._state.asked = key
        shown = lines(*self._notes, kind.asks(self._state.draft) or _made(question))
        replaced = self._state.token if instead and self.turn.pressed else None
        options = tuple(kind.options(self._state.draft))
        back = len(self._asked) > 1 or self._state.before is not None
        self._messages.append(Message(shown, options, key, replaced, back))
        raise _Waiting


def _look_into(said: Said, most: int) -> None:
    """See that what is in a file is known. Raises `NoFile` where no file is an answer, and `FileWanted`."""
    given = said.file
    assert given is not None
    if most == 0:
        raise NoFile
    if given.content is None and given.trouble is None:
        raise FileWanted(given, most)


def _made(question: Question) -> Node:
    return question() if callable(question) else question


def place_in_list(text: str) -> int | None:
    """The place in a list that a bare number such as "2" or "2." means, from 0; None for other words."""
    number = text.strip().rstrip(".)")
    return int(number) - 1 if number.isdecimal() and len(number) < 4 else None


def advance(flow: Flow, turn: Turn, state: State, said: Said | None) -> Outcome:
    """Run a flow up to its next question or its end. Changes ``state``; raises what the flow raises."""
    # What was written before the flow began (that somebody was here, an answer to close) is not the flow's own.
    turn.session.flush()
    turn.session.info.pop("wrote", None)
    for _round in range(20):
        talk = Talk(turn, state, said)
        try:
            flow(talk)
        except _Waiting:
            return Outcome(talk._messages, state, talk.answered())
        except _Replay:
            said = None
            continue
        told = tuple(talk._news), tuple(talk._relayed)
        return Outcome(talk._messages, None, talk.answered(), talk.follow, *told)
    raise FlowError(f"{state.flow}: the answers never settle")


def step_back(flow: Flow, turn: Turn, state: State) -> Outcome:
    """Undo the last answer in the order of the flow, or the change that is under way."""
    if state.before is not None:
        state.answers, state.before = state.before, None
        state.asked = state.draft = state.pending = None
        return advance(flow, turn, state, None)
    asked = _asked_before(flow, turn, state)
    if not asked:
        outcome = advance(flow, turn, state, None)
        first = Message(_("This is the first question, so there is nothing to go back to. /cancel stops here."))
        return replace(outcome, messages=[first, *outcome.messages])
    state.forget(asked[-1])
    state.asked = state.draft = state.pending = None
    return advance(flow, turn, state, None)


def _asked_before(flow: Flow, turn: Turn, state: State) -> list[str]:
    """The keys that the flow asks before the open one, in its own order."""
    talk = Talk(turn, State.from_json(state.to_json()), None)
    # A newer version of the flow may ask nothing more, and write; that is not what going back means.
    saved = turn.session.begin_nested()
    try:
        flow(talk)
    except (_Waiting, _Replay):
        return talk._asked[:-1]
    finally:
        saved.rollback()
    return talk._asked
