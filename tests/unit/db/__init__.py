"""Parts of the database access that need no database."""
