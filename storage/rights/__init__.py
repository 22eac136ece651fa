"""Everyone's rights over their data: what each table holds of a person, all of it in one piece, and its end."""
