"""The idea library: ready plans for projects of 5, 10 or 16 weeks, written for this bot.

A plan is data: for whom it is, how long it takes, and which task begins in which week. Where a project begins from one,
its tasks get their dates from the project's first day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.text import Node, p_


@dataclass(frozen=True)
class Plan:
    """A ready plan. ``tasks`` are the weeks (from 1) with what begins in them; ``subjects`` are codes of ours."""

    title: Node
    about: Node
    results: Node
    weeks: int
    ages: tuple[int, int]
    subjects: tuple[str, ...]
    tasks: tuple[tuple[int, Node], ...]

    def dated(self, starts_on: date) -> list[tuple[date, Node]]:
        """Its tasks with the Monday of their week; the first week is the one in which the project starts, or the next
        one where it starts on a weekend."""
        monday = starts_on - timedelta(days=starts_on.weekday())
        if starts_on.weekday() > 4:
            monday += timedelta(days=7)
        return [(monday + timedelta(weeks=week - 1), task) for week, task in self.tasks]


# Translators: tasks of a project of two or more classes, as a teacher would write them into a plan.
_MEET = p_("plan", "Meet: each class shows something it likes. Drawings and objects, no faces needed.")
_HALF = p_("plan", "Look back together: what goes well, what is still to do?")
_SHOW = p_("plan", "Show what you made to parents and to other classes.")
_BYE = p_("plan", "Say goodbye: everybody writes one thing to remember.")

PLANS: Mapping[str, Plan] = {
    "postcards": Plan(
        title=p_("plan", "Postcards across Europe"),
        about=p_("plan", "Small pupils draw their street, their school and their favourite day, and send it by post."),
        results=p_("plan", "A wall of postcards in each school."),
        weeks=5,
        ages=(6, 9),
        subjects=("primary_school", "art"),
        tasks=(
            (1, _MEET),
            (2, p_("plan", "Draw a postcard each: the way to school.")),
            (3, p_("plan", "Send the postcards by post, and a photo of the pile to the room.")),
            (4, p_("plan", "Read what came aloud, and find the places on a map.")),
            (5, _BYE),
        ),
    ),
    "birds": Plan(
        title=p_("plan", "Birds at our window"),
        about=p_("plan", "Every class watches birds for ten minutes a day, counts them, and compares."),
        results=p_("plan", "A shared table of birds, and a poster of one that lives with all of us."),
        weeks=5,
        ages=(8, 12),
        subjects=("natural_sciences", "environmental_education"),
        tasks=(
            (1, _MEET),
            (2, p_("plan", "Make a feeder, and agree on when and how to count.")),
            (3, p_("plan", "Count for a week. Put the numbers into one table.")),
            (4, p_("plan", "Compare: which birds have only some of us, and why?")),
            (5, _SHOW),
        ),
    ),
    "recipes": Plan(
        title=p_("plan", "What our grandparents ate"),
        about=p_("plan", "Pupils ask older people for a recipe and its story, cook it, and explain it to the others."),
        results=p_("plan", "A cookbook in several languages."),
        weeks=10,
        ages=(10, 14),
        subjects=("history", "foreign_languages"),
        tasks=(
            (1, _MEET),
            (2, p_("plan", "Write questions for an interview with an older person.")),
            (4, p_("plan", "Share the stories. Each class chooses three recipes.")),
            (6, _HALF),
            (7, p_("plan", "Cook a recipe of another class, and say how it went.")),
            (10, _SHOW),
        ),
    ),
    "newsroom": Plan(
        title=p_("plan", "One newsroom, many schools"),
        about=p_("plan", "Mixed teams of several schools write, check and publish a paper on one question."),
        results=p_("plan", "An issue of a paper, with sources for each claim."),
        weeks=10,
        ages=(14, 18),
        subjects=("media_education", "language_literature"),
        tasks=(
            (1, _MEET),
            (2, p_("plan", "Choose the question of the issue, and make mixed teams.")),
            (4, p_("plan", "First drafts. Another team checks each claim.")),
            (6, _HALF),
            (8, p_("plan", "Lay out the issue, with pictures of your own.")),
            (10, _SHOW),
        ),
    ),
    "river": Plan(
        title=p_("plan", "Our river, our data"),
        about=p_("plan", "Classes measure the water near them in the same way, and ask what the numbers say."),
        results=p_("plan", "An open table of measurements, and a letter to the town hall."),
        weeks=16,
        ages=(12, 16),
        subjects=("natural_sciences", "geography", "ict"),
        tasks=(
            (1, _MEET),
            (3, p_("plan", "Agree on what to measure, with what, and how often.")),
            (5, p_("plan", "First measurements. Compare how they were taken.")),
            (8, _HALF),
            (12, p_("plan", "Draw charts together, and look for what they have in common.")),
            (16, _SHOW),
        ),
    ),
    "bridges": Plan(
        title=p_("plan", "A bridge of paper"),
        about=p_("plan", "Teams build bridges of paper by the same rules, load them until they break, and learn why."),
        results=p_("plan", "A film of the best bridge of each school, with the reckoning behind it."),
        weeks=16,
        ages=(13, 17),
        subjects=("physics", "mathematics"),
        tasks=(
            (1, _MEET),
            (3, p_("plan", "Agree on the rules: span, paper, weight, how to test.")),
            (6, p_("plan", "First bridges. Break them, film it, share it.")),
            (9, _HALF),
            (13, p_("plan", "Second bridges, built on what the others found out.")),
            (16, _SHOW),
        ),
    ),
}
