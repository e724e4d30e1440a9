"""The search index of tasks, and its repair. ``queries/search.py`` reads it."""
