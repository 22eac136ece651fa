"""What a button carries, and the tokens of prompts that it is made of."""

from __future__ import annotations

import secrets
from hashlib import blake2b

# A token has 96 random bits; guessing one within its chat and person is out of reach.
_TOKEN_BYTES = 12


def new_token() -> str:
    """A token for a new prompt: 16 characters of the URL-safe alphabet."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def payload(token: str, option: str) -> str:
    """What a button carries: the prompt's token and a digest of the option's id, never the id itself."""
    return f"{token}.{blake2b(f'{token}:{option}'.encode(), digest_size=6).hexdigest()}"
