"""Reads and writes of the change log itself: activity, sync, undo and compaction.

``undo.py`` uses the modules ``revert_*.py``, which plan and validate an undo.
"""
