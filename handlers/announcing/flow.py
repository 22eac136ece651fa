"""/announce: what support writes to many, from the first word to the report."""

from __future__ import annotations

from collections.abc import Callable

from bot.talk import Excuse, Option, Talk, go
from bot.text import Joined, Node, Strong, _, lines, p_
from handlers.announcing import editing, launching, reporting, running
from handlers.announcing.kinds import Body
from handlers.announcing.words import STATE, title
from handlers.signing_in import sign_in_token
from handlers.staff.badge import badge
from handlers.staff.home import link_shown
from handlers.staff.posts import my_post
from storage.announcing import drafts
from storage.announcing.drafts import DRAFT
from storage.models import Announcement
from storage.staff import Post

Verb = Callable[[Talk, Post, Announcement], None]

#: Where the pages of announcements are, and what leads there.
_PAGE = "announcements"
_ON_A_PAGE = p_("button", "On a web page")
OPEN = ("draft", "waiting", "scheduled", "running", "paused")
ENDED = ("finished", "cancelled")
#: What is asked of whoever begins one.
QUESTION = lines(
    _("What do you want to announce? Write it in your own language; others can follow."),
    _("Bold words stand between two stars, *like this*."),
)


def announce(talk: Talk) -> None:
    """Lists what there is, begins something new, or goes on with one: ``/announce 12 pause``."""
    post = my_post(talk)
    words = talk.turn.argument.split()
    if words:
        talk.then("announce", what=words[0], verb=words[1] if len(words) > 1 else "look")
        return
    what = talk.start("what")
    if what is None:
        _home(talk, post)
    elif what == "new":
        _begin(talk, post)
    elif what == "page":
        _give_page(talk)
    else:
        verb = _VERBS.get(str(talk.start("verb")), look)
        verb(talk, post, _found(talk, post, str(what)))


def _home(talk: Talk, post: Post) -> None:
    """What is under way, what was sent, and templates."""
    there = drafts.listed(talk.session, post, *OPEN)
    past, kept = drafts.listed(talk.session, post, *ENDED), drafts.templates(talk.session, post)
    rows: list[Node] = [Joined((_title(talk, row), STATE[row.state]), " · ") for row in there]
    body = lines(
        badge(post.country), Strong(_("Announcements")), *rows, None if there else _("Nothing is under way."),
    )  # fmt: skip
    ways = [go("announce new", p_("button", "Write one"))]
    ways += [go(f"announce {row.id}", _title(talk, row)) for row in (*there, *past[:3])]
    ways += [go(f"announce {row.id} copy", Joined((p_("button", "Like:"), _title(talk, row)), " ")) for row in kept[:3]]
    page = None
    if talk.turn.platform == "web":
        page = _ON_A_PAGE, talk.web_address(_PAGE)
    else:
        ways.append(go("announce page", _ON_A_PAGE))
    talk.say(body, *ways, link=page)


def _give_page(talk: Talk) -> None:
    """The way to the pages of announcements: a link that signs a browser in once."""
    token = sign_in_token(talk.session, talk.person, talk.now, leads=_PAGE)
    talk.say(link_shown(talk.web_address(f"in/{token}")), home())


def _title(talk: Talk, row: Announcement) -> Node:
    return title(row.template or drafts.texts(talk.session, row.id).get(row.language, ""))


def _begin(talk: Talk, post: Post) -> None:
    """The first words make a draft."""
    words = talk.ask("words", QUESTION, Body())
    number = drafts.begin(talk.session, post, talk.reader.language, words, talk.now)
    talk.then("announce", what=str(number), verb="look")


def _found(talk: Talk, post: Post, number: str) -> Announcement:
    known = number.isascii() and number.isdecimal() and len(number) < 10
    found = drafts.find(talk.session, int(number), post) if known else None
    if found is None:
        raise Excuse(_("There is no such announcement, or it is not in your country."), home())
    return found


def home() -> Option:
    """The way to the list."""
    return go("announce", p_("button", "Announcements"))


def look(talk: Talk, post: Post, row: Announcement) -> None:
    """An announcement as it stands: a draft to change, or how far it is."""
    if row.state == DRAFT:
        editing.card(talk, post, row)
    elif row.state == drafts.WAITING:
        launching.waiting(talk, post, row)
    else:
        running.look(talk, post, row)


def _copy(talk: Talk, post: Post, row: Announcement) -> None:
    """Begin another one like this."""
    number = drafts.copy(talk.session, row.id, post, talk.now)
    talk.then("announce", what=str(number), verb="look")


def _history(talk: Talk, _post: Post, row: Announcement) -> None:
    talk.say(reporting.history(talk.session, row), go(f"announce {row.id}", p_("button", "Look at it")), home())


_VERBS: dict[str, Verb] = {
    "look": look,
    "copy": _copy,
    "history": _history,
    "edit": editing.change,
    "pause": running.pause,
    "resume": running.resume,
    "cancel": running.cancel,
    "report": reporting.report,
    "table": reporting.table,
    "correct": running.correct,
    "remove": running.remove,
}
