"""What one says to another on a line is seen by that one only, in order and once, whatever people do in any order."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.talk import Attachment
from storage import blocks, lines, partnerships
from storage.models import Partnership
from tests.lines import Street

CHATS = {1: ("amina",), 2: ("joao", "joao-too"), 3: ("ines",), 4: ("zofia",)}
OWNER = {chat: person for person, chats in CHATS.items() for chat in chats}
NAMES = {1: "Amina", 2: "João", 3: "Ines", 4: "Zofia"}
chats, people = st.sampled_from(list(OWNER)), st.sampled_from(list(CHATS))


def said(text: str) -> str | None:
    """The mark of what a partner said, if it is that: the first word of the last line."""
    word = text.rsplit("\n", maxsplit=1)[-1].split(" ", maxsplit=1)[0]
    return word if word.startswith("<") else None


class Lines(RuleBasedStateMachine):
    """Four teachers with five chats. Every message has a mark of its own, so that it is known wherever it stands.

    ``sent`` are the marks that went out, with their author and the one they were for, in their order; ``kept`` those
    that wait in a chat for a choice; ``current`` is the partner that is written to in a chat.
    """

    def __init__(self) -> None:
        super().__init__()
        self.street = Street()
        self.count = 0
        self.current: dict[str, int | None] = dict.fromkeys(OWNER)
        self.kept: dict[str, list[str]] = {chat: [] for chat in OWNER}
        self.sent: dict[str, tuple[int, int]] = {}
        self.words: dict[str, str] = {}
        self.refs: dict[str, tuple[str, str]] = {}
        self.gone: set[str] = set()

    @initialize()
    def settle(self) -> None:
        self.people = {person: self.street.teacher(NAMES[person], *theirs) for person, theirs in CHATS.items()}
        self.pairs = {frozenset(pair) for pair in ((1, 2), (1, 3), (2, 3))}
        for one, other in ((1, 2), (1, 3), (2, 3)):
            self.street.partners(self.people[one], self.people[other])

    def teardown(self) -> None:
        self.street.close()

    def partners(self, person: int) -> list[int]:
        return [other for other in CHATS if frozenset((person, other)) in self.pairs]

    def mark(self) -> str:
        self.count += 1
        return f"<{self.count}>"

    def went(self, chat: str, mark: str, other: int, ref: str) -> None:
        self.sent[mark] = (OWNER[chat], other)
        self.words[mark], self.refs[mark] = mark, (chat, ref)

    @rule(chat=chats, file=st.booleans())
    def says(self, chat: str, file: bool) -> None:
        mark, other = self.mark(), self.current[chat]
        files = {"unread": "picture", "files": (Attachment("picture", mark, "a.jpg"),)} if file else {}
        ref = self.street.says(chat, mark, **files)
        if other is not None:
            self.went(chat, mark, other, ref)
        elif self.partners(OWNER[chat]):
            self.kept[chat].append(mark)
            self.refs[mark] = (chat, ref)

    @rule(chat=chats, data=st.data(), often=st.integers(1, 3))
    def talks(self, chat: str, data: Any, often: int) -> None:
        """Somebody turns to a partner, if they do not write to them already, and says something."""
        partners = self.partners(OWNER[chat])
        if not partners:
            return
        other = data.draw(st.sampled_from(partners))
        if self.current[chat] != other:
            self.street.says(chat, f"/line {NAMES[other]}")
            self.current[chat] = other
        for _time in range(often):
            self.says(chat, file=False)

    @rule(chat=chats, stranger=people)
    def opens_what_is_not_theirs(self, chat: str, stranger: int) -> None:
        """Numbers of lines can be typed: those of others, and those that have ended, open nothing."""
        with self.street.session() as session:
            theirs = session.query(Partnership).filter_by(ended_at=None).all()
            foreign = [p.id for p in theirs if self.people[OWNER[chat]] not in (p.one_id, p.other_id)]
        for number in [*foreign[:1], 999 + stranger]:
            self.street.says(chat, f"/line {number} send")
            assert "That line has ended." in self.street.screen(chat)[-1]

    @rule(chat=chats)
    def leaves(self, chat: str) -> None:
        self.street.says(chat, "/leave")
        self.current[chat] = None

    @precondition(lambda self: any(current is None for current in self.current.values()))
    @rule(data=st.data())
    def says_first_and_chooses_then(self, data: Any) -> None:
        chat = data.draw(st.sampled_from([chat for chat, current in self.current.items() if current is None]))
        for _time in range(data.draw(st.integers(1, 3))):
            self.says(chat, file=False)
        if self.kept[chat]:
            self.chooses(data)

    @precondition(lambda self: any(self.kept.values()))
    @rule(data=st.data())
    def chooses(self, data: Any) -> None:
        chat = data.draw(st.sampled_from([chat for chat, kept in self.kept.items() if kept]))
        other = data.draw(st.sampled_from([*self.partners(OWNER[chat]), None]))
        label = "To nobody" if other is None else NAMES[other]
        if not self.street.presses(chat, label, under="To whom"):
            return
        kept, self.kept[chat] = self.kept[chat], []
        for mark in kept if other is not None else []:
            assert other is not None
            self.went(chat, mark, other, self.refs[mark][1])
        if other is not None:
            self.current[chat] = other

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def replies(self, data: Any) -> None:
        """Somebody answers something that they see; it goes to whoever said it, if they still are partners."""
        answered = data.draw(st.sampled_from(sorted(self.sent)))
        author, reader = self.sent[answered]
        seen = [
            (chat, one) for chat in CHATS[reader] for one in self.street.screens[chat] if said(one.text) == answered
        ]
        if not seen:
            return
        chat, shown = seen[-1]
        mark = self.mark()
        ref = self.street.says(chat, mark, about=shown.ref)
        if frozenset((author, reader)) in self.pairs:
            self.went(chat, mark, author, ref)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), thief=st.none() | chats)
    def edits(self, data: Any, thief: str | None) -> None:
        """Somebody changes a message; it counts if it is their own, in the chat where they said it."""
        mark = data.draw(st.sampled_from(sorted(self.sent)))
        chat, ref = self.refs[mark]
        by = thief or chat
        changed = f"{mark} changed {self.mark()}"
        self.street.hears(by, text=changed, edits=ref, id=ref)
        if by == chat and frozenset(self.sent[mark]) in self.pairs and mark not in self.gone:
            self.words[mark] = changed

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), thief=st.none() | chats)
    def takes_back(self, data: Any, thief: str | None) -> None:
        mark = data.draw(st.sampled_from(sorted(self.sent)))
        chat, ref = self.refs[mark]
        by = thief or chat
        self.street.hears(by, removes=ref)
        if by == chat:
            self.gone.add(mark)

    @rule(one=people, other=people, block=st.booleans())
    def ends(self, one: int, other: int, block: bool) -> None:
        if frozenset((one, other)) not in self.pairs:
            return
        chat = CHATS[one][0]
        word = "block" if block else "end"
        self.street.says(chat, f"/{word} {NAMES[other]}")
        self.street.presses(chat, "Block" if block else "End it")
        self.pairs.discard(frozenset((one, other)))
        for chat, current in self.current.items():
            if current is not None and {OWNER[chat], current} == {one, other}:
                self.current[chat] = None

    @rule(one=people, other=people)
    def joins_again(self, one: int, other: int) -> None:
        if one == other or frozenset((one, other)) in self.pairs:
            return
        with self.street.session() as session:
            a, b = self.people[one], self.people[other]
            if not blocks.blocked(session, a, b):
                partnerships.open_(session, a, b, self.street.now)
                self.pairs.add(frozenset((one, other)))

    @invariant()
    def only_the_other_sees_it_in_order_and_once(self) -> None:
        for person, theirs in CHATS.items():
            shown = [text.split("\n")[-1] for chat in theirs for text in self.street.screen(chat) if said(text)]
            meant = [
                mark for mark, (_author, reader) in self.sent.items() if reader == person and mark not in self.gone
            ]
            assert sorted(shown) == sorted(self.words[mark] for mark in meant)

    @invariant()
    def what_waits_and_who_is_written_to_is_as_it_should_be(self) -> None:
        with self.street.session() as session:
            for chat, number in self.street.chats.items():
                assert lines.waits(session, number) == len(self.kept[chat])
                chosen = lines.chosen(session, number)[0]
                line = None if chosen is None else lines.line_of(session, chosen, self.people[OWNER[chat]])
                current = self.current[chat]
                assert (line and line.other) == (current and self.people[current])

    @invariant()
    def each_author_is_read_in_order(self) -> None:
        for reader, theirs in CHATS.items():
            for chat in theirs:
                marks = [mark for text in self.street.screen(chat) if (mark := said(text))]
                for author in CHATS:
                    read = [mark for mark in marks if self.sent.get(mark) == (author, reader)]
                    order = [mark for mark in self.sent if mark in read]
                    assert read == order


# By day this takes some ten seconds; at night the profile decides.
BY_DAY = settings(max_examples=20, stateful_step_count=50)
Lines.TestCase.settings = BY_DAY if settings().max_examples <= 100 else settings(max_examples=300)
TestLines = Lines.TestCase
