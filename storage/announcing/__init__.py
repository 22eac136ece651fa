"""Announcements: whom they reach, drafts, sending in chunks, figures, what readers answer."""
