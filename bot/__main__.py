"""`python -m bot` is the `twinbot` command."""

from bot.cli import main

if __name__ == "__main__":
    main()
