"""`twinbot keys`: the secret key that contact data is sealed with."""

from __future__ import annotations

import typer

from bot.commands.shared import out
from bot.secret import encoded
from bot.secret import new as new_key

group = typer.Typer(help="The secret key that contact data is sealed with.", no_args_is_help=True)


@group.command("new")
def new() -> None:
    """Print a new key, for TWINBOT_SECRET_KEY. Nothing is changed."""
    out.print(encoded(new_key()), markup=False, highlight=False)
