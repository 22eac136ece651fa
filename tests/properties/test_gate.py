"""Every command and every button, as every role: what runs is what the table says, and nobody changes what is others'.

Each role walks through the village: all commands, then every button that comes of them, then those that come of those,
each kind of button once, with a few words where words are asked for. After each step it is looked at which flows ran,
and whose rows in the database are not what they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from bot.talk.commands import Command
from bot.talk.talk import BACK, CANCEL
from handlers import commands
from storage import staff, teachers
from tests.properties.village import OTHERS, WALKERS, Button, Seen, Village, shape

#: Who may use what the table gives to a role; the suspended may use what it marks for them alone.
MAY = {
    "anyone": {"new", "unverified", "verified", "ambassador", "national", "central"},
    "teacher": {"unverified", "verified", "ambassador"},
    "verified": {"verified", "ambassador"},
    "suspended": {"suspended"},
    "ambassador": {"ambassador"},
    "officer": {"national", "central"},
    "central": {"central"},
}
TURNED_AWAY = (
    "This is for registered teachers.",
    "This is for verified teachers.",
    "This is for those who help teachers",
    "Your account is suspended.",
    "You are not suspended.",
    "What you write here goes to your class room.",
)
#: What is written where words are asked for.
WORDS = ("Amina Diallo", "music, history", "10-12", "Portugal", "We could sing each other's songs.")
#: Of a long list so many are pressed; the others are the same to the flow.
OF_A_LIST = 4
DEEPEST = 7


@pytest.fixture(scope="module")
def village() -> Iterator[Village]:
    made = Village()
    yield made
    made.close()


def standing(roles: frozenset[str]) -> str:
    """What somebody is, in the words of `MAY`."""
    order = ("suspended", "pupil", "central", "national", "ambassador", "verified", "unverified")
    return next((each for each in order if each in roles), "new")


def may(command: Command, roles: frozenset[str]) -> bool:
    """Whether the table lets somebody use a command."""
    who = standing(roles)
    if who == "pupil":
        return command.pupils
    return command.suspended if who == "suspended" else who in MAY[command.who]


@dataclass
class Walk:
    """One role on its way through the village."""

    village: Village
    name: str
    deepest: int = DEEPEST
    pressed: set[tuple[str, str]] = field(default_factory=set)
    shut: set[str] = field(default_factory=set)
    lines: set[str] = field(default_factory=set)

    def step(self, **what: str) -> Seen:
        """Do something, and look at what it did."""
        village = self.village
        roles = village.roles(self.name)
        seen = village.does(self.name, **what)
        now = village.roles(self.name)
        for word in seen.ran:
            command = village.table[word]
            assert may(command, roles) or may(command, now), f"/{word} ran for {self.name} after {what}"
        trespasses = village.trespasses(self.name)
        assert not trespasses, f"{self.name} with {what} after {seen.ran} changed {trespasses}"
        return seen

    def all(self) -> None:
        for command in self.village.table:
            with self.village.undone():
                self.explore(self.begin(command), self.deepest)

    def begin(self, command: Command) -> Seen:
        """Write a command: it runs for those whom the table names, and turns away the others."""
        allowed = may(command, self.village.roles(self.name))
        seen = self.step(text=f"/{command.word}")
        # Only tables that were written to are looked at in each step; here, whether that is all there is to see.
        assert self.village.stands == self.village.dump()
        turned_away = any(words in seen.words for words in TURNED_AWAY)
        assert (command.word in seen.ran) == allowed, command.word
        assert allowed or turned_away, (command.word, seen.words)
        return seen

    def explore(self, seen: Seen, deep: int) -> None:
        """Press what is offered, answer what is asked, and go on from there."""
        self.shutting(seen)
        if deep:
            for button in self.new(seen.buttons):
                with self.village.undone():
                    self.explore(self.step(press=button.payload), deep - 1)
            for words in self.answers(seen):
                with self.village.undone():
                    self.explore(self.step(text=words), deep - 1)

    def new(self, buttons: list[Button]) -> Iterator[Button]:
        """The buttons of kinds that were not pressed yet."""
        counted: dict[str, int] = {}
        for button in buttons:
            place = _place(button.question)
            key = (place, shape(button.option))
            counted[place] = counted.get(place, 0) + 1
            many = counted[place] > OF_A_LIST and not button.option.startswith(("!", "/"))
            if button.option.startswith("/"):
                self.lines.add(button.option)
            if key not in self.pressed and not many:
                self.pressed.add(key)
                yield button

    def answers(self, seen: Seen) -> Iterator[str]:
        """Words for a question that was not answered in words yet."""
        place = _place(seen.question)
        for words in WORDS if place else ():
            if (place, words) not in self.pressed:
                self.pressed.add((place, words))
                yield words

    def shutting(self, seen: Seen) -> None:
        """Who is suspended, or loses a role, in the middle of a flow goes no further in it."""
        place = _place(seen.question)
        if not place or place in self.shut or self.name in {"new", "suspended", "pupil"}:
            return
        self.shut.add(place)
        answer = next((b for b in seen.buttons if b.option not in {BACK, CANCEL} and b.option[0] != "/"), None)
        with self.village.undone():
            self.fall()
            self.step(press=answer.payload) if answer else self.step(text=WORDS[-1])

    def fall(self) -> None:
        """Lose what makes one more than anybody."""
        session, person = self.village.session, self.village.person(self.name)
        staff.remove_officer(session, person)
        if "teacher" in self.village.roles(self.name):
            teachers.set_status(session, person, "suspended")
        session.flush()
        session.info.clear()
        self.village.stands = self.village.dump()


def _place(question: str) -> str:
    """Flow and key of a question, without the number of its dialogue."""
    flow, _run, key = [*question.split(":", 2), "", ""][:3]
    return f"{flow}:{key}" if key else ""


@pytest.mark.parametrize("name", WALKERS)
def test_every_command_and_button(village: Village, name: str) -> None:
    walk = Walk(village, name)
    walk.all()
    flows = {place.partition(":")[0] for place, _option in walk.pressed}
    # The commands that ask something are begun by whoever may use them; a walk that gets nowhere shows nothing.
    least = {"new": 3, "suspended": 2, "pupil": 1}.get(name, 5)
    assert len(flows - {""}) >= least, flows


def test_the_roles_of_the_village_are_those_of_the_table(village: Village) -> None:
    assert {command.who for command in commands()} <= MAY.keys()
    assert {standing(village.roles(name)) for name in WALKERS} == {"suspended", "pupil", *set().union(*MAY.values())}


def lines_offered(village: Village) -> set[str]:
    """What stands behind the ways on that anybody in the village is offered, but for its numbers."""
    lines = {button.option for _name, button in village.everything_offered()}
    for name in WALKERS:
        walk = Walk(village, name, deepest=3)
        walk.all()
        lines |= walk.lines
    return {shape(line) for line in lines if line.startswith("/")}


def test_lines_of_others_change_nothing_of_theirs(village: Village) -> None:
    """What stands behind the buttons of one is written by each of the others, with the numbers of this and that."""
    lines = lines_offered(village)
    assert {"/requests accept #", "/line # more", "/verify next", "/deleteme keep"} <= lines
    for name in (*WALKERS, *OTHERS):
        walk = Walk(village, name)
        for line in sorted(lines):
            for number in (1, 2, 3) if "#" in line else (0,):
                with village.undone():
                    walk.step(text=line.replace("#", str(number)))


def test_buttons_of_others_open_nothing(village: Village) -> None:
    """What one was offered is pressed by each of the others, byte for byte."""
    offered = village.everything_offered()
    assert len({owner for owner, _button in offered}) > 10
    for name in WALKERS:
        walk = Walk(village, name)
        for owner, button in offered:
            if owner != name:
                with village.undone():
                    seen = walk.step(press=button.payload)
                    assert not seen.ran
                    assert "That button is too old." in seen.words
