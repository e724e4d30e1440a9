"""Codecs: JSON of rows, task files, backup files, Markdown and cursors. One module per format.

``registry.py`` lists the formats of task files.
"""
