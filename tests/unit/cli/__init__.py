"""Parts of the commands that need no database."""
