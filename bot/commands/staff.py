"""`twinbot staff`: who is support, named by the operator. Ambassadors are named by support, in the chat."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bot.commands.shared import FOUND, USAGE, AsJson, err, out, ready, result, settings_or_stop

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from storage.staff import Post

T = TypeVar("T")

group = typer.Typer(help="Support officers: who they are.", no_args_is_help=True)

_ACCOUNT = (
    "Who: telegram:12345678 (the number, not the name), matrix:@ana:example.org, person:12 (as `twinbot staff list` "
    "shows it), or the code that /link has just given them."
)
Account = Annotated[str, typer.Argument(help=_ACCOUNT, metavar="ACCOUNT")]
_TELEGRAM, _MATRIX, _PERSON = re.compile(r"\d{3,20}"), re.compile(r"@[^\s:]+:[^\s/]+"), re.compile(r"\d{1,18}")


class Unknown(Exception):
    """Nobody is meant by these words; the sentence says what to write instead."""


@group.command("add")
def add(
    account: Account,
    country: Annotated[str | None, typer.Option(help="National support of this country, such as PT.")] = None,
    central: Annotated[bool, typer.Option("--central", help="Central support, for all countries.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make somebody a support officer, in the place of the role they had. They are told."""
    if (country is None) != central:
        _stop("Say either --country and which one, or --central.", USAGE)
    code = None if country is None else _country(country)
    post = _doing(partial(_add, account=account, country=code))
    result({"person": post.person, "role": post.role, "country": post.country or "all"}, as_json)


@group.command("list")
def list_(as_json: AsJson = False) -> None:
    """Show who is support, and the ambassadors whom they named."""
    from rich.table import Table

    rows = _doing(_rows)
    if as_json:
        out.print_json(json.dumps(rows))
        return
    table = Table("who", "role", "country", "region", "name", "accounts")
    for row in rows:
        table.add_row(
            f"person:{row['person']}",
            row["role"],
            row["country"] or "all",
            row["region"] or "",
            row["name"] or "",
            ", ".join(row["accounts"]),
        )
    out.print(table if rows else "Nobody is support yet. `twinbot staff add` names the first one.")


@group.command("remove")
def remove(account: Account, as_json: AsJson = False) -> None:
    """Take somebody's role away. What they have open in the chat stops at their next word."""
    person = _doing(partial(_remove, account=account))
    result({"removed": person}, as_json)


def _doing(unit: Callable[[Session, datetime], T]) -> T:
    """Do something with the database; what is unknown is a sentence and exit code 1."""
    from bot.clock import utc_now

    database = ready(settings_or_stop())
    try:
        return database.do(lambda session: unit(session, utc_now()))
    except Unknown as unknown:
        _stop(str(unknown), FOUND)
        raise
    finally:
        database.close()


def _stop(sentence: str, code: int) -> None:
    err.print(sentence, markup=False, highlight=False)
    raise typer.Exit(code)


def _country(words: str) -> str:
    """The code of a country that is written as its code or its name; stops with a sentence otherwise."""
    from storage.reference import countries
    from storage.spelling import country_lexicon

    code = words.upper() if words.upper() in countries() else country_lexicon().one(words)
    if code is None:
        _stop(f"{words}: no country of eTwinning. Write its code, such as PT.", USAGE)
    return str(code)


def _add(session: Session, now: datetime, account: str, country: str | None) -> Post:
    from storage import audit, staff

    person = _person(session, account, now, make=True)
    role = staff.CENTRAL if country is None else staff.NATIONAL
    post = staff.name_officer(session, person, role, country, named_by=None, now=now)
    audit.record(
        session, actor=None, act="officer_named", subject=person, country=country, detail={"role": role}, now=now
    )
    _tell(session, post, now)
    return post


def _remove(session: Session, now: datetime, account: str) -> int:
    from storage import audit, staff

    person = _person(session, account, now, make=False)
    post = staff.post_of(session, person)
    if post is None:
        raise Unknown(f"{account}: has no role. `twinbot staff list` shows who has.")
    staff.remove_officer(session, person)
    audit.record(
        session,
        actor=None,
        act="officer_removed",
        subject=person,
        country=post.country,
        detail={"role": post.role},
        now=now,
    )
    return person


def _rows(session: Session, _now: datetime) -> list[dict[str, Any]]:
    from storage import accounts, staff, teachers

    def row(post: Post) -> dict[str, Any]:
        told = teachers.facts(session, post.person)
        named = [f"{platform}:{external}" for platform, external in accounts.accounts_of(session, post.person)]
        # A web account is a random string that says nothing to anybody.
        shown = ["web" if name.startswith("web:") else name for name in named]
        about = {"role": post.role, "country": post.country, "region": post.region}
        return {"person": post.person, **about, "name": told.name if told else None, "accounts": shown}

    return [row(post) for post in staff.officers(session)]


def _person(session: Session, words: str, now: datetime, *, make: bool) -> int:
    """Who is meant; an account that has never written is made in advance if ``make``. Raises Unknown."""
    from storage import accounts, links, people

    platform, colon, name = words.strip().partition(":")
    if not colon:
        found = links.find(session, words, now)
        if found is None:
            raise Unknown(f"{words}: no account, and no code that /link gives now. {_ACCOUNT}")
        links.spend(session, words)
        return found.person
    if platform == "person" and _PERSON.fullmatch(name):
        if people.language_of(session, int(name)) is None:
            raise Unknown(f"{words}: there is no such person. `twinbot staff list` shows the numbers.")
        return int(name)
    if not (platform == "telegram" and _TELEGRAM.fullmatch(name)) and not (
        platform == "matrix" and _MATRIX.fullmatch(name)
    ):
        raise Unknown(f"{words}: no account. {_ACCOUNT}")
    if make:
        return accounts.made_known(session, platform, name, now)
    known = accounts.owner_of(session, platform, name)
    if known is None:
        raise Unknown(f"{words}: has never written to the bot and has no role.")
    return known


def _tell(session: Session, post: Post, now: datetime) -> None:
    """Let the new officer know; a running bot sends it within a second, another one when it starts."""
    from bot.notices import Notices
    from bot.talk import News
    from handlers.staff.home import welcome

    body, *options = welcome(post)
    notices = Notices(session, f"staff.{secrets.token_hex(8)}.", now)
    notices.tell(News(post.person, body, tuple(options), later=timedelta()))
