"""Taking a person's name and words out of what others were told; they are marked with whose they are.

Texts as data mark them as ``["name", words, person]`` and ``["v", words, person]``, with what stands out in them behind
that; a line of the web keeps them as ``mentions``: ``[start, end, person]``, and ``person`` at a button.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = Any

#: What stands in the place of somebody who is gone: as a text, and in the words of a language.
Former = tuple[Json, Callable[[str], str]]

_MARKED = ("name", "v")


def without(data: Json, person: int, former: Former) -> Json:
    """The same JSON with somebody's names and words replaced; the very same object if there are none."""
    if isinstance(data, dict):
        return _kept(data, {key: without(value, person, former) for key, value in data.items()})
    if isinstance(data, list):
        if len(data) in (3, 4) and data[0] in _MARKED and data[2] == person:
            return former[0]
        return _kept(data, [without(value, person, former) for value in data])
    return data


def without_message(payload: dict[str, Any], person: int, former: Former) -> dict[str, Any]:
    """An outbox payload with somebody's names and words replaced. A file that goes with their words goes too."""
    cleaned: dict[str, Any] = without(payload, person, former)
    if "file" in cleaned and cleaned["body"] != payload["body"]:
        return {name: value for name, value in cleaned.items() if name != "file"}
    return cleaned


def _kept(before: Json, after: Json) -> Json:
    return before if before == after else after


def without_lines(content: dict[str, Any], person: int, former: Former) -> dict[str, Any]:
    """A line of the web with somebody's names and words replaced, in its own language.

    A file that stands with their words goes too, and with it the only key to its bytes.
    """
    words = former[1](content.get("language") or "en")
    buttons = [
        {**button, "label": words, "person": None} if button.get("person") == person else button
        for button in content.get("buttons", ())
    ]
    signs = [without_lines(sign, person, former) for sign in content.get("signs", ())]
    theirs = sorted((m for m in content.get("mentions", ()) if m[2] == person), reverse=True)
    if not theirs and buttons == list(content.get("buttons", ())) and signs == list(content.get("signs", ())):
        return content
    changed = {**content, "buttons": buttons, **({"signs": signs} if signs else {})}
    if theirs:
        changed.pop("file", None)
    for start, end, _person in theirs:
        changed = _cut(changed, start, end, words)
    return changed


def _cut(content: dict[str, Any], start: int, end: int, words: str) -> dict[str, Any]:
    """Put other words in the place of a stretch, and move what comes after."""
    moved = len(words) - (end - start)

    def place(at: int) -> int:
        return at if at <= start else max(start, at + moved)

    text = content["text"][:start] + words + content["text"][end:]
    # What they made stand out in their own words goes with these.
    others = [one for one in content.get("spans", ()) if len(one) == 2 or not start <= one[0] < one[1] <= end]
    spans = [[place(a), place(b), *more] for a, b, *more in others]
    mentions = [[place(a), place(b), p] for a, b, p in content.get("mentions", ()) if (a, b) != (start, end)]
    return {**content, "text": text, "spans": spans, "mentions": mentions}
