"""What every screen of support about verification needs: what was just decided, how many wait."""

from __future__ import annotations

from bot.talk import Option, Talk
from bot.text import Country, Joined, Name, Node, Strong, Verbatim, _, entry, lines, n_, p_
from storage import staff
from storage.verification import cases, queue, reading

DECIDED: dict[str, Node] = {
    # Translators: what support has just decided; the teacher's name follows.
    "approved": p_("decided", "Approved"),
    "declined": p_("decided", "Declined"),
    "revoked": p_("decided", "Verification taken back"),
}
SAID: dict[str, Node] = {
    "asked": _("I have passed your question on. The case comes back when the teacher answers."),
    "undone": _("Undone. Nobody was told."),
    "late": _("Too late to undo: it is carried out, and the teacher knows."),
    "changed": _("This case has changed meanwhile. Here it is as it stands now:"),
    "own": _("That is your own case. A colleague decides on it."),
    "none": _("There is no such case, or it is not of your country."),
    "only": _("No other case waits."),
}


def number(words: object) -> int:
    """The number that somebody wrote or that a button carries; 0 if it is none."""
    return int(str(words)) if str(words).isdecimal() and len(str(words)) < 10 else 0


def heading(talk: Talk) -> list[Node]:
    """What the officer should know first: what was just decided, by them or by a quicker colleague."""
    parts = [_done(talk), _quicker(talk), SAID.get(str(talk.start("said")))]
    return [part for part in parts if part is not None]


def undo_option(talk: Talk) -> list[Option]:
    """A way to take back what was just decided."""
    # Translators: a button; it takes back the last decision.
    return [] if talk.start("done") is None else [Option("undo", p_("button", "Undo"))]


def counter(tally: queue.Tally, post: staff.Post) -> Node:
    """How many wait, of them with central support."""
    where = [] if post.country is None else [Country(post.country)]
    waiting = n_("{n} teacher waits", "{n} teachers wait", tally.waiting)
    # Translators: of those who wait, how many central support has taken over.
    central = n_("{n} of them with central support", "{n} of them with central support", tally.escalated)
    return Strong(Joined((*where, waiting, *([central] if tally.escalated else [])), " · "))


def _done(talk: Talk) -> Node | None:
    decided = _decided(talk, talk.start("done"))
    if decided is None:
        return None
    seconds = int(cases.UNDO.total_seconds())
    return Joined(
        (decided, n_("You can undo this for {n} second.", "You can undo this for {n} seconds.", seconds)), " · "
    )


def _quicker(talk: Talk) -> Node | None:
    decided = _decided(talk, talk.start("quicker"))
    return None if decided is None else lines(_("Somebody was quicker with this case:"), decided)


def _decided(talk: Talk, case: int | None) -> Node | None:
    """A decision and whom it is about: "Approved: Amina"."""
    found = None if case is None else reading.named(talk.session, number(case))
    if found is None or found[0].outcome is None:
        return None
    known, called = found
    name: Node = Verbatim("–") if called is None else Name(called, known.person_id)
    # Translators: a teacher's case was settled without support, by a proof or because they took it back.
    return Strong(entry(DECIDED.get(known.outcome or "", p_("decided", "Settled without support")), name))
