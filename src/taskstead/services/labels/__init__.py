"""Categories and tags: list, create, update, merge and trash.

``services/tasks/labels.py`` finds and creates the labels that a task names.
"""
