"""The database: models, migrations and queries. Imports none of our other code."""
