"""The search index of tasks: updates and repair."""
