"""Categories and tags: create, update, merge and trash.

``services/tasks/labels.py`` finds and creates the labels that a task names.
"""
