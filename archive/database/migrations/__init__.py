"""The one history of the schema, from the first table on (Alembic)."""
