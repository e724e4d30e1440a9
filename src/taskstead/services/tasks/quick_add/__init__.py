"""Quick add: creates a task from one line of text."""
