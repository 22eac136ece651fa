"""How those who speak in a room are heard at its doors."""

from __future__ import annotations

from bot.text import Joined, Name, Node, Span, Strong, Verbatim, When, lines
from handlers.partners.cards import flag
from handlers.rights.former import FORMER
from storage.rooms import Voice


def copy(voice: Voice, said: str, at: When | None = None, marks: tuple[Span, ...] = ()) -> Node:
    """A message as other doors show it: who speaks stands first and stands out; then when it was, if it comes late."""
    return lines(Strong(who(voice)), at, Verbatim(said, voice.person or None, marks) if said.strip() else None)


def who(voice: Voice) -> Node:
    """Who is heard: first name or nickname, school, flag."""
    if not voice.name:
        return FORMER
    parts: list[Node] = [called(voice), Name(voice.school), Verbatim(flag(voice.country))]
    return Joined(tuple(parts), " · ")


def called(voice: Voice) -> Node:
    """A first name, which is found when that person is erased; or a nickname, which is nobody's."""
    return Name(voice.name, voice.person or None)
