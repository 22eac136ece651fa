"""What the field's own tools say of the catalogs: ``msgfmt --check`` of GNU gettext, and i18nspector.

Both judge by rules of their own, so they see what ours may not have thought of. i18nspector exits with 0 whatever it
finds, which is why its words are read.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

import pytest

from bot.locales import LOCALES
from tests.conftest import ci

CATALOGS = sorted(map(str, LOCALES.glob("*/LC_MESSAGES/messages.po")))
#: gettext would call it sr@latin; CLDR, and so Babel and we, call it sr_Latn. Where gettext's list of plural rules is
#: older than CLDR's, ours is CLDR's, and `twinbot locales check` compares it for each number up to 2000.
_OURS = {"invalid-language sr_Latn"}
_OLDER = {"ka", "lv"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """What a tool says. Where it is missing the test is skipped, but never in CI."""
    if shutil.which(command[0]) is None:
        message = f"{command[0]} is not installed (Debian's packages gettext and i18nspector)"
        pytest.fail(message) if ci() else pytest.skip(message)
    return subprocess.run(command, capture_output=True, text=True, check=False)


def errors(catalogs: Sequence[str]) -> list[str]:
    """i18nspector's errors, a line each: its warnings are about headers that name people and dates."""
    lines = [line.split(": ", 2) for line in run("i18nspector", *catalogs).stdout.splitlines()]
    return [": ".join(line) for line in lines if line[0] == "E" and line[-1] not in _OURS and not _is_older(line)]


def _is_older(line: Sequence[str]) -> bool:
    """Whether it only says that a plural rule is not gettext's own, for a language whose rule CLDR has changed."""
    return "unusual-plural-forms" in line[-1] and line[1].split("/")[-3] in _OLDER


@pytest.mark.parametrize("catalog", CATALOGS, ids=lambda path: path.split("/")[-3])
def test_gettext_compiles_each_catalog(catalog: str) -> None:
    told = run("msgfmt", "--check", "--output-file=/dev/null", catalog)
    assert told.returncode == 0, told.stderr


def test_i18nspector_finds_no_error() -> None:
    assert errors(CATALOGS) == []


def test_i18nspector_would_find_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    broken = tmp_path_factory.mktemp("pl") / "pl.po"
    text = (LOCALES / "pl" / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    broken.write_text(text.replace("nplurals=3", "nplurals=2"), encoding="utf-8")
    assert errors([str(broken)])
    assert run("msgfmt", "--check", "--output-file=/dev/null", str(broken)).returncode
