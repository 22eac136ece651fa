"""Stories: whole conversations, on every platform."""
