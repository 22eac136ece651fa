"""A draft: its card, and one change after another until it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Count, Joined, Language, Node, Reader, Strong, Verbatim, When, _, entry, lines, n_, p_, plain
from bot.text.catalogs import available
from handlers.announcing import audience, launching, looking
from handlers.announcing.doer import Doer
from handlers.announcing.kinds import LARGEST_FILE, Body, Enclosure, Link
from handlers.announcing.words import CATEGORY, LINK, body, enclosed_shown, person_shown, segment_shown, variants
from handlers.kinds.line import Line
from handlers.reminders.kinds import Time
from handlers.reminders.zones import moment
from handlers.staff.badge import badge
from storage.announcing import drafts, enclosed, segments
from storage.announcing.enclosed import Enclosed
from storage.announcing.segments import Counted, Segment
from storage.models import Announcement
from storage.staff import Post

#: What is told whoever changes something that is not as they saw it.
TOO_LATE = _("Somebody else has changed this draft meanwhile, so yours was not saved. Look at it again.")
Change = Callable[[Talk, Post, Announcement], dict[str, Any] | None]


def card(talk: Talk, post: Post, row: Announcement) -> None:
    """Everything about a draft; a button changes one thing, and the card comes back."""
    counted = segments.count(talk.session, drafts.audience(row, talk.now))
    # Another version is another question: nobody sends words that somebody else wrote after they looked.
    choice = talk.ask(f"choice {row.version}", _card(talk, row, counted), one_of(*_options(row)), instead=True)
    if choice == "send":
        launching.send(talk, post, row, counted)
    elif choice == "preview":
        looking.preview(talk, row)
    elif choice == "test":
        looking.test(talk, row)
    elif choice == "delete":
        _delete(talk, row)
    else:
        drafts.at_it(talk.session, row.id, talk.person, talk.now)
        talk.then("announce", what=str(row.id), verb="edit", change=choice, seen=row.version)


def _options(row: Announcement) -> list[Option]:
    return [
        Option("send", p_("button", "Send")),
        Option("text", p_("button", "Text")),
        Option("audience", p_("button", "Readers")),
        Option("category", p_("button", "Kind")),
        Option("at", p_("button", "When")),
        Option("link", p_("button", "Link")),
        Option("file", p_("button", "Picture or file")),
        Option("joins", p_("button", "“Count me in”"), row.joins),
        Option("again", p_("button", "Unknown: again"), row.again),
        Option("preview", p_("button", "Preview")),
        Option("test", p_("button", "Test to me")),
        Option("template", p_("button", "Keep as template")),
        Option("delete", p_("button", "Delete")),
    ]


def _card(talk: Talk, row: Announcement, counted: Counted) -> Node:
    words = drafts.texts(talk.session, row.id)
    return lines(
        badge(row.country),
        others(talk, row),
        Strong(_("Draft")),
        body(row, words[row.language]),
        *enclosed_shown(talk.session, row),
        *meant(row, counted, words),
    )


def meant(row: Announcement, counted: Counted, words: dict[str, str]) -> list[Node | None]:
    """Who gets it, in which language, and when."""
    return [
        Strong(_("Who gets it")),
        entry(p_("announcement", "Kind"), CATEGORY[row.category]),
        *segment_shown(Segment.from_json(row.segment), row.country),
        *_counts(counted),
        _fallbacks(counted, words, row.language),
        entry(p_("announcement", "When"), when_shown(row)),
        _unknown(row),
    ]


def others(talk: Doer, row: Announcement) -> Node | None:
    """Whoever has this draft open as well."""
    lately = row.edited_at is not None and talk.now - row.edited_at < drafts.AT_IT
    if row.editor_id in {None, talk.person} or not lately or row.edited_at is None:
        return None
    who = person_shown(talk.session, row.editor_id)
    return _("⚠ Somebody else is at this draft too, since {time}: {who}.", time=When(row.edited_at, "time"), who=who)


def _counts(counted: Counted) -> list[Node | None]:
    return [
        Strong(n_("{n} reader", "{n} readers", counted.total)),
        n_("{n} of them cannot be reached now.", "{n} of them cannot be reached now.", counted.lost)
        if counted.lost
        else None,
        n_("{n} more does not want this kind.", "{n} more do not want this kind.", counted.left)
        if counted.left
        else None,
    ]


def _fallbacks(counted: Counted, words: dict[str, str], usual: str) -> Node | None:
    """Each language of the readers: in one line those that have words of their own, then a line for each language that
    others are read in instead, for there may be forty of them."""
    read_in = variants(counted.languages, words, usual)
    groups: dict[str | None, list[tuple[str, int]]] = {None: []}
    for language, number in sorted(counted.languages.items(), key=lambda pair: -pair[1]):
        own = read_in[language] in {language, language.split("_", maxsplit=1)[0]}
        groups.setdefault(None if own else read_in[language], []).append((language, number))
    rows = [_together(found, other) for other, found in groups.items() if found]
    return lines(*rows) if rows else None


def _together(found: list[tuple[str, int]], other: str | None) -> Node:
    """Languages with the number of their readers; the last one says in which language these read, if in another one."""
    *first, last = [{"language": _apart(language), "number": Count(number)} for language, number in found]
    rows: list[Node] = [_("{language} {number}", **theirs) for theirs in first]
    if other is None:
        rows.append(_("{language} {number}", **last))
    else:
        # Translators: readers of a language get the words of another one, because their own has none.
        rows.append(_("{language} {number} → {other}", **last, other=_apart(other)))
    return Joined(tuple(rows), " · ")


def _apart(language: str) -> Node:
    """A language's name in itself, kept apart from what is written in another direction around it."""
    return Verbatim(plain(Language(language, own=True), Reader(language)))


def when_shown(row: Announcement) -> Node:
    """When it goes out."""
    if row.at is None:
        return p_("announcement", "in each reader's morning") if row.morning else p_("announcement", "at once")
    if row.morning:
        # Translators: from a moment on, at 8:00 of each reader's own clock.
        return p_("announcement", "{time}, in each reader's morning", time=When(row.at))
    return When(row.at)


def _unknown(row: Announcement) -> Node:
    if row.again:
        return _("Where a platform does not say whether it arrived, it is sent again, perhaps twice.")
    return _("Where a platform does not say whether it arrived, it is not sent again.")


def _delete(talk: Talk, row: Announcement) -> None:
    if talk.confirm("sure", _("Delete this draft?")) and drafts.remove(talk.session, row.id):
        enclosed.tidy(talk.session)
        talk.say(_("The draft is deleted."), go("announce", p_("button", "Announcements")))
    else:
        talk.then("announce", what=str(row.id), verb="look")


def _back(row: Announcement) -> Option:
    return go(f"announce {row.id}", p_("button", "To the draft"))


def change(talk: Talk, post: Post, row: Announcement) -> None:
    """One change; not done if somebody else has changed the draft since it was looked at."""
    named = _CHANGES.get(str(talk.start("change")))
    if named is None or row.state != drafts.DRAFT:
        talk.then("announce", what=str(row.id), verb="look")
        return
    values = named(talk, post, row)
    language, said = (values or {}).pop("words", (None, ""))
    seen = int(talk.start("seen", 0))
    if values is not None and not drafts.change(talk.session, row.id, talk.person, seen, talk.now, **values):
        raise Excuse(TOO_LATE, _back(row))
    if values is not None:
        if "file_id" in values:
            enclosed.tidy(talk.session)
        if language is not None:
            drafts.set_text(talk.session, row.id, language, said or None)
        drafts.note(talk.session, row.id, talk.person, "changed", talk.now)
    talk.then("announce", what=str(row.id), verb="look")


def _text(talk: Talk, _post: Post, row: Announcement) -> dict[str, Any]:
    words = drafts.texts(talk.session, row.id)
    languages = [Option(code, Language(code, own=True), code in words) for code in available()]
    language = talk.ask("language", _("The words of which language?"), one_of(*languages))
    question = lines(
        Strong(Language(language, own=True)),
        body(row, words[language]) if language in words else None,
        _("Write the words in this language."),
    )
    said = talk.ask("words", question, Body(removable=language in words and language != row.language))
    return {"words": (language, said)}


def _category(talk: Talk, _post: Post, _row: Announcement) -> dict[str, Any]:
    question = lines(
        _("What kind is it? Readers can leave each kind with one tap."),
        _("Urgent announcements come in quiet hours as well. Notices of law and safety come to everybody."),
    )
    return {"category": talk.ask("category", question, one_of(*(Option(k, v) for k, v in CATEGORY.items())))}


def _at(talk: Talk, _post: Post, _row: Announcement) -> dict[str, Any]:
    ways = [
        Option("now", p_("button", "At once")),
        Option("moment", p_("button", "At a time")),
        Option("morning", p_("button", "In their morning")),
        Option("later", p_("button", "A morning later")),
    ]
    question = _("When shall it go out? In quiet hours only what is urgent arrives; the rest waits until they end.")
    how = talk.ask("how", question, one_of(*ways))
    if how in {"now", "morning"}:
        return {"at": None, "morning": how == "morning"}
    kind = Time(talk.reader, talk.now, lambda _day: False)
    plan = talk.ask("moment", _("When? Write a day and a time, such as “Friday 10:00”."), kind)
    return {"at": moment(plan.start, plan.zone), "morning": how == "later"}


def _link(talk: Talk, _post: Post, row: Announcement) -> dict[str, Any]:
    address = talk.ask("link", _("Which link shall stand below the words?"), Link())
    if not address:
        return {"link": None}
    labels = [Option(code, label, code == row.link_label) for code, label in LINK.items()]
    question = _("What shall stand on its button? Each reader sees it in their own language.")
    return {"link": address, "link_label": talk.ask("label", question, one_of(*labels))}


def _file(talk: Talk, _post: Post, row: Announcement) -> dict[str, Any]:
    """What was there is forgotten, unless another announcement has it too (see `change`)."""
    question = n_(
        "Send the picture or file that goes with it, of at most {n} megabyte.",
        "Send the picture or file that goes with it, of at most {n} megabytes.",
        LARGEST_FILE // 1_000_000,
    )
    given = talk.ask("file", question, Enclosure(removable=row.file_id is not None))
    if given is None or given.content is None:
        return {"file_id": None}
    what = given.what
    kept = Enclosed(what.kind, what.name, what.mime, len(given.content), what.width, what.height)
    return {"file_id": enclosed.put(talk.session, kept, given.content)}


def _joins(_talk: Talk, _post: Post, row: Announcement) -> dict[str, Any]:
    return {"joins": not row.joins}


def _again(_talk: Talk, _post: Post, row: Announcement) -> dict[str, Any]:
    return {"again": not row.again}


def _template(talk: Talk, _post: Post, _row: Announcement) -> dict[str, Any]:
    return {"template": talk.ask("name", _("Under which name shall it be kept?"), Line(60))}


_CHANGES: dict[str, Change] = {
    "text": _text,
    "audience": audience.change,
    "category": _category,
    "at": _at,
    "link": _link,
    "file": _file,
    "joins": _joins,
    "again": _again,
    "template": _template,
}
