"""Projects and their rooms."""
