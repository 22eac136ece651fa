"""E-mail: letters go out through a mail server, nothing comes in."""
