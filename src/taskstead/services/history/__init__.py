"""Reads and writes of the change log itself: sync, undo and compaction.

``undo.py`` uses the modules ``revert_*.py``, which plan and validate an undo.
"""
