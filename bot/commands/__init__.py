"""Groups of subcommands of the `twinbot` command, a module each; `bot.cli` puts them together."""
