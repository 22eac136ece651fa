"""Splitting over-long texts: nothing is lost, nothing is too long, and the cut is where a reader would pause."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.split import split, units
from bot.text import Mention, Rendered, Span

_WORDS = st.text(alphabet="abc \n.!?…。🎈é\u0301ع\u2068\u2069", max_size=400)


@st.composite
def rendered(draw: st.DrawFn) -> Rendered:
    text = draw(_WORDS)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    spans = tuple(Span(a, b, "strong") for a, b in zip(cuts[::2], cuts[1::2], strict=False))
    mentions = tuple(Mention(a, b, place) for place, (a, b) in enumerate(zip(cuts[1::2], cuts[2::2], strict=False)))
    return Rendered(text, spans, mentions)


def bare(text: str) -> str:
    return "".join(text.split())


def mentioned(one: Rendered) -> str:
    """The words that are somebody's, without whitespace."""
    return bare("".join(one.text[mention.start : mention.end] for mention in one.mentions))


def marked(one: Rendered) -> str:
    """The words that stand out, without whitespace."""
    return bare("".join(one.text[span.start : span.end] for span in one.spans))


@example(Rendered("   a", ()), 2)
@example(Rendered(" " * 50 + "a", ()), 20)
@given(rendered(), st.integers(2, 120))
def test_parts_hold_everything_within_the_limit(whole: Rendered, limit: int) -> None:
    parts = split(whole, limit)
    assert bare("".join(part.text for part in parts)) == bare(whole.text)
    assert all(units(part.text) <= limit for part in parts)
    assert all(part.text.strip() for part in parts) or len(parts) == 1
    assert "".join(map(marked, parts)) == marked(whole)
    assert "".join(map(mentioned, parts)) == mentioned(whole)
    for part in parts:
        assert all(0 <= span.start < span.end <= len(part.text) for span in part.spans)


@given(rendered())
def test_a_text_that_fits_stays_whole(whole: Rendered) -> None:
    (part,) = split(whole, 1000)
    assert part.text == whole.text.rstrip()


def test_units_are_counted_as_telegram_counts_them() -> None:
    assert units("a🎈é") == len("a🎈é".encode("utf-16-le")) // 2 == 4


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One sentence here. Another one there. A third.", "One sentence here. Another one there."),
        ("A question? An answer! More words follow here.", "A question? An answer!"),
        ("First paragraph, with words.\n\nSecond. And more words.", "First paragraph, with words."),
        ("words without any end of a sentence at all", "words without any end of a sentence at"),
        ("x" * 60, "x" * 40),
        ("3.14 is no end. But this is one of them, see", "3.14 is no end."),
        ("هل هذا سؤال من معلمة؟ نعم هذا جواب طويل جدا جدا جدا", "هل هذا سؤال من معلمة؟"),
    ],
)
def test_the_cut_is_where_a_reader_pauses(text: str, first: str) -> None:
    assert split(Rendered(text, ()), 40)[0].text == first


def test_a_name_that_stands_out_still_does_after_the_cut() -> None:
    text = "Here are words. " * 3 + "Amina teaches."
    at = text.index("Amina")
    parts = split(Rendered(text, (Span(at, at + 5, "strong"),)), 30)
    (span,) = parts[-1].spans
    assert parts[-1].text[span.start : span.end] == "Amina"
