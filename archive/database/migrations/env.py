"""Runs migrations on the connection that archive.database.engine hands in, inside its transaction."""

from alembic import context

from archive.database.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite cannot alter most of a table in place
)
with context.begin_transaction():
    context.run_migrations()
