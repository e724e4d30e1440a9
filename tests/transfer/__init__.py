"""Export and import of tasks as files."""
