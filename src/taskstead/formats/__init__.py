"""Codecs, one module per format: JSON of rows, task files, backups, Markdown, cursors, events.

``registry.py`` lists the formats of task files.
"""
