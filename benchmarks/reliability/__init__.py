"""What delivery keeps and how fast it is. See docs/reliability.md."""
