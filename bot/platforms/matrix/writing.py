"""What is shown becomes the content of an event: text, the same as HTML, choices as a numbered list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from bot.platforms.platform import Button, Shown
from bot.text.spans import BLOCK, CODE, EMPHASIS, LINK, QUOTE, STRIKE, STRONG, as_html, hidden

Json = dict[str, Any]

TICK = "☑ "
KEYCAP = "\ufe0f\u20e3"
# An event may have 65,536 bytes in all. Encryption adds a third, and an edit says everything twice.
LARGEST_CONTENT = 36_000
_SHORT = 200


def content(shown: Shown, file: Json | None = None) -> Json:
    """A message. The specification gives automated clients m.notice, which no other bot answers.

    ``file`` is the content of a message with a file, under which the words stand then.
    """
    text = shown.text + _way(shown) + numbered(shown.buttons)
    plain: Json = {"msgtype": "m.notice", "body": text} if file is None else {**file, "body": text or file["body"]}
    if (not hidden(shown.text, shown.spans) and shown.direction == "ltr") or not text:
        return plain
    rich = {**plain, "format": "org.matrix.custom.html", "formatted_body": html(shown)}
    return rich if size(rich) <= LARGEST_CONTENT else plain


def reply(content: Json, to: str | None) -> Json:
    """The same as a reply to an event. Clients show it as one that answers nothing if that is gone."""
    if to is None or not to.startswith("$"):
        return content
    return {**content, "m.relates_to": {"m.in_reply_to": {"event_id": to}}}


def edit(shown: Shown, event: str, file: Json | None = None) -> Json:
    """A message in place of an earlier one; clients that know no edits show the fallback with the star."""
    new = content(shown, file)
    body = f"* {new['body']}"
    relation = {"rel_type": "m.replace", "event_id": event}
    whole = {**new, "body": body, "m.new_content": new, "m.relates_to": relation}
    if size(whole) <= LARGEST_CONTENT:
        return whole
    short = body[:_SHORT] + "…"
    return {"msgtype": new["msgtype"], "body": short, "m.new_content": new, "m.relates_to": relation}


def reaction(event: str, key: str) -> Json:
    """An emoji on a message."""
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": key}}


def numbered(buttons: Sequence[Button]) -> str:
    """The choices as lines with numbers, after an empty line; nothing if there are none."""
    rows = [f"\n{number}. {_label(button)}" for number, button in enumerate(buttons, 1)]
    return f"\n{''.join(rows)}" if rows else ""


def _way(shown: Shown) -> str:
    """The link as a line, after an empty one; clients make it one that can be pressed."""
    return "" if shown.link is None else f"\n\n{shown.link[0]}: {shown.link[1]}"


_TAGS = {
    STRONG: ("<strong>", "</strong>"),
    EMPHASIS: ("<em>", "</em>"),
    STRIKE: ("<del>", "</del>"),
    CODE: ("<code>", "</code>"),
    BLOCK: ("<pre><code>", "</code></pre>"),
    QUOTE: ("<blockquote>", "</blockquote>"),
    LINK: ('<a href="{url}">', "</a>"),
}


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def html(shown: Shown) -> str:
    """The same as HTML. Everybody's words are escaped; the direction is told, since clients guess it badly."""
    body = as_html(shown.text, shown.spans, _TAGS, _escaped, escape) + _escaped(_way(shown) + numbered(shown.buttons))
    return f'<div dir="rtl">{body}</div>' if shown.direction == "rtl" else body


def _label(button: Button) -> str:
    """One line, with a box where it is ticked."""
    label = " ".join(button.label.split("\n"))
    return TICK + label if button.chosen else label


def size(event: Json) -> int:
    """The bytes of a content as the homeserver counts them."""
    return len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
