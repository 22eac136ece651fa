"""A teacher's school in one line, in lists and in short news."""

from __future__ import annotations

from bot.text import Joined, Name, Node, Strong, Verbatim
from handlers.partners.cards import flag
from storage.partners import Candidate


def place(other: Candidate) -> Node:
    """A school in one line."""
    return Joined((Verbatim(flag(other.country)), Strong(Name(other.school)), Name(other.town)), " ")


def named_place(other: Candidate) -> Node:
    """A teacher and their school in one line."""
    return Joined((Name(other.name, other.person), place(other)), " · ")
