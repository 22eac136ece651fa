"""What stories tell again and again."""

from __future__ import annotations

from tests.cast import Actor

ABOUT_SCHOOL = "Which school?"
SORRY = "something went wrong on our side"


async def to_question(actor: Actor, question: int = 7, *, name: str = "Amina Diallo") -> None:
    """Answer the questions before this one; the school is one of Viseu in Portugal."""
    steps = [
        ("/register", "1/7"),
        (name, "2/7"),
        ("Portugal", "3/7"),
        ("Viseu", "Which of these is it?"),
        ("Escola Básica do Viriato, Viseu", "4/7"),
        ("music, history", "5/7"),
        ("English", "6/7"),
        ("8-10", "7/7"),
    ]
    for line, hears in steps[: question if question < 4 else question + 1]:
        await actor.says(line, hears=hears)


async def to_summary(actor: Actor, *, name: str = "Amina Diallo", wish: str = "Songs of our rivers") -> None:
    """Answer all questions; what is left is to agree."""
    await to_question(actor, name=name)
    await actor.says(wish, hears="Is everything right?")


async def register(actor: Actor, *, name: str = "Amina Diallo") -> None:
    """Become a teacher."""
    await to_summary(actor, name=name)
    await actor.chooses("Save", hears="Welcome")
