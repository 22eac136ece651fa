"""A person's dialogue in a chat: a stack of flows, of which the last has the open question.

A command in the middle of a dialogue is answered, and then the dialogue goes on where it was. Back and cancel
live here, so that no flow and no platform knows of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot.gate import refusal
from bot.guessing import Guesses
from bot.outgoing import Outgoing, merged
from bot.talk import (
    Do,
    Excuse,
    Flow,
    Heard,
    Letter,
    Listener,
    Listening,
    Message,
    News,
    Option,
    Relayed,
    Said,
    Talk,
    Turn,
    advance,
)
from bot.talk.commands import Command, Commands
from bot.talk.listening import Take, When
from bot.talk.state import State
from bot.talk.talk import BACK, CANCEL, place_in_list, step_back
from bot.talk.turns import Outcome
from bot.text import Node, Reader, _, p_
from storage import dialogues, people
from storage.database import undoing
from storage.people import Met

_DEEPEST = 3

CONTROLS: dict[str, Node] = {
    "back": p_("button", "Back"),
    "cancel": p_("button", "Cancel"),
    "help": p_("button", "Help"),
}


@dataclass
class House:
    """What every turn needs: the table of commands, what flows may want to know of the running program, listeners."""

    commands: Commands
    extra: dict[str, Any] = field(default_factory=dict)
    listeners: Sequence[Listener] = ()
    guesses: Guesses = field(default_factory=Guesses)
    #: The platforms that show choices with numbers.
    numbered: frozenset[str] = frozenset()


class Conversation:
    """The dialogue of one person in one chat during one turn."""

    def __init__(self, house: House, session: Session, met: Met, out: Outgoing, heard: Heard, *, now: datetime) -> None:
        self.house, self.session, self.met, self.out, self.heard, self.now = house, session, met, out, heard, now
        self.stack = [State.from_json(data) for data in met.stack]
        self.argument = ""
        # Only a command is about the message it replies to; a flow that goes on later is not.
        self._about = heard.about if heard.text is not None else None
        self.news: list[News | Letter | Do] = []
        self.relayed: list[Relayed] = []
        self._said: list[Message] = []
        self._before = met.stack, met.last

    @property
    def question(self) -> str | None:
        """The open question, or None."""
        return self.stack[-1].question if self.stack else None

    @property
    def reader(self) -> Reader:
        """How the person reads; it may change during the turn."""
        return Reader(self.met.language, self.met.timezone)

    def say(self, body: Node, *options: Option) -> None:
        """Say something outside of any flow."""
        self._said.append(Message(body, options))

    def overheard(self, when: When) -> bool:
        """Let a listener take what was heard, if one wants to."""
        for listener in self.house.listeners:
            heard = self._listening()
            take: Take = getattr(listener, when)
            if take(heard):
                # Who talks to others does not choose from what was offered before.
                self.met.last = None
                self._take(heard)
                return True
        return False

    def back_again(self) -> None:
        """Nothing could be sent to this chat until now; what waited for that may be brought."""
        for listener in self.house.listeners:
            heard = self._listening()
            listener.back(heard)
            self._take(heard)

    def _take(self, heard: Listening) -> None:
        self._said.extend(heard.messages)
        self.news.extend(heard.news)
        self.relayed.extend(heard.relayed)

    def command(self, command: Command, argument: str) -> None:
        """Begin a flow, or come back to it where it stopped."""
        words = [state.flow for state in self.stack]
        if command.word in words:
            del self.stack[words.index(command.word) + (0 if argument else 1) :]
        if command.word not in [state.flow for state in self.stack]:
            self.stack = [*self.stack[-(_DEEPEST - 1) :], State(command.word)]
        self.argument = argument
        self._go(None)

    def refuse(self, command: Command) -> None:
        """Turn somebody away from a command that is not for them."""
        self._said.append(refusal(self.house.commands, command, self.met.roles, self.ways_on()))

    def answer(self, said: Said) -> None:
        """Take an answer to the open question."""
        self._go(said)

    def back(self) -> None:
        """Undo the last answer."""
        if not self.stack:
            self.say(_("There is nothing to go back to."), *self.ways_on())
            return
        if self._turned_away():
            self._go(None)
            return
        state = self.stack[-1]
        outcome = self._excusing(partial(step_back, self._flow(state), self._turn(), state))
        if self._pressed and outcome.messages:
            outcome.messages[-1] = replace(outcome.messages[-1], instead=state.token)
        if not self._settle(outcome):
            self._go(None)

    def cancel(self) -> None:
        """Stop the open dialogue; one that it interrupted goes on."""
        if not self.stack:
            self.say(_("There is nothing to cancel."), *self.ways_on())
            return
        token = self.stack.pop().token
        if token is not None:
            self.out.close(Message(_("Cancelled."), instead=token))
        if self.stack:
            self.say(_("Stopped. Back to where we were:"))
            self.repeat()
        else:
            self.say(_("Stopped. Nothing was saved."), *self.ways_on())

    def repeat(self) -> None:
        """Ask the open question again, if there is one."""
        if self.stack:
            self._go(None)

    def repeat_or_offer(self) -> None:
        """Ask the open question again, or offer what can be done."""
        if self.stack:
            self._go(None)
        else:
            self.say(_("What would you like to do?"), *self.ways_on())

    def ways_on(self) -> list[Option]:
        """What this person would most likely do next."""
        words = ["partners", "profile", "help"] if self.met.teacher else ["register", "help", "language"]
        words = ["leave", *words] if "pupil" in self.met.roles else words
        if not self.met.roles.isdisjoint({"officer", "suspended"}):
            words = ["staff", "suspended", *words]
        known = [self.house.commands.get(word) for word in words]
        return [Option(f"/{c.word}", c.button) for c in known if c is not None and c.open_to(self.met.roles)]

    def keep(self) -> None:
        """Store the dialogue and hand over what was said."""
        last = self._hand_over() or self.met.last
        stack = [state.to_json() for state in self.stack]
        if (stack, last) != self._before:
            dialogues.keep(self.session, self.met.chat, self.met.person, stack, last, self.now)

    @property
    def _pressed(self) -> bool:
        return self.heard.press is not None or self.heard.reaction is not None

    def _flow(self, state: State) -> Flow:
        command = self.house.commands.get(state.flow)
        return command.flow if command is not None else _gone

    def _turn(self) -> Turn:
        return Turn(
            session=self.session,
            person=self.met.person,
            reader=self.reader,
            now=self.now,
            platform=self.out.platform,
            argument=self.argument,
            name=self.heard.name,
            pressed=self._pressed,
            shown=self._shown(),
            numbered=self.out.platform in self.house.numbered,
            roles=self.met.roles,
            chat=self.met.chat,
            about=self._about,
            extra=self.house.extra,
        )

    def _listening(self) -> Listening:
        met = self.met
        return Listening(
            session=self.session,
            heard=self.heard,
            person=met.person,
            chat=met.chat,
            platform=self.out.platform,
            reader=self.reader,
            now=self.now,
            roles=met.roles,
            last=met.last,
        )

    def _shown(self) -> list[str]:
        """What was offered under the open question, if a bare number may choose from it."""
        token = self.stack[-1].token if self.stack else None
        if token is None or self.heard.text is None or place_in_list(self.heard.text) is None:
            return []
        asked = dialogues.prompt(self.session, self.met.chat, self.met.person, token)
        return [option for option, _label in asked.options if option not in {BACK, CANCEL}] if asked else []

    def _go(self, said: Said | None) -> None:
        """Run the topmost flow; when it ends, what follows it or what it interrupted goes on."""
        while self.stack:
            if self._turned_away():
                said, self.argument = None, ""
                continue
            outcome = self._excusing(partial(advance, self._flow(self.stack[-1]), self._turn(), self.stack[-1], said))
            said, self.argument, self._about = None, "", None
            if self._settle(outcome):
                return

    def _turned_away(self) -> bool:
        """End the topmost flow if it is not for this person, or no longer: roles change while a question is open, and
        one flow leads to another."""
        command = self.house.commands.get(self.stack[-1].flow)
        if command is None or command.open_to(self.met.roles):
            return False
        token = self.stack.pop().token
        if token is not None:
            self.out.close(Message(_("Cancelled."), instead=token))
        self.refuse(command)
        return True

    def _excusing(self, step: Callable[[], Outcome]) -> Outcome:
        """Take a step of a flow; an Excuse undoes what it wrote, ends it, and is what the person hears."""
        try:
            with undoing(self.session):
                return step()
        except Excuse as excuse:
            return Outcome([Message(excuse.reason, excuse.options)], None)

    def _settle(self, outcome: Outcome) -> bool:
        """Take in what a flow came to. True: a question is open now, so the turn is over."""
        replaced = {message.instead for message in outcome.messages}
        if outcome.answered is not None and outcome.answered.instead not in replaced:
            self.out.close(outcome.answered)
        self._said.extend(outcome.messages)
        self.news.extend(outcome.news)
        self.relayed.extend(outcome.relayed)
        if outcome.state is not None:
            return True
        ended = self.stack.pop()
        self._read_again()
        if outcome.follow is not None:
            flow, start = outcome.follow
            token = ended.token if self._pressed else None
            self.stack.append(State(flow, answers=list(start.items()), token=token))
        return False

    def _read_again(self) -> None:
        """A flow that ended may have changed who the person is or how they read."""
        self.session.flush()
        if self.session.info.pop("wrote", False):
            people.refresh(self.session, self.met)

    def _hand_over(self) -> str | None:
        """Put what was said into the outbox; returns the token of the newest prompt."""
        last = None
        for message in merged(self._said):
            if message.key is None:
                last = self.out.put(message) or last
            else:
                state = self.stack[-1]
                state.token = self.out.put(message, question=state.question, controls=_controls(message))
                last = state.token
        self._said.clear()
        return last


def _controls(message: Message) -> tuple[Option, ...]:
    cancel = Option(CANCEL, CONTROLS["cancel"])
    return (Option(BACK, CONTROLS["back"]), cancel) if message.back else (cancel,)


def _gone(talk: Talk) -> None:
    """Stands in for a flow that a newer version of the program no longer has."""
    talk.say(_("That is no longer part of what I do. /help shows what is."))
