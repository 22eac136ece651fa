"""Which line is meant: the one that was named, the one talked on in this chat, the only one, or one from the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Again, Excuse, Kept, Option, Said, Talk, go
from bot.talk.kinds import Choice
from bot.text import Joined, Name, Node, Strong, _, lines, n_, p_
from handlers.lines.sending import talking_on
from handlers.lines.words import who
from handlers.partners.cards import last_seen
from storage import lines as store
from storage.lines import Line
from storage.spelling import fold

ON_A_PAGE = 8
_MORE = "more"


@dataclass(frozen=True)
class Wanted:
    """What was written after a command about a line: the number of one, words that name somebody, and what to do."""

    number: int | None = None
    name: str = ""
    act: str | None = None


ACTS = ("send", "drop", "more")


def wanted(argument: str) -> Wanted:
    """Read what was written after a command: "12", "12 send", "send", or a name."""
    words = argument.split()
    act = words.pop() if words and words[-1] in ACTS else None
    if len(words) == 1 and words[0].isascii() and words[0].isdecimal() and len(words[0]) < 10:
        return Wanted(int(words[0]), act=act)
    return Wanted(name=" ".join(words), act=act)


def nobody() -> Excuse:
    """Somebody has no partner to write to."""
    return Excuse(
        _("You have no partners yet. Ask somebody for a partnership first; when they accept, you can write to them."),
        go("partners", p_("button", "Find partners")),
    )


def line_named(session: Session, person: int, number: int, *, ended: bool = False) -> Line:
    """A line by its number; with ``ended``, one that has ended will do. One that is somebody else's, or was never
    there, is answered like one that has ended."""
    line = store.line_now(session, number, person)
    if line is None or not (line.open or ended):
        raise Excuse(_("That line has ended. A new request opens it again."), go("line", p_("button", "My partners")))
    return line


def ask_line(talk: Talk, title: Node, *, number: int | None = None, name: str = "", ended: bool = False) -> Line:
    """The line that is meant; asked for if neither a number nor a name says it. ``ended``: also of those that have."""
    if number is not None:
        return line_named(talk.session, talk.person, number, ended=ended)
    known = store.lines_of(talk.session, talk.person, ended=ended)
    if not known:
        raise nobody()
    meant = _called(known, name)
    if len(meant) == 1:
        return meant[0]
    known = meant or known
    for page in range((len(known) - 1) // ON_A_PAGE + 1):
        shown = known[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
        rows = [row(talk.session, line, talk.person, talk.now) for line in shown]
        kind = Partners(known, shown, more=len(known) > (page + 1) * ON_A_PAGE)
        choice = talk.ask(f"line{page}", lines(Strong(title), *rows), kind, instead=True)
        if choice != _MORE:
            return line_named(talk.session, talk.person, int(choice), ended=ended)
    raise nobody()


def line_meant(talk: Talk, flow: str, title: Node, *, ended: bool = False) -> Line | None:
    """The line that a command is about: named after it, talked on in this chat, or asked for. None: ``flow`` begins
    anew with what was named, so that it is still there if a question has to be asked."""
    if talk.turn.argument:
        told = wanted(talk.turn.argument)
        talk.then(flow, number=told.number, name=told.name)
        return None
    number, name = talk.start("number"), talk.start("name", "")
    if number is None and not name:
        current = talking_on(talk, talk.turn.chat)
        number = None if current is None else current.id
    return ask_line(talk, title, number=number, name=name, ended=ended)


class Partners(Choice):
    """One of several partners; of all of them, if they are named in words."""

    def __init__(self, known: Sequence[Line], shown: Sequence[Line], *, more: bool) -> None:
        options = [Option(str(line.id), Name(line.name, line.other)) for line in shown]
        super().__init__([*options, *([Option(_MORE, p_("button", "More"))] if more else [])])
        self._known = known

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """A button, or a name or a part of one."""
        meant = _called(self._known, said.text or "") if said.option is None else []
        return Kept(str(meant[0].id)) if len(meant) == 1 else super().read(said, draft)

    def recall(self, kept: Any) -> str:
        """A line that may have ended meanwhile is still what was meant; whoever opens it looks."""
        return str(kept)

    def show(self, value: str) -> Node:
        """Whose line it is."""
        named = next((Name(line.name, line.other) for line in self._known if str(line.id) == value), None)
        return named or super().show(value)


def _called(known: Sequence[Line], name: str) -> list[Line]:
    """Those whose name is this, or has it as a part."""
    wanted_name = f" {fold(name)} "
    return [line for line in known if wanted_name.strip() and wanted_name in f" {fold(line.name)} "]


def row(session: Session, line: Line, person: int, now: datetime) -> Node:
    """A line of the list: who, what is new, when they were here."""
    stands = store.standing(session, line.id, person, line.other)
    new = n_("{n} new message", "{n} new messages", stands.new) if stands.new else None
    parts = [who(line), new, last_seen(line.active_at, now)]
    return Joined(tuple(part for part in parts if part is not None), " · ")
