"""What people make stand out, from one platform to another: it arrives, and nothing they type becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from telegram import MessageEntity

from bot.platforms.matrix.html import read_html
from bot.platforms.matrix.writing import html
from bot.platforms.platform import Shown
from bot.platforms.telegram.entities import entities, spans, units
from bot.platforms.web.pages import styled
from bot.split import split
from bot.text import Reader, Verbatim, decode, encode, render
from bot.text.spans import BLOCK, CODE, LINK, QUOTE, STYLES, Span, cleaned, honest, tidy
from storage.rights.scrubbing import without

#: What somebody types who wants it to be more than words.
HOSTILE = st.sampled_from(
    [
        "<b>",
        "</strong>",
        "<script>alert(1)</script>",
        "&amp;",
        "&#60;",
        "<!--",
        "]]>",
        "**",
        "`",
        '"',
        "'",
        "[x](http://y)",
    ]
)
LETTERS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn", "Cf", "Zl", "Zp"]), max_size=8)
TEXTS = st.lists(LETTERS | HOSTILE | st.sampled_from([" ", "\n", "👩‍🏫", "é", "ش"]), max_size=8).map("".join)
SITE = "https://example.org/a?b=1&c=%22"


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    text = draw(TEXTS)
    place = st.integers(-2, len(text) + 3)
    styles = st.sampled_from(STYLES)
    made = draw(st.lists(st.tuples(place, place, styles), max_size=6))
    return text, tuple(Span(a, b, style, SITE if style == LINK else None) for a, b, style in made)


def shown(text: str, made: tuple[Span, ...]) -> set[tuple[int, str]]:
    """Each character with each way in which it stands out; a space shows nothing."""
    return {(at, one.style) for one in made for at in range(one.start, one.end) if not text[at].isspace()}


@example(("00000000000 ", (Span(0, 11, "quote"), Span(1, 12, "quote"))))
@given(marked())
def test_what_is_tidy_is_within_the_text_and_one_in_another(case: tuple[str, tuple[Span, ...]]) -> None:
    text, made = case
    found = tidy(text, made)
    assert tidy(text, found) == found
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
        assert (one.url is not None) == (one.style == LINK)
        for other in found:
            apart = one.end <= other.start or other.end <= one.start
            within = one.start <= other.start and other.end <= one.end
            around = other.start <= one.start and one.end <= other.end
            assert apart or within or around


class Elements(HTMLParser):
    """Counts what a browser would see."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert all(name in ("href", "rel") for name, _value in attrs)
        assert dict(attrs).get("href") in (None, SITE)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")


@given(marked())
def test_nothing_that_is_typed_becomes_markup(case: tuple[str, tuple[Span, ...]]) -> None:
    text, made = case
    count = len(tidy(text, made))
    on_web = Elements(str(styled(text, made)))
    assert len(on_web.tags) == count
    assert on_web.text.replace("\n", "") == text.replace("\n", "")
    on_matrix = Elements(html(Shown(text, made)))
    blocks = sum(one.style == BLOCK for one in tidy(text, made))
    assert len([tag for tag in on_matrix.tags if tag != "br"]) == count + blocks
    assert on_matrix.text == text.replace("\n", "")


@given(marked())
def test_telegram_says_back_what_it_was_told(case: tuple[str, tuple[Span, ...]]) -> None:
    text, made = case
    found = entities(text, made)
    for one in found:
        assert one["offset"] >= 0 and one["offset"] + one["length"] <= units(text)
    coded = [(one["offset"], one["offset"] + one["length"]) for one in found if one["type"] in ("code", "pre")]
    for one in found:
        if one["type"] not in ("code", "pre", "blockquote"):
            assert all(one["offset"] >= end or one["offset"] + one["length"] <= start for start, end in coded)
    back = spans(text, [MessageEntity(**one) for one in found])
    hidden = {(at, s.style) for at, _c in enumerate(text) for s in tidy(text, made) if s.start <= at < s.end}
    # Where code is, nothing but quotes stands out as well.
    code = {at for at, style in hidden if style in (CODE, BLOCK)}
    expected = {(at, s) for at, s in shown(text, tidy(text, made)) if at not in code or s in (CODE, BLOCK, QUOTE)}
    assert shown(text, back) == expected


@given(marked())
def test_matrix_says_back_what_it_was_told(case: tuple[str, tuple[Span, ...]]) -> None:
    text, made = case
    # Blocks stand on lines of their own there, and HTML has its own idea of spaces.
    made = tuple(one for one in tidy(text, made) if one.style not in (BLOCK, QUOTE))
    read = read_html(html(Shown(text, made)))
    assert read is not None
    back, found = read
    assert back == text.strip()
    before = len(text) - len(text.lstrip())
    assert shown(back, found) == {(at - before, style) for at, style in shown(text, made)}


@given(marked())
def test_what_stands_out_is_kept_with_the_words(case: tuple[str, tuple[Span, ...]]) -> None:
    text, made = case
    node = Verbatim(text, 7, made)
    assert decode(encode(node)) == node
    words, found = cleaned(text, made)
    assert render(node, Reader("en")).text == words
    for language in ("en", "ar"):
        got = render(node, Reader(language))
        assert [got.text[one.start : one.end] for one in got.spans] == [words[one.start : one.end] for one in found]
        parts = split(got, 20)
        assert all(0 <= one.start < one.end for part in parts for one in part.spans if part.text)
    if text:
        assert without(encode(node), 7, (["gone"], str)) == ["gone"]


@pytest.mark.parametrize(
    ("words", "address", "leads"),
    [
        ("our page", "https://example.org", True),
        ("https://example.org/a", "https://example.org/b", True),
        ("www.example.org", "https://example.org", True),
        ("https://bank.example", "https://evil.example", False),
        ("bank.example", "https://evil.example", False),
        ("our page", "javascript:alert(1)", False),
        ("our page", "https://bank.example@evil.example", False),
        ("our page", "https://ex ample.org", False),
        ("our page", "https://exаmple.org", False),
        ("João", "https://matrix.to/#/@joao:example.org", False),
        ("João", "https://t.me/joao", False),
        ("João", "tg://user?id=5", False),
        ("our page", None, False),
        ("our page", "https://[", False),
    ],
)
def test_a_link_leads_where_its_words_say(words: str, address: str | None, leads: bool) -> None:
    assert honest(words, address) is leads


@pytest.mark.parametrize(
    ("source", "text", "made"),
    [
        ("a <strong>b</strong> c", "a b c", [Span(2, 3)]),
        ("<em>a <b>b</b></em>", "a b", [Span(0, 3, "em"), Span(2, 3)]),
        ("<del>a</del><br><code>b</code>", "a\nb", [Span(0, 1, "strike"), Span(2, 3, "code")]),
        ("<p>one</p>\n<p>two <i>x</i></p>\n", "one\ntwo x", [Span(8, 9, "em")]),
        ("<pre><code class='language-py'>a\n  b\n</code></pre>\n<p>c</p>", "a\n  b\nc", [Span(0, 5, "pre")]),
        ("<blockquote>\n<p>said</p>\n</blockquote>\n<p>so</p>", "said\nso", [Span(0, 4, "quote")]),
        ("<ol><li>a</li><li><b>b</b></li></ol><ul><li>c</li></ul>", "1. a\n2. b\n• c", [Span(8, 9)]),
        ('<a href="https://example.org">x</a>', "x", [Span(0, 1, "link", "https://example.org")]),
        ('<a href="https://matrix.to/#/@a:b.c">A</a>, hi', "A, hi", []),
        ('<a href="javascript:x">x</a>', "x", []),
        ("<mx-reply><blockquote>old</blockquote></mx-reply><b>new</b>", "new", [Span(0, 3)]),
        ("<script>x()</script><style>y</style><b>z", "z", [Span(0, 1)]),
        ("</b></p>a<unknown>b</unknown><u>c</u>", "abc", []),
        ("<b>" * 500 + "deep" + "</b>" * 500, "deep", [Span(0, 4)]),
        ("&lt;b&gt;not&lt;/b&gt; <b>bold</b>", "<b>not</b> bold", [Span(11, 15)]),
        ("<b></b><i> </i>", "", []),
    ],
)
def test_html_of_a_message(source: str, text: str, made: list[Span]) -> None:
    assert read_html(source) == (text, tuple(made))


@given(st.lists(LETTERS | HOSTILE | st.sampled_from(["<", ">", "</", "<pre>", "</p>", "<a href=", "&", "<![CDATA["])))
def test_any_html_is_read(pieces: list[str]) -> None:
    found = read_html("".join(pieces))
    assert found is not None
    text, made = found
    assert tidy(text, made) == made
