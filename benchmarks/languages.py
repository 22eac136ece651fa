"""What many languages cost: reading the catalogs, the first word that is looked for in all of them, showing, checking.

.venv/bin/python -m benchmarks.languages
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from babel.messages.pofile import read_po
from rich.console import Console
from rich.table import Table

from bot.catalog_faults import fields, forms
from bot.locales import check, extract
from bot.text import Count, Name, Node, Reader, Text, render
from bot.text.catalogs import LOCALES, SOURCE, available, catalog
from bot.turn import words_for
from handlers.kinds.subjects import subject_lexicon

ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    """The processor time of some work, the median of several rounds."""
    taken = []
    for _round in range(ROUNDS):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return sorted(taken)[ROUNDS // 2]


def once(work: Callable[[], object]) -> float:
    """The processor time of what is remembered afterwards."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def ours() -> None:
    """Read every catalog as the bot does."""
    catalog.cache_clear()
    for language in available():
        catalog(language)


def babels() -> None:
    """Read every catalog with Babel, which the bot would do otherwise."""
    for language in available():
        path = Path(LOCALES / language / "LC_MESSAGES" / "messages.po")
        if path.exists():
            with path.open("rb") as file:
                read_po(file, locale=None)


def texts() -> list[Node]:
    """Every text of the bot, with something in its places."""
    made: list[Node] = []
    for message in extract():
        if message.id:
            english = forms(message.id)
            values = {field: Count(5) if field == "n" else Name("Zoë 'Ž' O’Neill") for field in fields(english[-1])}
            made.append(Text(english[0], values, message.context or None, english[1] if len(english) > 1 else None))
    return made


def main() -> None:
    """Print the table."""
    console, table = Console(), Table("what", "processor time")
    languages, every = available(), texts()
    table.add_row(f"{len(languages) - 1} catalogs read, all", f"{seconds(ours) * 1000:.0f} ms")
    table.add_row("the same with Babel", f"{seconds(babels) * 1000:.0f} ms")
    table.add_row("one catalog", f"{seconds(ours) / max(1, len(languages) - 1) * 1000:.1f} ms")
    table.add_row("the first word that may be 'back' or 'cancel'", f"{once(lambda: words_for('back')) * 1000:.1f} ms")
    table.add_row("the first subject that is typed", f"{once(subject_lexicon) * 1000:.0f} ms")
    shown = seconds(lambda: [render(text, Reader(language)) for language in languages for text in every])
    table.add_row("texts shown a second", f"{len(languages) * len(every) / shown:,.0f}")
    table.add_row("`twinbot locales check`", f"{once(check):.1f} s")
    console.print(table)
    complete = sum(1 for language in languages if language == SOURCE or len(catalog(language).forms) == len(every))
    console.print(f"{len(every)} texts; complete in {complete} of {len(languages)} languages")


if __name__ == "__main__":
    main()
