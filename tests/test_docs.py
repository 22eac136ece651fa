"""What the documents say is true: names exist, tables are complete, examples run."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polib
import pytest
import typer
from babel.messages.catalog import Message
from sqlalchemy.orm import Session

from bot import app, cli, talk, text
from bot.locales import extract
from bot.settings import Settings, SettingsError, load
from bot.talk import Said, Turn, advance
from bot.talk.state import State
from bot.talk.turns import Outcome
from storage import onetime
from storage.database import make_engine
from tests.vault import VAULT

ROOT = Path(__file__).resolve().parent.parent
DOCS = [
    path for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md") if path.exists()
] + sorted((ROOT / "docs").glob("*.md"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CODE = ("bot", "handlers", "storage")

_FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(
    r"(?<![\w./-])((?:bot|handlers|storage|tests|locales|benchmarks|docs|\.ci)/[\w./-]*)(?::([A-Za-z_.]+))?"
)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(content: str) -> list[tuple[str, str]]:
    """The fenced blocks: what stands behind the fence, and what is in it."""
    return [(found.group(1).strip(), found.group(2)) for found in _FENCE.finditer(content)]


def block(name: str, info: str) -> str:
    """The one block of a document that is called so."""
    found = [body for known, body in blocks(read(name)) if known == info]
    assert len(found) == 1, f"{name} has {len(found)} blocks called {info!r}"
    return found[0]


def table(content: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    below = re.split(rf"^#+ {re.escape(heading)}$", content, flags=re.MULTILINE)
    assert len(below) == 2, f"no heading {heading!r}"
    rows = re.search(r"(?:^\|.*\n?)+", below[1], re.MULTILINE)
    assert rows is not None, f"no table below {heading!r}"
    lines = rows.group().strip().split("\n")[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


# Files and names.


def promised() -> set[str]:
    """What the example of CONTRIBUTING makes, and no checkout has."""
    return {info.split()[1] for info, _body in blocks(read("CONTRIBUTING.md")) if info.startswith("python ")}


def defined(tree: ast.AST) -> set[str]:
    """The names that a module or class defines, with those of its classes behind a dot."""
    names: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            names |= {f"{node.name}.{inner}" for inner in defined(node)} if isinstance(node, ast.ClassDef) else set()
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_file_and_name_is_there(document: Path) -> None:
    new = promised()
    for path, name in _PATH.findall(document.read_text(encoding="utf-8")):
        place = path.rstrip(".")
        if place in new:
            continue
        assert (ROOT / place).exists(), f"{document.name} names {place}, which does not exist"
        if name:
            tree = ast.parse((ROOT / place).read_text(encoding="utf-8"))
            assert name.rstrip(".") in defined(tree), f"{document.name} names {name} in {place}"


def folders() -> Iterator[str]:
    for top in CODE:
        for path in sorted((ROOT / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"{path.parent.relative_to(ROOT).as_posix()}/"


def test_the_house_has_every_folder() -> None:
    content = read("docs/architecture.md")
    missing = sorted({folder for folder in folders() if folder not in content})
    assert not missing, f"docs/architecture.md does not name {missing}"


def test_the_house_has_every_module_of_bot_and_every_command() -> None:
    content = block("docs/architecture.md", "text house")
    modules = {path.name for path in (ROOT / "bot").glob("*.py")} - {"__init__.py"}
    handlers = {path.name for path in (ROOT / "handlers").glob("*.py")} - {"__init__.py"}
    queries = {path.name for path in (ROOT / "storage").glob("*.py")} - {"__init__.py"}
    missing = [
        name for name in sorted(modules | handlers | queries) if not re.search(rf"\b{re.escape(name)}\b", content)
    ]
    assert not missing, f"the house does not show {missing}"


def test_the_import_rules_are_those_that_are_checked() -> None:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    shown = [line.strip() for line in block("docs/architecture.md", "text layers").strip().split("\n")]
    assert shown == layers
    rows = {row[0].strip("`"): row[1] for row in table(read("docs/architecture.md"), "Who may import whom")}
    assert list(rows) == [contract["name"] for contract in contracts]


# Links.


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    outside = _FENCE.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", outside, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_local_link_leads_somewhere(document: Path) -> None:
    outside = _FENCE.sub("", document.read_text(encoding="utf-8"))
    for link in (one or other for one, other in _LINK.findall(outside)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _hash, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), f"{document.name} links to {link}"
        assert not anchor or anchor in anchors(target), f"{document.name} links to {link}"


# Commands.


def known_commands() -> dict[str, set[str]]:
    """Each command of the command line, with its options."""
    found: dict[str, set[str]] = {}

    def walk(command: Any, words: str) -> None:
        if hasattr(command, "commands"):
            for name, inner in command.commands.items():
                walk(inner, f"{words} {name}".strip())
        else:
            found[words] = {option for parameter in command.params for option in parameter.opts if option[0] == "-"}

    walk(typer.main.get_command(cli.app), "")
    return found


def named_commands(content: str) -> list[str]:
    """What stands behind `twinbot` in code: in spans, and in blocks of commands."""
    spans = [span for span in _SPAN.findall(_FENCE.sub("", content)) if re.match(r"(\S*/)?twinbot( |$)", span)]
    lines = [line for info, body in blocks(content) if info in {"sh", "console", "ini"} for line in body.split("\n")]
    lines += re.findall(r"^    (.+)$", _FENCE.sub("", content), re.MULTILINE)
    found = [re.search(r"(?:^|[\s/=])twinbot ([a-z][^#]*)", line) for line in spans + lines]
    return [one.group(1).strip() for one in found if one]


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_command_is_one_of_ours(document: Path) -> None:
    known = known_commands()
    for line in named_commands(document.read_text(encoding="utf-8")):
        command = next((words for words in known if re.match(rf"{words}(\s|$|\|)", line)), None)
        groups = {words.split()[0] for words in known if " " in words}
        assert command or line in groups, f"{document.name}: `twinbot {line}` is no command"
        strange = set(re.findall(r"(?<!\S)--[a-z-]+", line)) - known.get(command or "", set()) - {"--help"}
        assert not strange, f"{document.name}: `twinbot {line}` has no {strange}"


def test_every_command_is_described() -> None:
    rows = {row[0].strip("`").removeprefix("twinbot "): row[1] for row in table(read("docs/operating.md"), "Commands")}
    known = known_commands()
    assert set(rows) == set(known)
    for command, words in rows.items():
        assert set(re.findall(r"`(--[a-z-]+)`", words)) <= known[command], command


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_make_target_is_there(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    content = document.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^    )make ([a-z]+)", content, re.MULTILINE))
    assert named <= targets


def test_the_exit_codes_are_those_of_the_code() -> None:
    rows = {int(row[0]) for row in table(read("docs/operating.md"), "Exit codes")}
    assert rows == {0, cli.FOUND, cli.USAGE, cli.STOPPED, cli.PARTLY}


# Settings.


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_setting_is_one_of_ours(document: Path) -> None:
    known = {f"TWINBOT_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"TWINBOT_[A-Z_]*[A-Z]", document.read_text(encoding="utf-8"))) <= known


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No settings from outside."""
    for name in [name for name in os.environ if name.upper().startswith("TWINBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def test_the_table_of_settings_is_complete_and_its_defaults_are_true(bare: pytest.MonkeyPatch) -> None:
    rows = {row[0].strip("`"): row[1] for row in table(read("docs/operating.md"), "Settings")}
    assert set(rows) == {f"TWINBOT_{name.upper()}" for name in Settings.model_fields}
    settings = load()
    for name, default in rows.items():
        value = getattr(settings, name.removeprefix("TWINBOT_").lower())
        said = {None: "none", True: "true", False: "false"}.get(value, str(value))
        assert default.strip("`") == said, name


def test_the_examples_of_settings_are_accepted(bare: pytest.MonkeyPatch) -> None:
    for row in table(read("docs/operating.md"), "Settings"):
        bare.setenv(row[0].strip("`"), row[2].strip("`"))
    load()


def test_wrong_settings_say_what_the_table_says(bare: pytest.MonkeyPatch) -> None:
    rows = table(read("docs/operating.md"), "What a wrong setting says")
    assert rows
    for assignment, sentence in rows:
        with bare.context() as setting:
            for one in re.findall(r"`([^`]+)`", assignment):
                name, _equals, value = one.partition("=")
                setting.setenv(name, value)
            with pytest.raises(SettingsError) as raised:
                load()
        assert sentence in raised.value.sentences


# Dependencies.


def test_every_direct_dependency_has_its_row() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = {
        "Runtime": PROJECT["project"]["dependencies"],
        "Tests": extras["test"],
        "Building": [*PROJECT["build-system"]["requires"], *extras["build"]],
    }
    for heading, requirements in wanted.items():
        rows = [row[0].strip("`") for row in table(read("docs/dependencies.md"), heading)]
        names = {re.split(r"[\s\[<>=!;~]", requirement, maxsplit=1)[0] for requirement in requirements}
        assert sorted(rows) == sorted(names), heading


# What packages call a licence of this SPDX id.
_CALLED = {
    "0BSD": "0bsd",
    "AGPL-3.0-or-later": "agpl-3.0-or-later",
    "Apache-2.0": "apache",
    "BSD-2-Clause": "bsd",
    "BSD-3-Clause": "bsd",
    "CC0-1.0": "cc0-1.0",
    "ISC": "internet systems consortium",
    "LGPL-3.0-only": "lgpl-3.0-only",
    "LGPL-3.0-or-later": "lgpl-3.0-or-later",
    "LicenseRef-Element-Commercial": "licenseref-element-commercial",
    "MIT": "mit",
    "MIT-CMU": "license-cmu",
    "MPL-2.0": "mpl-2.0",
    "PSF-2.0": "python software foundation",
    "Zlib": "zlib",
}


def licence_words(name: str) -> str:
    """All that an installed package says of its licence, in lower case."""
    found = importlib.metadata.metadata(name)
    words = [found.get("License-Expression") or "", found.get("License") or ""]
    words += [line for line in found.get_all("Classifier") or [] if line.startswith("License")]
    files = [
        file for file in importlib.metadata.files(name) or [] if re.search(r"licen[cs]e", file.name, re.IGNORECASE)
    ]
    if not any(words):
        words += [Path(str(file.locate())).read_text(encoding="utf-8")[:200] for file in files]
    return re.sub(r"\bMIT\b", "MIT License", " ".join(words)).lower()


@pytest.mark.parametrize("heading", ["Runtime", "Tests", "Building"])
def test_licence_and_types_are_as_the_packages_say(heading: str) -> None:
    for row in table(read("docs/dependencies.md"), heading):
        name, licence, typed = row[0].strip("`"), row[1], row[2]
        words = licence_words(name)
        for one in re.split(r" (?:AND|OR) ", licence):
            assert _CALLED[one] in words, f"{name}: {licence}, the package says {words[:200]}"
        has_types = any(file.name == "py.typed" for file in importlib.metadata.files(name) or [])
        assert typed.startswith("yes" if has_types else "no"), name


def test_what_is_deleted_when_is_what_the_program_does() -> None:
    rows = {
        row[0].split(",")[0].split(":")[0]: int(row[2])
        for row in table(read("docs/architecture.md"), "What is deleted when")
    }
    kept = {
        "a handled update": app._KEEP_POST,
        "a dead letter": app._KEEP_DEAD,
        "a prompt": app._KEEP_PROMPTS,
        "a line of the web chat": app._KEEP_WEB,
        "a one-time link": onetime.REMEMBERED,
        "an e-mail address that was written to": app._KEEP_POST,
    }
    assert {name: rows[name] for name in kept} == {name: span.days for name, span in kept.items()}
    assert f"After\n{app._KEEP_DEAD.days} days they are deleted" in read("docs/operating.md")


# The worked example of architecture.md.


def scope() -> dict[str, Any]:
    names = {name: getattr(talk, name) for name in talk.__all__}
    return names | {name: getattr(text, name) for name in text.__all__}


def run_example(flow: str, before: str, said: Said) -> Outcome:
    """Run a flow of the page on a state of the page."""
    names = scope()
    exec(compile(block("docs/architecture.md", f"python {flow}"), "docs/architecture.md", "exec"), names)
    state = State.from_json(json.loads(block("docs/architecture.md", f"json {before}")))
    engine = make_engine("sqlite://", VAULT)
    with Session(engine) as session:
        turn = Turn(session=session, person=1, reader=text.Reader("en"), now=datetime(2026, 3, 2, tzinfo=UTC))
        outcome = advance(names["plan"], turn, state, said)
    engine.dispose()
    return outcome


@pytest.mark.parametrize(
    ("flow", "before", "said", "after"),
    [
        ("today", "first", Said(text="2"), "second"),
        ("tomorrow", "first", Said(text="2"), "inserted"),
    ],
)
def test_the_example_of_a_replay_is_what_happens(flow: str, before: str, said: Said, after: str) -> None:
    outcome = run_example(flow, before, said)
    assert outcome.state is not None
    assert outcome.state.to_json() == json.loads(block("docs/architecture.md", f"json {after}"))


def test_the_example_ends_as_the_page_says() -> None:
    outcome = run_example("today", "second", Said(text="9 to 12"))
    assert outcome.state is None
    said = text.plain(outcome.messages[-1].body, text.Reader("en"))
    assert said.translate(str.maketrans("", "", "\u2068\u2069")) in read("docs/architecture.md")


# The worked example of CONTRIBUTING.md.


def patched(content: str, change: str) -> str:
    """Apply one hunk of a diff without line numbers. Its old lines must stand in the file just once."""
    rows = change.rstrip("\n").split("\n")
    old = "".join(f"{row[1:]}\n" for row in rows if row[:1] in {" ", "-"})
    new = "".join(f"{row[1:]}\n" for row in rows if row[:1] in {" ", "+"})
    assert content.count(old) == 1, f"the file has {content.count(old)} times:\n{old}"
    return content.replace(old, new)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which somebody has followed CONTRIBUTING.md up to the catalogs."""
    copy = tmp_path_factory.mktemp("clone")
    for name in (*CODE, "locales", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for info, body in blocks(read("CONTRIBUTING.md")):
        kind, _space, place = info.partition(" ")
        if kind == "python":
            assert not (copy / place).exists(), f"{place} exists already; choose another example"
            (copy / place).write_text(body, encoding="utf-8")
        elif kind == "diff":
            (copy / place).write_text(patched((copy / place).read_text(encoding="utf-8"), body), encoding="utf-8")
    return copy


def in_copy(copy: Path, *arguments: str) -> str:
    """Run a module of Python in the copy and return what it prints; fails if it does."""
    return python(copy, "-m", *arguments)


def python(copy: Path, *arguments: str) -> str:
    theirs = {name: value for name, value in os.environ.items() if not name.startswith(("TWINBOT_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=theirs, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout


def test_the_example_of_contributing_runs(followed: Path) -> None:
    story = next(name for name in promised() if name.startswith("tests/stories/"))
    told = in_copy(followed, "pytest", story, "-p", "no:cacheprovider", "-k", "terminal or web or telegram", "-rA")
    assert "3 passed" in told


def test_the_example_of_contributing_is_in_style(followed: Path) -> None:
    names = sorted(promised())
    in_copy(followed, "ruff", "check", "--no-cache", *names, "handlers/__init__.py")
    in_copy(followed, "ruff", "format", "--check", "--no-cache", *names, "handlers/__init__.py")


def test_the_translations_of_contributing_are_complete(followed: Path) -> None:
    in_copy(followed, "bot", "locales", "update")
    ours: set[str] = set()
    languages = []
    for info, body in blocks(read("CONTRIBUTING.md")):
        kind, _space, language = info.partition(" ")
        if kind == "po":
            languages.append(language)
            ours |= translate(followed / "locales" / language / "LC_MESSAGES" / "messages.po", body)
    assert len(languages) >= 3
    script = "import json; from bot.locales import check; print(json.dumps(check()))"
    faults = json.loads(python(followed, "-c", script))
    told = tuple(f"{language}:" for language in languages)
    assert not [fault for fault in faults if "messages.pot" in fault]
    assert not [fault for fault in faults if fault.startswith(told) and any(one in fault for one in ours)]
    known = {source(message) for message in extract() if message.id}
    template = polib.pofile(str(followed / "locales" / "messages.pot"))
    assert ours == {one.msgid for one in template} - known


def source(message: Message) -> str:
    """The English text of a message, in the singular."""
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def translate(path: Path, told: str) -> set[str]:
    """Write translations into a catalog; what is translated."""
    catalog = polib.pofile(str(path), wrapwidth=110)
    for one in polib.pofile(told):
        entry = catalog.find(one.msgid, msgctxt=one.msgctxt or False)
        assert entry is not None, f"the code does not say {one.msgid!r}"
        entry.msgstr, entry.msgstr_plural = one.msgstr, one.msgstr_plural
    catalog.save()
    return {one.msgid for one in polib.pofile(told)}
