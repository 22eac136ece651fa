"""Translators are told where each text appears."""

from __future__ import annotations

from pathlib import Path

from bot.catalog_context import context_of
from bot.locales import TEMPLATE, read

HERE = Path(__file__)


def a_flow() -> str:
    """Somebody is greeted.

    This is not for translators.
    """
    return "hello"


def test_each_text_of_the_template_says_where_it_appears() -> None:
    texts = [message for message in read(TEMPLATE.read_bytes()) if message.id]
    assert len(texts) > 2000
    assert [m.id for m in texts if not any(told.startswith("Where: ") for told in m.auto_comments)] == []
    buttons = [m for m in texts if m.context == "button"]
    assert [m.id for m in buttons if "A button: at most 20 characters." not in m.auto_comments] == []


def test_a_text_is_described_by_its_file_and_the_function_around_it() -> None:
    line = next(n for n, text in enumerate(HERE.read_text().splitlines(), 1) if 'return "hello"' in text)
    told = ["Where: Translators are told where each text appears.", "What happens there: Somebody is greeted."]
    assert context_of(HERE, line, None) == told
    assert context_of(HERE, 1, "button") == [told[0], "A button: at most 20 characters."]
