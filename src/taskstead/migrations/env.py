"""Alembic's environment: runs the migrations on the connection that ``db/migrate.py`` passes."""

from alembic import context

# Imported to fill the metadata, which autogeneration compares with the database.
import taskstead.tables.all  # noqa: F401
from taskstead.tables.metadata import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
context.run_migrations()
