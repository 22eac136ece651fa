"""Verification: a teacher shows that they teach, in one of four ways; support, heads and ambassadors confirm it."""

from handlers.verification.by_head import HEAD
from handlers.verification.chores import chores
from handlers.verification.deciding import verify
from handlers.verification.flow import verification
from handlers.verification.vouching import vouch

__all__ = ["HEAD", "chores", "verification", "verify", "vouch"]
