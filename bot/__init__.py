"""How talking works: text, conversation, intake, delivery and the platforms. Knows nothing of schools."""
