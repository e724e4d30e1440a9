"""What Alembic runs for each command: migrations on the connection that it was handed."""

from alembic import context

# Imported so that every table is in the metadata which an autogeneration compares with.
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
