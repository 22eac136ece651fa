"""What a translator is told of a text besides its words: where it appears, and how long it may be."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

from bot.catalog_faults import BUTTON_LENGTH

_Spoken = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def context_of(path: Path, line: int, context: str | None) -> list[str]:
    """The comments for a text that stands in a line of a file: what the file is about, what the function around it
    does, and the room that there is on a button."""
    file, around = _about(path, line)
    told = [f"Where: {file}"] if file else []
    told += [f"What happens there: {around}"] if around else []
    return [*told, f"A button: at most {BUTTON_LENGTH} characters."] if context == "button" else told


def _about(path: Path, line: int) -> tuple[str, str]:
    module = _read(path)
    around = [
        node
        for node in ast.walk(module)
        if isinstance(node, _Spoken) and node.lineno <= line <= (node.end_lineno or line)
    ]
    docs = [_first(node) for node in sorted(around, key=lambda node: node.lineno)]
    return _first(module), next((doc for doc in reversed(docs) if doc), "")


def _first(node: ast.Module | _Spoken) -> str:
    """The first paragraph of a docstring in one line."""
    return " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())


@lru_cache(maxsize=8)
def _read(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
