"""Import of tasks, and backup of the server."""
